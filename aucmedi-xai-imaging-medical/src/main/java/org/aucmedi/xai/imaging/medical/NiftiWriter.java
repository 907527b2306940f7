package org.aucmedi.xai.imaging.medical;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.VolumeWriter;

/**
 * Writes NIfTI-1 files, packed. The geometry is written as sform, and as qform too where the axes
 * are perpendicular, so that every viewer finds one.
 */
public final class NiftiWriter implements VolumeWriter {

  private static final int OFFSET = 352;
  private static final int DESCRIPTION = 148;
  private static final short FLOAT32 = 16;
  private static final byte MILLIMETRES = 2;

  /** The code of an anatomical position that a scanner gave. */
  private static final short SCANNER = 1;

  private static final double PERPENDICULAR = 1e-4;

  /** Constructs a writer. */
  public NiftiWriter() {}

  @Override
  public String extension() {
    return "nii.gz";
  }

  @Override
  public void write(ImageArray image, Origin origin, OutputStream out) throws IOException {
    GZIPOutputStream packed = new GZIPOutputStream(out, 1 << 16);
    packed.write(header(image));
    Samples.write(image.values(), ByteOrder.LITTLE_ENDIAN, packed);
    packed.finish();
  }

  @Override
  public boolean wrote(Path file) throws IOException {
    return Samples.startHas(file, OFFSET, Samples.MARK);
  }

  private static byte[] header(ImageArray image) {
    ByteBuffer header = ByteBuffer.allocate(OFFSET).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0, 348);
    int[] shape = image.spatialShape();
    header.putShort(40, (short) shape.length);
    for (int axis = 0; axis < 7; axis++) {
      int size = axis < shape.length ? shape[shape.length - 1 - axis] : 1;
      if (size > Short.MAX_VALUE) {
        throw new IllegalArgumentException(
            "NIfTI-1 has no room for an axis of " + size + "; write mha or nrrd");
      }
      header.putShort(42 + 2 * axis, (short) size);
    }
    header.putShort(70, FLOAT32);
    header.putShort(72, (short) Float.SIZE);
    header.putFloat(108, OFFSET);
    header.putFloat(112, 1);
    header.put(123, MILLIMETRES);
    putGeometry(header, Samples.geometry(image));
    header.put(DESCRIPTION, Samples.MARK.getBytes(StandardCharsets.US_ASCII));
    header.put(344, new byte[] {'n', '+', '1', 0});
    return header.array();
  }

  private static void putGeometry(ByteBuffer header, Geometry geometry) {
    double[] spacing = geometry.spacing();
    double[][] affine = geometry.rasAffine();
    header.putFloat(76, 1);
    for (int axis = 0; axis < 3; axis++) {
      header.putFloat(80 + 4 * axis, (float) spacing[axis]);
      header.putFloat(268 + 4 * axis, (float) affine[axis][3]);
    }
    header.putShort(254, SCANNER);
    double[][] rotation = new double[3][3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 4; column++) {
        header.putFloat(280 + 16 * row + 4 * column, (float) affine[row][column]);
        if (column < 3) {
          rotation[row][column] = affine[row][column] / spacing[column];
        }
      }
    }
    if (determinant(rotation) < 0) {
      header.putFloat(76, -1);
      for (double[] row : rotation) {
        row[2] = -row[2];
      }
    }
    if (isRotation(rotation)) {
      header.putShort(252, SCANNER);
      double[] quaternion = quaternion(rotation);
      for (int i = 0; i < 3; i++) {
        header.putFloat(256 + 4 * i, (float) quaternion[i]);
      }
    }
  }

  private static double determinant(double[][] m) {
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  }

  private static boolean isRotation(double[][] m) {
    for (int a = 0; a < 3; a++) {
      int b = (a + 1) % 3;
      if (Math.abs(m[0][a] * m[0][b] + m[1][a] * m[1][b] + m[2][a] * m[2][b]) > PERPENDICULAR) {
        return false;
      }
    }
    return true;
  }

  /** The last three parts of the unit quaternion of a rotation, whose first part is positive. */
  private static double[] quaternion(double[][] m) {
    double[] q = {
      1 + m[0][0] + m[1][1] + m[2][2],
      1 + m[0][0] - m[1][1] - m[2][2],
      1 - m[0][0] + m[1][1] - m[2][2],
      1 - m[0][0] - m[1][1] + m[2][2]
    };
    int largest = 0;
    for (int i = 0; i < 4; i++) {
      largest = q[i] > q[largest] ? i : largest;
    }
    double size = Math.sqrt(q[largest]) / 2;
    double[][] products = {
      {q[0], m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]},
      {m[2][1] - m[1][2], q[1], m[1][0] + m[0][1], m[0][2] + m[2][0]},
      {m[0][2] - m[2][0], m[1][0] + m[0][1], q[2], m[2][1] + m[1][2]},
      {m[1][0] - m[0][1], m[0][2] + m[2][0], m[2][1] + m[1][2], q[3]}
    };
    double sign = products[largest][0] < 0 ? -1 : 1;
    double[] result = new double[3];
    for (int i = 0; i < 3; i++) {
      result[i] = sign * products[largest][i + 1] / (4 * size);
    }
    return result;
  }
}
