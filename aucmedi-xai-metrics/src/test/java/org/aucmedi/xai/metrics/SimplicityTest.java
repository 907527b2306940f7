package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class SimplicityTest {

  private static final float[] MAP = {3, -1, 4, -2};

  @Test
  void sparseness_knownMaps_areTheirGiniIndices() {
    assertThat(Sparseness.score(MAP)).isCloseTo(0.25, within(1e-12));
    assertThat(Sparseness.score(new float[] {5, 5, 5, 5})).isZero();
    assertThat(Sparseness.score(new float[] {0, 0, -7, 0})).isCloseTo(0.75, within(1e-12));
    assertThat(Sparseness.score(new float[4])).isZero();
  }

  @Test
  void complexity_knownMaps_areTheirEntropies() {
    assertThat(Complexity.score(MAP)).isCloseTo(1.2798542, within(1e-6));
    assertThat(Complexity.score(new float[] {5, 5, 5, 5})).isCloseTo(Math.log(4), within(1e-12));
    assertThat(Complexity.score(new float[] {0, 0, -7, 0})).isZero();
    assertThat(Complexity.score(new float[4])).isCloseTo(Math.log(4), within(1e-12));
  }

  @Test
  void scores_emptyOrNaN_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Sparseness.score(new float[0]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Complexity.score(new float[] {1, Float.NaN}))
        .withMessageContaining("value 1");
  }
}
