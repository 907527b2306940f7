package org.aucmedi.xai.viewer.niivue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.aucmedi.xai.report.RunVolumes.Grid;

/**
 * A volume as a compressed NIfTI-1 file of 8 bits, whose slope and intercept give the values.
 *
 * <p>The numbers of bytes are those of <a
 * href="https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h">nifti1.h</a>. The middle of the
 * volume is at (0, 0, 0).
 */
final class Nifti {

  private static final int HEADER = 348;
  private static final int DATA = 352;
  private static final short UNSIGNED_BYTES = 2;
  private static final byte MILLIMETRES = 2;
  private static final short ALIGNED = 2;
  private static final float MAX = 255;

  /** The ends of the axes of NIfTI's space. */
  private static final String[] LINES = {"LR", "PA", "IS"};

  private Nifti() {}

  /** {@return the content of a file .nii.gz} */
  static byte[] compressed(Grid grid) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(header(grid));
      out.write(grid.values());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] header(Grid grid) {
    ByteBuffer header = ByteBuffer.allocate(DATA).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0, HEADER);
    header.putShort(40, (short) 3);
    header.putFloat(76, 1);
    for (int axis = 0; axis < 3; axis++) {
      header.putShort(42 + 2 * axis, (short) size(grid, axis));
      header.putFloat(80 + 4 * axis, (float) spacing(grid, axis));
    }
    for (int dimension = 4; dimension < 8; dimension++) {
      header.putShort(40 + 2 * dimension, (short) 1);
    }
    header.putShort(70, UNSIGNED_BYTES);
    header.putShort(72, (short) Byte.SIZE);
    header.putFloat(108, DATA);
    // A slope of 0 would mean that there is none; such a map has one value.
    header.putFloat(112, grid.high() == grid.low() ? 1 : (grid.high() - grid.low()) / MAX);
    header.putFloat(116, grid.low());
    header.put(123, MILLIMETRES);
    header.putShort(254, ALIGNED);
    String axes = isClear(grid.axes()) ? grid.axes() : "RAS";
    for (int axis = 0; axis < 3; axis++) {
      char end = axes.charAt(axis);
      int line = line(end);
      double step = LINES[line].charAt(1) == end ? spacing(grid, axis) : -spacing(grid, axis);
      header.putFloat(280 + 16 * line + 4 * axis, (float) step);
      header.putFloat(280 + 16 * line + 12, (float) (-step * (size(grid, axis) - 1) / 2));
    }
    header.put(344, "n+1\0".getBytes(StandardCharsets.US_ASCII));
    return header.array();
  }

  /** Whether the letters name each of the three lines once. */
  static boolean isClear(String axes) {
    return axes.length() == 3 && axes.chars().map(end -> line((char) end)).distinct().count() == 3;
  }

  private static int line(char end) {
    for (int line = 0; line < LINES.length; line++) {
      if (LINES[line].indexOf(end) >= 0) {
        return line;
      }
    }
    throw new IllegalArgumentException("'" + end + "' is no end of an axis");
  }

  /** x is NIfTI's first axis and the grid's last. */
  private static int size(Grid grid, int axis) {
    return grid.size()[2 - axis];
  }

  private static double spacing(Grid grid, int axis) {
    return grid.spacing()[2 - axis];
  }
}
