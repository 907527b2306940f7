package org.aucmedi.xai.imaging.medical;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.aucmedi.xai.array.Geometry;

/**
 * The header of a NIfTI file: 348 bytes in version 1, 540 in version 2.
 *
 * @param order the byte order of the whole file
 * @param size the size of the header in bytes
 * @param isPair whether the values are in another file
 * @param offset where they start
 * @param dimensions x, y, z, time and the components of a vector; at least two
 * @param type how a number is stored
 * @param interleaved whether the channels are stored side by side, as colours
 * @param slope what each number is multiplied by
 * @param intercept what is added then
 * @param geometry where the voxels lie
 */
record NiftiHeader(
    ByteOrder order,
    int size,
    boolean isPair,
    long offset,
    long[] dimensions,
    NumberType type,
    boolean interleaved,
    double slope,
    double intercept,
    Geometry geometry) {

  private static final int SIZE_1 = 348;
  private static final int SIZE_2 = 540;
  private static final int MOST_DIMENSIONS = 7;

  /** Extensions lie between header and values. */
  private static final long LARGEST_OFFSET = 64L << 20;

  private static final int CODE_RGB = 128;
  private static final int CODE_RGBA = 2304;

  /** Where version 1 and version 2 have the same fields. */
  private enum Field {
    DIM(40, 16),
    DATATYPE(70, 12),
    PIXDIM(76, 104),
    VOX_OFFSET(108, 168),
    SLOPE(112, 176),
    INTERCEPT(116, 184),
    QFORM_CODE(252, 344),
    SFORM_CODE(254, 348),
    QUATERN(256, 352),
    QOFFSET(268, 376),
    SROW(280, 400);

    private final int version1;
    private final int version2;

    Field(int version1, int version2) {
      this.version1 = version1;
      this.version2 = version2;
    }
  }

  /** Reads the fields of either version. */
  private record Fields(ByteBuffer bytes, boolean second) {

    private int at(Field field, int index, int size1, int size2) {
      return second ? field.version2 + index * size2 : field.version1 + index * size1;
    }

    /** A real number: 32 bits in version 1, 64 in version 2. */
    double real(Field field, int index) {
      int position = at(field, index, Float.BYTES, Double.BYTES);
      return second ? bytes.getDouble(position) : bytes.getFloat(position);
    }

    /** A size: 16 bits in version 1, 64 in version 2. */
    long size(Field field, int index) {
      int position = at(field, index, Short.BYTES, Long.BYTES);
      return second ? bytes.getLong(position) : bytes.getShort(position);
    }

    /** A code: 16 bits in version 1; 16 or 32 in version 2. */
    int code(Field field) {
      int position = at(field, 0, 0, 0);
      return second && field != Field.DATATYPE ? bytes.getInt(position) : bytes.getShort(position);
    }
  }

  /** Whether a file starts as NIfTI does. */
  static boolean isNifti(byte[] start) {
    return start.length >= SIZE_1
        && (hasMagic(start, 344, "n+1", "ni1") || hasMagic(start, 4, "n+2", "ni2"));
  }

  private static boolean hasMagic(byte[] bytes, int position, String... magics) {
    return Arrays.stream(magics)
        .anyMatch(
            magic ->
                bytes[position] == magic.charAt(0)
                    && bytes[position + 1] == magic.charAt(1)
                    && bytes[position + 2] == magic.charAt(2)
                    && bytes[position + 3] == 0);
  }

  /**
   * Reads a header.
   *
   * @throws IOException if the stream ends early
   * @throws IllegalArgumentException if it is not one; the message says why
   */
  static NiftiHeader read(InputStream in) throws IOException {
    byte[] bytes = new byte[SIZE_2];
    if (in.readNBytes(bytes, 0, SIZE_1) < SIZE_1) {
      throw new EOFException();
    }
    checkArgument(
        isNifti(bytes), "it has no NIfTI header; ANALYZE files have to be converted to NIfTI");
    boolean second = hasMagic(bytes, 4, "n+2", "ni2");
    if (second && in.readNBytes(bytes, SIZE_1, SIZE_2 - SIZE_1) < SIZE_2 - SIZE_1) {
      throw new EOFException();
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int size = second ? SIZE_2 : SIZE_1;
    ByteOrder order = buffer.getInt(0) == size ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    buffer.order(order);
    checkArgument(buffer.getInt(0) == size, "its header claims to have %s bytes", buffer.getInt(0));
    return parse(new Fields(buffer, second), order, size, bytes[second ? 5 : 345] == 'i');
  }

  private static NiftiHeader parse(Fields fields, ByteOrder order, int size, boolean pair) {
    long rank = fields.size(Field.DIM, 0);
    checkArgument(
        rank >= 2 && rank <= MOST_DIMENSIONS, "its header claims to have %s dimensions", rank);
    long[] dimensions = new long[(int) rank];
    for (int axis = 0; axis < rank; axis++) {
      dimensions[axis] = fields.size(Field.DIM, axis + 1);
      checkArgument(dimensions[axis] >= 1, "its header claims a dimension of %s", dimensions[axis]);
    }
    long offset =
        fields.second()
            ? fields.bytes().getLong(Field.VOX_OFFSET.version2)
            : (long) fields.real(Field.VOX_OFFSET, 0);
    checkArgument(
        offset >= (pair ? 0 : size) && offset <= LARGEST_OFFSET,
        "its header claims that the values start at byte %s",
        offset);
    int code = fields.code(Field.DATATYPE);
    double slope = fields.real(Field.SLOPE, 0);
    double intercept = fields.real(Field.INTERCEPT, 0);
    // A slope of zero means that there is none.
    boolean scaled = slope != 0 && Double.isFinite(slope) && Double.isFinite(intercept);
    return new NiftiHeader(
        order,
        size,
        pair,
        offset,
        withColours(dimensions, code),
        type(code),
        code == CODE_RGB || code == CODE_RGBA,
        scaled ? slope : 1,
        scaled ? intercept : 0,
        Geometry.ofRasAffine(affine(fields, dimensions)));
  }

  private static NumberType type(int code) {
    return switch (code) {
      case 2, CODE_RGB, CODE_RGBA -> NumberType.UINT8;
      case 4 -> NumberType.INT16;
      case 8 -> NumberType.INT32;
      case 16 -> NumberType.FLOAT32;
      case 64 -> NumberType.FLOAT64;
      case 256 -> NumberType.INT8;
      case 512 -> NumberType.UINT16;
      case 768 -> NumberType.UINT32;
      case 1024 -> NumberType.INT64;
      case 1280 -> NumberType.UINT64;
      default ->
          throw new IllegalArgumentException(
              "its numbers have NIfTI's type "
                  + code
                  + (code == 32 || code == 1792 ? " (complex)" : "")
                  + ", which is not supported; convert it to float32");
    };
  }

  /** Colours are the components of a vector. */
  private static long[] withColours(long[] dimensions, int code) {
    if (code != CODE_RGB && code != CODE_RGBA) {
      return dimensions;
    }
    checkArgument(dimensions.length <= 4, "its colours have more than three axes");
    long[] all = {1, 1, 1, 1, code == CODE_RGB ? 3 : 4};
    System.arraycopy(dimensions, 0, all, 0, dimensions.length);
    return all;
  }

  /**
   * The transformation of voxels to millimetres, RAS: the sform if there is one, else the qform,
   * else the voxels' sizes around the middle of the image, with x to the left, as nibabel has it.
   */
  private static double[][] affine(Fields fields, long[] dimensions) {
    double[] sizes = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      double size = Math.abs(fields.real(Field.PIXDIM, axis + 1));
      // Two-dimensional images often leave the third size out.
      sizes[axis] = size > 0 && Double.isFinite(size) ? size : 1;
    }
    double[][] affine = new double[3][4];
    if (fields.code(Field.SFORM_CODE) > 0) {
      for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 4; column++) {
          affine[row][column] = fields.real(Field.SROW, row * 4 + column);
        }
      }
    } else if (fields.code(Field.QFORM_CODE) > 0) {
      double[][] rotation = rotation(fields);
      double handedness = fields.real(Field.PIXDIM, 0) < 0 ? -1 : 1;
      for (int row = 0; row < 3; row++) {
        affine[row][0] = rotation[row][0] * sizes[0];
        affine[row][1] = rotation[row][1] * sizes[1];
        affine[row][2] = rotation[row][2] * sizes[2] * handedness;
        affine[row][3] = fields.real(Field.QOFFSET, row);
      }
    } else {
      for (int axis = 0; axis < 3; axis++) {
        affine[axis][axis] = axis == 0 ? -sizes[axis] : sizes[axis];
        long size = axis < dimensions.length ? dimensions[axis] : 1;
        affine[axis][3] = -affine[axis][axis] * (size - 1) / 2;
      }
    }
    return affine;
  }

  /** The rotation of the unit quaternion (a, b, c, d), of which b, c and d are stored. */
  private static double[][] rotation(Fields fields) {
    double b = fields.real(Field.QUATERN, 0);
    double c = fields.real(Field.QUATERN, 1);
    double d = fields.real(Field.QUATERN, 2);
    double a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
    return new double[][] {
      {a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
      {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
      {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c}
    };
  }

  /** The number of channels: the components of a vector. */
  int channels() {
    return dimensions.length >= 5 ? (int) Math.min(dimensions[4], Integer.MAX_VALUE) : 1;
  }

  /** The shape of the image, (rows, columns) or (slices, rows, columns). */
  int[] spatialShape() {
    return VolumeReader.spatialShape(Arrays.copyOf(dimensions, Math.min(dimensions.length, 3)));
  }

  /**
   * Chooses a volume.
   *
   * @throws IllegalArgumentException if there are several and none is chosen, or there is no such
   */
  int volume(VolumeReader.Request request) {
    for (int axis = 5; axis < dimensions.length; axis++) {
      checkArgument(
          dimensions[axis] == 1,
          "it has %s entries along its %s axis, which is not supported; save one of them as a file of"
              + " its own",
          dimensions[axis],
          axis == 5 ? "sixth" : "seventh");
    }
    return request.choose(volumes(), "fourth");
  }

  /** The number of volumes: the fourth axis, which is time. */
  long volumes() {
    return dimensions.length >= 4 ? dimensions[3] : 1;
  }

  /**
   * The number of values of one volume and channel.
   *
   * @throws IllegalArgumentException if all channels have more than the limit
   */
  int positions(long limit) {
    long[] space = Arrays.copyOf(dimensions, Math.min(dimensions.length, 3));
    return VolumeReader.count(limit / channels(), space);
  }
}
