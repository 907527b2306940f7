package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.onnxruntime.engine.OrtNDArray;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the engine's arrays cannot do by themselves: they hold numbers and know no operations. */
final class Batches {

  private Batches() {}

  /** Cuts a batch into batches of one image. */
  static List<NDArray> images(NDManager scope, NDArray batch) {
    Shape shape = batch.getShape();
    int images = Math.toIntExact(shape.get(0));
    float[] values = batch.toFloatArray();
    Shape one = new Shape(1).addAll(shape.slice(1));
    int size = Math.toIntExact(one.size());
    List<NDArray> parts = new ArrayList<>();
    for (int n = 0; n < images; n++) {
      parts.add(scope.create(FloatBuffer.wrap(values, n * size, size).slice(), one));
    }
    return parts;
  }

  /** Joins batches along their first axis. */
  static NDArray join(NDManager scope, List<NDArray> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    Shape joined = ofParts(parts.get(0).getShape(), parts.size());
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(joined.size()));
    parts.forEach(part -> values.put(part.toFloatArray()));
    return scope.create(values.flip(), joined);
  }

  /** The shape of {@link #join joined} parts of one shape. */
  static Shape ofParts(Shape part, int parts) {
    return part.dimension() == 0 ? part : new Shape(part.get(0) * parts).addAll(part.slice(1));
  }

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

  /** Moves the channels of the shape (N, C, spatial...) behind the spatial axes. */
  static Shape channelsLast(Shape shape) {
    long[] sizes = shape.getShape().clone();
    System.arraycopy(sizes, 2, sizes, 1, sizes.length - 2);
    sizes[sizes.length - 1] = shape.get(1);
    return new Shape(sizes);
  }

  /**
   * Converts a float32 batch to what a model takes.
   *
   * @param scope owns the result
   * @param batch the batch
   * @param type one of the types that {@link #canConvert} names
   * @return the batch in that type
   */
  static OrtNDArray convert(NDManager scope, NDArray batch, ElementType type) {
    Shape shape = batch.getShape();
    if (type == ElementType.FLOAT16) {
      FloatBuffer values = FloatBuffer.wrap(batch.toFloatArray());
      ByteBuffer halves = scope.allocateDirect(values.remaining() * Short.BYTES);
      halves.asShortBuffer().put(Fp16Conversions.convertFloatBufferToFp16Buffer(values));
      return (OrtNDArray) scope.create(halves, shape, DataType.FLOAT16);
    }
    if (type == ElementType.FLOAT64) {
      float[] values = batch.toFloatArray();
      double[] doubles = new double[values.length];
      Arrays.setAll(doubles, i -> values[i]);
      return (OrtNDArray) scope.create(DoubleBuffer.wrap(doubles), shape, DataType.FLOAT64);
    }
    return (OrtNDArray) batch;
  }

  static boolean canConvert(ElementType type) {
    return type == ElementType.FLOAT32
        || type == ElementType.FLOAT16
        || type == ElementType.FLOAT64;
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
