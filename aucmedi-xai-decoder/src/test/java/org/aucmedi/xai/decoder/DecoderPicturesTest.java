package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageInputStream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.imaging.drawing.VolumeView;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps as pictures and on one scale. */
final class DecoderPicturesTest extends DecoderTestBase {

  /** Class 1 has a tenth of the evidence of class 0, and a negative value. */
  private static final Rule TWO =
      (image, objective) ->
          objective.classIndex() == 0 ? new float[] {10, 0, 5, 0} : new float[] {1, -2, 0, 0};

  private XAIDecoder.Builder decoder(Rule rule) throws IOException {
    save("a.npy", 100, 100, 100, 100);
    return decoder(
            generator().addSamples(folder, List.of("a.npy")).build(),
            method(model(), batch -> {}, rule))
        .optTarget(Target.all());
  }

  /** Images of 16 values, maps of 4: a third of 48 has room for one map in a pass, and keeps 4. */
  @ParameterizedTest
  @ValueSource(longs = {48, 1_000_000})
  void decode_sameScale_makesMapsComparable(long limit) throws IOException {
    Npy.write(folder.resolve("a.npy"), new int[] {4, 4, 1}, new float[16]);
    List<Integer> passes = new ArrayList<>();
    XAIMethodBase method = method(linear(2, 16), batch -> passes.add(batch.length), TWO);
    List<Heatmap> maps =
        decoder(generator().addSamples(folder, List.of("a.npy")).build(), method)
            .optTarget(Target.all())
            .optSameScale(true)
            .optEps(0)
            .optResizeMaps(false)
            .build()
            .decode(new MemoryLimit(limit))
            .explained()
            .get(0)
            .maps();

    assertThat(passes).hasSize(limit == 48 ? 2 : 1);
    float[][] expected = {
      {1, 2 / 12f, 7 / 12f, 2 / 12f}, {3 / 12f, 0, 2 / 12f, 2 / 12f},
    };
    assertThat(maps).hasSize(2);
    for (int n = 0; n < 2; n++) {
      assertThat(maps.get(n).classIndex()).isEqualTo(n);
      assertThat(maps.get(n).rawScale()).isEqualTo(new RawScale(-2, 10));
      for (int i = 0; i < 4; i++) {
        assertThat(maps.get(n).values()[i]).isCloseTo(expected[n][i], within(1e-6f));
      }
    }
  }

  @Test
  void decode_sameScaleOfMoreMapsThanMemoryHolds_failsAndTheRestGoesOn() throws IOException {
    save("a.npy", 1, 1, 1, 1);
    save("b.npy", 2, 2, 2, 2);

    DecoderResult result =
        decoder(
                generator().addSamples(folder, List.of("a.npy", "b.npy")).build(),
                method(model(40), batch -> {}, CORNER))
            .optTarget(Target.all())
            .optSameScale(true)
            .build()
            .decode(new MemoryLimit(36));

    assertThat(result.failures()).hasSize(2);
    assertThat(result.failures().get(0).reason())
        .isEqualTo(
            "its 40 maps do not fit into memory together, as one scale for all of them needs;"
                + " explain fewer classes, or let each map have its own scale");
  }

  @Test
  void decode_divergingColormap_drawsSignsAroundGrey() throws IOException {
    for (boolean same : new boolean[] {false, true}) {
      Path out = folder.resolve("out" + same);
      decoder(TWO)
          .optDrawing(Drawing.DEFAULT.withColormap(Colormap.COOLWARM).withAlpha(1))
          .optSameScale(same)
          .optOutput(out, OutputFormat.PNG)
          .build()
          .decode();

      // 1, -2, 0, 0 of 2, or of 10: 0.75, 0, 0.5, 0.5 and 0.55, 0.4, 0.5, 0.5.
      int[] colours = same ? new int[] {140, 102, 127, 127} : new int[] {191, 0, 127, 127};
      BufferedImage picture = ImageIO.read(out.resolve("a.class_1.png").toFile());
      for (int i = 0; i < 4; i++) {
        for (int c = 0; c < 3; c++) {
          assertThat(picture.getRaster().getSample(i % 2, i / 2, c))
              .isEqualTo((int) Colormap.COOLWARM.intensity(colours[i], c));
        }
      }
    }
  }

