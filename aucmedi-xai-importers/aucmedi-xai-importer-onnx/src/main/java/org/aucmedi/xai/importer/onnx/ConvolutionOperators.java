package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.onnx.Operators.Operator;

/** Convolutions and pooling. */
final class ConvolutionOperators {

  private ConvolutionOperators() {}

  static void register(Map<String, Operator> operators) {
    operators.put("Conv", ConvolutionOperators::convolution);
    operators.put("ConvTranspose", ConvolutionOperators::transposedConvolution);
    operators.put("MaxPool", ConvolutionOperators::maxPool);
    operators.put("AveragePool", ConvolutionOperators::averagePool);
    operators.put("GlobalAveragePool", step -> globalPool(step, "adaptive_avg_pool"));
    operators.put("GlobalMaxPool", step -> globalPool(step, "adaptive_max_pool"));
  }

  /**
   * The window of a convolution or a pooling along its spatial axes.
   *
   * @param kernel its size
   * @param stride its step
   * @param dilation the distance of its elements
   * @param begin the padding before the image
   * @param end the padding behind it
   * @param dynamic the padding as expressions, begin and end of each axis, if it depends on a size
   *     that is not known
   */
  private record Window(
      long[] kernel,
      long[] stride,
      long[] dilation,
      long[] begin,
      long[] end,
      List<List<String>> dynamic) {

    static Window of(Step step, long[] kernel) {
      int axes = step.rank(0) - 2;
      if (axes < 1 || axes > 3) {
        throw step.unsupported(
            "has " + axes + " spatial axes, and only 1 to 3 can be compiled; export it otherwise");
      }
      if (kernel.length != axes) {
        throw new IllegalArgumentException("its kernel does not fit its input");
      }
      long[] stride = step.ints("strides", axes, 1);
      long[] dilation = step.ints("dilations", axes, 1);
      for (int i = 0; i < axes; i++) {
        if (kernel[i] < 1 || stride[i] < 1 || dilation[i] < 1) {
          throw new IllegalArgumentException("its kernel, strides or dilations are not positive");
        }
      }
      long[] pads = step.ints("pads", 2 * axes, 0);
      String auto = step.s("auto_pad", "NOTSET");
      long[] begin = auto.equals("VALID") ? new long[axes] : Arrays.copyOf(pads, axes);
      long[] end = auto.equals("VALID") ? new long[axes] : Arrays.copyOfRange(pads, axes, 2 * axes);
      List<List<String>> dynamic = new ArrayList<>();
      if (auto.startsWith("SAME")) {
        boolean upper = auto.equals("SAME_UPPER");
        for (int i = 0; i < axes; i++) {
          long reach = (kernel[i] - 1) * dilation[i] + 1;
          long size = stride[i] == 1 ? 1 : step.shape(0)[i + 2];
          if (size < 0) {
            // What is left of the last step, or a whole one.
            String rest =
                "torch.remainder(torch.sub(%s, 1), %s)".formatted(step.size(0, i + 2), stride[i]);
            String total =
                "ops.prim.max(torch.sub(%s, torch.add(%s, 1)), 0)".formatted(reach, rest);
            String half = "torch.floordiv(%s, 2)".formatted(total);
            String other = "torch.sub(%s, %s)".formatted(total, half);
            dynamic.add(upper ? List.of(half, other) : List.of(other, half));
            continue;
          }
          long total = Math.max((ceilDiv(size, stride[i]) - 1) * stride[i] + reach - size, 0);
          begin[i] = upper ? total / 2 : total - total / 2;
          end[i] = total - begin[i];
        }
      }
      return new Window(kernel, stride, dilation, begin, end, dynamic);
    }

    int axes() {
      return kernel.length;
    }

    long reach(int axis) {
      return (kernel[axis] - 1) * dilation[axis] + 1;
    }

    boolean isSymmetric() {
      return dynamic.isEmpty() && Arrays.equals(begin, end);
    }

    boolean isDilated() {
      return LongStream.of(dilation).anyMatch(d -> d != 1);
    }

    /** The same with other padding behind the image. */
    Window withEnd(long[] other) {
      return new Window(kernel, stride, dilation, begin, other, dynamic);
    }

    /** The number of windows along an axis, -1 if it is not known. */
    long count(long size, int axis, boolean ceil) {
      if (size < 0 || !dynamic.isEmpty()) {
        return -1;
      }
      long room = size + begin[axis] + end[axis] - reach(axis);
      if (room < 0) {
        throw new IllegalArgumentException("its window is larger than its input");
      }
      long steps = ceil ? ceilDiv(room, stride[axis]) : room / stride[axis];
      // A window that starts behind the image and the padding before it does not count.
      return ceil && steps * stride[axis] >= size + begin[axis] ? steps : steps + 1;
    }

    long[] result(long[] shape, long channels, boolean ceil) {
      long[] result = shape.clone();
      result[1] = channels;
      for (int i = 0; i < axes(); i++) {
        result[i + 2] = count(shape[i + 2], i, ceil);
      }
      return result;
    }

    /** The padded input. */
    String padded(String x, double value) {
      List<String> pads = new ArrayList<>();
      for (int i = axes() - 1; i >= 0; i--) {
        pads.add(dynamic.isEmpty() ? String.valueOf(begin[i]) : dynamic.get(i).get(0));
        pads.add(dynamic.isEmpty() ? String.valueOf(end[i]) : dynamic.get(i).get(1));
      }
      return value == 0
          ? "torch.constant_pad_nd(%s, %s)".formatted(x, Step.list(pads))
          : "torch.constant_pad_nd(%s, %s, %s)".formatted(x, Step.list(pads), Step.number(value));
    }
  }

