package org.aucmedi.xai.imaging.medical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.aucmedi.xai.imaging.VolumeWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MetaImages and NRRD files by their specifications, and the round trips of every writer. */
final class VolumeFilesTest {

  private static final VolumeWriter.Origin ORIGIN =
      new VolumeWriter.Origin("image.nii", null, "Grad-CAM", "a test", "1");

  /** Turned around z by 20 degrees, and then x and y swapped: left-handed. */
  private static final double[][] TURNED = {
    {-Math.sin(Math.PI / 9), Math.cos(Math.PI / 9), 0},
    {Math.cos(Math.PI / 9), Math.sin(Math.PI / 9), 0},
    {0, 0, 1}
  };

  @TempDir private Path folder;

  static Stream<VolumeWriter> writers() {
    return Stream.of(new NiftiWriter(), new MetaImageWriter(), new NrrdWriter());
  }

  private static ImageArray image(Geometry geometry, int... shape) {
    Random random = new Random(1);
    int size = 1;
    for (int length : shape) {
      size *= length;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return ImageArray.wrap(shape, 1, values, SampleType.FLOAT).withGeometry(geometry);
  }

  private ImageArray written(ImageArray image, VolumeWriter writer) throws IOException {
    Path file = folder.resolve("map." + writer.extension());
    try (OutputStream out = Files.newOutputStream(file)) {
      writer.write(image, ORIGIN, out);
    }
    return ImageLoader.load(file, false);
  }

  @ParameterizedTest
  @MethodSource("writers")
  void write_volume_readsBackWithItsGeometry(VolumeWriter writer) throws IOException {
    for (double[][] direction :
        List.of(TURNED, new double[][] {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}})) {
      Geometry geometry =
          Geometry.of(new double[] {0.7, 0.9, 5}, new double[] {-120.5, 30.25, 7}, direction);
      ImageArray image = image(geometry, 4, 5, 6);
      ImageArray back = written(image, writer);
      assertThat(back.spatialShape()).containsExactly(4, 5, 6);
      assertThat(back.data()).isEqualTo(image.data());
      assertSame(back.geometry(), geometry);
    }
  }

