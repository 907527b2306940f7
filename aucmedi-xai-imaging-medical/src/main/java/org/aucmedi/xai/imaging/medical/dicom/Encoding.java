package org.aucmedi.xai.imaging.medical.dicom;

import org.jspecify.annotations.Nullable;

/**
 * How elements are written.
 *
 * @param explicit whether the VR stands in the file
 * @param bigEndian whether the most significant byte comes first
 */
record Encoding(boolean explicit, boolean bigEndian) {

  static final Encoding IMPLICIT_LITTLE = new Encoding(false, false);
  static final Encoding EXPLICIT_LITTLE = new Encoding(true, false);
  static final Encoding EXPLICIT_BIG = new Encoding(true, true);

  private static final int LAST_FIRST_ELEMENT = 0x20;
  private static final int LONGEST_FIRST_VALUE = 256;

  /** Finds out the encoding from the first eight bytes of a data set, whatever the header says. */
  static Encoding guess(byte[] start) {
    if (start.length < 8 || !isVr(start[4], start[5])) {
      return IMPLICIT_LITTLE;
    }
    // No file starts with a group above 00ff.
    return start[0] == 0 && start[1] != 0 ? EXPLICIT_BIG : EXPLICIT_LITTLE;
  }

  /** Whether a file without the DICM mark starts with an element of group 2 or 8. */
  static boolean isFirstElement(byte[] start) {
    if (start.length < 8) {
      return false;
    }
    Encoding encoding = guess(start);
    int group = encoding.number(start, 0);
    int element = encoding.number(start, 2);
    if ((group != 2 && group != 8) || element > LAST_FIRST_ELEMENT) {
      return false;
    }
    int length = encoding.number(start, 4) | encoding.number(start, 6) << 16;
    return encoding.explicit() || (length >= 0 && length <= LONGEST_FIRST_VALUE);
  }

  private int number(byte[] bytes, int at) {
    int first = bytes[at] & 0xff;
    int second = bytes[at + 1] & 0xff;
    return bigEndian ? first << 8 | second : second << 8 | first;
  }

  /** Whether two bytes name a VR. */
  static boolean isVr(int first, int second) {
    return vr(first, second) != null;
  }

  /** The VR that two bytes name, null if they name none. */
  static @Nullable Vr vr(int first, int second) {
    for (Vr vr : Vr.values()) {
      if (vr.name().charAt(0) == first && vr.name().charAt(1) == second) {
        return vr;
      }
    }
    return null;
  }
}
