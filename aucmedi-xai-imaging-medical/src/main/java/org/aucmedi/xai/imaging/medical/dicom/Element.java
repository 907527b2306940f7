package org.aucmedi.xai.imaging.medical.dicom;

import java.util.List;

/**
 * An element of a {@link DataSet}: a tag, a VR, and a value, nested items, or the fragments of
 * compressed pixel data.
 */
public sealed interface Element {

  /** {@return group and element number, such as 0x00280010} */
  int tag();

  /** {@return the type} */
  Vr vr();

  /**
   * An element with a value.
   *
   * @param tag group and element number
   * @param vr the type
   * @param bytes the value in little endian, whatever the file's order was; not a copy, and not to
   *     be changed
   */
  record Value(int tag, Vr vr, byte[] bytes) implements Element {}

  /**
   * A sequence of items.
   *
   * @param tag group and element number
   * @param items the items, in order
   */
  record Sequence(int tag, List<DataSet> items) implements Element {

    /** Copies the list. */
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public Vr vr() {
      return Vr.SQ;
    }
  }

  /**
   * Encapsulated pixel data (PS3.5 annex A.4).
   *
   * @param tag group and element number
   * @param vr the type
   * @param fragments the parts, in order; the first is the basic offset table, which may be empty
   */
  record Fragments(int tag, Vr vr, List<byte[]> fragments) implements Element {

    /** Copies the list, not the parts. */
    public Fragments {
      fragments = List.copyOf(fragments);
    }
  }
}