  @ParameterizedTest
  @MethodSource("writers")
  void write_intoAFolder_replacesItsOwnFilesOnly(VolumeWriter writer) throws IOException {
    OutputFolder output = OutputFolder.open(folder, List.of());
    String name = "map." + writer.extension();
    output.writeVolume(name, image(null, 3, 4, 5), ORIGIN, writer);
    Path file = output.writeVolume(name, image(null, 2, 2, 2), ORIGIN, writer);
    assertThat(ImageLoader.load(file, false).spatialShape()).containsExactly(2, 2, 2);
    byte[] theirs = Files.readAllBytes(file);
    if (writer.extension().equals("nii.gz")) {
      Files.write(file, new byte[] {1, 2, 3});
    } else {
      String text =
          new String(theirs, StandardCharsets.ISO_8859_1).replace("AUCMEDI-XAI", "Slicer 5.6 ");
      Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    }
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> output.writeVolume(name, image(null, 2, 2, 2), ORIGIN, writer))
        .withMessageContaining("this program did not write what is there");
  }

  @ParameterizedTest
  @MethodSource("writers")
  void write_pictureWithoutGeometry_isOneOfMillimetres(VolumeWriter writer) throws IOException {
    ImageArray image = image(null, 5, 6);
    ImageArray back = written(image, writer);
    assertThat(back.spatialShape()).containsExactly(5, 6);
    assertThat(back.data()).isEqualTo(image.data());
    assertThat(back.geometry().spacing()).startsWith(1, 1);
  }

  /** What nibabel does with the quaternion alone, which is another road to the same axes. */
  @Test
  void write_nifti_qformEqualsSform() throws IOException {
    for (double[][] direction :
        List.of(
            TURNED,
            new double[][] {{-1, 0, 0}, {0, -1, 0}, {0, 0, 1}},
            new double[][] {{1, 0, 0}, {0, -1, 0}, {0, 0, -1}},
            new double[][] {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}})) {
      Geometry geometry = Geometry.of(new double[] {1, 2, 3}, new double[] {4, 5, 6}, direction);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      new NiftiWriter().write(image(geometry, 2, 2, 2), ORIGIN, packed);
      Path file = Files.write(folder.resolve("packed.nii.gz"), packed.toByteArray());
      byte[] bytes;
      try (var in = VolumeReader.open(file)) {
        bytes = in.readAllBytes();
      }
      bytes[254] = 0; // no sform
      Files.write(file, bytes);
      assertSame(ImageLoader.load(file, false).geometry(), geometry);
    }
  }

  private static void assertSame(Geometry own, Geometry expected) {
    for (int row = 0; row < 3; row++) {
      assertThat(own.affine()[row]).containsExactly(expected.affine()[row], within(1e-5));
    }
  }

  private Path write(String name, String header, byte[] values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(values);
    return Files.write(folder.resolve(name), out.toByteArray());
  }

  /** The numbers -2, -1 ... as 16 bits. */
  private static byte[] shorts(int count) {
    ByteBuffer values = ByteBuffer.allocate(2 * count);
    for (int i = 0; i < count; i++) {
      values.putShort((short) (i - 2));
    }
    return values.array();
  }

  @Test
  void read_mhaBigEndian_hasValuesAndGeometry() throws IOException {
    String header =
        """
        ObjectType = Image
        NDims = 3
        BinaryData = True
        BinaryDataByteOrderMSB = True
        CompressedData = False
        TransformMatrix = 0 1 0 -1 0 0 0 0 1
        Offset = 10 20 30
        ElementSpacing = 2 3 4
        DimSize = 3 2 2
        ElementType = MET_SHORT
        ElementDataFile = LOCAL
        """;
    ImageArray image = ImageLoader.load(write("scan.mha", header, shorts(12)), false);
    assertThat(image.spatialShape()).containsExactly(2, 2, 3);
    assertThat(image.at(1, 0, 2, 0)).isEqualTo(6 + 2 - 2);
    // x points along the second axis, y against the first.
    assertThat(image.geometry().position(1, 1, 1)).containsExactly(10 - 3, 20 + 2, 30 + 4);
  }

  @Test
  void read_mhdWithCompressedColours_findsThemBeside() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new DeflaterOutputStream(packed)) {
      out.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, (byte) 200});
    }
    Files.write(folder.resolve("scan.zraw"), packed.toByteArray());
    String header =
        """
        ObjectType = Image
        NDims = 2
        BinaryData = True
        CompressedData = True
        DimSize = 2 2
        ElementNumberOfChannels = 3
        ElementType = MET_UCHAR
        ElementDataFile = scan.zraw
        """;
    ImageArray image = ImageLoader.load(write("scan.mhd", header, new byte[0]), false);
    assertThat(image.channels()).isEqualTo(3);
    assertThat(image.at(1, 1, 2)).isEqualTo(200);
    String outside = header.replace("scan.zraw", "../secret.raw");
    assertRefused(write("bad.mhd", outside, new byte[0]), "'../secret.raw', outside of its folder");
    String absent = header.replace("scan.zraw", "gone.raw");
    assertRefused(write("gone.mhd", absent, new byte[0]), "gone.raw, which is missing beside it");
  }

  @Test
  void read_nrrdInRas_isTurnedToLps() throws IOException {
    String header =
        """
        NRRD0005
        # made by hand
        type: short
        dimension: 3
        space: right-anterior-superior
        sizes: 3 2 2
        space directions: (2,0,0) (0,3,0) (0,0,4)
        kinds: domain domain domain
        endian: big
        encoding: gzip
        space origin: (10,20,30)
        modality:=CT

        """;
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(shorts(12));
    }
    ImageArray image = ImageLoader.load(write("scan.nrrd", header, packed.toByteArray()), false);
    assertThat(image.at(1, 0, 2, 0)).isEqualTo(6 + 2 - 2);
    assertThat(image.geometry().position(1, 1, 1)).containsExactly(-12, -23, 34);
  }

  @Test
  void read_nrrdOfColours_firstAxisIsTheChannels() throws IOException {
    String header =
        """
        NRRD0004
        type: uchar
        dimension: 3
        sizes: 3 2 2
        kinds: RGB-color domain domain
        encoding: raw

        """;
    byte[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    ImageArray image = ImageLoader.load(write("colours.nrrd", header, values), false);
    assertThat(image.spatialShape()).containsExactly(2, 2);
    assertThat(image.at(1, 0, 1)).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void read_chosenVolumeOfNrrd_isThatOne(boolean packed) throws IOException {
    String header =
        """
        NRRD0004
        type: uchar
        dimension: 4
        sizes: 2 1 2 3
        encoding: %s

        """
            .formatted(packed ? "gzip" : "raw");
    byte[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    try (OutputStream out = packed ? new GZIPOutputStream(stored) : stored) {
      out.write(values);
    }
    Path file = write("series.nrrd", header, stored.toByteArray());

    ImageArray second = ImageLoader.load(file, ImageLoader.Options.DEFAULT.withVolume(1));

    assertThat(second.spatialShape()).containsExactly(2, 1, 2);
    assertThat(second.data()).containsExactly(5, 6, 7, 8);
  }

  @Test
  void read_badHeaders_areRefusedInOneSentence() throws IOException {
    String mha = "NDims = 3\nDimSize = 4 4 4\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n";
    assertRefused(write("cut.mha", mha, new byte[100]), "the file ends early");
    assertRefused(
        write("huge.mha", mha.replace("4 4 4", "99999 99999 99999"), new byte[0]),
        "its header claims 999970000299999 values");
    assertRefused(
        write("type.mha", mha.replace("MET_FLOAT", "MET_STRING"), new byte[9]), "MET_FLOAT");
    assertRefused(write("none.mha", "", new byte[0]), "the file ends early");
    assertRefused(write("zero.mha", mha.replace("4 4 4", "4 0 4"), new byte[9]), "dimension of 0");
    String nrrd = "NRRD0004\ntype: float\ndimension: 3\nsizes: 4 4 4\nencoding: bzip2\n\n";
    assertRefused(write("packed.nrrd", nrrd, new byte[9]), "encoding 'bzip2' is not supported");
    assertRefused(
        write("series.nrrd", nrrd.replace("4 4 4", "4 4 4 9"), new byte[9]),
        "a series of 9 volumes");
    assertRefused(
        write("text.nrrd", nrrd.replace("sizes: 4 4 4", "sizes: four"), new byte[9]), "'four'");
  }

  private static void assertRefused(Path file, String reason) {
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageStartingWith("cannot read " + file + ": ")
        .withMessageContaining(reason);
  }

  @ParameterizedTest
  @MethodSource("writers")
  void read_damagedFiles_nothingButOurExceptionIsThrown(VolumeWriter writer) throws IOException {
    Geometry geometry = Geometry.of(new double[] {1, 1, 1}, new double[3], TURNED);
    ByteArrayOutputStream sound = new ByteArrayOutputStream();
    writer.write(image(geometry, 4, 5, 6), ORIGIN, sound);
    Random random = new Random(2);
    Path file = folder.resolve("damaged." + writer.extension());
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = sound.toByteArray();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        bytes[random.nextInt(Math.min(bytes.length, 400))] = (byte) random.nextInt(256);
      }
      Files.write(
          file,
          random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
      try {
        ImageLoader.load(file, false);
      } catch (UnreadableImageException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
