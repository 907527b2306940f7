package org.aucmedi.xai.importer.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.aucmedi.xai.importer.Constant;
import org.jspecify.annotations.Nullable;

/**
 * Changes the size of images, by the operators Resize and Upsample.
 *
 * <p>Interpolation is linear and works along one axis after the other: where the sizes are known,
 * each axis is one product with a small matrix, in all of ONNX's many modes. PyTorch's own
 * functions are used where they do the same.
 */
final class ResizeOperator {

  private static final long MAX_MATRIX = 1L << 26;

  private final Step step;
  private final String mode;
  private final String coordinates;
  private final String rounding;
  private final double cubic;
  private final boolean excludeOutside;
  private final boolean antialias;
  private final double outside;
  private final long[] axes;
  private double @Nullable [] region;

  private ResizeOperator(Step step, String coordinates, String rounding) {
    this.step = step;
    this.mode = step.s("mode", "nearest");
    this.coordinates = coordinates;
    this.rounding = rounding;
    this.cubic = step.f("cubic_coeff_a", -0.75f);
    this.excludeOutside = step.i("exclude_outside", 0) != 0;
    this.antialias = step.i("antialias", 0) != 0;
    this.outside = step.f("extrapolation_value", 0);
    long[] named = step.ints("axes");
    int rank = step.rank(0);
    this.axes =
        named == null
            ? IntStream.range(0, rank).mapToLong(i -> i).toArray()
            : Arrays.stream(named).map(axis -> step.in(0).axis(axis)).toArray();
    if (!List.of("nearest", "linear", "bilinear", "cubic").contains(mode)) {
      throw step.unsupported("has the mode '" + mode + "', which cannot be compiled");
    }
  }

  static void upsample(Step step) {
    ResizeOperator resize = new ResizeOperator(step, "asymmetric", "floor");
    if (step.hasAttribute("scales")) {
      List<Float> scales = Objects.requireNonNull(step.attribute("scales")).floats();
      resize.byScales(scales.stream().mapToDouble(Float::doubleValue).toArray());
    } else {
      resize.byScales(resize.numbers(1, "scales"));
    }
  }

  static void resize(Step step) {
    if (step.opset() < 11) {
      ResizeOperator resize = new ResizeOperator(step, "asymmetric", "floor");
      resize.byScales(resize.numbers(1, "scales"));
      return;
    }
    ResizeOperator resize =
        new ResizeOperator(
            step,
            step.s("coordinate_transformation_mode", "half_pixel"),
            step.s("nearest_mode", "round_prefer_floor"));
    if (resize.coordinates.equals("tf_crop_and_resize")) {
      resize.region = resize.numbers(1, "region");
    }
    boolean scales = step.has(2) && !Arrays.equals(step.shape(2), new long[] {0});
    if (scales) {
      resize.byScales(resize.numbers(2, "scales"));
    } else {
      resize.bySizes();
    }
  }

  private double[] numbers(int input, String what) {
    double[] values = step.in(input).known();
    if (values == null || Arrays.stream(values).anyMatch(Double::isNaN)) {
      throw step.unsupported(
          "takes its " + what + " from the data; export the model with fixed image sizes");
    }
    return values;
  }

  private void byScales(double[] given) {
    if (given.length != axes.length) {
      throw new IllegalArgumentException("it has " + given.length + " scales");
    }
    double[] scales = new double[step.rank(0)];
    Arrays.fill(scales, 1);
    for (int i = 0; i < axes.length; i++) {
      if (!(given[i] > 0) || Double.isInfinite(given[i])) {
        throw new IllegalArgumentException("one of its scales is " + given[i]);
      }
      scales[(int) axes[i]] = given[i];
    }
    long[] shape = step.shape(0);
    long[] sizes = new long[shape.length];
    for (int i = 0; i < sizes.length; i++) {
      // In float32, as other runtimes do: 0.6 times 5 is 3.
      sizes[i] = shape[i] < 0 ? -1 : (long) Math.floor((float) shape[i] * (float) scales[i]);
      if (shape[i] < 0 && scales[i] != 1) {
        dynamic(scales, null);
        return;
      }
    }
    fixed(sizes, scales);
  }

