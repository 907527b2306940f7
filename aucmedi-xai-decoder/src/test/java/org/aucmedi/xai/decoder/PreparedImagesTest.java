package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.imaging.Crop;
import org.aucmedi.xai.imaging.PadMode;
import org.aucmedi.xai.imaging.Padding;
import org.aucmedi.xai.imaging.Resample;
import org.aucmedi.xai.imaging.Resize;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.Subfunction;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Maps of prepared images, taken back to the images as loaded. The model takes 4 x 4 pixels, and
 * its map peaks at row 1, column 2 of them.
 */
final class PreparedImagesTest {

  private static final int PEAK = 1 * 4 + 2;

  static List<Arguments> preparations() {
    return List.of(
        // 8 rows to 4: two before. 9 columns to 4: two before.
        Arguments.of(List.of(Crop.center(4, 4)), 8, 9, 3, 4),
        // 2 rows to 4: one before. 3 columns to 4: none before.
        Arguments.of(List.of(Padding.to(PadMode.CONSTANT, 4, 4)), 2, 3, 0, 2),
        Arguments.of(List.of(Padding.square()), 3, 4, 1, 2),
        // Columns are 2 mm apart and rows 1 mm.
        Arguments.of(List.of(Resample.to(1, 1)), 4, 2, 1, 1),
        Arguments.of(List.of(Resample.to(2, 2)), 8, 4, 2, 2),
        Arguments.of(List.of(Resample.to(1, 1), Crop.center(4, 4)), 6, 6, 2, 3),
        Arguments.of(List.of(Crop.center(4, 2), Resample.to(1, 1)), 6, 4, 2, 2),
        Arguments.of(List.of(Resize.to(8, 8), Crop.center(4, 4)), 8, 4, 3, 2));
  }

  @ParameterizedTest
  @MethodSource("preparations")
  void decode_overlayOnTheOriginal_peaksWhereTheModelSawIt(
      List<Subfunction> steps, int height, int width, int row, int column) {
    DataGenerator.Builder images = generator().addSample("a", image(height, width));
    steps.forEach(images::addSubfunction);

    Explained explained = decode(images.build(), false);

    assertThat(explained.image().spatialShape()).containsExactly(height, width);
    Heatmap map = explained.maps().get(0);
    assertThat(map.shape()).containsExactly(height, width);
    assertThat(map.at(row, column)).isEqualTo(max(map.values())).isPositive();
  }

  @Test
  void decode_overlayOnTheOriginal_isZeroOutsideOfTheCrop() {
    DataGenerator images =
        generator().addSample("a", image(8, 9)).addSubfunction(Crop.center(4, 4)).build();

    float[] map = decode(images, false).maps().get(0).values();

    float[] expected = new float[8 * 9];
    expected[3 * 9 + 4] = 1;
    assertThat(map).containsExactly(expected, within(1e-6f));
  }

  /** Zero would be strong evidence against the class. */
  @Test
  void decode_signsOnTheOriginal_areGreyOutsideOfTheCrop(@TempDir Path folder) throws IOException {
    DataGenerator images =
        generator().addSample("a", image(8, 9)).addSubfunction(Crop.center(4, 4)).build();
    builder(images, false)
        .optDrawing(Drawing.DEFAULT.withColormap(Colormap.COOLWARM).withAlpha(1))
        .optOutput(folder, OutputFormat.PNG)
        .build()
        .decode();

    BufferedImage picture = ImageIO.read(folder.resolve("a.class_0.png").toFile());
    for (int i = 0; i < 8 * 9; i++) {
      int colour = i == 3 * 9 + 4 ? 255 : 127;
      for (int c = 0; c < 3; c++) {
        assertThat(picture.getRaster().getSample(i % 9, i / 9, c))
            .isEqualTo((int) Colormap.COOLWARM.intensity(colour, c));
      }
    }
  }

  /** An overlay is a picture in DICOM, too. */
  @Test
  void build_rawOverlayAsDicom_isRefused(@TempDir Path folder) {
    DataGenerator images = generator().addSample("a", image(4, 4)).build();
    XAIDecoder.Builder decoder =
        builder(images, true).optRaw(true).optOutput(folder, OutputFormat.DICOM);

    assertThatIllegalStateException()
        .isThrownBy(decoder::build)
        .withMessageStartingWith("raw maps are numbers, not a picture");
    assertThat(decoder.optOverlay(false).build()).isNotNull();
  }