  private static long ceilDiv(long a, long b) {
    return -Math.floorDiv(-a, b);
  }

  private static long[] kernel(Step step) {
    long[] weight = step.shape(1);
    if (weight.length < 3) {
      throw new IllegalArgumentException("its weight has the shape " + Arrays.toString(weight));
    }
    long[] kernel = Arrays.copyOfRange(weight, 2, weight.length);
    long[] declared = step.ints("kernel_shape");
    if (LongStream.of(kernel).anyMatch(size -> size < 0) && declared != null) {
      return declared;
    }
    if (declared != null && !Arrays.equals(kernel, declared)) {
      throw new IllegalArgumentException(
          "its weight %s does not have the kernel %s"
              .formatted(Arrays.toString(weight), Arrays.toString(declared)));
    }
    return kernel;
  }

  private static void checkChannels(Step step, int axis, long groups) {
    long given = step.shape(0)[1];
    long expected = step.shape(1)[axis];
    if (given >= 0 && expected >= 0 && given != (axis == 1 ? expected * groups : expected)) {
      throw new IllegalArgumentException(
          "its weight %s does not fit %s channels"
              .formatted(Arrays.toString(step.shape(1)), given));
    }
  }

  private static void convolution(Step step) {
    Window window = Window.of(step, kernel(step));
    long groups = step.i("group", 1);
    checkChannels(step, 1, groups);
    boolean own = window.isSymmetric();
    step.out(
        "torch.conv%sd(%s, %s, %s, %s, %s, %s, %s)"
            .formatted(
                window.axes(),
                own ? step.x(0) : window.padded(step.x(0), 0),
                step.x(1, "weight"),
                step.optional(2, "bias"),
                Step.list(window.stride),
                Step.list(own ? window.begin : new long[window.axes()]),
                Step.list(window.dilation),
                groups),
        step.type(0),
        window.result(step.shape(0), step.shape(1)[0], false));
  }

  private static void transposedConvolution(Step step) {
    long[] kernel = kernel(step);
    int axes = kernel.length;
    long groups = step.i("group", 1);
    checkChannels(step, 0, groups);
    Window window = Window.of(step, kernel);
    long[] added = step.ints("output_padding", axes, 0).clone();
    long[] begin = window.begin.clone();
    long[] end = window.end.clone();
    long[] wanted = step.ints("output_shape");
    String auto = step.s("auto_pad", "NOTSET");
    long[] shape = step.shape(0);
    if (wanted != null || auto.startsWith("SAME")) {
      for (int i = 0; i < axes; i++) {
        // SAME gives size * stride, so that the size itself does not matter.
        long size = shape[i + 2];
        if (wanted != null && size < 0) {
          throw step.unsupported(
              "has an output_shape for images of any size; export it with a fixed image size");
        }
        long total =
            wanted == null
                ? window.reach(i) + added[i] - window.stride[i]
                : window.stride[i] * (size - 1)
                    + added[i]
                    + window.reach(i)
                    - wanted[wanted.length - axes + i];
        // A larger result than there is gets its end from the bias alone.
        added[i] -= Math.min(0, total);
        total = Math.max(0, total);
        begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        end[i] = total - begin[i];
      }
    }
    long[] result = shape.clone();
    result[1] = step.shape(1)[1] * groups;
    boolean cropped = !Arrays.equals(begin, end) || LongStream.of(begin).anyMatch(pad -> pad < 0);
    List<String> crop = new ArrayList<>();
    for (int i = axes - 1; i >= 0; i--) {
      long size = shape[i + 2];
      result[i + 2] =
          size < 0
              ? -1
              : window.stride[i] * (size - 1) + added[i] + window.reach(i) - begin[i] - end[i];
      crop.add(String.valueOf(-begin[i]));
      crop.add(String.valueOf(-end[i]));
    }
    String full =
        "torch.conv_transpose%sd(%s, %s, %s, %s, %s, %s, %s, %s)"
            .formatted(
                axes,
                step.x(0),
                step.x(1, "weight"),
                step.optional(2, "bias"),
                Step.list(window.stride),
                Step.list(cropped ? new long[axes] : begin),
                Step.list(added),
                groups,
                Step.list(window.dilation));
    step.out(
        cropped ? "torch.constant_pad_nd(%s, %s)".formatted(full, Step.list(crop)) : full,
        step.type(0),
        result);
  }

