package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.modality.cv.BufferedImageFactory;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.util.Map;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.OverlayStyle;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;

final class HeatmapTest {

  private static final Provenance PROVENANCE =
      new Provenance(
          "Grad-CAM",
          Profile.PAPER,
          Map.of("relu", "true"),
          "conv",
          "model 'm'",
          "PyTorch 2",
          "0.1");

  private static Heatmap map(float... values) {
    return new Heatmap(
        new Objective.OfClass(1),
        new float[] {0.25f, 0.75f},
        new int[] {2, 2},
        values,
        false,
        new RawScale(-2, 6),
        MapStatus.OK,
        Map.of("delta", 0.5),
        PROVENANCE);
  }

  @Test
  void resizedTo_largerSize_interpolatesAndKeepsAllElse() {
    Heatmap large = map(0, 1, 2, 3).resizedTo(4, 4);
    assertThat(large.shape()).containsExactly(4, 4);
    assertThat(large.values())
        .containsExactly(
            0, 0.25f, 0.75f, 1, 0.5f, 0.75f, 1.25f, 1.5f, 1.5f, 1.75f, 2.25f, 2.5f, 2, 2.25f, 2.75f,
            3);
    assertThat(large.classIndex()).isEqualTo(1);
    assertThat(large.score()).isEqualTo(0.75f);
    assertThat(large.diagnostics()).containsExactly(Map.entry("delta", 0.5));
    assertThat(large.provenance()).isSameAs(PROVENANCE);
    assertThatIllegalArgumentException().isThrownBy(() -> large.resizedTo(4, 4, 4));
  }

  @Test
  void values_changedByTheCaller_stayAsTheyAre() {
    Heatmap map = map(0, 1, 2, 3);
    map.values()[0] = 9;
    map.shape()[0] = 9;
    map.outputs()[1] = 9;
    assertThat(map.at(0, 0)).isZero();
    assertThat(map.shape()).containsExactly(2, 2);
    assertThat(map.score()).isEqualTo(0.75f);
  }

