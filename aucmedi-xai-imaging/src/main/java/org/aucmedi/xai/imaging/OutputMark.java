package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The mark inside every map that this program writes, by which a later run knows it from a user's
 * file; copies keep it.
 *
 * <p>A PNG has the text {@code Software: AUCMEDI-XAI} before its pixels. The header of an npy file
 * is padded with a pattern of blanks and tabs, since many readers take nothing but white space
 * there.
 */
final class OutputMark {

  static final String KEYWORD = "Software";
  static final String SOFTWARE = "AUCMEDI-XAI";

  /** The letters AXAI, bit by bit: a blank is 0, a tab 1. */
  static final String WHITE_SPACE = whiteSpace("AXAI");

  /** Both marks lie near the start. */
  private static final int LOOKED_AT = 4096;

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int TEXT_CHUNK = 0x74455874;
  private static final int PIXELS_CHUNK = 0x49444154;
  private static final byte[] NPY = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int NPY_DICTIONARY = 10;

  private OutputMark() {}

  /** Whether this program wrote a file; a link or a file that cannot be read is not its own. */
  static boolean isIn(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(LOOKED_AT);
      if (isInPng(start) || isInNpy(start)) {
        return true;
      }
      VolumeWriter writer = VolumeWriters.of(file);
      return writer != null && writer.wrote(file);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isInPng(byte[] start) {
    if (!startsWith(start, PNG)) {
      return false;
    }
    byte[] text = (KEYWORD + "\0" + SOFTWARE).getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer chunks = ByteBuffer.wrap(start).position(PNG.length);
    while (chunks.remaining() >= 8) {
      int length = chunks.getInt();
      int type = chunks.getInt();
      if (type == PIXELS_CHUNK || length < 0 || length > chunks.remaining() - 4) {
        return false;
      }
      int from = chunks.position();
      if (type == TEXT_CHUNK && Arrays.equals(start, from, from + length, text, 0, text.length)) {
        return true;
      }
      chunks.position(from + length + 4);
    }
    return false;
  }

  private static boolean isInNpy(byte[] start) {
    if (!startsWith(start, NPY) || start.length < NPY_DICTIONARY) {
      return false;
    }
    String text =
        new String(
            start, NPY_DICTIONARY, start.length - NPY_DICTIONARY, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\n');
    return end >= 0 && text.substring(0, end).endsWith(WHITE_SPACE);
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static String whiteSpace(String letters) {
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < letters.length(); i++) {
      for (int bit = 7; bit >= 0; bit--) {
        bits.append((letters.charAt(i) >> bit & 1) == 0 ? ' ' : '\t');
      }
    }
    return bits.toString();
  }
}
