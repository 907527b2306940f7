package org.aucmedi.xai.imaging.medical.dicom;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The types and names of the tags in {@link Tags}, from PS3.6. Files without types ("implicit VR")
 * are read with it.
 */
final class Dictionary {

  private static final ImmutableMap<Integer, Entry> ENTRIES = load();

  private Dictionary() {}

  private record Entry(Vr vr, String keyword) {}

  /**
   * {@return the type of a tag; UN if it is not among {@link Tags}} Where the standard leaves US or
   * SS open it is US, and OW for OB or OW.
   */
  static Vr vr(int tag) {
    Entry entry = ENTRIES.get(tag);
    if (entry != null) {
      return entry.vr();
    }
    int number = tag & 0xffff;
    if (number == 0) {
      return Vr.UL;
    }
    boolean privateCreator = (tag >>> 16) % 2 == 1 && number >= 0x10 && number <= 0xff;
    return privateCreator ? Vr.LO : Vr.UN;
  }

  /** {@return the name of a tag, empty if it is not among {@link Tags}} */
  static String keyword(int tag) {
    Entry entry = ENTRIES.get(tag);
    return entry == null ? "" : entry.keyword();
  }

  private static ImmutableMap<Integer, Entry> load() {
    try {
      ImmutableMap.Builder<Integer, Entry> entries = ImmutableMap.builder();
      for (String line :
          Resources.readLines(
              Dictionary.class.getResource("dictionary.txt"), StandardCharsets.US_ASCII)) {
        List<String> words = Splitter.on(' ').splitToList(line);
        entries.put(
            Integer.parseUnsignedInt(words.get(0), 16),
            new Entry(Vr.valueOf(words.get(1)), words.get(2)));
      }
      return entries.buildOrThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
