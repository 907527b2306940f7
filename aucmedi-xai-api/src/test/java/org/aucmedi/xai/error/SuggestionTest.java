package org.aucmedi.xai.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SuggestionTest {

  private static final List<String> NAMES = List.of("gradcam", "gradcam++", "saliency", "gc", "ig");

  @Test
  void of_oneMistake_isTheName() {
    assertThat(Suggestion.of("gradcm", NAMES)).contains("gradcam");
    assertThat(Suggestion.of("GradCamm", NAMES)).contains("gradcam");
    assertThat(Suggestion.of("graddam", NAMES)).contains("gradcam");
    assertThat(Suggestion.of("gradcam+", NAMES)).contains("gradcam");
  }

  @Test
  void of_lettersThatChangedPlaces_isOneMistake() {
    assertThat(Suggestion.of("gi", List.of("xx", "ig"))).contains("ig");
    assertThat(Suggestion.of("salinecy", NAMES)).contains("saliency");
  }

  @Test
  void of_severalNamesAlike_isTheNearest() {
    assertThat(Suggestion.of("gradcam+*", NAMES)).contains("gradcam++");
  }

  @Test
  void of_nothingAlike_isNothing() {
    assertThat(Suggestion.of("occlusion", NAMES)).isEmpty();
    assertThat(Suggestion.of("", NAMES)).isEmpty();
    assertThat(Suggestion.of("gradcam", List.of())).isEmpty();
  }

  @Test
  void question_oneMistakeOrMore_endsInASpaceOrIsEmpty() {
    assertThat(Suggestion.question("salency", NAMES)).isEqualTo("did you mean 'saliency'? ");
    assertThat(Suggestion.question("lime", NAMES)).isEmpty();
  }
}
