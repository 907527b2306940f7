package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Joins the fragments of compressed pixel data to frames (PS3.5 annex A.4). */
final class FragmentedFrames {

  /** The bytes of an item before its content. */
  private static final int ITEM_HEAD = 8;

  private FragmentedFrames() {}

  /**
   * Joins fragments: one frame takes all; as many fragments as frames are the frames; else an
   * offset table tells, and without one where codestreams start.
   *
   * @param pixels the basic offset table and the fragments
   * @param data the other elements, which may have an extended offset table
   * @param count the number of frames
   * @return the frames
   * @throws IllegalArgumentException if they cannot be told apart
   */
  static List<byte[]> frames(Element.Fragments pixels, DataSet data, int count) {
    checkArgument(pixels.fragments().size() > 1, "its compressed pixel data is empty");
    byte[] table = pixels.fragments().get(0);
    List<byte[]> fragments = pixels.fragments().subList(1, pixels.fragments().size());
    if (count == 1) {
      return List.of(joined(fragments));
    }
    if (fragments.size() == count) {
      return fragments;
    }
    checkArgument(
        fragments.size() > count,
        "its %s frames have only %s fragments; the file was cut short",
        count,
        fragments.size());
    List<Integer> starts =
        starts(fragments, offsets(table, data.bytes(Tags.EXTENDED_OFFSET_TABLE)));
    checkArgument(
        starts.size() == count,
        "its compressed pixel data has %s frames, but its header claims %s",
        starts.size(),
        count);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int end = i + 1 < count ? starts.get(i + 1) : fragments.size();
      frames.add(joined(fragments.subList(starts.get(i), end)));
    }
    return frames;
  }

  /** Where frames start, in bytes after the offset table; empty if no table tells. */
  private static List<Long> offsets(byte[] basic, byte[] extended) {
    List<Long> offsets = new ArrayList<>();
    int size = extended.length > 0 ? Long.BYTES : Integer.BYTES;
    ByteBuffer table =
        ByteBuffer.wrap(extended.length > 0 ? extended : basic).order(ByteOrder.LITTLE_ENDIAN);
    while (table.remaining() >= size) {
      offsets.add(size == Long.BYTES ? table.getLong() : table.getInt() & 0xffffffffL);
    }
    return offsets;
  }

  /** The first fragment of each frame. */
  private static List<Integer> starts(List<byte[]> fragments, List<Long> offsets) {
    List<Integer> starts = new ArrayList<>();
    long offset = 0;
    for (int i = 0; i < fragments.size(); i++) {
      boolean isStart =
          offsets.isEmpty()
              ? Codestream.isStart(fragments.get(i))
              : starts.size() < offsets.size() && offsets.get(starts.size()) == offset;
      if (isStart) {
        starts.add(i);
      }
      offset += ITEM_HEAD + fragments.get(i).length;
    }
    checkArgument(
        starts.isEmpty() || starts.get(0) == 0, "its first frame does not start at its start");
    return starts;
  }

  private static byte[] joined(List<byte[]> fragments) {
    return fragments.size() == 1
        ? fragments.get(0)
        : Bytes.concat(fragments.toArray(byte[][]::new));
  }
}
