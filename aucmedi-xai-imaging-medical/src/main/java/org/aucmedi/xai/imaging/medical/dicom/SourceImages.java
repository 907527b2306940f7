package org.aucmedi.xai.imaging.medical.dicom;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a derived image takes over from the DICOM files it was made from.
 *
 * @param headers their elements before the pixel data; empty if they are no DICOM files
 */
record SourceImages(ImmutableList<DataSet> headers) {

  private static final int LOOKED_AT = 512;

  /** {@return the headers of a file, or of the slices in a folder; none without a file} */
  static SourceImages of(@Nullable Path file) throws IOException {
    if (file == null) {
      return new SourceImages(ImmutableList.of());
    }
    if (!Files.isDirectory(file)) {
      return new SourceImages(
          isDicom(file)
              ? ImmutableList.of(DicomFile.readHeader(file).dataSet())
              : ImmutableList.of());
    }
    ImmutableList.Builder<DataSet> headers = ImmutableList.builder();
    try (Stream<Path> files = Files.list(file)) {
      for (Path slice : files.sorted().toList()) {
        if (isDicom(slice)) {
          headers.add(DicomFile.readHeader(slice).dataSet());
        }
      }
    }
    return new SourceImages(headers.build());
  }

  private static boolean isDicom(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return DicomFile.isDicom(in.readNBytes(LOOKED_AT));
    }
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
