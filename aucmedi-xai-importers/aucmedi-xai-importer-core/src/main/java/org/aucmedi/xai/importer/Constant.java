package org.aucmedi.xai.importer;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor whose values are known, row-major and little-endian.
 *
 * <p>Constants are compared by identity: a layer that shares its weights with another has the same
 * constant.
 */
public final class Constant {

  private final TensorType type;
  private final Shape shape;
  private final ByteBuffer bytes;

  private Constant(ElementType element, Shape shape, ByteBuffer bytes) {
    checkArgument(
        bytes.remaining() == Math.multiplyExact(shape.size(), element.bytes()),
        "a tensor %s of %s takes %s bytes, not %s",
        shape,
        element,
        shape.size() * element.bytes(),
        bytes.remaining());
    this.type = new TensorType(element, shape);
    this.shape = shape;
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Makes a constant from its bytes, which are not copied.
   *
   * @param element the type of its elements
   * @param shape its shape
   * @param bytes its elements, row-major and little-endian, between position and limit
   * @return the constant
   * @throws IllegalArgumentException if the number of bytes does not fit the shape
   */
  public static Constant of(ElementType element, Shape shape, ByteBuffer bytes) {
    return new Constant(element, shape, bytes);
  }

  /**
   * Makes a float32 constant.
   *
   * @param values its elements, row-major
   * @param dimensions its dimensions; none for a scalar
   * @return the constant
   */
  public static Constant of(float[] values, long... dimensions) {
    ByteBuffer bytes = allocate(values.length * 4L);
    bytes.asFloatBuffer().put(values);
    return new Constant(ElementType.FLOAT32, new Shape(dimensions), bytes);
  }

  /**
   * Makes an int64 constant.
   *
   * @param values its elements, row-major
   * @param dimensions its dimensions; none for a scalar
   * @return the constant
   */
  public static Constant of(long[] values, long... dimensions) {
    ByteBuffer bytes = allocate(values.length * 8L);
    bytes.asLongBuffer().put(values);
    return new Constant(ElementType.INT64, new Shape(dimensions), bytes);
  }

  private static ByteBuffer allocate(long size) {
    return ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** {@return the type and shape} */
  public TensorType type() {
    return type;
  }

  /** {@return the shape} */
  public Shape shape() {
    return shape;
  }

  /** {@return the elements, little-endian, as a read-only view} */
  public ByteBuffer bytes() {
    return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** {@return the elements as float32, rounded where their type is wider} */
  public float[] floats() {
    float[] values = new float[Math.toIntExact(shape.size())];
    if (type.element() == ElementType.FLOAT32) {
      bytes().asFloatBuffer().get(values);
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) at(i);
      }
    }
    return values;
  }

  /** {@return the elements as float64} */
  public double[] doubles() {
    double[] values = new double[Math.toIntExact(shape.size())];
    Arrays.setAll(values, this::at);
    return values;
  }

  /** {@return the elements as int64; fractions are cut off} */
  public long[] longs() {
    long[] values = new long[Math.toIntExact(shape.size())];
    if (type.element() == ElementType.INT64) {
      bytes().asLongBuffer().get(values);
    } else {
      Arrays.setAll(values, i -> (long) at(i));
    }
    return values;
  }

  private double at(int i) {
    return switch (type.element()) {
      case FLOAT32 -> bytes.getFloat(i * 4);
      case FLOAT16 -> halfToFloat(bytes.getShort(i * 2));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(i * 2) << 16);
      case FLOAT64 -> bytes.getDouble(i * 8);
      case INT64 -> bytes.getLong(i * 8);
      case INT32 -> bytes.getInt(i * 4);
      case INT16 -> bytes.getShort(i * 2);
      case INT8 -> bytes.get(i);
      case UINT8 -> bytes.get(i) & 0xff;
      case BOOL -> bytes.get(i) == 0 ? 0 : 1;
    };
  }

  private static float halfToFloat(short half) {
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    float size =
        exponent == 0x1f
            ? fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN
            : exponent == 0
                ? Math.scalb((float) fraction, -24)
                : Math.scalb((float) (fraction + 0x400), exponent - 25);
    return half < 0 ? -size : size;
  }

  /**
   * {@return the same elements in another shape; nothing is copied}
   *
   * @param dimensions the dimensions
   * @throws IllegalArgumentException if they hold another number of elements
   */
  public Constant reshaped(long... dimensions) {
    return new Constant(type.element(), new Shape(dimensions), bytes);
  }

  /**
   * {@return a copy with the axes in another order}
   *
   * @param axes for each axis of the result, which axis of this constant it is
   */
  public Constant permuted(int... axes) {
    checkArgument(axes.length == shape.dimension(), "%s axes for a tensor %s", axes.length, shape);
    int rank = axes.length;
    long[] dimensions = new long[rank];
    int[] steps = new int[rank];
    int step = 1;
    int[] own = new int[rank];
    for (int axis = rank - 1; axis >= 0; axis--) {
      own[axis] = step;
      step *= Math.toIntExact(shape.get(axis));
    }
    for (int axis = 0; axis < rank; axis++) {
      dimensions[axis] = shape.get(axes[axis]);
      steps[axis] = own[axes[axis]];
    }
    int size = type.element().bytes();
    ByteBuffer target = allocate(shape.size() * size);
    int[] index = new int[rank];
    int source = 0;
    for (int i = 0; i < step; i++) {
      copy(source, target, i, size);
      // The next index, as an odometer.
      for (int axis = rank - 1; axis >= 0; axis--) {
        source += steps[axis];
        if (++index[axis] < dimensions[axis]) {
          break;
        }
        source -= steps[axis] * index[axis];
        index[axis] = 0;
      }
    }
    return new Constant(type.element(), new Shape(dimensions), target);
  }

  private void copy(int from, ByteBuffer target, int to, int size) {
    switch (size) {
      case 4 -> target.putInt(to * 4, bytes.getInt(from * 4));
      case 8 -> target.putLong(to * 8, bytes.getLong(from * 8));
      case 2 -> target.putShort(to * 2, bytes.getShort(from * 2));
      default -> target.put(to, bytes.get(from));
    }
  }

  @Override
  public String toString() {
    return "constant " + type;
  }
}