  /** The padding behind the image that makes every window of ceil mode a whole one. */
  private static Window whole(Step step, Window window) {
    long[] end = window.end.clone();
    for (int i = 0; i < window.axes(); i++) {
      long size = step.shape(0)[i + 2];
      long count = window.count(size, i, true);
      end[i] =
          Math.max(
              end[i], (count - 1) * window.stride[i] + window.reach(i) - size - window.begin[i]);
    }
    return window.withEnd(end);
  }

  private static boolean fitsPool(Window window) {
    return window.isSymmetric()
        && IntStream.range(0, window.axes()).allMatch(i -> window.begin[i] <= window.kernel[i] / 2);
  }

  private static void maxPool(Step step) {
    Window window = Window.of(step, required(step));
    boolean ceil = step.i("ceil_mode", 0) == 1;
    long[] result = window.result(step.shape(0), step.shape(0)[1], ceil);
    boolean own = fitsPool(window);
    ElementType type = step.type(0);
    if (step.isNeeded(1)) {
      withIndices(step, window, ceil, result);
      return;
    }
    if (!own && ceil) {
      window = wholeOrRefused(step, window);
    }
    String x = type.isFloat() ? step.x(0) : "torch.to(%s, 7)".formatted(step.x(0));
    String pooled =
        "torch.max_pool%sd(%s, %s, %s, %s, %s, %s)"
            .formatted(
                window.axes(),
                own ? x : window.padded(x, Double.NEGATIVE_INFINITY),
                Step.list(window.kernel),
                Step.list(window.stride),
                Step.list(own ? window.begin : new long[window.axes()]),
                Step.list(window.dilation),
                own && ceil ? "True" : "False");
    step.out(
        type.isFloat() ? pooled : "torch.to(%s, %s)".formatted(pooled, type.code()), type, result);
  }

  private static Window wholeOrRefused(Step step, Window window) {
    if (!step.in(0).hasFixedSpatialShape()) {
      throw step.unsupported(
          "rounds up the size of its result for images of any size; export it with a fixed image"
              + " size");
    }
    return whole(step, window);
  }

  private static long[] required(Step step) {
    long[] kernel = step.ints("kernel_shape");
    if (kernel == null) {
      throw new IllegalArgumentException("its kernel_shape is missing");
    }
    return kernel;
  }

  /** The largest values with their positions in the whole, flattened input. */
  private static void withIndices(Step step, Window window, boolean ceil, long[] result) {
    if (!fitsPool(window) || !step.in(0).hasFixedShape() || window.axes() != 2) {
      throw step.unsupported(
          "gives positions of largest values from padding that differs between the sides, or from"
              + " images of any size; export it without these positions");
    }
    long[] shape = step.shape(0);
    long planes = shape[0] * shape[1];
    long plane = shape[2] * shape[3];
    String both =
        "torch.max_pool2d_with_indices(%s, %s, %s, %s, %s, %s)"
            .formatted(
                step.x(0),
                Step.list(window.kernel),
                Step.list(window.stride),
                Step.list(window.begin),
                Step.list(window.dilation),
                ceil ? "True" : "False");
    List<String> pair =
        step.letAll(both, List.of(type(step.type(0), result), type(ElementType.INT64, result)));
    step.out(pair.get(0), step.type(0), result);
    String position = pair.get(1);
    String inPlane =
        step.i("storage_order", 0) == 0
            ? position
            : "torch.add(torch.mul(torch.remainder(%s, %s), %s), torch.floor_divide(%s, %s))"
                .formatted(position, shape[3], shape[2], position, shape[3]);
    long[] starts = new long[Math.toIntExact(planes)];
    Arrays.setAll(starts, i -> i * plane);
    String offset = step.weight("offset", Constant.of(starts, shape[0], shape[1], 1, 1));
    step.out(1, "torch.add(%s, %s)".formatted(inPlane, offset), ElementType.INT64, result);
  }

  private static TensorType type(ElementType type, long... shape) {
    return new TensorType(type, new Shape(shape));
  }

