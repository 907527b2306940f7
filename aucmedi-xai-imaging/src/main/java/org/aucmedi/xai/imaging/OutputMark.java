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
 * there. A GIF has the text as a comment before its first frame, an HTML page in its second line.
 */
final class OutputMark {

  static final String KEYWORD = "Software";
  static final String SOFTWARE = "AUCMEDI-XAI";

  /** The text in formats whose comments have no keyword. */
  static final String COMMENT = KEYWORD + ": " + SOFTWARE;

  /** The first lines of an HTML page. */
  static final String PAGE = "<!doctype html>\n<!-- " + COMMENT + " -->\n";

  /** The letters AXAI, bit by bit: a blank is 0, a tab 1. */
  static final String WHITE_SPACE = whiteSpace("AXAI");

  /** The marks lie near the start. */
  private static final int LOOKED_AT = 4096;

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int TEXT_CHUNK = 0x74455874;
  private static final int PIXELS_CHUNK = 0x49444154;
  private static final byte[] GIF = {'G', 'I', 'F', '8', '9', 'a'};
  private static final int GIF_HEADER = 13;
  private static final int GIF_EXTENSION = 0x21;
  private static final int GIF_COMMENT = 0xfe;
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
      if (isInPng(start)
          || isInNpy(start)
          || isInGif(start)
          || startsWith(start, PAGE.getBytes(StandardCharsets.US_ASCII))) {
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

  /** Looks through the extensions before the first frame. */
  private static boolean isInGif(byte[] start) {
    if (!startsWith(start, GIF) || start.length < GIF_HEADER) {
      return false;
    }
    int flags = start[GIF_HEADER - 3] & 0xff;
    int palette = (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    int at = GIF_HEADER + palette;
    while (at + 1 < start.length && start[at] == GIF_EXTENSION) {
      int label = start[at + 1] & 0xff;
      at += 2;
      StringBuilder text = new StringBuilder();
      for (int length; at < start.length && (length = start[at] & 0xff) > 0; at += 1 + length) {
        int end = Math.min(start.length, at + 1 + length);
        text.append(new String(start, at + 1, end - at - 1, StandardCharsets.ISO_8859_1));
      }
      if (label == GIF_COMMENT && text.toString().equals(COMMENT)) {
        return true;
      }
      at++;
    }
    return false;
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
