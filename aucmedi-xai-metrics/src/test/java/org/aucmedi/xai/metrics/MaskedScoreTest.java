package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;

final class MaskedScoreTest {

  private static final BatchAxes AXES = BatchAxes.ofMap(4, 4);

  private static final float[] MAP = {
    -1, 0, 1, 3,
    -1, -1, -1, -1,
    -1, -1, -1, -1,
    -1, -1, -1, -1
  };

  @Test
  void of_mapOfAnyScale_multipliesThePixelValuesByItScaledToOne() {
    float[] pixels = new float[16];
    float[] standardised = new float[16];
    float[] black = new float[16];
    for (int i = 0; i < 16; i++) {
      pixels[i] = 10 * (i + 1);
      standardised[i] = (pixels[i] - 100) / 50;
      black[i] = -2;
    }
    List<float[]> seen = new ArrayList<>();
    MaskedScore.of(
        standardised,
        black,
        AXES,
        MAP,
        variants -> {
          seen.addAll(variants);
          return new double[] {0.5, 0.25};
        });
    assertThat(seen.get(0)).isEqualTo(standardised);
    float[] mask = {0, 0.25f, 0.5f, 1};
    for (int i = 0; i < 16; i++) {
      float masked = i < 4 ? pixels[i] * mask[i] : 0;
      assertThat(seen.get(1)[i]).isCloseTo((masked - 100) / 50, within(1e-6f));
    }
  }

  @Test
  void of_channels_haveOneMask() {
    BatchAxes axes = new BatchAxes(new Shape(1, 1, 2, 2), ChannelLayout.CHANNELS_LAST);
    List<float[]> seen = new ArrayList<>();
    MaskedScore.of(
        new float[] {2, 4, 6, 8},
        new float[4],
        axes,
        new float[] {7, 5},
        variants -> {
          seen.addAll(variants);
          return new double[2];
        });
    assertThat(seen.get(1)).containsExactly(2, 4, 0, 0);
  }

  @Test
  void of_flatMap_showsNothing() {
    MaskedScore.of(
        new float[] {1, 2},
        new float[] {-3, -3},
        BatchAxes.ofMap(2),
        new float[] {5, 5},
        variants -> {
          assertThat(variants.get(1)).containsExactly(-3, -3);
          return new double[2];
        });
  }

  @Test
  void scores_lowerAndHigher_areTheFormulas() {
    MaskedScore lower = new MaskedScore(0.8, 0.2);
    assertThat(lower.drop()).isCloseTo(0.75, within(1e-12));
    assertThat(lower.increase()).isZero();
    assertThat(lower.gain()).isZero();
    MaskedScore higher = new MaskedScore(0.6, 0.9);
    assertThat(higher.drop()).isZero();
    assertThat(higher.increase()).isEqualTo(1);
    assertThat(higher.gain()).isCloseTo(0.75, within(1e-12));
    assertThat(new MaskedScore(0, 0).drop()).isZero();
    assertThat(new MaskedScore(1, 1).gain()).isZero();
  }

  @Test
  void scores_noProbabilities_areRefused() {
    MaskedScore logits = new MaskedScore(7, -2);
    assertThat(logits.areProbabilities()).isFalse();
    assertThat(logits.increase()).isZero();
    assertThatIllegalArgumentException().isThrownBy(logits::drop).withMessageContaining("7.0");
    assertThatIllegalArgumentException().isThrownBy(logits::gain).withMessageContaining("-2.0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                MaskedScore.of(
                    new float[1],
                    new float[1],
                    BatchAxes.ofMap(1),
                    new float[] {Float.POSITIVE_INFINITY},
                    variants -> new double[2]))
        .withMessageContaining("infinite");
  }
}
