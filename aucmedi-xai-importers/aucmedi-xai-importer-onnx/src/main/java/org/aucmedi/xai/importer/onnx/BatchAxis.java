package org.aucmedi.xai.importer.onnx;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Follows the axis of the images through a network whose file fixes their number, so that it can
 * take any number: every operator must treat each image as it would the only one.
 */
final class BatchAxis {

  private static final Set<String> ALONG_AN_AXIS =
      Set.of(
          "Softmax",
          "LogSoftmax",
          "LpNormalization",
          "LayerNormalization",
          "ArgMax",
          "ArgMin",
          "TopK",
          "Concat",
          "Split",
          "Gather",
          "GatherElements");

  private static final Set<String> OF_THE_FIRST =
      Set.of(
          "Conv",
          "ConvTranspose",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "BatchNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "LRN",
          "DepthToSpace",
          "SpaceToDepth",
          "Dropout",
          "Clip");

  private static final Set<String> OF_EACH_ELEMENT =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Mod",
          "Pow",
          "And",
          "Or",
          "Xor",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "Max",
          "Min",
          "Sum",
          "Mean",
          "Where",
          "PRelu",
          "Abs",
          "Acos",
          "Acosh",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "Ceil",
          "Cos",
          "Cosh",
          "Erf",
          "Exp",
          "Floor",
          "Log",
          "Mish",
          "Neg",
          "Reciprocal",
          "Relu",
          "Round",
          "Sigmoid",
          "Sign",
          "Sin",
          "Sinh",
          "Softplus",
          "Sqrt",
          "Tan",
          "Tanh",
          "HardSwish",
          "Softsign",
          "Identity",
          "Not",
          "IsNaN",
          "IsInf",
          "Elu",
          "Celu",
          "Selu",
          "LeakyRelu",
          "ThresholdedRelu",
          "HardSigmoid",
          "Shrink",
          "Swish",
          "Gelu",
          "Cast",
          "CastLike");

  private BatchAxis() {}

  /**
   * {@return whether the first axis of a node's outputs counts the images}
   *
   * @param step the node, compiled
   * @throws FixedBatchException if the node may mix images
   */
  static boolean isKept(Step step) {
    boolean any = IntStream.range(0, step.count()).anyMatch(i -> isBatch(step, i));
    String operator = step.operator();
    if (!any || operator.equals("Shape") || operator.equals("Size")) {
      return false;
    }
    if (!keeps(step, operator)) {
      throw new FixedBatchException(operator);
    }
    return true;
  }

  private static boolean isBatch(Step step, int input) {
    return step.has(input) && step.in(input).batch();
  }

  private static boolean keeps(Step step, String operator) {
    if (OF_EACH_ELEMENT.contains(operator)) {
      return IntStream.range(0, step.count()).allMatch(i -> isBeside(step, i));
    }
    boolean onlyFirst =
        isBatch(step, 0) && IntStream.range(1, step.count()).noneMatch(i -> isBatch(step, i));
    if (operator.equals("Concat")) {
      return step.in(0).rank() > 0 && axis(step) != 0;
    }
    if (operator.equals("MatMul")) {
      return matmul(step);
    }
    if (!onlyFirst) {
      return false;
    }
    if (ALONG_AN_AXIS.contains(operator)) {
      return axis(step) != 0;
    }
    if (operator.startsWith("Reduce")) {
      long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
      return axes != null && axes.length > 0 && avoidsFirst(axes, step.rank(0));
    }
    return OF_THE_FIRST.contains(operator)
        || switch (operator) {
          case "Reshape", "Flatten" -> holdsTheSame(step);
          case "Transpose" -> ShapeOperators.permutation(step, step.rank(0))[0] == 0;
          case "Squeeze" -> {
            long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
            yield axes != null && avoidsFirst(axes, step.rank(0));
          }
          case "Unsqueeze" -> {
            long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
            yield axes != null && avoidsFirst(axes, step.rank(0) + axes.length);
          }
          case "Gemm" -> step.i("transA", 0) == 0;
          case "Slice" -> {
            long[] axes =
                step.opset() < 10 ? step.ints("axes") : step.has(3) ? step.longs(3) : null;
            yield axes != null && avoidsFirst(axes, step.rank(0));
          }
          case "Pad" -> {
            long[] pads = step.hasAttribute("pads") ? step.ints("pads") : step.longs(1);
            long[] axes = step.has(3) ? step.longs(3) : null;
            yield axes != null
                ? avoidsFirst(axes, step.rank(0))
                : !step.has(3) && pads != null && pads[0] == 0 && pads[pads.length / 2] == 0;
          }
          case "Expand" -> keepsFirst(step) && step.rank(0) >= step.shape(1)[0];
          case "Tile" -> {
            long[] repeats = step.longs(1);
            yield repeats != null && repeats.length > 0 && repeats[0] == 1;
          }
          case "Resize", "Upsample" -> keepsFirst(step);
          default -> false;
        };
  }

  private static long axis(Step step) {
    long otherwise =
        switch (step.operator()) {
          case "Softmax", "LogSoftmax" -> step.opset() < 13 ? 1 : -1;
          case "LpNormalization", "LayerNormalization", "TopK" -> -1;
          default -> 0;
        };
    return step.in(0).axis(step.i("axis", otherwise));
  }

  private static boolean avoidsFirst(long[] axes, int rank) {
    return LongStream.of(axes).noneMatch(axis -> Operand.axis(axis, rank) == 0);
  }

  /** Whether an operand counts the images in the result's first axis, or is the same for all. */
  private static boolean isBeside(Step step, int input) {
    if (!step.has(input)) {
      return true;
    }
    Operand operand = step.in(input);
    int rank = outputShape(step).length;
    return operand.batch()
        ? operand.rank() == rank
        : operand.rank() < rank || operand.shape()[0] == 1;
  }

  private static boolean matmul(Step step) {
    Operand left = step.in(0);
    Operand right = step.in(1);
    int rank = outputShape(step).length;
    if (left.batch() && right.batch()) {
      return left.rank() >= 3 && left.rank() == right.rank();
    }
    return left.batch()
        ? left.rank() >= 2
            && left.rank() == rank
            && ((right.rank() <= 2 && left.rank() >= right.rank()) || right.shape()[0] == 1)
        : right.rank() >= 3 && right.rank() == rank && (left.rank() <= 2 || left.shape()[0] == 1);
  }

  /** Whether each image has as many elements before and after. */
  private static boolean holdsTheSame(Step step) {
    long before = perImage(step.shape(0));
    return before >= 0 && keepsFirst(step) && before == perImage(outputShape(step));
  }

  private static long perImage(long... shape) {
    return shape.length == 0 ? -1 : Operand.size(Arrays.copyOfRange(shape, 1, shape.length));
  }

  private static boolean keepsFirst(Step step) {
    long[] shape = outputShape(step);
    return shape.length > 0 && shape[0] == -1;
  }

  private static long[] outputShape(Step step) {
    @Nullable Operand output = step.output(0);
    return output == null ? new long[0] : output.shape();
  }
}
