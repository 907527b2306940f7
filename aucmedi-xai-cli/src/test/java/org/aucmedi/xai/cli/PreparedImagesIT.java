package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.VolumeWriter;
import org.aucmedi.xai.imaging.VolumeWriters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options that prepare images, through to the files that are written. */
final class PreparedImagesIT {

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path out;

  @BeforeEach
  void makeModel() throws IOException {
    model = Squares.write(folder);
    images = Files.createDirectories(folder.resolve("images"));
    out = folder.resolve("out");
  }

  /** A lesion in slice 4, row 3, column 2 of voxels of 3 x 1 x 2 mm (z, y, x). */
  private ImageArray saveScan() throws IOException {
    float[] values = new float[6 * 5 * 4];
    Arrays.fill(values, -2000);
    values[(4 * 5 + 3) * 4 + 2] = 300;
    ImageArray scan =
        ImageArray.of(new int[] {6, 5, 4}, 1, values, SampleType.FLOAT)
            .withGeometry(
                Geometry.of(
                    new double[] {2, 1, 3},
                    new double[] {10, -20, 30},
                    new double[][] {{0, 1, 0}, {-1, 0, 0}, {0, 0, 1}}));
    // A folder is not searched for what this program wrote.
    images = images.resolve("scan.nii.gz");
    try (OutputStream file = Files.newOutputStream(images)) {
      VolumeWriters.forExtension("nii.gz")
          .write(scan, new VolumeWriter.Origin("scan", null, "none", "a scan", "1"), file);
    }
    return scan;
  }

  @ParameterizedTest
  @CsvSource({"original, 6 5 4", "prepared, 12 6 6"})
  void explain_everyGeometricStep_mapLiesOnTheLesion(String on, String shape) throws IOException {
    ImageArray scan = saveScan();

    Run run =
        explain(
            "--resample",
            "1.5x1x1",
            "--clip",
            "-1000:250",
            "--pad",
            "16x8x8:edge",
            "--crop",
            "12x6x6",
            "--map-on",
            on,
            "--format",
            "nii.gz");

    assertThat(run.code()).as(run.err()).isZero();
    ImageArray map = ImageLoader.load(out.resolve("scan.nii.gz"), false);
    assertThat(Arrays.toString(map.spatialShape()).replaceAll("[^0-9 ]", "")).isEqualTo(shape);
    int[] peak = peak(map);
    assertThat(map.geometry().position(peak[2], peak[1], peak[0]))
        .containsExactly(scan.geometry().position(2, 3, 4), within(1e-4));
    if (on.equals("original")) {
      assertThat(peak).containsExactly(4, 3, 2);
      assertThat(map.geometry().spacing()).containsExactly(new double[] {2, 1, 3}, within(1e-6));
    }
  }

  /** AUCMEDI's order is slices, rows, columns. */
  @ParameterizedTest
  @CsvSource({"3x1x2, 6 5 4", "1x1x2, 18 5 4", "3x1x1, 6 5 8", "3x2.5x2, 6 2 4"})
  void resample_order_isSlicesRowsColumns(String spacing, String shape) throws IOException {
    saveScan();

    Run run = explain("--resample", spacing, "--format", "nii.gz");

    assertThat(run.code()).as(run.err()).isZero();
    int[] resampled = ImageLoader.load(out.resolve("scan.nii.gz"), false).spatialShape();
    assertThat(Arrays.toString(resampled).replaceAll("[^0-9 ]", "")).isEqualTo(shape);
  }

  @Test
  void explain_volumeOfASeries_isChosen() throws IOException {
    String header =
        """
        ObjectType = Image
        NDims = 4
        DimSize = 2 1 2 3
        ElementType = MET_UCHAR
        ElementDataFile = LOCAL
        """;
    try (OutputStream file = Files.newOutputStream(images.resolve("series.mha"))) {
      file.write(header.getBytes(StandardCharsets.US_ASCII));
      file.write(new byte[] {9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 0});
    }

    Run unchosen = explain("--format", "npy");
    Run beyond = explain("--volume", "3", "--format", "npy");
    Run last = explain("--volume", "2", "--format", "npy");

    assertThat(unchosen.err())
        .contains(
            "it is a series of 3 volumes along its fourth axis; choose one, from 0 to 2 (--volume)");
    assertThat(last.code()).as(last.err()).isZero();
    assertThat(Npy.read(out.resolve("series.npy")).shape()).containsExactly(2, 1, 2);
    assertThat(Npy.read(out.resolve("series.npy")).data()).containsExactly(0, 0, 1, 0);
    assertThat(beyond.err())
        .contains("it has no volume 3 along its fourth axis, only 0 to 2 (--volume)");
  }

