package org.aucmedi.xai.imaging.drawing;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.array.Colormap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ColorBarTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "100, 100",
    "0.47, 0.47",
    "-0.0123456, -0.0123",
    "0.0009996, 0.001",
    "0.00099, 9.9e-4",
    "-1.2345e-5, -1.23e-5",
    "99960, 1e5",
    "12345, 12300",
    "3.4e38, 3.4e38",
    "1.4e-45, 1.4e-45"
  })
  void label_number_hasThreeDigits(float value, String label) {
    assertThat(ColorBar.label(value)).isEqualTo(label);
  }

  @ParameterizedTest
  @CsvSource({"260, 10", "52, 9", "5, 9", "2000, 20"})
  void beside_picture_staysAndTheBarHasEveryColour(int height, int text) {
    BufferedImage picture = new BufferedImage(40, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 40 * height; i++) {
      picture.setRGB(i % 40, i / 40, i * 7919 & 0xffffff);
    }

    BufferedImage result =
        ColorBar.beside(picture, Colormap.VIRIDIS, new RawScale(-1.23e-5f, 0.47f));

    assertThat(result.getRGB(0, 0, 40, height, null, 0, 40))
        .containsExactly(picture.getRGB(0, 0, 40, height, null, 0, 40));
    int last = Math.max(height, 6 * text) - text - 1;
    for (int y = text; y <= last; y++) {
      int heat = 255 * (last - y) / (last - text);
      for (int x : new int[] {40 + text, 40 + 2 * text - 1}) {
        for (int c = 0; c < 3; c++) {
          assertThat(result.getRaster().getSample(x, y, c))
              .isEqualTo((int) Colormap.VIRIDIS.intensity(heat, c));
        }
      }
    }
    // Nothing of a label is cut off.
    for (int y = 0; y < result.getHeight(); y++) {
      assertThat(result.getRGB(result.getWidth() - 1, y) & 0xffffff).isZero();
      assertThat(result.getRGB(result.getWidth() - text / 2, y) & 0xffffff).isZero();
    }
  }

  @Test
  void beside_divergingColormap_marksZeroInTheMiddle() {
    BufferedImage picture = new BufferedImage(40, 260, BufferedImage.TYPE_INT_RGB);
    RawScale scale = RawScale.around0(0.5f);

    int without = white(ColorBar.beside(picture, Colormap.JET, scale));
    int with = white(ColorBar.beside(picture, Colormap.COOLWARM, scale));

    assertThat(without).isZero();
    assertThat(with).isGreaterThan(10);
  }

  /** White pixels to the right of the bar's middle. */
  private static int white(BufferedImage picture) {
    int white = 0;
    for (int y = 120; y < 140; y++) {
      for (int x = 62; x < picture.getWidth(); x++) {
        white += (picture.getRGB(x, y) & 255) > 200 ? 1 : 0;
      }
    }
    return white;
  }
}
