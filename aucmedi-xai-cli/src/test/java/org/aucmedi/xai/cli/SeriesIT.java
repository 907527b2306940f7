package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.aucmedi.xai.array.Npy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of DICOM slices, with {@code --series} and without. */
final class SeriesIT {

  @TempDir private Path folder;

  /** Slices of 1 x 2 pixels; the first file is the upper one. */
  @BeforeEach
  void makeModelAndSlices() throws IOException {
    Squares.write(folder);
    Files.createDirectories(folder.resolve("in/ann"));
    Files.write(folder.resolve("in/ann/IM1"), slice(3, 2, 3));
    Files.write(folder.resolve("in/ann/IM2"), slice(0, 0, 1));
    Files.writeString(folder.resolve("in/ann/notes.txt"), "no slice");
  }

  @Test
  void explain_series_givesOneMapPerFolderInTheOrderOfPlaces() throws IOException {
    Run run = explain("--series", "--format", "npy", "--raw");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("1 of 1 images explained, 1 maps written");
    Npy.Array map = Npy.read(folder.resolve("out/ann.npy"));
    assertThat(map.shape()).containsExactly(2, 1, 2);
    assertThat(map.data()).containsExactly(0, 2, 4, 6);
  }

  @Test
  void explain_slicesForAModelOfVolumes_hintsAtSeries() {
    Run run = explain("--resize", "2x1x2", "--format", "npy");

    assertThat(run.code()).isNotZero();
    assertThat(run.out() + run.err())
        .contains("cannot resize an image of 2 spatial axes")
        .contains("if the DICOM slices of a folder are one volume, add --series");
  }

  @Test
  void explain_slicesWithoutSeries_areImagesOfTheirOwn() throws IOException {
    Run run = explain("--format", "npy", "--raw");

    assertThat(run.out()).startsWith("2 of 2 images explained").doesNotContain("--series");
    assertThat(Npy.read(folder.resolve("out/ann.IM1.npy")).data()).containsExactly(4, 6);
  }

  private Run explain(String... options) {
    String[] common = {
      "explain",
      "--model",
      folder.resolve("squares.pt").toString(),
      "--images",
      folder.resolve("in").toString(),
      "--output",
      folder.resolve("out").toString(),
      "--method",
      "SM",
      "--standardize",
      "none",
    };
    String[] all = Arrays.copyOf(common, common.length + options.length);
    System.arraycopy(options, 0, all, common.length, options.length);
    return Run.of(all);
  }

  private static byte[] slice(double place, int first, int second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[128]);
    out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
    text(out, 0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1\0");
    text(out, 0x0020, 0x000E, "UI", "2.25.77\0");
    text(out, 0x0020, 0x0032, "DS", "0\\0\\" + place + " ");
    text(out, 0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0 ");
    number(out, 0x0028, 0x0002, 1);
    text(out, 0x0028, 0x0004, "CS", "MONOCHROME2 ");
    number(out, 0x0028, 0x0010, 1);
    number(out, 0x0028, 0x0011, 2);
    number(out, 0x0028, 0x0100, 8);
    number(out, 0x0028, 0x0101, 8);
    number(out, 0x0028, 0x0102, 7);
    number(out, 0x0028, 0x0103, 0);
    element(out, 0x7FE0, 0x0010, "OB\0\0", 2, 4, new byte[] {(byte) first, (byte) second});
    return out.toByteArray();
  }

  private static void text(
      ByteArrayOutputStream out, int group, int element, String vr, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    element(out, group, element, vr, bytes.length, 2, bytes);
  }

  private static void number(ByteArrayOutputStream out, int group, int element, int number) {
    element(out, group, element, "US", 2, 2, new byte[] {(byte) number, (byte) (number >> 8)});
  }

  private static void element(
      ByteArrayOutputStream out,
      int group,
      int element,
      String vr,
      int length,
      int lengthBytes,
      byte[] value) {
    littleEndian(out, group, 2);
    littleEndian(out, element, 2);
    out.writeBytes(vr.getBytes(StandardCharsets.US_ASCII));
    littleEndian(out, length, lengthBytes);
    out.writeBytes(value);
  }

  private static void littleEndian(ByteArrayOutputStream out, int number, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write(number >> (8 * i));
    }
  }
}