  /** The overlay and the model see the same part, which the sample's name draws. */
  @Test
  void decode_randomCrop_isDrawnOnce() {
    DataGenerator.Builder builder = generator().addSubfunction(Crop.random(0, 4, 4));
    for (int n = 0; n < 20; n++) {
      builder.addSample("image" + n, image(30, 40));
    }
    DataGenerator images = builder.build();
    for (int n = 0; n < 20; n++) {
      DataGenerator.Sample sample = images.load(n);
      assertThat(sample.input().data()).containsExactly(sample.processed().data());
      // Every pixel has its own number, so the first one tells where the part starts.
      int first = (int) sample.processed().at(0, 0, 0);
      Explained explained = decode(one(images, n), false);
      Heatmap map = explained.maps().get(0);
      assertThat(map.at(first / 40 + 1, first % 40 + 2)).isEqualTo(1);
      assertThat(decode(one(images, n), true).image().data())
          .containsExactly(sample.processed().data());
    }
  }

  private static DataGenerator one(DataGenerator images, int index) {
    return generator()
        .addSubfunction(Crop.random(0, 4, 4))
        .addSample(images.samples().get(index), image(30, 40))
        .build();
  }

  @Test
  void decode_overlayOnThePreparedImage_staysThere() {
    DataGenerator images =
        generator().addSample("a", image(8, 9)).addSubfunction(Crop.center(4, 4)).build();

    Explained explained = decode(images, true);

    assertThat(explained.image().spatialShape()).containsExactly(4, 4);
    assertThat(explained.maps().get(0).at(1, 2)).isEqualTo(1);
  }

  @Test
  void samples_fromMemoryAndOwnLoader_areExplained() {
    AtomicInteger loaded = new AtomicInteger();
    DataGenerator images =
        generator()
            .addSample("memory", image(4, 4))
            .addSample("supplied", () -> image(4, 4))
            .addSamples(Path.of("folder"), List.of("x", "y"), "own")
            .optLoader(
                file -> {
                  loaded.incrementAndGet();
                  return image(file.endsWith("x.own") ? 4 : 1, 4);
                })
            .optWorkers(1)
            .build();

    DecoderResult result = decoder(images, true).decode();

    assertThat(images.samples()).containsExactly("memory", "supplied", "x.own", "y.own");
    assertThat(images.files()).containsExactly(Path.of("folder/x.own"), Path.of("folder/y.own"));
    assertThat(loaded).hasValue(2);
    assertThat(result.explained())
        .extracting(Explained::sample)
        .containsExactly("memory", "supplied", "x.own");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generator().addSample("a", image(1, 1)).addSample("a", Path.of("b")))
        .withMessage("sample 'a' is named twice: an image in memory and b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generator().optWorkers(0))
        .withMessageContaining("got 0");
  }

  private static DataGenerator.Builder generator() {
    return DataGenerator.builder().optStandardize(Standardize.NONE);
  }

  private static Explained decode(DataGenerator images, boolean prepared) {
    DecoderResult result = decoder(images, prepared).decode();
    assertThat(result.failures()).isEmpty();
    return result.explained().get(0);
  }

  private static XAIDecoder decoder(DataGenerator images, boolean prepared) {
    return builder(images, prepared).build();
  }

  private static XAIDecoder.Builder builder(DataGenerator images, boolean prepared) {
    float[][] weights = new float[2][16];
    weights[0][PEAK] = 1;
    return XAIDecoder.builder()
        .setModel(new LinearModel(weights, ChannelLayout.CHANNELS_FIRST, "heap"))
        .setGenerator(images)
        .optMethod("saliency")
        .optTarget(Target.ofClasses(0))
        .optPreprocessOverlay(prepared);
  }

  /** Pixels 0, 1, 2 and so on, 1 mm below and 2 mm beside each other. */
  private static ImageArray image(int height, int width) {
    float[] values = new float[height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return ImageArray.of(new int[] {height, width}, 1, values, SampleType.FLOAT)
        .withGeometry(
            Geometry.of(
                new double[] {2, 1, 1},
                new double[3],
                new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}));
  }

  private static float max(float[] values) {
    float max = 0;
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
  }
}
