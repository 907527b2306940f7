package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

/** Expands a palette that is stored in segments (PS3.3 section C.7.9.2). */
final class PaletteSegments {

  private static final int DISCRETE = 0;
  private static final int LINEAR = 1;
  private static final int INDIRECT = 2;

  private final int[] words;
  private final int size;
  private int at;
  private int filled;

  /**
   * Takes segments.
   *
   * @param words the numbers of which they consist
   * @param size the bytes of a number, 1 or 2
   */
  PaletteSegments(int[] words, int size) {
    this.words = words;
    this.size = size;
  }

  /**
   * {@return the entries}
   *
   * @throws IllegalArgumentException if there are more or fewer
   */
  int[] expanded(int count) {
    int[] entries = new int[count];
    // What is left may be a byte of padding.
    while (filled < count) {
      int kind = next();
      if (kind == INDIRECT) {
        int segments = next();
        int start = 0;
        for (int bits = 0; bits < Integer.SIZE; bits += size * Byte.SIZE) {
          start |= next() << bits;
        }
        int back = at;
        // It is told in bytes.
        at = start / size;
        for (int i = 0; i < segments; i++) {
          int inner = next();
          checkArgument(inner != INDIRECT, "its palette refers to references; it is damaged");
          expand(inner, entries);
        }
        at = back;
      } else {
        expand(kind, entries);
      }
    }
    return entries;
  }

  private void expand(int kind, int[] entries) {
    checkArgument(
        kind == DISCRETE || (kind == LINEAR && filled > 0),
        "its palette has a segment of kind %s",
        kind);
    int length = next();
    checkArgument(filled + length <= entries.length, "its palette has too many entries");
    if (kind == DISCRETE) {
      for (int i = 0; i < length; i++) {
        entries[filled++] = next();
      }
      return;
    }
    double from = entries[filled - 1];
    int to = next();
    for (int i = 1; i <= length; i++) {
      entries[filled++] = (int) Math.rint(from + (to - from) * i / length);
    }
  }

  private int next() {
    checkArgument(at >= 0 && at < words.length, "its palette ends early; it is damaged");
    return words[at++];
  }
}
