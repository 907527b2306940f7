package org.aucmedi.xai.imaging;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * Lays out small TIFF files, tag by tag as TIFF 6.0 says. Every tag has one SHORT value, or one for
 * each of three or more samples.
 */
final class Tiff {

  static final int WHITE_IS_ZERO = 0;
  static final int BLACK_IS_ZERO = 1;
  static final int RGB = 2;
  static final int CMYK = 5;
  static final int UNSIGNED = 1;
  static final int SIGNED = 2;
  static final int FLOAT = 3;

  private static final int ENTRY = 12;
  private static final int SHORT = 3;

  int width = 2;
  int height = 1;
  int bits = 8;
  int samples = 1;
  int photometric = BLACK_IS_ZERO;
  int format = UNSIGNED;
  int pages = 1;
  boolean deflate;
  ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  /** Returns a file of these numbers, {@code bits} each. */
  byte[] of(long... numbers) {
    ByteBuffer pixels = ByteBuffer.allocate(numbers.length * bits / 8).order(order);
    for (long number : numbers) {
      switch (bits) {
        case 8 -> pixels.put((byte) number);
        case 16 -> pixels.putShort((short) number);
        default -> pixels.putInt((int) number);
      }
    }
    byte[] strip = deflate ? deflated(pixels.array()) : pixels.array();
    int stripAt = 8;
    int valuesAt = stripAt + strip.length + strip.length % 2;
    int[][] tags = {
      {256, width},
      {257, height},
      concat(258, filled(bits)),
      {259, deflate ? 8 : 1},
      {262, photometric},
      {273, stripAt},
      {277, samples},
      {278, height},
      {279, strip.length},
      concat(339, filled(format))
    };
    int directory = valuesAt + 2 * Short.BYTES * samples;
    int directorySize = 2 + tags.length * ENTRY + Integer.BYTES;
    ByteBuffer file = ByteBuffer.allocate(directory + pages * directorySize).order(order);
    file.put(order == ByteOrder.LITTLE_ENDIAN ? new byte[] {'I', 'I'} : new byte[] {'M', 'M'});
    file.putShort((short) 42).putInt(directory).put(strip).position(directory);
    for (int page = 1; page <= pages; page++) {
      int values = valuesAt;
      file.putShort((short) tags.length);
      for (int[] tag : tags) {
        int count = tag.length - 1;
        file.putShort((short) tag[0]).putShort((short) SHORT).putInt(count);
        if (count == 1) {
          file.putShort((short) tag[1]).putShort((short) 0);
        } else {
          file.putInt(values);
          for (int i = 0; i < count; i++, values += Short.BYTES) {
            file.putShort(values, (short) tag[1 + i]);
          }
        }
      }
      file.putInt(page == pages ? 0 : directory + page * directorySize);
    }
    return file.array();
  }

  private int[] filled(int value) {
    int[] values = new int[samples];
    Arrays.fill(values, value);
    return values;
  }

  private static int[] concat(int tag, int[] values) {
    int[] entry = new int[values.length + 1];
    entry[0] = tag;
    System.arraycopy(values, 0, entry, 1, values.length);
    return entry;
  }

  private static byte[] deflated(byte[] data) {
    Deflater deflater = new Deflater();
    deflater.setInput(data);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1024];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return out.toByteArray();
  }
}
