package org.aucmedi.xai.imaging.drawing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StrokeFontTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "-",
        "e",
        "L",
        "R",
        "A",
        "P",
        "S",
        "I",
        "-1.23e-5"
      })
  void draw_everyText_keepsToItsBox(String text) {
    int width = (int) Math.ceil(StrokeFont.width(text, 30));
    BufferedImage picture = drawn(text, width + 40, 70);

    int bright = 0;
    for (int y = 0; y < 70; y++) {
      for (int x = 0; x < width + 40; x++) {
        int white = picture.getRGB(x, y) & 255;
        // Half the stroke, 0.45 of 5 pixels, lies outside.
        if (x < 17 || x >= 23 + width || y < 17 || y >= 53) {
          assertThat(white).as("at %s, %s", x, y).isZero();
        }
        bright += white > 200 ? 1 : 0;
      }
    }
    assertThat(bright).isGreaterThan(30);
  }

  @Test
  void draw_letterL_isAPoleWithAFoot() {
    BufferedImage picture = drawn("L", 60, 70);

    // The pole is at 0.3 of 5 pixels from the left edge, the foot at the baseline.
    for (int y = 20; y <= 50; y++) {
      assertThat(picture.getRGB(21, y) & 255).isEqualTo(255);
    }
    for (int x = 22; x <= 38; x++) {
      assertThat(picture.getRGB(x, 49) & 255).isEqualTo(255);
      assertThat(picture.getRGB(x, 35) & 255).isLessThan(x > 24 ? 1 : 256);
    }
  }

  @Test
  void width_text_isTheSumOfItsAdvances() {
    // Units of a sixth of the height: 5.6 for a character, 2.6 for a point, 1.6 less at the end.
    assertThat(StrokeFont.width("1.5", 6)).isCloseTo(5.6 + 2.6 + 4, within(1e-9));
    assertThat(StrokeFont.width("A", 12)).isCloseTo(8, within(1e-9));
  }

  @Test
  void draw_unknownCharacter_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> drawn("x", 60, 70))
        .withMessageContaining("'x'");
  }

  private static BufferedImage drawn(String text, int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    StrokeFont.draw(graphics, text, 20, 20, 30);
    graphics.dispose();
    return picture;
  }
}
