package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.aucmedi.xai.examples.Localisation.Score;
import org.junit.jupiter.api.Test;

final class LocalisationTest {

  @Test
  void means_classes_areAveragedOnTheirOwn() {
    List<Score> scores =
        List.of(new Score("a", 1, 0.1), new Score("b", 0, 0.3), new Score("a", 0.5, 0.2));

    assertThat(Localisation.means(scores, List.of("a", "b", "c"), Score::hit))
        .containsExactly(0.5, 0.75, 0.0, Double.NaN);
  }
}
