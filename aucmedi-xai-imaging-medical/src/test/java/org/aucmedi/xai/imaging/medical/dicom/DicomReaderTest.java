package org.aucmedi.xai.imaging.medical.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.google.common.io.Resources;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.aucmedi.xai.imaging.Window;
import org.aucmedi.xai.imaging.Windowing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Small files of every kind, written by pydicom with what it reads (tools/dicom_fixtures.py). */
final class DicomReaderTest {

  private static final JsonObject EXPECTED = expected();

  @TempDir private Path folder;

  private static JsonObject expected() {
    try {
      return JsonParser.parseString(Files.readString(file("expected.json"))).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path file(String name) {
    try {
      return Path.of(Resources.getResource("dicom/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<String> files() {
    return EXPECTED.keySet().stream();
  }

  static Stream<String> filesWithWindow() {
    return files().filter(name -> EXPECTED.getAsJsonObject(name).has("window"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void read_file_isWhatPydicomReads(String name) {
    ImageArray image = ImageLoader.load(file(name + ".dcm"), false);

    JsonObject expected = EXPECTED.getAsJsonObject(name);
    assertShape(image, numbers(expected, "shape"));
    assertValues(image, numbers(expected, "values"), 0);
  }

  @ParameterizedTest
  @MethodSource("filesWithWindow")
  void read_windowOfFile_isWhatPydicomShows(String name) {
    ImageArray image = ImageLoader.load(file(name + ".dcm"), windowed(Windowing.OF_FILE));

    assertValues(image, numbers(EXPECTED.getAsJsonObject(name), "window"), 1e-4);
    assertThat(image.sampleType()).isEqualTo(SampleType.FLOAT);
  }

  @Test
  void read_windowGiven_countsInModalityValuesBeforeTheMirror() {
    Windowing window = Windowing.of(new Window(500, 400, Window.Function.LINEAR));

    ImageArray image = ImageLoader.load(file("monochrome1.dcm"), windowed(window));

    assertValues(image, numbers(EXPECTED.getAsJsonObject("monochrome1"), "window"), 1e-4);
  }

  @Test
  void read_fileWithoutWindow_isRefusedWithTheRemedy() {
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file("signed-12-bits.dcm"), windowed(Windowing.OF_FILE)))
        .withMessageContaining("it has no window; give one");
  }

  @Test
  void read_enhancedFrames_areOrderedByPlaceWithTheirGeometry() {
    ImageArray image = ImageLoader.load(file("enhanced.dcm"), false);

    JsonArray affine = EXPECTED.getAsJsonObject("enhanced").getAsJsonArray("affine");
    for (int row = 0; row < 3; row++) {
      double[] expected =
          affine.get(row).getAsJsonArray().asList().stream()
              .mapToDouble(number -> number.getAsDouble())
              .toArray();
      assertThat(image.geometry().affine()[row]).containsExactly(expected, within(1e-9));
    }
    assertThat(image.sampleType()).isEqualTo(SampleType.FLOAT);
  }

  @ParameterizedTest
  @CsvSource({
    "rgb-planes, UINT8",
    "palette-16, UINT8",
    "bits-of-three-frames, UINT8",
    "signed-12-bits, INTEGER",
    "float, FLOAT",
    "ct-rescaled, FLOAT"
  })
  void read_sampleType_isThatOfTheValues(String name, SampleType type) {
    assertThat(ImageLoader.load(file(name + ".dcm"), false).sampleType()).isEqualTo(type);
  }

  @Test
  void read_colourAsGrayscale_isLuma() {
    ImageArray grey = ImageLoader.load(file("rgb-planes.dcm"), true);

    double[] rgb = numbers(EXPECTED.getAsJsonObject("rgb-planes"), "values");
    double[] luma =
        IntStream.range(0, rgb.length / 3)
            .mapToDouble(i -> 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2])
            .toArray();
    assertThat(grey.channels()).isEqualTo(1);
    assertValues(grey, luma, 0.5001);
  }

  @Test
  void read_fileOfAnyName_isRecognised() throws IOException {
    for (String name : List.of("ct-rescaled", "bare-implicit", "bare-explicit", "bare-big")) {
      Path copy = Files.copy(file(name + ".dcm"), folder.resolve("IM0001." + name));
      assertThat(ImageLoader.isSupported(copy)).as(name).isTrue();
      assertValues(
          ImageLoader.load(copy, false), numbers(EXPECTED.getAsJsonObject(name), "values"), 0);
    }
    Path text = Files.writeString(folder.resolve("notes"), "DICM is no header here. ".repeat(20));
    assertThat(ImageLoader.isSupported(text)).isFalse();
  }

  @Test
  void read_moreValuesThanTheLimit_isRefusedBeforeThePixels() {
    ImageLoader.Options few = new ImageLoader.Options(false, null, 7);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file("ct-rescaled.dcm"), few))
        .withMessageContaining("its header claims 24 values, more than the limit of 21");
  }

  @Test
  void read_pixelDataCutShort_isRefused() throws IOException {
    DataSet data = DicomBytes.slice(1, 0, 0, 0).putNumbers(Tags.ROWS, 200).build();
    assertRefused(data, "its pixel data has 12 bytes, but 1 frames of 200 x 3 pixels need 1200");
  }

  @Test
  void read_fileCutShort_isRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(file("ct-rescaled.dcm"));
    Path file = Files.write(folder.resolve("a.dcm"), Arrays.copyOf(bytes, bytes.length - 2));
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining("the file ends early");
  }

  @Test
  void read_otherFile_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("a.dcm"), "no DICOM");
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining("it is no DICOM file");
  }