  private void bySizes() {
    long[] shape = step.shape(0);
    double[] known = step.in(3).known();
    long[] sizes = shape.clone();
    double[] scales = new double[shape.length];
    Arrays.fill(scales, 1);
    String policy = step.s("keep_aspect_ratio_policy", "stretch");
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) axes[i];
      double wanted = known == null ? Double.NaN : known[i];
      if (axis == 0 && step.in(0).batch() && wanted == step.images()) {
        continue;
      }
      if (Double.isNaN(wanted) || shape[axis] < 0) {
        if (axis < 2 && shape.length > 2) {
          continue; // images and channels stay
        }
        if (!policy.equals("stretch")) {
          throw step.unsupported("keeps the ratio of sizes that are not known");
        }
        dynamic(scales, sizesOf(shape));
        return;
      }
      sizes[axis] = (long) wanted;
      scales[axis] = wanted / shape[axis];
    }
    if (!policy.equals("stretch")) {
      double[] chosen = Arrays.stream(axes).mapToDouble(axis -> scales[(int) axis]).toArray();
      double scale =
          policy.equals("not_larger")
              ? Arrays.stream(chosen).min().orElse(1)
              : Arrays.stream(chosen).max().orElse(1);
      for (long axis : axes) {
        scales[(int) axis] = scale;
        sizes[(int) axis] = (long) Math.floor(scale * shape[(int) axis] + 0.5);
      }
    }
    fixed(sizes, scales);
  }

  /** The spatial sizes, as far as the operator gives them. */
  private List<String> sizesOf(long[] shape) {
    List<String> sizes = new ArrayList<>();
    for (int axis = 2; axis < shape.length; axis++) {
      int wanted = axis;
      int index =
          IntStream.range(0, axes.length).filter(i -> axes[i] == wanted).findFirst().orElse(-1);
      sizes.add(index < 0 ? step.size(0, axis) : step.element(3, index));
    }
    return sizes;
  }

  /** Images of any size, by PyTorch's functions. */
  private void dynamic(double[] scales, @Nullable List<String> sizes) {
    int rank = step.rank(0);
    boolean nearest = mode.equals("nearest");
    boolean corners = coordinates.equals("align_corners");
    boolean halves = coordinates.equals("half_pixel") || coordinates.equals("pytorch_half_pixel");
    boolean whole =
        sizes == null && Arrays.stream(scales).allMatch(scale -> scale == Math.rint(scale));
    boolean floors =
        (coordinates.equals("asymmetric") && rounding.equals("floor"))
            || (whole && halves && rounding.startsWith("round"));
    boolean spatial = rank >= 3 && rank <= 5 && scales[0] == 1 && scales[1] == 1;
    boolean supported =
        spatial
            && !antialias
            && !excludeOutside
            && (nearest ? floors : mode.endsWith("linear") && (corners || halves));
    if (!supported) {
      throw step.unsupported(
          "resizes images of any size in the modes '%s' and '%s', which cannot be compiled; export it with a fixed image size"
              .formatted(mode, coordinates));
    }
    String[] functions = {"linear", "bilinear", "trilinear"};
    String factors = Step.list(Arrays.stream(scales).skip(2).mapToObj(Step::number).toList());
    String size = sizes == null ? "None" : Step.list(sizes);
    String scale = sizes == null ? factors : "None";
    long[] result = step.shape(0).clone();
    Arrays.fill(result, 2, rank, -1);
    step.out(
        nearest
            ? "torch.upsample_nearest%sd(%s, %s, %s)".formatted(rank - 2, step.x(0), size, scale)
            : "torch.upsample_%s%sd(%s, %s, %s, %s)"
                .formatted(
                    functions[rank - 3],
                    rank - 2,
                    step.x(0),
                    size,
                    corners ? "True" : "False",
                    scale),
        step.type(0),
        result);
  }

  private void fixed(long[] sizes, double[] scales) {
    long[] shape = step.shape(0);
    String x = step.x(0);
    boolean changed = false;
    for (int axis = 0; axis < shape.length; axis++) {
      boolean cropped = region != null && (region(axis)[0] != 0 || region(axis)[1] != 1);
      if (sizes[axis] == shape[axis] && scales[axis] == 1 && !cropped) {
        continue;
      }
      if (sizes[axis] < 1 || shape[axis] < 1 || sizes[axis] * shape[axis] > MAX_MATRIX) {
        throw new IllegalArgumentException(
            "it makes the shape " + Arrays.toString(sizes) + " of " + Arrays.toString(shape));
      }
      changed = true;
      x = along(x, axis, (int) shape[axis], (int) sizes[axis], scales[axis]);
    }
    step.out(changed ? x : "torch.alias(%s)".formatted(x), step.type(0), sizes);
  }

  private double[] region(int axis) {
    double[] all = Objects.requireNonNull(region);
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] == axis) {
        return new double[] {all[i], all[i + axes.length]};
      }
    }
    return new double[] {0, 1};
  }

  private String along(String x, int axis, int in, int out, double scale) {
    int rank = step.rank(0);
    boolean nearest = mode.equals("nearest");
    if (nearest && region == null) {
      long[] index = new long[out];
      Arrays.setAll(index, i -> nearest(position(i, axis, in, out, scale), in));
      return "torch.index_select(%s, %s, %s)"
          .formatted(x, axis, step.weight("index" + axis, Constant.of(index, out)));
    }
    float[] weights = new float[in * out];
    float[] added = new float[out];
    for (int i = 0; i < out; i++) {
      double at = position(i, axis, in, out, scale);
      if (region != null && (at < 0 || at > in - 1)) {
        added[i] = (float) outside;
      } else if (nearest) {
        weights[i + nearest(at, in) * out] = 1;
      } else {
        interpolate(weights, i, at, in, out, scale);
      }
    }
    String matrix = step.weight("weight" + axis, Constant.of(weights, in, out));
    boolean last = axis == rank - 1;
    String turned = last ? x : "torch.transpose(%s, %s, -1)".formatted(x, axis);
    String product = "torch.matmul(%s, %s)".formatted(turned, matrix);
    if (region != null && outside != 0) {
      product =
          "torch.add(%s, %s)"
              .formatted(product, step.weight("outside" + axis, Constant.of(added, out)));
    }
    return last ? product : "torch.transpose(%s, %s, -1)".formatted(product, axis);
  }

  /** Where an element of the result is in the input. */
  private double position(int i, int axis, int in, int out, double scale) {
    return switch (coordinates) {
      case "half_pixel" -> (i + 0.5) / scale - 0.5;
      case "pytorch_half_pixel" -> out > 1 ? (i + 0.5) / scale - 0.5 : 0;
      case "half_pixel_symmetric" -> {
        double adjustment = out / (scale * in);
        yield in / 2.0 * (1 - adjustment) + (i + 0.5) / scale - 0.5;
      }
      case "align_corners" -> out == 1 ? 0 : i * (in - 1.0) / (out - 1);
      case "asymmetric" -> i / scale;
      case "tf_half_pixel_for_nn" -> (i + 0.5) / scale;
      case "tf_crop_and_resize" -> {
        double start = region(axis)[0];
        double end = region(axis)[1];
        yield out > 1
            ? start * (in - 1) + i * (end - start) * (in - 1) / (out - 1)
            : 0.5 * (start + end) * (in - 1);
      }
      default ->
          throw step.unsupported(
              "has the coordinate mode '" + coordinates + "', which cannot be compiled");
    };
  }

  private int nearest(double at, int in) {
    double rounded =
        switch (rounding) {
          case "floor" -> Math.floor(at);
          case "ceil" -> Math.ceil(at);
          case "round_prefer_ceil" -> Math.floor(at + 0.5);
          default -> Math.ceil(at - 0.5);
        };
    return (int) Math.max(0, Math.min(in - 1, rounded));
  }

  /** The weights of the input's elements in one of the result; those over an edge count there. */
  private void interpolate(float[] weights, int i, double at, int in, int out, double scale) {
    double stretch = antialias ? Math.min(scale, 1) : 1;
    double reach = (mode.equals("cubic") ? 2 : 1) / stretch;
    int first = (int) Math.floor(at - reach);
    int last = (int) Math.ceil(at + reach);
    double sum = 0;
    double[] row = new double[in];
    for (int k = first; k <= last; k++) {
      if (excludeOutside && (k < 0 || k >= in)) {
        continue;
      }
      double weight = kernel((k - at) * stretch);
      row[Math.max(0, Math.min(in - 1, k))] += weight;
      sum += weight;
    }
    for (int k = 0; k < in; k++) {
      weights[i + k * out] = (float) (row[k] / sum);
    }
  }

  private double kernel(double distance) {
    double x = Math.abs(distance);
    if (!mode.equals("cubic")) {
      return Math.max(0, 1 - x);
    }
    double a = cubic;
    return x <= 1
        ? ((a + 2) * x - (a + 3)) * x * x + 1
        : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }
}
