package org.aucmedi.xai.imaging.medical.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.VolumeWriter.Origin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DicomWriterTest {

  private static final String CT = "1.2.840.10008.5.1.4.1.1.2";

  private static final Geometry OBLIQUE =
      Geometry.of(
          new double[] {0.5, 0.75, 2.5},
          new double[] {-10, 20.25, 300},
          new double[][] {{1, 0, 0}, {0, 0.8, -0.6}, {0, 0.6, 0.8}});

  @TempDir private Path folder;

  private Path source;
  private final DicomWriter writer =
      new DicomWriter(Clock.fixed(Instant.parse("2026-11-27T10:11:12Z"), ZoneOffset.UTC));

  @BeforeEach
  void writeSource() throws IOException {
    source = folder.resolve("source.dcm");
    try (OutputStream out = Files.newOutputStream(source)) {
      DicomEncoder.write(slice("1.2.3.4", 1), out);
    }
  }

  private static DataSet slice(String instance, int number) {
    return DataSet.builder()
        .put(Tags.SPECIFIC_CHARACTER_SET, "ISO_IR 100")
        .put(Tags.SOP_CLASS_UID, CT)
        .put(Tags.SOP_INSTANCE_UID, instance)
        .put(Tags.STUDY_INSTANCE_UID, "1.2.3")
        .put(Tags.SERIES_INSTANCE_UID, "1.2.3.1")
        .put(Tags.FRAME_OF_REFERENCE_UID, "1.2.3.2")
        .put(Tags.PATIENT_NAME, Vr.PN, "M\u00fcller^Ev".getBytes(StandardCharsets.ISO_8859_1))
        .put(Tags.PATIENT_ID, "4711")
        .put(Tags.STUDY_DATE, "20200102")
        .putNumbers(Tags.INSTANCE_NUMBER, number)
        .putNumbers(Tags.ROWS, 4)
        .build();
  }

  private static ImageArray image(int channels, int... shape) {
    int size = channels * Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = channels == 1 ? (float) i / size : i % 256;
    }
    return ImageArray.wrap(shape, channels, values, SampleType.FLOAT).withGeometry(OBLIQUE);
  }

  private Path write(ImageArray image, Path from, String description) throws IOException {
    Path file = Files.createTempFile(folder, "map", ".dcm");
    try (OutputStream out = Files.newOutputStream(file)) {
      writer.write(image, new Origin("sample", from, "Grad-CAM", description, "1.0"), out);
    }
    return file;
  }

  @Test
  void mapKeepsNumbersAndPlaces() throws IOException {
    ImageArray map = image(1, 3, 4, 5);
    DataSet written = DicomFile.read(write(map, source, "class 1")).dataSet();
    float[] values = new float[60];
    ByteBuffer.wrap(written.bytes(Tags.FLOAT_PIXEL_DATA))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    assertThat(values).isEqualTo(map.values());
    DataSet shared = written.item(Tags.SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    assertThat(shared.item(Tags.PIXEL_MEASURES_SEQUENCE).numbers(Tags.PIXEL_SPACING))
        .containsExactly(0.75, 0.5);
    assertThat(shared.item(Tags.PLANE_ORIENTATION_SEQUENCE).numbers(Tags.IMAGE_ORIENTATION_PATIENT))
        .containsExactly(1, 0, 0, 0, 0.8, 0.6);
    // The origin and two steps of 2.5 mm along (0, -0.6, 0.8).
    assertThat(
            written
                .items(Tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                .get(2)
                .item(Tags.PLANE_POSITION_SEQUENCE)
                .numbers(Tags.IMAGE_POSITION_PATIENT))
        .containsExactly(-10, 17.25, 304);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void patientAndStudyStayAndTheSeriesIsNew(int channels) throws IOException {
    DataSet written = DicomFile.read(write(image(channels, 4, 6), source, "class 1")).dataSet();
    assertThat(written.string(Tags.PATIENT_NAME)).hasValue("M\u00fcller^Ev");
    assertThat(written.string(Tags.PATIENT_ID)).hasValue("4711");
    assertThat(written.string(Tags.STUDY_INSTANCE_UID)).hasValue("1.2.3");
    assertThat(written.string(Tags.FRAME_OF_REFERENCE_UID)).hasValue("1.2.3.2");
    assertThat(written.string(Tags.SERIES_INSTANCE_UID).orElseThrow())
        .startsWith("2.25.")
        .hasSizeLessThanOrEqualTo(64);
    assertThat(written.string(Tags.CONTENT_TIME)).hasValue("101112");
  }

  @Test
  void overlayHoldsTheColoursOfEachSlice() throws IOException {
    DataSet written = DicomFile.read(write(image(3, 2, 3, 5), source, "class 1")).dataSet();
    byte[] pixels = written.bytes(Tags.PIXEL_DATA);
    assertThat(written.integer(Tags.NUMBER_OF_FRAMES)).hasValue(2);
    assertThat(pixels).hasSize(90);
    for (int i = 0; i < 90; i++) {
      assertThat(pixels[i]).isEqualTo((byte) i);
    }
  }

  @Test
  void uidsRepeatForTheSameMapOnly() throws IOException {
    DataSet first = DicomFile.read(write(image(1, 4, 6), source, "class 1")).dataSet();
    DataSet again = DicomFile.read(write(image(1, 4, 6), source, "class 1")).dataSet();
    DataSet other = DicomFile.read(write(image(1, 4, 6), source, "class 2")).dataSet();
    assertThat(again.string(Tags.SOP_INSTANCE_UID)).isEqualTo(first.string(Tags.SOP_INSTANCE_UID));
    assertThat(other.string(Tags.SOP_INSTANCE_UID))
        .isNotEqualTo(first.string(Tags.SOP_INSTANCE_UID));
    assertThat(other.string(Tags.SERIES_INSTANCE_UID))
        .isEqualTo(first.string(Tags.SERIES_INSTANCE_UID));
  }

  @Test
  void folderOfSlicesIsReferredToSliceBySlice() throws IOException {
    Path series = Files.createDirectory(folder.resolve("series"));
    for (int i = 1; i <= 3; i++) {
      try (OutputStream out = Files.newOutputStream(series.resolve("s" + i))) {
        DicomEncoder.write(slice("1.2.3.4." + i, i), out);
      }
    }
    Files.writeString(series.resolve("README"), "no image");
    DataSet written = DicomFile.read(write(image(1, 3, 4, 6), series, "class 1")).dataSet();
    assertThat(
            written
                .item(Tags.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                .item(Tags.DERIVATION_IMAGE_SEQUENCE)
                .items(Tags.SOURCE_IMAGE_SEQUENCE))
        .extracting(reference -> reference.string(Tags.REFERENCED_SOP_INSTANCE_UID).orElseThrow())
        .containsExactly("1.2.3.4.1", "1.2.3.4.2", "1.2.3.4.3");
  }

  @Test
  void otherFilesHaveNoPatient() throws IOException {
    Path picture = Files.writeString(folder.resolve("cell.png"), "no DICOM");
    DataSet written = DicomFile.read(write(image(1, 4, 6), picture, "class 1")).dataSet();
    assertThat(written.contains(Tags.PATIENT_NAME)).isTrue();
    assertThat(written.string(Tags.PATIENT_NAME)).isEmpty();
    assertThat(written.string(Tags.STUDY_INSTANCE_UID).orElseThrow()).startsWith("2.25.");
  }

  @Test
  void ownFilesAreKnown() throws IOException {
    assertThat(writer.wrote(write(image(1, 4, 6), source, "class 1"))).isTrue();
    assertThat(writer.wrote(source)).isFalse();
  }

  @Test
  void otherChannelsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(image(2, 4, 6), source, "class 1"))
        .withMessageContaining("2 channels");
  }

  /** The validator of dicom3tools knows what each kind of file must have. */
  @ParameterizedTest
  @CsvSource({"1,2", "1,3", "3,2", "3,3"})
  void standardIsKept(int channels, int rank) throws Exception {
    assumeTrue(isInstalled("dciodvfy"), "dciodvfy (dicom3tools) is not installed");
    int[] shape = rank == 2 ? new int[] {4, 6} : new int[] {3, 4, 6};
    for (Path from : List.of(source, Files.writeString(folder.resolve("scan.nii"), "no DICOM"))) {
      String report = run("dciodvfy", write(image(channels, shape), from, "class 1").toString());
      assertThat(report).doesNotContain("Error");
    }
  }

  @Test
  void dcmtkReadsEveryFile() throws Exception {
    assumeTrue(isInstalled("dcmdump"), "dcmdump (dcmtk) is not installed");
    for (int channels : new int[] {1, 3}) {
      Path file = write(image(channels, 3, 4, 6), source, "class 1");
      assertThat(run("dcmdump", "-q", "+W", folder.toString(), file.toString()))
          .contains("Grad-CAM (AUCMEDI-XAI)");
    }
  }

  @Test
  void pydicomReadsTheSameNumbers() throws Exception {
    String python = pythonWithPydicom();
    assumeTrue(!python.isEmpty(), "pydicom (python3-pydicom) is not installed");
    Path file = write(image(1, 3, 4, 6), source, "class 1");
    String numbers =
        run(
            python,
            "-c",
            "import pydicom,sys;a=pydicom.dcmread(sys.argv[1]).pixel_array;"
                + "print(a.shape,a.dtype,float(a[2,3,5]),float(a[1,0,2]))",
            file.toString());
    assertThat(numbers.strip())
        .isEqualTo("(3, 4, 6) float32 " + (double) (71 / 72f) + " " + (double) (26 / 72f));
    Path overlay = write(image(3, 3, 4, 6), source, "class 1");
    assertThat(
            run(
                    python,
                    "-c",
                    "import pydicom,sys;a=pydicom.dcmread(sys.argv[1]).pixel_array;"
                        + "print(a.shape,a.dtype,a[2,3,5])",
                    overlay.toString())
                .strip())
        .isEqualTo("(3, 4, 6, 3) uint8 [213 214 215]");
  }

  private static String pythonWithPydicom() throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (isInstalled(python) && run(python, "-c", "import pydicom, numpy").isEmpty()) {
        return python;
      }
    }
    return "";
  }

  private static boolean isInstalled(String program) {
    return Files.isExecutable(Path.of(program))
        || Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
