package org.aucmedi.xai.imaging.medical.dicom;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The elements of each frame of an image. An enhanced multi-frame image keeps them in functional
 * groups, shared ones and ones of each frame (PS3.3 section C.7.6.16).
 */
final class FrameHeaders {

  private static final int[] GROUPS = {
    Tags.PLANE_POSITION_SEQUENCE,
    Tags.PLANE_ORIENTATION_SEQUENCE,
    Tags.PIXEL_MEASURES_SEQUENCE,
    Tags.PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
    Tags.FRAME_VOILUT_SEQUENCE
  };

  private FrameHeaders() {}

  /**
   * {@return for each frame the elements that the header of a single slice has}
   *
   * @param data the elements of the file
   * @param count the number of frames
   */
  static List<DataSet> of(DataSet data, int count) {
    DataSet shared = data.item(Tags.SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    List<DataSet> perFrame = data.items(Tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    if (perFrame.isEmpty() && shared.elements().isEmpty()) {
      return Collections.nCopies(count, data);
    }
    DataSet common = merged(data, shared);
    List<DataSet> headers = new ArrayList<>();
    for (int frame = 0; frame < count; frame++) {
      headers.add(frame < perFrame.size() ? merged(common, perFrame.get(frame)) : common);
    }
    return headers;
  }

  private static DataSet merged(DataSet header, DataSet groups) {
    DataSet.Builder merged = header.toBuilder();
    for (int group : GROUPS) {
      groups.item(group).elements().forEach(merged::put);
    }
    return merged.build();
  }
}
