package org.aucmedi.xai.importer;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The operations that several kinds of file have, with the meaning that PyTorch gives them.
 * Convolutions and pooling take channels first; {@link #permute} is a view, which costs nothing.
 *
 * <p>Axes are counted from 0. Paddings are per spatial axis, the same on both sides; where the two
 * sides differ, {@link #pad} comes before.
 */
public final class Operations {

  private Operations() {}

  /**
   * Settings of a convolution or a pooling, each with one number per spatial axis.
   *
   * @param kernel the size of the window
   * @param stride the step
   * @param padding what is added on both sides
   * @param dilation the distance of the window's elements
   */
  public record Window(int[] kernel, int[] stride, int[] padding, int[] dilation) {

    /** Checks that all have the same number of axes. */
    public Window {
      checkArgument(
          kernel.length >= 1
              && kernel.length <= 3
              && stride.length == kernel.length
              && padding.length == kernel.length
              && dilation.length == kernel.length,
          "windows have 1 to 3 axes, and a number for each: kernel %s, stride %s, padding %s,"
              + " dilation %s",
          Arrays.toString(kernel),
          Arrays.toString(stride),
          Arrays.toString(padding),
          Arrays.toString(dilation));
    }

    /**
     * Makes a window without padding and dilation.
     *
     * @param kernel the size of the window
     * @param stride the step
     * @return the window
     */
    public static Window of(int[] kernel, int[] stride) {
      return new Window(
          kernel, stride, Literals.repeated(0, kernel.length), Literals.repeated(1, kernel.length));
    }

    int axes() {
      return kernel.length;
    }

    /** The size of the result along an axis, -1 if it is not known. */
    private long convolved(long size, int axis, boolean ceil) {
      if (size < 0) {
        return -1;
      }
      long room = size + 2L * padding[axis] - dilation[axis] * (kernel[axis] - 1L) - 1;
      long steps = ceil ? -Math.floorDiv(-room, stride[axis]) : Math.floorDiv(room, stride[axis]);
      // A window that starts behind the image and its first padding does not count.
      return ceil && steps * stride[axis] >= size + padding[axis] ? steps : steps + 1;
    }

    private long transposed(long size, int axis, int added) {
      return size < 0
          ? -1
          : (size - 1) * stride[axis]
              - 2L * padding[axis]
              + dilation[axis] * (kernel[axis] - 1L)
              + added
              + 1;
    }
  }

  /**
   * A convolution of {0}, (N, C, spatial...), with a weight {1}, (out, C / groups, kernel...), and,
   * if asked for, a bias {2}, (out).
   *
   * @param window its settings; the kernel must be that of the weight
   * @param groups the number of groups
   * @param bias whether there is a bias
   * @return the operation
   */
  public static Operation convolution(Window window, int groups, boolean bias) {
    return Operation.of(
        "torch.conv%dd({0}, {1}, %s, %s, %s, %s, %d)"
            .formatted(
                window.axes(),
                bias ? "{2}" : "None",
                Literals.of(window.stride()),
                Literals.of(window.padding()),
                Literals.of(window.dilation()),
                groups),
        inputs -> {
          Shape image = inputs.get(0).shape();
          Shape weight = inputs.get(1).knownShape();
          if (image != null && image.get(1) >= 0 && image.get(1) != weight.get(1) * groups) {
            throw new IllegalArgumentException(
                "a weight %s in %d groups does not fit %d channels"
                    .formatted(weight, groups, image.get(1)));
          }
          return windowed(
              inputs.get(0), weight.get(0), (size, axis) -> window.convolved(size, axis, false));
        });
  }

  /**
   * A transposed convolution of {0}, (N, C, spatial...), with a weight {1}, (C, out / groups,
   * kernel...), and, if asked for, a bias {2}, (out).
   *
   * @param window its settings; the padding is taken off the result
   * @param outputPadding what is added to the end of each spatial axis of the result
   * @param groups the number of groups
   * @param bias whether there is a bias
   * @return the operation
   */
  public static Operation transposedConvolution(
      Window window, int[] outputPadding, int groups, boolean bias) {
    return Operation.of(
        "torch.conv_transpose%dd({0}, {1}, %s, %s, %s, %s, %d, %s)"
            .formatted(
                window.axes(),
                bias ? "{2}" : "None",
                Literals.of(window.stride()),
                Literals.of(window.padding()),
                Literals.of(outputPadding),
                groups,
                Literals.of(window.dilation())),
        inputs ->
            windowed(
                inputs.get(0),
                inputs.get(1).knownShape().get(1) * groups,
                (size, axis) -> window.transposed(size, axis, outputPadding[axis])));
  }

  /**
   * The largest value in a window, of (N, C, spatial...). Padding counts as minus infinity.
   *
   * @param window its settings
   * @param ceil whether a window that reaches over the end counts
   * @return the operation
   */
  public static Operation maxPool(Window window, boolean ceil) {
    return Operation.of(
        "torch.max_pool%dd({0}, %s, %s, %s, %s, %s)"
            .formatted(
                window.axes(),
                Literals.of(window.kernel()),
                Literals.of(window.stride()),
                Literals.of(window.padding()),
                Literals.of(window.dilation()),
                Literals.of(ceil)),
        inputs ->
            windowed(inputs.get(0), null, (size, axis) -> window.convolved(size, axis, ceil)));
  }

  /**
   * The mean of a window, of (N, C, spatial...). There is no dilation.
   *
   * @param window its settings
   * @param ceil whether a window that reaches over the end counts
   * @param countPadding whether padding counts, as zeros
   * @return the operation
   */
  public static Operation averagePool(Window window, boolean ceil, boolean countPadding) {
    checkArgument(
        Arrays.stream(window.dilation()).allMatch(d -> d == 1), "average pooling has no dilation");
    return Operation.of(
        "torch.avg_pool%dd({0}, %s, %s, %s, %s, %s)"
            .formatted(
                window.axes(),
                Literals.of(window.kernel()),
                Literals.of(window.stride()),
                Literals.of(window.padding()),
                Literals.of(ceil),
                Literals.of(countPadding)),
        inputs ->
            windowed(inputs.get(0), null, (size, axis) -> window.convolved(size, axis, ceil)));
  }

  @FunctionalInterface
  private interface SizeRule {
    long of(long size, int axis);
  }

  private static TensorType windowed(TensorType image, @Nullable Long channels, SizeRule rule) {
    Shape shape = image.shape();
    if (shape == null) {
      return image;
    }
    long[] result = shape.getShape().clone();
    if (channels != null) {
      result[1] = channels;
    }
    for (int axis = 0; axis + 2 < result.length; axis++) {
      result[axis + 2] = rule.of(result[axis + 2], axis);
      checkArgument(
          result[axis + 2] >= -1 && result[axis + 2] != 0,
          "an image %s is too small for its window",
          shape);
    }
    return image.withShape(new Shape(result));
  }

  /**
   * Batch normalisation of {0}, (N, C, ...), with weight {1}, bias {2}, running mean {3} and
   * running variance {4}, each (C).
   *
   * @param epsilon is added to the variance
   * @return the operation
   */
  public static Operation batchNorm(double epsilon) {
    return Operation.sameType(
        "torch.batch_norm({0}, {1}, {2}, {3}, {4}, False, 0.1, %s, True)"
            .formatted(Literals.of(epsilon)));
  }

  /** {@return max(x, 0), which guided gradients recognise} */
  public static Operation relu() {
    return Operation.sameType("torch.relu({0})");
  }

  /**
   * A function of every element that keeps its type.
   *
   * @param function PyTorch's name of it, for instance {@code sigmoid}
   * @return the operation
   */
  public static Operation elementwise(String function) {
    return Operation.sameType("torch." + function + "({0})");
  }

  /**
   * A function of two elements, with broadcasting, that keeps the type of {0}.
   *
   * @param function PyTorch's name of it, for instance {@code add} or {@code maximum}
   * @return the operation
   */
  public static Operation binary(String function) {
    return Operation.of(
        "torch." + function + "({0}, {1})",
        inputs -> inputs.get(0).withShape(broadcast(inputs.get(0).shape(), inputs.get(1).shape())));
  }

  /**
   * {@return the shape of an operation on tensors of two shapes, null if it is not known}
   *
   * @param left a shape, or null
   * @param right another, or null
   * @throws IllegalArgumentException if they cannot be combined
   */
  public static @Nullable Shape broadcast(@Nullable Shape left, @Nullable Shape right) {
    if (left == null || right == null) {
      return null;
    }
    int rank = Math.max(left.dimension(), right.dimension());
    long[] result = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long a = i <= left.dimension() ? left.get(left.dimension() - i) : 1;
      long b = i <= right.dimension() ? right.get(right.dimension() - i) : 1;
      checkArgument(
          a == b || a == 1 || b == 1 || a < 0 || b < 0,
          "shapes %s and %s do not fit together",
          left,
          right);
      // An unknown size beside a known one is either 1 or the same.
      result[rank - i] = a == 1 ? b : b == 1 ? a : Math.max(a, b);
    }
    return new Shape(result);
  }

  /**
   * x W^T + b for {0}, (..., in), with a weight {1}, (out, in), and, if asked for, a bias {2},
   * (out).
   *
   * @param bias whether there is a bias
   * @return the operation
   */
  public static Operation linear(boolean bias) {
    return Operation.of(
        bias ? "torch.linear({0}, {1}, {2})" : "torch.linear({0}, {1})",
        inputs -> {
          Shape shape = inputs.get(0).shape();
          Shape weight = inputs.get(1).knownShape();
          if (shape == null) {
            return inputs.get(0);
          }
          long[] result = shape.getShape().clone();
          long given = result[result.length - 1];
          checkArgument(
              given < 0 || given == weight.get(1),
              "a weight %s does not fit %s features",
              weight,
              given);
          result[result.length - 1] = weight.get(0);
          return inputs.get(0).withShape(new Shape(result));
        });
  }

  /** {@return the matrix product of two tensors, over their last two axes} */
  public static Operation matmul() {
    return Operation.of(
        "torch.matmul({0}, {1})",
        inputs -> {
          Shape left = inputs.get(0).shape();
          Shape right = inputs.get(1).shape();
          if (left == null || right == null || left.dimension() < 2 || right.dimension() < 2) {
            return inputs.get(0).withShape(null);
          }
          Shape batch =
              broadcast(left.slice(0, left.dimension() - 2), right.slice(0, right.dimension() - 2));
          return inputs
              .get(0)
              .withShape(
                  batch == null
                      ? null
                      : batch.add(
                          left.get(left.dimension() - 2), right.get(right.dimension() - 1)));
        });
  }

  /**
   * Softmax along an axis.
   *
   * @param axis the axis; negative counts from the end
   * @return the operation
   */
  public static Operation softmax(int axis) {
    return Operation.sameType("torch.softmax({0}, " + axis + ")");
  }

  /**
   * Puts the axes in another order.
   *
   * @param axes for each axis of the result, which axis of the input it is
   * @return the operation
   */
  public static Operation permute(int... axes) {
    return Operation.of(
        "torch.permute({0}, %s)".formatted(Literals.of(axes)),
        inputs -> {
          Shape shape = inputs.get(0).shape();
          return inputs
              .get(0)
              .withShape(
                  shape == null
                      ? null
                      : new Shape(Arrays.stream(axes).mapToLong(shape::get).toArray()));
        });
  }

  /**
   * {@return the permutation that moves the channels from the last axis to the second}
   *
   * @param rank the number of axes, at least 2
   */
  public static Operation channelsFirst(int rank) {
    return permute(
        IntStream.range(0, rank).map(axis -> axis < 2 ? axis * (rank - 1) : axis - 1).toArray());
  }

  /**
   * {@return the permutation that moves the channels from the second axis to the last}
   *
   * @param rank the number of axes, at least 2
   */
  public static Operation channelsLast(int rank) {
    return permute(
        IntStream.range(0, rank)
            .map(axis -> axis == 0 ? 0 : axis == rank - 1 ? 1 : axis + 1)
            .toArray());
  }

  /**
   * Changes the shape.
   *
   * @param dimensions the new dimensions; one may be -1
   * @return the operation
   */
  public static Operation reshape(long... dimensions) {
    return Operation.of(
        "torch.reshape({0}, %s)".formatted(Literals.of(dimensions)),
        inputs -> inputs.get(0).withShape(new Shape(dimensions)));
  }

  /**
   * Joins tensors along an axis.
   *
   * @param inputs how many there are
   * @param axis the axis
   * @return the operation
   */
  public static Operation concatenate(int inputs, int axis) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < inputs; i++) {
      list.append(i == 0 ? "" : ", ").append('{').append(i).append('}');
    }
    return Operation.of("torch.cat([" + list + "], " + axis + ")", types -> joined(types, axis));
  }

  private static TensorType joined(List<TensorType> types, int axis) {
    TensorType first = types.get(0);
    if (types.stream().anyMatch(type -> type.shape() == null)) {
      return first.withShape(null);
    }
    long[] result = first.knownShape().getShape().clone();
    int counted = axis < 0 ? axis + result.length : axis;
    long[] sizes = types.stream().mapToLong(type -> type.knownShape().get(counted)).toArray();
    result[counted] =
        Arrays.stream(sizes).anyMatch(size -> size < 0) ? -1 : Arrays.stream(sizes).sum();
    return first.withShape(new Shape(result));
  }

  /**
   * Adds a border, or with negative numbers cuts one off.
   *
   * @param before how much at the start of each of the last axes
   * @param after how much at their end
   * @param value what the border holds
   * @return the operation
   */
  public static Operation pad(int[] before, int[] after, double value) {
    int[] sides = new int[2 * before.length];
    for (int axis = 0; axis < before.length; axis++) {
      // PyTorch starts with the last axis.
      sides[2 * (before.length - 1 - axis)] = before[axis];
      sides[2 * (before.length - 1 - axis) + 1] = after[axis];
    }
    return Operation.of(
        "torch.constant_pad_nd({0}, %s, %s)".formatted(Literals.of(sides), Literals.of(value)),
        inputs -> {
          Shape shape = inputs.get(0).shape();
          if (shape == null) {
            return inputs.get(0);
          }
          long[] result = shape.getShape().clone();
          for (int axis = 0; axis < before.length; axis++) {
            int own = result.length - before.length + axis;
            result[own] = result[own] < 0 ? -1 : result[own] + before[axis] + after[axis];
          }
          return inputs.get(0).withShape(new Shape(result));
        });
  }

  /**
   * Takes the mean, sum or extreme over some axes.
   *
   * @param function PyTorch's name of it: {@code mean}, {@code sum}, {@code amax} or {@code amin}
   * @param keep whether the axes stay, with size 1
   * @param axes the axes; negative ones count from the end
   * @return the operation
   */
  public static Operation reduce(String function, boolean keep, int... axes) {
    return Operation.of(
        "torch.%s({0}, %s, %s)".formatted(function, Literals.of(axes), Literals.of(keep)),
        inputs -> {
          Shape shape = inputs.get(0).shape();
          return inputs.get(0).withShape(shape == null ? null : reduced(shape, keep, axes));
        });
  }

  private static Shape reduced(Shape shape, boolean keep, int... axes) {
    int rank = shape.dimension();
    return new Shape(
        IntStream.range(0, rank)
            .filter(axis -> keep || !isIn(axis, rank, axes))
            .mapToLong(axis -> isIn(axis, rank, axes) ? 1 : shape.get(axis))
            .toArray());
  }

  private static boolean isIn(int axis, int rank, int... axes) {
    return Arrays.stream(axes).anyMatch(a -> (a < 0 ? a + rank : a) == axis);
  }

  /**
   * Converts the elements.
   *
   * @param element to which type
   * @return the operation
   */
  public static Operation cast(ElementType element) {
    return Operation.of(
        "torch.to({0}, %d)".formatted(element.code()),
        inputs -> new TensorType(element, inputs.get(0).shape()));
  }

  /** {@return the input itself, for layers that do nothing in inference, as dropout} */
  public static Operation identity() {
    return Operation.sameType("{0}");
  }
}