  @Test
  void read_unsupportedSyntax_isRefusedByNameWithTheRemedy() throws IOException {
    DataSet data =
        DicomBytes.slice(1, 0, 0, 0)
            .put(
                new Element.Fragments(
                    Tags.PIXEL_DATA, Vr.OB, List.of(new byte[0], new byte[] {1, 2})))
            .build();
    Path file =
        Files.write(folder.resolve("a.dcm"), DicomBytes.of("1.2.840.10008.1.2.4.201", data));
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining("High-Throughput JPEG 2000 Lossless")
        .withMessageContaining("gdcmconv --raw");
  }

  @Test
  void read_doseGrid_hasTheOffsetsOfItsFrames() throws IOException {
    DataSet data =
        DicomBytes.slice(7, 1, 2, 3)
            .putNumbers(Tags.NUMBER_OF_FRAMES, 3)
            .putNumbers(Tags.GRID_FRAME_OFFSET_VECTOR, 0, -2.5, -5)
            .putNumbers(Tags.DOSE_GRID_SCALING, 0.001)
            .put(Tags.PIXEL_DATA, Vr.OW, new byte[36])
            .build();
    ImageArray dose = ImageLoader.load(DicomBytes.write(folder.resolve("a.dcm"), data), false);

    assertThat(dose.spatialShape()).containsExactly(3, 2, 3);
    assertThat(dose.geometry().position(0, 0, 2))
        .containsExactly(new double[] {1, 2, -2}, within(1e-9));
    assertThat(dose.values()).containsOnly(-1000f);

    DataSet uneven = data.toBuilder().putNumbers(Tags.GRID_FRAME_OFFSET_VECTOR, 0, 2.5, 6).build();
    assertRefused(uneven, "its frames are not evenly spaced");
  }

  @Test
  void read_elementsOfUnknownType_areWhatTheirTagsTell() throws IOException {
    DataSet data =
        DicomBytes.slice(7, 1, 2, 3)
            .put(Tags.RESCALE_SLOPE, Vr.UN, "2 ".getBytes(StandardCharsets.US_ASCII))
            .put(Tags.ROWS, Vr.UN, new byte[] {2, 0})
            .build();
    ImageArray image = ImageLoader.load(DicomBytes.write(folder.resolve("a.dcm"), data), false);
    assertThat(image.spatialShape()).containsExactly(2, 3);
    assertThat(image.values()).containsOnly(2 * 7 - 1000f);
  }

  @Test
  void read_plainPixelsOfAPrivateSyntax_areRefused() throws IOException {
    byte[] bytes = DicomBytes.of("1.2.840.113619.5.2", DicomBytes.slice(1, 0, 0, 0).build());
    Path file = Files.write(folder.resolve("a.dcm"), bytes);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining("its transfer syntax '1.2.840.113619.5.2' is unknown");
  }

