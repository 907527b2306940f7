package org.aucmedi.xai.cli;

import java.util.Locale;

/**
 * Text from elsewhere, made fit for a line of output.
 *
 * <p>Names of files and layers and messages of engines are whatever somebody chose. Printed raw, a
 * line break in them forges a line of this program, and an escape sequence commands the terminal.
 */
public final class Printable {

  private Printable() {}

  /**
   * Replaces characters that end a line, control a terminal or turn the direction of writing by
   * their escapes, such as {@code \\n} and {@code \\u001b}.
   *
   * @param text any text, or any object for its text; null gives "null"
   * @return the same text, in one line
   */
  public static String of(Object text) {
    StringBuilder result = new StringBuilder();
    String.valueOf(text).codePoints().forEach(character -> append(result, character));
    return result.toString();
  }

  private static void append(StringBuilder result, int character) {
    switch (character) {
      case '\n' -> result.append("\\n");
      case '\r' -> result.append("\\r");
      case '\t' -> result.append("\\t");
      default -> {
        if (isUnfit(character)) {
          result.append(String.format(Locale.ROOT, "\\u%04x", character));
        } else {
          result.appendCodePoint(character);
        }
      }
    }
  }

  private static boolean isUnfit(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      case Character.FORMAT -> turnsDirection(character);
      default -> false;
    };
  }

  /** Unicode's Bidi_Control; other format characters join letters, as in Persian and in emoji. */
  private static boolean turnsDirection(int character) {
    return character == 0x061c
        || character == 0x200e
        || character == 0x200f
        || (character >= 0x202a && character <= 0x202e)
        || (character >= 0x2066 && character <= 0x2069);
  }
}