  @Test
  void decode_colorBar_standsBesideTheSamePixels() throws IOException {
    Path plain = folder.resolve("plain");
    Path bar = folder.resolve("bar");
    decoder(TWO).optOutput(plain, OutputFormat.PNG).build().decode();
    decoder(TWO)
        .optDrawing(Drawing.DEFAULT.withColorBar(true))
        .optOutput(bar, OutputFormat.PNG)
        .build()
        .decode();

    BufferedImage without = ImageIO.read(plain.resolve("a.class_0.png").toFile());
    BufferedImage with = ImageIO.read(bar.resolve("a.class_0.png").toFile());

    assertThat(without.getWidth()).isEqualTo(2);
    assertThat(with.getWidth()).isGreaterThan(20);
    assertThat(with.getRGB(0, 0, 2, 2, null, 0, 2))
        .containsExactly(without.getRGB(0, 0, 2, 2, null, 0, 2));
  }

  @Test
  void decode_volume_isAMontageCutsOrAnAnimation() throws IOException {
    float[] values = new float[3 * 150 * 130];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 200;
    }
    Npy.write(folder.resolve("ct.npy"), new int[] {3, 150, 130, 1}, values);
    DataGenerator generator = generator().addSamples(folder, List.of("ct.npy")).build();
    Path out = folder.resolve("out");
    XAIDecoder.Builder decoder =
        XAIDecoder.builder()
            .setModel(linear(1, values.length))
            .setGenerator(generator)
            .optMethod("saliency")
            .optOutput(out, OutputFormat.PNG);

    assertThat(decoder.build().decode().failures()).isEmpty();
    BufferedImage montage = ImageIO.read(out.resolve("ct.png").toFile());
    // Two columns of 130 and two rows of 150.
    assertThat(montage.getWidth()).isEqualTo(262);
    assertThat(montage.getHeight()).isEqualTo(302);

    decoder.optDrawing(Drawing.DEFAULT.withVolumeView(VolumeView.CUTS)).build().decode();
    BufferedImage cuts = ImageIO.read(out.resolve("ct.png").toFile());
    // Twice enlarged: slices of 150 x 130, 3 x 130 and 3 x 150.
    assertThat(cuts.getWidth()).isEqualTo(260 + 4 + 260 + 4 + 300);
    assertThat(cuts.getHeight()).isEqualTo(300);

    decoder.optOutput(out, OutputFormat.GIF).build().decode();
    try (ImageInputStream in = ImageIO.createImageInputStream(out.resolve("ct.gif").toFile())) {
      javax.imageio.ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
      reader.setInput(in);
      assertThat(reader.getNumImages(true)).isEqualTo(150);
      assertThat(reader.getWidth(149)).isEqualTo(130);
      assertThat(reader.getHeight(149)).isEqualTo(3);
      reader.dispose();
    }
    Files.writeString(out.resolve("ct.gif"), "mine");
    assertThat(decoder.build().decode().failures().get(0).reason())
        .contains("this program did not write what is there");
  }

  private static ExplainableModel linear(int classes, int values) {
    return new LinearModel(new float[classes][values], ChannelLayout.CHANNELS_FIRST, "heap");
  }

  @Test
  void build_sameScaleOfRawMaps_isAContradiction() {
    assertThatIllegalStateException()
        .isThrownBy(() -> decoder("a.npy").optSameScale(true).optRaw(true).build())
        .withMessage(
            "raw maps keep the scale of the method; ask for them or for one scale, not both");
  }
}
