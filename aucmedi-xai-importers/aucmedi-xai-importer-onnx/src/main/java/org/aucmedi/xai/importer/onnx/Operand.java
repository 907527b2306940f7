package org.aucmedi.xai.importer.onnx;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Value;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of the file while it is compiled: a constant, or a value that is computed from the
 * image.
 *
 * @param type the type of its elements
 * @param shape its shape as the file has it, -1 for sizes that are not known
 * @param constant the tensor itself, null if it is computed
 * @param value what computes it, null for a constant
 * @param known its elements as far as they are known, NaN for the others; null if none is. Only
 *     small tensors, such as shapes, have them.
 * @param channelsLast whether {@code value} has its channels last although the file has them first,
 *     as all layers of a network whose images have them last
 * @param batch whether the first axis counts the images although the file fixes their number
 */
record Operand(
    ElementType type,
    long[] shape,
    @Nullable Constant constant,
    @Nullable Value value,
    double @Nullable [] known,
    boolean channelsLast,
    boolean batch) {

  /** The largest tensor whose elements are followed. */
  static final int MAX_KNOWN = 1024;

  /** A constant. */
  static Operand of(Constant constant) {
    long[] shape = constant.shape().getShape();
    return new Operand(
        constant.type().element(),
        shape,
        constant,
        null,
        size(shape) <= MAX_KNOWN ? constant.doubles() : null,
        false,
        false);
  }

  /** A value that is computed. */
  static Operand of(Value value, ElementType type, long... shape) {
    return new Operand(type, shape, null, value, null, false, false);
  }

  /** The same with what is known of its elements. */
  Operand withKnown(double @Nullable [] elements) {
    return new Operand(type, shape, constant, value, elements, channelsLast, batch);
  }

  /** The same with another order of the value's axes. */
  Operand withChannelsLast(boolean last) {
    return new Operand(type, shape, constant, value, known, last, batch);
  }

  /** The same with a first axis that does or does not count the images. */
  Operand withBatch(boolean counts) {
    return new Operand(type, shape, constant, value, known, channelsLast, counts);
  }

  /** The number of axes. */
  int rank() {
    return shape.length;
  }

  /** An axis counted from the first, given one that may be counted from the last. */
  int axis(long axis) {
    return axis(axis, rank());
  }

  static int axis(long axis, int rank) {
    if (axis < -rank || axis >= Math.max(rank, 1)) {
      throw new IllegalArgumentException("there is no axis " + axis + " of " + rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Whether all sizes are known. */
  boolean hasFixedShape() {
    return LongStream.of(shape).noneMatch(size -> size < 0);
  }

  /** Whether all sizes behind those of images and channels are known. */
  boolean hasFixedSpatialShape() {
    return LongStream.of(shape).skip(2).noneMatch(size -> size < 0);
  }

  /** A shape of which only the number of axes is known. */
  static long[] unknown(int rank) {
    long[] shape = new long[rank];
    Arrays.fill(shape, -1);
    return shape;
  }

  /** Whether it is a constant with one element and no more axes than another has. */
  boolean isScalarBeside(int rank) {
    return constant != null && size(shape) == 1 && rank() <= rank;
  }

  /** The elements as integers, or null if one of them is not known. */
  long @Nullable [] longs() {
    if (constant != null) {
      return constant.longs();
    }
    return known == null || Arrays.stream(known).anyMatch(Double::isNaN)
        ? null
        : Arrays.stream(known).mapToLong(element -> (long) element).toArray();
  }

  /** The number of elements of a shape, -1 if a size is not known. */
  static long size(long... shape) {
    long size = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        return -1;
      }
      size = Math.multiplyExact(size, dimension);
    }
    return size;
  }
}