  private static void averagePool(Step step) {
    Window window = Window.of(step, required(step));
    boolean ceil = step.i("ceil_mode", 0) == 1;
    boolean countPadding = step.i("count_include_pad", 0) == 1;
    long[] result = window.result(step.shape(0), step.shape(0)[1], ceil);
    if (fitsPool(window) && !window.isDilated()) {
      step.out(averaged(window, step.x(0), window.begin, ceil, countPadding), step.type(0), result);
      return;
    }
    // The sum over the padded image, divided by the same of ones where there is something to count.
    Window whole = ceil ? wholeOrRefused(step, window) : window;
    String x = step.x(0);
    String kernel = whole.isDilated() ? kernelOfOnes(step, whole) : "";
    String sum = sum(step, whole, kernel, whole.padded(x, 0));
    String ones = "torch.ones_like(torch.slice(torch.slice(%s, 0, 0, 1), 1, 0, 1))".formatted(x);
    if (countPadding) {
      long[] behind = new long[whole.axes()];
      Arrays.setAll(behind, i -> whole.end[i] - window.end[i]);
      ones = whole.dynamic.isEmpty() ? window.padded(ones, 1) : ones;
      Window rest =
          new Window(
              window.kernel,
              window.stride,
              window.dilation,
              new long[whole.axes()],
              behind,
              List.of());
      ones = whole.dynamic.isEmpty() ? rest.padded(ones, 0) : whole.padded(ones, 1);
    } else {
      ones = whole.padded(ones, 0);
    }
    step.out(
        "torch.div(%s, %s)"
            .formatted(
                sum,
                sum(
                    step,
                    whole,
                    kernel,
                    step.let(ones, step.type(0), Operand.unknown(step.rank(0))))),
        step.type(0),
        result);
  }

  private static String averaged(
      Window window, String x, long[] padding, boolean ceil, boolean countPadding) {
    return "torch.avg_pool%sd(%s, %s, %s, %s, %s, %s)"
        .formatted(
            window.axes(),
            x,
            Step.list(window.kernel),
            Step.list(window.stride),
            Step.list(padding),
            ceil ? "True" : "False",
            countPadding ? "True" : "False");
  }

  private static String kernelOfOnes(Step step, Window window) {
    long[] shape = LongStream.concat(LongStream.of(1, 1), LongStream.of(window.kernel)).toArray();
    float[] ones = new float[Math.toIntExact(Operand.size(shape))];
    Arrays.fill(ones, 1);
    return step.weight("ones", Constant.of(ones, shape));
  }

  /** The mean over windows of a padded image, or, with dilation, the sum. */
  private static String sum(Step step, Window window, String kernel, String padded) {
    if (!window.isDilated()) {
      return averaged(window, padded, new long[window.axes()], false, true);
    }
    // PyTorch's pooling has no dilation, but a convolution of each channel has.
    String token = step.let(padded, step.type(0), Operand.unknown(step.rank(0)));
    List<String> sizes = new ArrayList<>(List.of("-1", "1"));
    IntStream.range(2, step.rank(0))
        .forEach(axis -> sizes.add("torch.size(%s, %s)".formatted(token, axis)));
    String summed =
        step.let(
            "torch.conv%sd(torch.reshape(%s, %s), %s, None, %s, %s, %s, 1)"
                .formatted(
                    window.axes(),
                    token,
                    Step.list(sizes),
                    kernel,
                    Step.list(window.stride),
                    Step.list(new long[window.axes()]),
                    Step.list(window.dilation)),
            step.type(0),
            Operand.unknown(step.rank(0)));
    List<String> back = new ArrayList<>();
    back.add("torch.size(%s, 0)".formatted(token));
    back.add("torch.size(%s, 1)".formatted(token));
    IntStream.range(2, step.rank(0))
        .forEach(axis -> back.add("torch.size(%s, %s)".formatted(summed, axis)));
    return "torch.reshape(%s, %s)".formatted(summed, Step.list(back));
  }

  private static void globalPool(Step step, String function) {
    int axes = step.rank(0) - 2;
    long[] result = step.shape(0).clone();
    long[] ones = new long[Math.max(axes, 0)];
    Arrays.fill(ones, 1);
    for (int i = 2; i < result.length; i++) {
      result[i] = 1;
    }
    if (axes < 1 || axes > 3) {
      String reduced = function.contains("avg") ? "mean" : "amax";
      step.out(
          "torch.%s(%s, %s, True)"
              .formatted(
                  reduced, step.x(0), Step.list(LongStream.range(2, step.rank(0)).toArray())),
          step.type(0),
          result);
      return;
    }
    String pooled = "torch.%s%sd(%s, %s)".formatted(function, axes, step.x(0), Step.list(ones));
    step.out(function.contains("max") ? "(" + pooled + ")[0]" : pooled, step.type(0), result);
  }
}
