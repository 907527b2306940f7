package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CellImagesTest {

  @Test
  void draw_oddImages_haveALesionOfSomeSizeInside() {
    for (int i = 0; i < 200; i++) {
      CellImages.Sample sample = CellImages.draw(3, i);
      int inside = 0;
      for (int p = 0; p < sample.mask().length; p++) {
        if (sample.mask()[p]) {
          inside++;
          assertThat(p % CellImages.SIZE).isBetween(1, CellImages.SIZE - 2);
          assertThat(p / CellImages.SIZE).isBetween(1, CellImages.SIZE - 2);
        }
      }
      assertThat(sample.hasLesion()).isEqualTo(i % 2 == 1);
      if (i % 2 == 1) {
        assertThat(inside).isBetween(35, 160);
      }
    }
  }

  @Test
  void draw_samePlace_isTheSameImage() {
    assertThat(CellImages.draw(3, 5).pixels()).containsExactly(CellImages.draw(3, 5).pixels());
    assertThat(CellImages.draw(3, 5).pixels()).isNotEqualTo(CellImages.draw(4, 5).pixels());
    assertThat(CellImages.draw(3, 5).pixels()).isNotEqualTo(CellImages.draw(3, 7).pixels());
  }

  @Test
  void draw_pixels_areBytes() {
    for (float value : CellImages.draw(3, 1).pixels()) {
      assertThat(value).isBetween(0f, 255f).isEqualTo((float) Math.rint(value));
    }
  }
}
