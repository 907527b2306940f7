package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class OverlayTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 127.5",
    "28, 0, 0, 254.77",
    "31, 0, 0, 255",
    "32, 0, 0.5, 255",
    "64, 0, 128.5, 255",
    "95, 18.548, 252.5, 228.225",
    "127, 121.774, 255, 125",
    "128, 125, 255, 121.774",
    "160, 228.226, 255, 18.548",
    "191, 255, 152.037, 0",
    "224, 255, 29.815, 0",
    "228, 250.227, 15, 0",
    "255, 127.5, 0, 0"
  })
  void jet_checkValues_equalMatplotlib(int index, double red, double green, double blue) {
    assertThat(Colormap.JET.intensity(index, 0)).isCloseTo(red, within(1e-2));
    assertThat(Colormap.JET.intensity(index, 1)).isCloseTo(green, within(1e-2));
    assertThat(Colormap.JET.intensity(index, 2)).isCloseTo(blue, within(1e-2));
  }

  @ParameterizedTest
  @CsvSource({
    "VIRIDIS, 0, 68.086, 1.243, 84.001",
    "VIRIDIS, 127, 32.826, 143.633, 140.563",
    "VIRIDIS, 255, 253.278, 231.070, 36.704",
    "INFERNO, 0, 0.373, 0.119, 3.536",
    "VIRIDIS, 64, 58.583, 82.202, 139.155",
    "VIRIDIS, 200, 112.235, 206.840, 86.947",
    "INFERNO, 127, 186.127, 54.254, 85.135",
    "INFERNO, 200, 251.418, 157.016, 6.526",
    "INFERNO, 255, 252.032, 254.583, 164.456",
    "CIVIDIS, 0, 0, 34.454, 77.712",
    "CIVIDIS, 64, 67.253, 78.497, 107.811",
    "CIVIDIS, 127, 123.711, 123.025, 119.948",
    "CIVIDIS, 200, 196.185, 180.294, 104.172",
    "CIVIDIS, 255, 253.913, 231.883, 55.532",
    "GRAY, 77, 77, 77, 77",
    "COOLWARM, 0, 58.600, 76.173, 192.189",
    "COOLWARM, 127, 220.165, 220.596, 221.247",
    "COOLWARM, 255, 179.947, 3.967, 38.309"
  })
  void intensity_checkValues_equalMatplotlib(
      Colormap colormap, int index, double red, double green, double blue) {
    assertThat(colormap.intensity(index, 0)).isCloseTo(red, within(1e-3));
    assertThat(colormap.intensity(index, 1)).isCloseTo(green, within(1e-3));
    assertThat(colormap.intensity(index, 2)).isCloseTo(blue, within(1e-3));
  }

  @ParameterizedTest
  @EnumSource
  void intensity_everyColour_liesIn255(Colormap colormap) {
    for (int i = 0; i < 256; i++) {
      for (int c = 0; c < 3; c++) {
        assertThat(colormap.intensity(i, c)).isBetween(0.0, 255.0);
      }
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> colormap.intensity(256, 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> colormap.intensity(0, 3));
  }

  @Test
  void blend_anotherColormap_drawsInItsColours() {
    BufferedImage picture =
        Overlay.blend(image(3, 100, 150, 200), new float[] {1}, Colormap.VIRIDIS, 0.5f);

    // Half of (253.278, 231.070, 36.704) and half of the image.
    assertThat(picture.getRaster().getPixel(0, 0, new int[3])).containsExactly(176, 190, 118);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 150, 200, 0, 75, 112, 181",
    "0, 0, 0, 0.5, 30, 63, 31",
    "255, 255, 255, 1, 223, 191, 191",
    "10, 20, 30, 0.25, 7, 46, 86"
  })
  void blend_goldenPixels_equalAucmedi(
      float r, float g, float b, float heat, int red, int green, int blue) {
    ImageArray image = image(3, r, g, b);

    BufferedImage picture = Overlay.blend(image, new float[] {heat}, 0.25f);

    assertThat(picture.getRaster().getPixel(0, 0, new int[3])).containsExactly(red, green, blue);
  }

  @Test
  void blend_alphaThatIsNoBinaryFraction_isTakenAsWritten() {
    // 0.6 * 100 is 60; (1 - 0.4f) * 100 is below it and would be truncated to 59.
    BufferedImage picture = Overlay.blend(image(3, 100, 100, 100), new float[1], 0.4f);

    assertThat(picture.getRaster().getPixel(0, 0, new int[3])).containsExactly(60, 60, 111);
  }

  @Test
  void blend_heatAlpha_isTheWeightTimesTheHeat() {
    OverlayStyle style = OverlayStyle.DEFAULT.withAlpha(0.5f).withHeatAlpha(true);

    BufferedImage picture =
        Overlay.blend(
            image(1, 100, 100, 100, 100, 100), new float[] {0, 0.5f, 1, Float.NaN, 3}, style);

    // jet[127] is (121.774, 255, 125), jet[255] (127.5, 0, 0); weights 0, 1/4, 1/2, 0, 1/2.
    assertThat(picture.getRaster().getPixels(0, 0, 5, 1, new int[15]))
        .containsExactly(100, 100, 100, 105, 138, 106, 113, 50, 50, 100, 100, 100, 113, 50, 50);
  }

  @Test
  void blend_heatAlphaOfADivergingColormap_isTheDistanceFromTheMiddle() {
    OverlayStyle style = new OverlayStyle(Colormap.COOLWARM, 1, true, DisplayWindow.AUTO);

    BufferedImage picture =
        Overlay.blend(image(1, 100, 100, 100, 100), new float[] {0, 0.5f, 1, 0.25f}, style);

    // The ends alone: (58.6, 76.2, 192.2) and (179.9, 4.0, 38.3); the image alone in the middle.
    double half = 0.5 * Colormap.COOLWARM.intensity(63, 0) + 50;
    assertThat(picture.getRaster().getPixels(0, 0, 3, 1, new int[9]))
        .containsExactly(58, 76, 192, 100, 100, 100, 179, 3, 38);
    assertThat(picture.getRaster().getSample(3, 0, 0)).isEqualTo((int) half);
  }

  @Test
  void colours_everyHeat_isTheColormapAlone() {
    BufferedImage picture = Overlay.colours(new float[] {0, 1, Float.NaN}, 1, 3, Colormap.VIRIDIS);

    assertThat(picture.getRaster().getPixels(0, 0, 3, 1, new int[9]))
        .containsExactly(68, 1, 84, 253, 231, 36, 68, 1, 84);
  }

  @Test
  void gray_goldenValues_areTruncated() {
    BufferedImage picture = Overlay.gray(new float[] {0, .5f, 1, .25f, Float.NaN, 0}, 3, 2);

    assertThat(picture.getRaster().getPixels(0, 0, 2, 3, new int[6]))
        .containsExactly(0, 127, 255, 63, 0, 0);
  }

  @Test
  void blend_greyBeyondRange_isStretched() {
    BufferedImage picture = Overlay.blend(image(1, -1000, 3000), new float[2], 0);

    assertThat(picture.getRaster().getPixels(0, 0, 2, 1, new int[6]))
        .containsExactly(0, 0, 0, 255, 255, 255);
  }

  @Test
  void blend_whatCannotBeDrawn_saysWhatToDo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Overlay.blend(image(3, -1, 0, 300), new float[1], 0.25f))
        .withMessageContaining("-1.0 to 300.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Overlay.blend(image(2, 0, 0), new float[1], 0.25f))
        .withMessageContaining("1 or 3 channels, got 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Overlay.blend(image(1, 0, 0), new float[1], 0.25f))
        .withMessageContaining("resize");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Overlay.blend(image(1, 0), new float[1], 1.5f))
        .withMessageContaining("1.5");
  }

  @Test
  void blend_volume_isRefused() {
    ImageArray volume = ImageArray.of(new int[] {1, 1, 1}, 1, new float[1], SampleType.UINT8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Overlay.blend(volume, new float[1], 0.5f))
        .withMessageContaining("[1, 1, 1]");
  }

  private static ImageArray image(int channels, float... data) {
    return ImageArray.of(new int[] {1, data.length / channels}, channels, data, SampleType.FLOAT);
  }
}