  @Test
  void read_projection_hasTheSpacingOfTheDetector() throws IOException {
    DataSet data =
        DicomBytes.slice(7, 1, 2, 3)
            .remove(Tags.PIXEL_SPACING)
            .remove(Tags.IMAGE_POSITION_PATIENT)
            .remove(Tags.IMAGE_ORIENTATION_PATIENT)
            .putNumbers(Tags.IMAGER_PIXEL_SPACING, 0.3, 0.2)
            .build();
    ImageArray image = ImageLoader.load(DicomBytes.write(folder.resolve("a.dcm"), data), false);
    assertThat(image.geometry().spacing()).startsWith(0.2, 0.3);
    assertThat(image.geometry().origin()).containsExactly(0, 0, 0);
  }

  @Test
  void read_nestedSequences_areInTheDataSet() {
    DataSet data = DicomFile.readHeader(file("bare-implicit.dcm")).dataSet();
    assertThat(data.items(0x00101002)).hasSize(2);
    assertThat(data.items(0x00101002).get(0).string(Tags.PATIENT_ID)).contains("a");
    assertThat(data.contains(Tags.PIXEL_DATA)).isFalse();
    DataSet explicit = DicomFile.read(file("bare-explicit.dcm")).dataSet();
    assertThat(explicit.item(0x00991001).string(Tags.PATIENT_ID)).contains("b");
    assertThat(explicit.bytes(Tags.PIXEL_DATA)).hasSize(48);
  }

  @Test
  void dataSet_writtenAndRead_isTheSame() throws IOException {
    DataSet item = DataSet.builder().put(Tags.CODE_VALUE, "é").build();
    DataSet data =
        DataSet.builder()
            .put(Tags.SPECIFIC_CHARACTER_SET, "ISO_IR 192")
            .put(Tags.PATIENT_NAME, "Müller^Änne")
            .put(Tags.IMAGE_TYPE, "DERIVED", "SECONDARY")
            .putNumbers(Tags.RESCALE_SLOPE, 1.0 / 3)
            .putNumbers(Tags.ROWS, 65535)
            .putItems(Tags.DERIVATION_CODE_SEQUENCE, item, item)
            .build();
    DataSet read =
        DicomFile.read(Files.write(folder.resolve("a.dcm"), DicomBytes.of(data))).dataSet();

    assertThat(read.string(Tags.PATIENT_NAME)).contains("Müller^Änne");
    assertThat(read.strings(Tags.IMAGE_TYPE)).containsExactly("DERIVED", "SECONDARY");
    assertThat(read.number(Tags.RESCALE_SLOPE).getAsDouble()).isCloseTo(1.0 / 3, within(1e-13));
    assertThat(read.bytes(Tags.RESCALE_SLOPE).length).isLessThanOrEqualTo(16);
    assertThat(read.integer(Tags.ROWS)).hasValue(65535);
    assertThat(read.items(Tags.DERIVATION_CODE_SEQUENCE)).hasSize(2);
    assertThat(read.string(Tags.STUDY_DATE)).isEmpty();
  }

  private void assertRefused(DataSet data, String message) throws IOException {
    Path file = DicomBytes.write(folder.resolve("refused.dcm"), data);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining("refused.dcm")
        .withMessageContaining(message);
  }

  private static ImageLoader.Options windowed(Windowing window) {
    return ImageLoader.Options.DEFAULT.withWindow(window);
  }

  private static void assertShape(ImageArray image, double[] shape) {
    int[] own = image.spatialShape();
    for (int axis = 0; axis < own.length; axis++) {
      assertThat(own[axis]).isEqualTo((int) shape[axis]);
    }
    assertThat(image.channels()).isEqualTo(shape.length > own.length ? 3 : 1);
  }

  private static void assertValues(ImageArray image, double[] expected, double tolerance) {
    assertThat(image.values()).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) image.values()[i])
          .as("value %s", i)
          .isCloseTo((float) expected[i], within(tolerance));
    }
  }

  private static double[] numbers(JsonObject object, String name) {
    return object.getAsJsonArray(name).asList().stream()
        .mapToDouble(number -> number.getAsDouble())
        .toArray();
  }
}
