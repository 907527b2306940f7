package org.aucmedi.xai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

final class OutputGradientTest {

  private static final float[][] OUTPUTS = {{0.2f, 0.3f, 0.5f}, {0.1f, 0.8f, 0.1f}};

  @Test
  void ofClasses_everyImage_hasAOneForTheClass() {
    List<float[]> gradients = OutputGradient.ofClasses(2, 0).of(OUTPUTS);
    assertThat(gradients).hasSize(2);
    assertThat(gradients.get(0)).containsExactly(0, 0, 1, 0, 0, 1);
    assertThat(gradients.get(1)).containsExactly(1, 0, 0, 1, 0, 0);
  }

  @Test
  void ofClasses_classThatTheModelLacks_isNamed() {
    for (int classIndex : new int[] {-1, 3}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> OutputGradient.ofClasses(classIndex).of(OUTPUTS))
          .withMessage("class " + classIndex + " is out of range: the model has 3, counted from 0");
    }
  }
}
