package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.onnx.ElementTypes;
import org.jspecify.annotations.Nullable;

/**
 * Computes in advance what does not depend on the image: above all the arithmetic on shapes that
 * exporters write.
 *
 * <p>An element that depends on the image, such as the number of images, is not a number (NaN), and
 * so is everything that is computed from it.
 */
final class Folding {

  private Folding() {}

  /** A small tensor of which some elements may not be known. */
  private record Elements(ElementType type, long[] shape, double[] values) {}

  /**
   * Folds a node with one output.
   *
   * @param step the node
   * @return the output if it is a constant, else null
   */
  static @Nullable Constant constant(Step step) {
    if (step.operator().equals("Constant")) {
      return ElementwiseOperators.constant(step);
    }
    Constant moved = moved(step);
    if (moved != null) {
      return moved;
    }
    Elements elements = evaluate(step);
    return elements == null || DoubleStream.of(elements.values).anyMatch(Double::isNaN)
        ? null
        : constant(elements);
  }

  /**
   * Finds what is known of a node's output.
   *
   * @param step the node
   * @return its elements, NaN where they are not known, or null
   */
  static double @Nullable [] known(Step step) {
    Elements elements = evaluate(step);
    return elements == null ? null : elements.values;
  }

  /** A large constant in another order, shape or type. */
  private static @Nullable Constant moved(Step step) {
    Constant constant = step.has(0) ? step.in(0).constant() : null;
    if (constant == null) {
      return null;
    }
    long[] shape = constant.shape().getShape();
    return switch (step.operator()) {
      case "Identity" -> constant;
      case "Transpose" -> constant.permuted(ShapeOperators.permutation(step, shape.length));
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze" -> {
        long[] result = reshaped(step, shape);
        yield result == null ? null : constant.reshaped(result);
      }
      case "Cast" -> {
        ElementType to = ElementTypes.of(step.i("to", 1));
        yield to != null && ElementTypes.computed(to) == constant.type().element()
            ? constant
            : null;
      }
      default -> null;
    };
  }

  private static long @Nullable [] reshaped(Step step, long[] shape) {
    return switch (step.operator()) {
      case "Reshape" -> {
        long[] target = step.ints("shape") == null ? step.longs(1) : step.ints("shape");
        if (target == null) {
          yield null;
        }
        long[] result = target.clone();
        long rest = 1;
        for (int i = 0; i < result.length; i++) {
          if (result[i] == 0 && step.i("allowzero", 0) == 0) {
            result[i] = shape[i];
          }
          rest *= result[i] == -1 ? 1 : result[i];
        }
        for (int i = 0; i < result.length; i++) {
          result[i] = result[i] == -1 && rest > 0 ? Operand.size(shape) / rest : result[i];
        }
        yield result;
      }
      case "Flatten" -> {
        int axis = Operand.axis(step.i("axis", 1), shape.length + 1);
        yield new long[] {
          Operand.size(Arrays.copyOf(shape, axis)),
          Operand.size(Arrays.copyOfRange(shape, axis, shape.length))
        };
      }
      case "Unsqueeze" -> {
        long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
        yield axes == null ? null : ShapeOperators.unsqueezed(shape, axes);
      }
      default -> {
        long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
        if (axes == null && step.has(1)) {
          yield null;
        }
        yield IntStream.range(0, shape.length)
            .filter(
                axis ->
                    axes == null
                        ? shape[axis] != 1
                        : LongStream.of(axes).noneMatch(a -> Operand.axis(a, shape.length) == axis))
            .mapToLong(axis -> shape[axis])
            .toArray();
      }
    };
  }

  private static Constant constant(Elements elements) {
    ElementType type = elements.type;
    int size = type.bytes();
    ByteBuffer bytes =
        ByteBuffer.allocate(elements.values.length * size).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : elements.values) {
      switch (type) {
        case FLOAT32 -> bytes.putFloat((float) value);
        case FLOAT64 -> bytes.putDouble(value);
        case INT64 -> bytes.putLong((long) value);
        case INT32 -> bytes.putInt((int) value);
        case INT16 -> bytes.putShort((short) value);
        case INT8, UINT8, BOOL -> bytes.put((byte) value);
        case FLOAT16, BFLOAT16 -> throw new IllegalArgumentException("it computes in " + type);
      }
    }
    return Constant.of(type, new Shape(elements.shape), bytes.flip());
  }

  private static @Nullable Elements evaluate(Step step) {
    if (step.operator().equals("Shape")) {
      return shape(step);
    }
    for (int i = 0; i < step.count(); i++) {
      if (step.has(i) && step.in(i).known() == null) {
        return null;
      }
    }
    if (step.count() == 0) {
      return null;
    }
    Elements result = arithmetic(step);
    return result != null && result.values.length > Operand.MAX_KNOWN ? null : result;
  }

  private static Elements shape(Step step) {
    long[] shape = step.shape(0);
    int start = ShapeOperators.clamped(step.i("start", 0), shape.length);
    int end = Math.max(start, ShapeOperators.clamped(step.i("end", shape.length), shape.length));
    double[] values =
        Arrays.stream(shape, start, end)
            .mapToDouble(size -> size < 0 ? Double.NaN : size)
            .toArray();
    return new Elements(ElementType.INT64, new long[] {values.length}, values);
  }

  private static double[] values(Step step, int input) {
    return Objects.requireNonNull(step.in(input).known());
  }

  private static @Nullable Elements arithmetic(Step step) {
    boolean floating = step.type(0).isFloat();
    return switch (step.operator()) {
      case "Identity" -> new Elements(step.type(0), step.shape(0), values(step, 0));
      case "Size" ->
          new Elements(ElementType.INT64, new long[0], new double[] {values(step, 0).length});
      case "Cast" -> cast(step);
      case "Abs" -> each(step, Math::abs);
      case "Neg" -> each(step, value -> -value);
      case "Floor" -> each(step, Math::floor);
      case "Ceil" -> each(step, Math::ceil);
      case "Round" -> each(step, Math::rint);
      case "Sqrt" -> each(step, Math::sqrt);
      case "Add" -> pair(step, Double::sum, step.type(0));
      case "Sub" -> pair(step, (a, b) -> a - b, step.type(0));
      case "Mul" -> pair(step, (a, b) -> a * b, step.type(0));
      case "Div" ->
          pair(
              step,
              (a, b) -> floating ? a / b : b == 0 ? Double.NaN : truncated(a / b),
              step.type(0));
      case "Mod" ->
          step.i("fmod", 0) != 0
              ? null
              : pair(step, (a, b) -> b == 0 ? Double.NaN : a - Math.floor(a / b) * b, step.type(0));
      case "Max" -> step.count() != 2 ? null : pair(step, Math::max, step.type(0));
      case "Min" -> step.count() != 2 ? null : pair(step, Math::min, step.type(0));
      case "Equal" -> pair(step, (a, b) -> truth(a, b, a == b), ElementType.BOOL);
      case "Greater" -> pair(step, (a, b) -> truth(a, b, a > b), ElementType.BOOL);
      case "Less" -> pair(step, (a, b) -> truth(a, b, a < b), ElementType.BOOL);
      case "Not" -> each(step, value -> Double.isNaN(value) ? value : 1 - value);
      case "Where" -> where(step);
      case "Gather" -> gather(step);
      case "Slice" -> slice(step);
      case "Concat" -> concat(step);
      case "Reshape", "Squeeze", "Unsqueeze", "Flatten" -> {
        long[] shape = reshaped(step, step.shape(0));
        yield shape == null || Operand.size(shape) != values(step, 0).length
            ? null
            : new Elements(step.type(0), shape, values(step, 0));
      }
      case "ConstantOfShape" -> filled(step);
      case "Expand" -> expanded(step);
      case "Range" -> range(step);
      case "ReduceProd" -> reduced(step, 1, (a, b) -> a * b);
      case "ReduceSum" -> reduced(step, 0, Double::sum);
      default -> null;
    };
  }

  private static double truncated(double value) {
    return value < 0 ? Math.ceil(value) : Math.floor(value);
  }

  private static double truth(double a, double b, boolean is) {
    return Double.isNaN(a) || Double.isNaN(b) ? Double.NaN : is ? 1 : 0;
  }

  /** Float32 keeps its precision. */
  private static double rounded(ElementType type, double value) {
    return type == ElementType.FLOAT32 ? (float) value : value;
  }

  private static @Nullable Elements cast(Step step) {
    ElementType to = ElementTypes.of(step.i("to", 1));
    if (to == null) {
      return null;
    }
    ElementType type = ElementTypes.computed(to);
    double[] values = values(step, 0).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] =
          Double.isNaN(values[i])
              ? values[i]
              : type == ElementType.BOOL
                  ? values[i] == 0 ? 0 : 1
                  : type.isFloat() ? rounded(type, values[i]) : truncated(values[i]);
    }
    return new Elements(type, step.shape(0), values);
  }

  private static Elements each(Step step, DoubleUnaryOperator function) {
    ElementType type = step.type(0);
    return new Elements(
        type,
        step.shape(0),
        DoubleStream.of(values(step, 0))
            .map(value -> rounded(type, function.applyAsDouble(value)))
            .toArray());
  }

  /** Where one input is a number, or both have the same shape. */
  private static @Nullable Elements pair(
      Step step, DoubleBinaryOperator function, ElementType type) {
    double[] a = values(step, 0);
    double[] b = values(step, 1);
    if (a.length != b.length && a.length != 1 && b.length != 1) {
      return null;
    }
    long[] shape = ShapeOperators.broadcast(step.shape(0), step.shape(1));
    double[] values = new double[Math.max(a.length, b.length)];
    if (Operand.size(shape) != values.length) {
      return null;
    }
    for (int i = 0; i < values.length; i++) {
      double left = a[a.length == 1 ? 0 : i];
      double right = b[b.length == 1 ? 0 : i];
      values[i] = rounded(type, function.applyAsDouble(left, right));
    }
    return new Elements(type, shape, values);
  }

  private static @Nullable Elements where(Step step) {
    double[] condition = values(step, 0);
    double[] yes = values(step, 1);
    double[] no = values(step, 2);
    long[] shape =
        ShapeOperators.broadcast(
            step.shape(0), ShapeOperators.broadcast(step.shape(1), step.shape(2)));
    int size = Math.max(condition.length, Math.max(yes.length, no.length));
    if (Operand.size(shape) != size
        || List.of(condition, yes, no).stream().anyMatch(v -> v.length != size && v.length != 1)) {
      return null;
    }
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      double chosen = condition[condition.length == 1 ? 0 : i];
      double[] from = chosen == 0 ? no : yes;
      values[i] = Double.isNaN(chosen) ? chosen : from[from.length == 1 ? 0 : i];
    }
    return new Elements(step.type(1), shape, values);
  }

  private static @Nullable Elements gather(Step step) {
    double[] data = values(step, 0);
    double[] indices = values(step, 1);
    if (step.rank(0) != 1 || DoubleStream.of(indices).anyMatch(Double::isNaN)) {
      return null;
    }
    double[] values = new double[indices.length];
    for (int i = 0; i < values.length; i++) {
      int index = (int) indices[i];
      values[i] = data[index < 0 ? index + data.length : index];
    }
    return new Elements(step.type(0), step.shape(1), values);
  }

  private static @Nullable Elements slice(Step step) {
    long[] starts = IndexOperators.sliceArgument(step, 1, "starts");
    long[] ends = IndexOperators.sliceArgument(step, 2, "ends");
    long[] steps = step.has(4) ? step.longs(4) : new long[] {1};
    if (step.rank(0) != 1
        || starts == null
        || ends == null
        || steps == null
        || starts.length != 1
        || steps[0] == 0) {
      return null;
    }
    double[] data = values(step, 0);
    int count = (int) IndexOperators.length(data.length, starts[0], ends[0], steps[0]);
    long last = steps[0] > 0 ? data.length : data.length - 1;
    long start = Math.min(starts[0] < 0 ? starts[0] + data.length : starts[0], last);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = data[(int) (Math.max(start, 0) + i * steps[0])];
    }
    return new Elements(step.type(0), new long[] {count}, values);
  }

  private static @Nullable Elements concat(Step step) {
    DoubleStream all = DoubleStream.empty();
    for (int i = 0; i < step.count(); i++) {
      if (step.rank(i) != 1) {
        return null;
      }
      all = DoubleStream.concat(all, DoubleStream.of(values(step, i)));
    }
    double[] values = all.toArray();
    return new Elements(step.type(0), new long[] {values.length}, values);
  }

  private static @Nullable Elements filled(Step step) {
    long[] shape = step.longs(0);
    if (shape == null || tooLarge(shape)) {
      return null;
    }
    Constant fill = ShapeOperators.fill(step);
    double[] values = new double[(int) Operand.size(shape)];
    Arrays.fill(values, fill.doubles()[0]);
    return new Elements(fill.type().element(), shape, values);
  }

  private static boolean tooLarge(long[] shape) {
    double size = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        return true;
      }
      size *= dimension;
    }
    return size > Operand.MAX_KNOWN;
  }

  private static @Nullable Elements expanded(Step step) {
    long[] target = step.longs(1);
    double[] data = values(step, 0);
    if (target == null || data.length != 1 || tooLarge(target)) {
      return null;
    }
    long[] shape = ShapeOperators.broadcast(step.shape(0), target);
    double[] values = new double[(int) Operand.size(shape)];
    Arrays.fill(values, data[0]);
    return new Elements(step.type(0), shape, values);
  }

  private static @Nullable Elements range(Step step) {
    double start = values(step, 0)[0];
    double limit = values(step, 1)[0];
    double delta = values(step, 2)[0];
    double count = Math.ceil((limit - start) / delta);
    if (!(count <= Operand.MAX_KNOWN)) {
      return null;
    }
    double[] values = new double[(int) Math.max(0, count)];
    Arrays.setAll(values, i -> rounded(step.type(0), start + i * delta));
    return new Elements(step.type(0), new long[] {values.length}, values);
  }

  /** A reduction of a list to a number. */
  private static @Nullable Elements reduced(
      Step step, double identity, DoubleBinaryOperator function) {
    if (step.rank(0) != 1 || step.i("noop_with_empty_axes", 0) != 0) {
      return null;
    }
    double value = DoubleStream.of(values(step, 0)).reduce(identity, function);
    long[] shape = step.i("keepdims", 1) != 0 ? new long[] {1} : new long[0];
    return new Elements(step.type(0), shape, new double[] {value});
  }
}