  @Test
  void at_indexThatIsNone_isRefused() {
    assertThat(map(0, 1, 2, 3).at(1, 0)).isEqualTo(2);
    assertThatIllegalArgumentException().isThrownBy(() -> map(0, 1, 2, 3).at(1));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> map(0, 1, 2, 3).at(0, 2));
  }

  @Test
  void provenance_inWords_namesMethodOptionsLayerModelAndEngine() {
    assertThat(PROVENANCE)
        .hasToString(
            "Grad-CAM (paper, relu=true) at layer conv, model 'm', PyTorch 2, AUCMEDI-XAI 0.1");
  }

  @Test
  void reduce_channels_isByTheRule() {
    Attribution found =
        Attribution.of(
            new Objective.OfClass(0),
            new float[] {1},
            new BatchAxes(new Shape(1, 1, 2, 3), ChannelLayout.CHANNELS_LAST),
            new float[] {1, -5, 3, -1, -2, 0.5f});
    assertThat(found.reduce(ChannelReduction.MAX)).containsExactly(3, 0.5f);
    assertThat(found.reduce(ChannelReduction.ABS_MAX)).containsExactly(5, 2);
    assertThat(found.reduce(ChannelReduction.SUM)).containsExactly(-1, -2.5f);
    assertThat(found.value(1, 0)).isEqualTo(-5);
    assertThat(found.channels()).isEqualTo(3);
    assertThat(found.shape()).containsExactly(1, 2);
  }

  @Test
  void overlayOn_everyKindOfImage_isAlphaColourPlusTheRestImage() {
    float[] pixels = new float[4 * 4 * 3];
    BufferedImage picture = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 16; i++) {
      picture.setRGB(i % 4, i / 4, (10 * i) << 16 | 7 << 8 | 200 - i);
      pixels[3 * i] = 10 * i;
      pixels[3 * i + 1] = 7;
      pixels[3 * i + 2] = 200 - i;
    }
    ImageArray array = ImageArray.of(new int[] {4, 4}, 3, pixels, SampleType.UINT8);
    Heatmap map = map(0, 1, 0.5f, 0.25f);
    BufferedImage drawn = map.overlayOn(picture, Colormap.INFERNO, 0.5f);
    float[] large = map.resizedTo(4, 4).values();
    for (int i = 0; i < 16; i++) {
      int rgb = drawn.getRGB(i % 4, i / 4);
      for (int c = 0; c < 3; c++) {
        double expected =
            Colormap.INFERNO.intensity((int) (large[i] * 255), c) / 2 + pixels[3 * i + c] / 2;
        assertThat(rgb >> (16 - 8 * c) & 255).isEqualTo((int) expected);
      }
      assertThat(map.overlayOn(array, Colormap.INFERNO, 0.5f).getRGB(i % 4, i / 4)).isEqualTo(rgb);
      assertThat(
              map.overlayOn(new BufferedImageFactory().fromImage(picture), Colormap.INFERNO, 0.5f)
                  .getRGB(i % 4, i / 4))
          .isEqualTo(rgb);
    }
  }

  @Test
  void checkedAgainst_highestValuesOutside_areReported() {
    Heatmap map = map(0.1f, 0.2f, 0.9f, 0.3f);

    Heatmap out = map.checkedAgainst(new boolean[] {true, true, false, true});
    assertThat(out.status()).isEqualTo(MapStatus.OUTSIDE_BODY);
    assertThat(out.diagnostics()).containsEntry(Heatmap.OUTSIDE_BODY, 1.0);
    assertThat(out.diagnostics()).containsEntry("delta", 0.5);
    assertThat(out.values()).containsExactly(map.values());

    Heatmap in = map.checkedAgainst(new boolean[] {false, false, true, false});
    assertThat(in.status()).isEqualTo(MapStatus.OK);
    assertThat(in.diagnostics()).containsEntry(Heatmap.OUTSIDE_BODY, 0.0);
    // Of two equally high values one is outside: half, not more.
    Heatmap half =
        map(0.9f, 0.2f, 0.9f, 0.3f).checkedAgainst(new boolean[] {false, true, true, true});
    assertThat(half.status()).isEqualTo(MapStatus.OK);
    assertThat(half.diagnostics()).containsEntry(Heatmap.OUTSIDE_BODY, 0.5);
  }

  @Test
  void checkedAgainst_maskThatDoesNotFit_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map(1, 2, 3, 4).checkedAgainst(new boolean[3]))
        .withMessageContaining("3 positions does not fit a map of [2, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map(1, 2, 3, 4).checkedAgainst(new boolean[4]))
        .withMessageContaining("shows no body");
  }

  @Test
  void overlayOn_rawMap_isRefused() {
    Heatmap raw =
        new Heatmap(
            new Objective.OfClass(0),
            new float[] {1},
            new int[] {1, 1},
            new float[] {-3},
            true,
            RawScale.IDENTITY,
            MapStatus.OK,
            Map.of(),
            PROVENANCE);
    BufferedImage picture = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> raw.overlayOn(picture, Colormap.JET, 0.5f))
        .withMessageContaining("a raw map of [1, 1]");
  }

  @Test
  void around0_signs_areAroundTheMiddle() {
    Heatmap signed = raw(-3, 0, 1.5f, 9).around0(6);

    assertThat(signed.values()).containsExactly(0.25f, 0.5f, 0.625f, 1);
    assertThat(signed.rawScale()).isEqualTo(new RawScale(-6, 6));
    assertThat(signed.isRaw()).isFalse();
    assertThat(raw(0, 0, 0, 0).around0(0).values()).containsOnly(0.5f);
    assertThat(raw(0, 0, 0, 0).around0(0).rawScale()).isEqualTo(new RawScale(0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> raw(1, 2, 3, 4).around0(Float.NaN))
        .withMessageContaining("NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map(0, 0, 0, 1).around0(1))
        .withMessageContaining("only a raw map has signs");
  }

  @Test
  void rawScale_resizedMap_keepsIt() {
    assertThat(map(0, 1, 0.5f, 0.25f).resizedTo(3, 3).rawScale()).isEqualTo(new RawScale(-2, 6));
  }

  @Test
  void overlayOn_rawMapInADivergingColormap_hasZeroInTheMiddle() {
    ImageArray image = ImageArray.of(new int[] {2, 2}, 1, new float[4], SampleType.UINT8);
    OverlayStyle style = OverlayStyle.DEFAULT.withColormap(Colormap.COOLWARM).withAlpha(1);

    BufferedImage drawn = raw(-4, 0, 2, 4).overlayOn(image, style);

    int[] colours = {0, 127, 191, 255};
    for (int i = 0; i < 4; i++) {
      for (int c = 0; c < 3; c++) {
        assertThat(drawn.getRaster().getSample(i % 2, i / 2, c))
            .isEqualTo((int) Colormap.COOLWARM.intensity(colours[i], c));
      }
    }
  }

  private static Heatmap raw(float... values) {
    return new Heatmap(
        new Objective.OfClass(0),
        new float[] {1},
        new int[] {2, 2},
        values,
        true,
        RawScale.IDENTITY,
        MapStatus.OK,
        Map.of(),
        PROVENANCE);
  }
}
