package org.aucmedi.xai.imaging.medical.dicom;

import com.google.common.collect.ImmutableList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a derived image takes over from the DICOM files it was made from.
 *
 * @param headers their elements before the pixel data; empty if they are no DICOM files
 */
record SourceImages(ImmutableList<DataSet> headers) {

  /**
   * {@return the headers of a file, or of the slices in a folder; none without a file}
   *
   * @throws org.aucmedi.xai.imaging.UnreadableImageException if a file cannot be read
   */
  static SourceImages of(@Nullable Path file) {
    if (file == null) {
      return new SourceImages(ImmutableList.of());
    }
    List<Path> files = Files.isDirectory(file) ? DicomSeries.files(file) : List.of(file);
    return new SourceImages(
        files.stream()
            .filter(DicomSeries::isDicom)
            .map(slice -> DicomFile.readHeader(slice).dataSet())
            .filter(header -> header.contains(Tags.ROWS))
            .collect(ImmutableList.toImmutableList()));
  }

  /** {@return the first file's elements, or none} */
  DataSet first() {
    return headers.isEmpty() ? DataSet.EMPTY : headers.get(0);
  }

  /** {@return references to all files, with their class and instance (PS3.3 table 10-11)} */
  List<DataSet> references() {
    return headers.stream()
        .filter(header -> header.contains(Tags.SOP_CLASS_UID))
        .map(
            header ->
                DataSet.builder()
                    .put(
                        Tags.REFERENCED_SOP_CLASS_UID, header.string(Tags.SOP_CLASS_UID).orElse(""))
                    .put(
                        Tags.REFERENCED_SOP_INSTANCE_UID,
                        header.string(Tags.SOP_INSTANCE_UID).orElse(""))
                    .build())
        .toList();
  }
}
