package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.common.math.LongMath;
import io.jhdf.api.Dataset;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;

/** Reads the tensors of an HDF5 file. */
final class Datasets {

  /** How much smaller than its values compression can make a file. */
  private static final long MOST_COMPRESSION = 1100;

  private Datasets() {}

  /**
   * Reads a tensor as float32.
   *
   * @param file the file, for messages
   * @param fileSize its size in bytes
   * @throws XAIException if it is no tensor of numbers, or claims more than the file can hold
   */
  static Constant read(Path file, long fileSize, Dataset dataset) {
    long[] dimensions = dataset.getDimensionsAsLong();
    long size = Arrays.stream(dimensions).reduce(1, LongMath::saturatedMultiply);
    if (size < 0 || size / MOST_COMPRESSION > fileSize || size > Integer.MAX_VALUE / 4) {
      throw new XAIException(
          file
              + ": its "
              + dataset.getPath()
              + " claims "
              + Arrays.toString(dimensions)
              + " values, more than a file of "
              + fileSize
              + " bytes can hold; copy it again");
    }
    Shape shape = new Shape(dimensions);
    if (dataset.isScalar()) {
      return Constant.of(new float[] {((Number) dataset.getData()).floatValue()});
    }
    Object values = dataset.getDataFlat();
    if (values instanceof float[] floats) {
      return Constant.of(floats, dimensions);
    }
    if (values instanceof double[] doubles) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * doubles.length).order(ByteOrder.LITTLE_ENDIAN);
      for (double value : doubles) {
        bytes.putFloat((float) value);
      }
      return Constant.of(ElementType.FLOAT32, shape, bytes.flip());
    }
    if (values instanceof long[] || values instanceof int[] || values instanceof short[]) {
      float[] floats = new float[(int) size];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = ((Number) Array.get(values, i)).floatValue();
      }
      return Constant.of(floats, dimensions);
    }
    throw new XAIException(
        file
            + ": its "
            + dataset.getPath()
            + " holds "
            + dataset.getJavaType().getSimpleName()
            + ", not numbers");
  }
}
