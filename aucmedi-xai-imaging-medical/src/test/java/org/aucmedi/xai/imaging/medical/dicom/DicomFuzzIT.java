package org.aucmedi.xai.imaging.medical.dicom;

import java.io.IOException;
import java.nio.file.Path;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged copies of real DICOM files, as in {@link DicomFuzzTest}. */
final class DicomFuzzIT {

  @TempDir private Path folder;

  @Test
  void read_mutatedGoldenFiles_areReadOrRefused() throws IOException {
    DicomFuzzTest.fuzz(Golden.file("medical/dicom"), folder);
  }
}
