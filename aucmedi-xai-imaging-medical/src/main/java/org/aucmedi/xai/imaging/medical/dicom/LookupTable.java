package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A table that gives a value for each stored value (PS3.3 sections C.7.6.3.1.5 and C.11.1). Values
 * before and after the table get its first and last entry.
 */
final class LookupTable {

  private static final int MOST_ENTRIES = 1 << 16;

  private final int first;
  private final int bits;
  private final int[] entries;

  private LookupTable(int first, int bits, int[] entries) {
    this.first = first;
    this.bits = bits;
    this.entries = entries;
  }

  /**
   * Reads a table.
   *
   * @param data has the elements
   * @param descriptor the tag of three numbers: entries, first stored value, bits of an entry
   * @param table the tag of the entries
   * @param signed whether stored values are signed, and so the first one
   * @throws IllegalArgumentException if a part is missing or too short
   */
  static LookupTable of(DataSet data, int descriptor, int table, boolean signed) {
    int[] numbers = descriptor(data, descriptor);
    return new LookupTable(
        first(numbers, signed), numbers[2], entries(data.bytes(table), numbers, table));
  }

  /**
   * Reads a table of colours in segments (PS3.3 section C.7.9.2).
   *
   * @param table the tag of the segments
   * @throws IllegalArgumentException if a part is missing or damaged
   */
  static LookupTable ofSegments(DataSet data, int descriptor, int table, boolean signed) {
    int[] numbers = descriptor(data, descriptor);
    int size = numbers[2] > Byte.SIZE ? 2 : 1;
    byte[] bytes = data.bytes(table);
    int[] words = words(bytes, size, bytes.length / size);
    return new LookupTable(
        first(numbers, signed),
        numbers[2],
        new PaletteSegments(words, size).expanded(count(numbers)));
  }

  private static int[] descriptor(DataSet data, int tag) {
    byte[] bytes = data.bytes(tag);
    checkArgument(bytes.length >= 6, "its %s is missing or short", Tags.name(tag));
    int[] numbers = words(bytes, 2, 3);
    checkArgument(
        numbers[2] >= 1 && numbers[2] <= Short.SIZE,
        "its %s claims entries of %s bits",
        Tags.name(tag),
        numbers[2]);
    return numbers;
  }

  private static int first(int[] descriptor, boolean signed) {
    return signed ? (short) descriptor[1] : descriptor[1];
  }

  /** A table of 65536 entries says 0. */
  private static int count(int[] descriptor) {
    return descriptor[0] == 0 ? MOST_ENTRIES : descriptor[0];
  }

  private static int[] entries(byte[] bytes, int[] descriptor, int tag) {
    int count = count(descriptor);
    // Entries of 8 bits are bytes, or words of their own.
    int size = bytes.length >= 2 * count ? 2 : 1;
    checkArgument(
        bytes.length >= count && (size == 2 || descriptor[2] <= Byte.SIZE),
        "its %s has %s bytes, too few for %s entries",
        Tags.name(tag),
        bytes.length,
        count);
    return words(bytes, size, count);
  }

  private static int[] words(byte[] bytes, int size, int count) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int[] words = new int[count];
    for (int i = 0; i < count; i++) {
      words[i] = size == 2 ? buffer.getShort(2 * i) & 0xffff : buffer.get(i) & 0xff;
    }
    return words;
  }

  /** {@return the entry of a stored value} */
  int get(double stored) {
    return entries[(int) Math.max(0, Math.min(entries.length - 1, stored - first))];
  }

  /** {@return the number of bits of an entry} */
  int bits() {
    return bits;
  }

  /** {@return the largest entry} */
  int max() {
    int max = 0;
    for (int entry : entries) {
      max = Math.max(max, entry);
    }
    return max;
  }

  /** {@return the smallest entry} */
  int min() {
    int min = Integer.MAX_VALUE;
    for (int entry : entries) {
      min = Math.min(min, entry);
    }
    return min;
  }
}
