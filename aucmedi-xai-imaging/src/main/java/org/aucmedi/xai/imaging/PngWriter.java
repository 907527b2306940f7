package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Encodes the pictures that are drawn here as PNG (W3C, Portable Network Graphics). ImageIO's
 * writer does not filter rows, so that its files are up to twice as large and take three times as
 * long.
 */
final class PngWriter {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private static final int GREY = 0;
  private static final int RGB = 2;

  /** Each byte is stored as its difference from the one above: cheap, and good for maps. */
  private static final byte UP = 2;

  private PngWriter() {}

  /** Returns whether {@link #encode} takes a picture. */
  static boolean takes(BufferedImage picture) {
    return picture.getType() == BufferedImage.TYPE_BYTE_GRAY
        || picture.getType() == BufferedImage.TYPE_INT_RGB;
  }

  /**
   * Encodes a picture.
   *
   * @param picture of type {@link BufferedImage#TYPE_BYTE_GRAY} or {@link
   *     BufferedImage#TYPE_INT_RGB}
   * @param texts what to store beside it, by keyword, in their order
   * @param smaller whether to take time for a smaller file
   * @return the file's content
   * @throws IllegalArgumentException if the picture is of another type
   */
  static byte[] encode(BufferedImage picture, Map<String, String> texts, boolean smaller) {
    checkArgument(takes(picture), "a picture must be 8-bit grey or RGB, got %s", picture);
    boolean grey = picture.getType() == BufferedImage.TYPE_BYTE_GRAY;
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(picture.getWidth())
            .putInt(picture.getHeight())
            .put((byte) Byte.SIZE)
            .put((byte) (grey ? GREY : RGB))
            .array();
    chunk(file, "IHDR", header, header.length);
    texts.forEach(
        (keyword, text) -> {
          byte[] content = (keyword + '\0' + text).getBytes(StandardCharsets.ISO_8859_1);
          chunk(file, "tEXt", content, content.length);
        });
    deflate(file, filtered(picture, grey ? 1 : 3), smaller);
    chunk(file, "IEND", new byte[0], 0);
    return file.toByteArray();
  }

  /** The rows, each behind the number of its filter. */
  private static byte[] filtered(BufferedImage picture, int channels) {
    int width = picture.getWidth() * channels;
    byte[] rows = new byte[Math.multiplyExact(picture.getHeight(), width + 1)];
    byte[] above = new byte[width];
    byte[] row = new byte[width];
    int[] samples = new int[width];
    for (int y = 0, at = 0; y < picture.getHeight(); y++) {
      picture.getRaster().getPixels(0, y, picture.getWidth(), 1, samples);
      rows[at++] = UP;
      for (int i = 0; i < width; i++) {
        row[i] = (byte) samples[i];
        rows[at + i] = (byte) (row[i] - above[i]);
      }
      at += width;
      byte[] next = above;
      above = row;
      row = next;
    }
    return rows;
  }

  private static void deflate(ByteArrayOutputStream file, byte[] rows, boolean smaller) {
    Deflater deflater = new Deflater();
    // No search for repeated strings: filtered photographs have none, and it takes half of the
    // time. Maps have many.
    deflater.setStrategy(smaller ? Deflater.FILTERED : Deflater.HUFFMAN_ONLY);
    try {
      deflater.setInput(rows);
      deflater.finish();
      byte[] data = new byte[Math.max(1 << 10, rows.length / 2)];
      while (!deflater.finished()) {
        chunk(file, "IDAT", data, deflater.deflate(data));
      }
    } finally {
      deflater.end();
    }
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] content, int length) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(content, 0, length);
    file.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
    file.writeBytes(name);
    file.write(content, 0, length);
    file.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt((int) sum.getValue()).array());
  }
}
