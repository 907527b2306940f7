package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.onnxruntime.engine.OrtNDArray;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.platform.Fp16Conversions;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Range;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import org.aucmedi.xai.error.XAIException;

/** Operations that the engine's arrays lack: they only hold values. */
final class Batches {

  /**
   * The integer types that a batch can be converted to; no image comes near the limits of int64.
   */
  private static final ImmutableMap<ElementType, Range<Float>> INTEGERS =
      ImmutableMap.of(
          ElementType.UINT8,
          Range.closed(0f, 255f),
          ElementType.INT8,
          Range.closed(-128f, 127f),
          ElementType.INT32,
          Range.closedOpen(-0x1p31f, 0x1p31f),
          ElementType.INT64,
          Range.closedOpen(-0x1p31f, 0x1p31f));

  /** Fractions up to this magnitude indicate standardised pixels, not resized ones. */
  private static final float STANDARDISED = 16;

  private Batches() {}

  /** Moves the channels of (N, C, spatial...) behind the spatial axes. */
  static NDArray channelsLast(NDManager scope, NDArray array) {
    Shape shape = array.getShape();
    int images = Math.toIntExact(shape.get(0));
    int channels = Math.toIntExact(shape.get(1));
    int positions = Math.toIntExact(shape.slice(2).size());
    float[] from = array.toFloatArray();
    float[] to = new float[from.length];
    for (int n = 0; n < images; n++) {
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < positions; i++) {
          to[(n * positions + i) * channels + c] = from[(n * channels + c) * positions + i];
        }
      }
    }
    return scope.create(FloatBuffer.wrap(to), channelsLast(shape));
  }

  /** Moves the channels of (N, spatial..., C) before the spatial axes. */
  static NDArray channelsFirst(NDManager scope, NDArray array) {
    Shape shape = array.getShape();
    Shape space = shape.slice(1, shape.dimension() - 1);
    int images = Math.toIntExact(shape.get(0));
    int channels = Math.toIntExact(shape.get(shape.dimension() - 1));
    int positions = Math.toIntExact(space.size());
    float[] from = array.toFloatArray();
    float[] to = new float[from.length];
    for (int n = 0; n < images; n++) {
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < positions; i++) {
          to[(n * channels + c) * positions + i] = from[(n * positions + i) * channels + c];
        }
      }
    }
    return scope.create(FloatBuffer.wrap(to), new Shape(images, channels).addAll(space));
  }

  /** Moves the channels of the shape (N, C, spatial...) behind the spatial axes. */
  static Shape channelsLast(Shape shape) {
    long[] sizes = shape.getShape().clone();
    System.arraycopy(sizes, 2, sizes, 1, sizes.length - 2);
    sizes[sizes.length - 1] = shape.get(1);
    return new Shape(sizes);
  }

  /**
   * Converts a float32 batch to a model's input type. Fractions are rounded for integer types.
   *
   * @param scope owns the result
   * @param batch the batch
   * @param type a type that {@link #canConvert} accepts
   * @return the batch in that type
   * @throws XAIException if the type cannot represent the batch's values, or only a few levels of
   *     them
   */
  static OrtNDArray convert(NDManager scope, NDArray batch, ElementType type) {
    Shape shape = batch.getShape();
    if (type == ElementType.FLOAT32) {
      return (OrtNDArray) batch;
    }
    float[] values = batch.toFloatArray();
    Range<Float> integers = INTEGERS.get(type);
    if (integers != null) {
      return integers(scope, values, shape, type, integers);
    }
    if (type == ElementType.FLOAT64) {
      double[] doubles = new double[values.length];
      Arrays.setAll(doubles, i -> values[i]);
      return create(scope, DoubleBuffer.wrap(doubles), shape, DataType.FLOAT64);
    }
    FloatBuffer floats = FloatBuffer.wrap(values);
    return type == ElementType.FLOAT16
        ? halves(
            scope, Fp16Conversions.convertFloatBufferToFp16Buffer(floats), shape, DataType.FLOAT16)
        : halves(
            scope,
            Fp16Conversions.convertFloatBufferToBf16Buffer(floats),
            shape,
            DataType.BFLOAT16);
  }

  private static OrtNDArray halves(
      NDManager scope, ShortBuffer values, Shape shape, DataType type) {
    ByteBuffer bytes = scope.allocateDirect(values.remaining() * Short.BYTES);
    bytes.asShortBuffer().put(values);
    return create(scope, bytes, shape, type);
  }

  private static OrtNDArray integers(
      NDManager scope, float[] values, Shape shape, ElementType type, Range<Float> allowed) {
    boolean fractions = false;
    float largest = 0;
    for (float value : values) {
      float rounded = (float) Math.rint(value);
      if (Float.isNaN(value) || !allowed.contains(rounded)) {
        throw new XAIException(
            "the model takes "
                + type
                + " numbers, and the image holds "
                + value
                + "; use unscaled pixels (--standardize none)");
      }
      fractions |= rounded != value;
      largest = Math.max(largest, Math.abs(value));
    }
    if (fractions && largest <= STANDARDISED) {
      throw new XAIException(
          "the model takes "
              + type
              + " numbers, which would keep little of the image's values, fractions up to "
              + largest
              + "; use unscaled pixels (--standardize none)");
    }
    if (type == ElementType.INT64) {
      long[] longs = new long[values.length];
      Arrays.setAll(longs, i -> (long) Math.rint(values[i]));
      return create(scope, LongBuffer.wrap(longs), shape, DataType.INT64);
    }
    if (type == ElementType.INT32) {
      int[] ints = new int[values.length];
      Arrays.setAll(ints, i -> (int) Math.rint(values[i]));
      return create(scope, IntBuffer.wrap(ints), shape, DataType.INT32);
    }
    ByteBuffer bytes = scope.allocateDirect(values.length);
    for (float value : values) {
      bytes.put((byte) (int) Math.rint(value));
    }
    DataType bits8 = type == ElementType.UINT8 ? DataType.UINT8 : DataType.INT8;
    return create(scope, bytes.flip(), shape, bits8);
  }

  private static OrtNDArray create(NDManager scope, Buffer data, Shape shape, DataType type) {
    return (OrtNDArray) scope.create(data, shape, type);
  }

  static boolean canConvert(ElementType type) {
    return type.isFloat() || INTEGERS.containsKey(type);
  }

  /** Converts a floating-point array of any width to float32. */
  static NDArray toFloat32(NDManager scope, NDArray array) {
    if (array.getDataType() == DataType.FLOAT32) {
      return array;
    }
    OnnxTensor tensor = ((OrtNDArray) array).getTensor();
    DoubleBuffer doubles = tensor.getDoubleBuffer();
    if (doubles == null) {
      return scope.create(tensor.getFloatBuffer(), array.getShape());
    }
    FloatBuffer values = FloatBuffer.allocate(doubles.remaining());
    while (doubles.hasRemaining()) {
      values.put((float) doubles.get());
    }
    return scope.create(values.flip(), array.getShape());
  }
}