  @Test
  void explain_samplesFile_chooses() throws IOException {
    for (String name : new String[] {"001.png", "002.png", "003.png"}) {
      savePng(name);
    }
    Path csv = Files.writeString(folder.resolve("s.csv"), "SAMPLE,CLASS\n003,x\n001,y\n");

    Run run = explain("--samples", csv.toString());
    Files.writeString(csv, "SAMPLE\n009\n");
    Run missing = explain("--samples", csv.toString());
    Run noFolder =
        Run.of(
            command("--samples", csv.toString())
                .map(arg -> arg.equals(images.toString()) ? images + "/001.png" : arg)
                .toArray(String[]::new));

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Run.maps(out)).containsExactlyInAnyOrder("001.png", "003.png");
    assertThat(missing.err())
        .isEqualTo(
            "error: "
                + csv
                + ", line 2, names the sample '009', and there is no such image in "
                + images
                + "; correct the name or the folder\n");
    assertThat(noFolder.err()).contains("--samples names images below one folder");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--resample | 1xmm | 'is no voxel size; write ZxYxX in millimetres, for instance 3x1x1'",
        "--resample | 0x1x1 | 'a spacing is two or three positive numbers'",
        "--clip | 400 | '''400'' is no range; write MIN:MAX'",
        "--clip | 400:-1000 | 'the lower bound of a range is not above the upper'",
        "--pad | 2 | '''2'' is no shape; write HxW or DxHxW'",
        "--pad | 9x9:mirror | 'unknown padding ''mirror''; known: constant, edge'",
        "--crop | 9x9:left | '''left'' is no place of a crop; write random'",
        "--chromer | hsv | '''hsv'' is no conversion of colours; write rgb or grayscale'",
        "--volume | -1 | 'volumes count from 0, got -1'"
      })
  void badValues_areRefusedInOneSentence(String option, String value, String message)
      throws IOException {
    savePng("a.png");

    Run run = explain(option, value);

    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.err()).startsWith("error: ").contains(message);
    assertThat(out).doesNotExist();
  }

  @Test
  void coloursThatDoNotFit_areRefusedInOneSentence() throws IOException {
    savePng("a.png");

    assertThat(explain("--chromer", "rgb").err())
        .contains(
            "failed: a.png: conversion to rgb takes 1 channel, and an image of 3 channels already has"
                + " its colours; leave this step out");
    assertThat(explain("--grayscale", "--chromer", "grayscale").err())
        .startsWith("error: --grayscale loads pictures as one channel");
    assertThat(explain("--grayscale", "--color-constancy").err())
        .contains("colour constancy takes RGB images, got 1 channel; leave this step out");
    assertThat(explain("--crop", "9x9").err())
        .contains("cannot crop an image of [1, 2] to [9, 9], which is larger; pad it first");
    assertThat(explain("--resample", "1x1").err()).contains("whose voxel size is unknown");
    assertThat(explain("--grayscale", "--chromer", "rgb", "--color-constancy").code()).isZero();
  }

  private static int[] peak(ImageArray map) {
    int[] shape = map.spatialShape();
    float[] values = map.values();
    int best = 0;
    for (int i = 0; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return new int[] {best / shape[2] / shape[1], best / shape[2] % shape[1], best % shape[2]};
  }

  private Stream<String> command(String... options) {
    return Stream.concat(
        Stream.of(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.toString(),
            "--method",
            "saliency",
            "--standardize",
            "none",
            "--output",
            out.toString(),
            "--overwrite"),
        Stream.of(options));
  }

  private Run explain(String... options) {
    return Run.of(command(options).toArray(String[]::new));
  }

  private void savePng(String name) throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, 0x203040);
    picture.setRGB(1, 0, 0xd0a090);
    ImageIO.write(picture, "png", images.resolve(name).toFile());
  }
}
