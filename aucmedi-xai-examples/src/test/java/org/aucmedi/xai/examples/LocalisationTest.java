package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.aucmedi.xai.examples.Localisation.Score;
import org.junit.jupiter.api.Test;

final class LocalisationTest {

  private static final boolean[] INSIDE = {true, false, false, false};

  @Test
  void shareOfPeaks_onePeak_isAllOrNothing() {
    assertThat(Localisation.shareOfPeaks(new float[] {3, 1, 2, 0}, INSIDE)).isEqualTo(1);
    assertThat(Localisation.shareOfPeaks(new float[] {2, 1, 3, 0}, INSIDE)).isZero();
    assertThat(Localisation.shareOfPeaks(new float[] {-1, -2, -3, -4}, INSIDE)).isEqualTo(1);
  }

  @Test
  void shareOfPeaks_plateau_countsTheShareInside() {
    assertThat(Localisation.shareOfPeaks(new float[] {3, 1, 3, 0}, INSIDE)).isEqualTo(0.5);
  }

  @Test
  void shareOfPeaks_flatMap_isChance() {
    assertThat(Localisation.shareOfPeaks(new float[4], INSIDE)).isEqualTo(0.25);
  }

  @Test
  void means_classes_areAveragedOnTheirOwn() {
    List<Score> scores =
        List.of(new Score("a", 1, 0.1), new Score("b", 0, 0.3), new Score("a", 0.5, 0.2));

    assertThat(Localisation.means(scores, List.of("a", "b", "c"), Score::hit))
        .containsExactly(0.5, 0.75, 0.0, Double.NaN);
  }
}
