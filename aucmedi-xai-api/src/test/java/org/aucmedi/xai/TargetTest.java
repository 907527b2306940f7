package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class TargetTest {

  @Test
  void seeds_ofClass_areOneHotInEveryRow() {
    assertThat(Target.ofClass(1).seeds(2, 3)).containsExactly(new float[] {0, 1, 0, 0, 1, 0});
  }

  @Test
  void seeds_ofClasses_comeInTheirOrder() {
    assertThat(Target.ofClasses(2, 0).seeds(1, 3))
        .containsExactly(new float[] {0, 0, 1}, new float[] {1, 0, 0});
  }

  @Test
  void seeds_all_haveOneMapPerClass() {
    assertThat(Target.all().seeds(1, 2)).containsExactly(new float[] {1, 0}, new float[] {0, 1});
  }

  @Test
  void seeds_perImage_differByRow() {
    assertThat(Target.perImage(1, 0).seeds(2, 2)).containsExactly(new float[] {0, 1, 1, 0});
  }

  @Test
  void seeds_contrast_subtractTheOther() {
    assertThat(Target.contrast(2, 0).seeds(1, 3)).containsExactly(new float[] {-1, 0, 1});
  }

  @Test
  void seeds_classOutOfRange_namesClassAndRange() {
    for (Target target :
        new Target[] {
          Target.ofClass(3), Target.perImage(3), Target.contrast(3, 0), Target.contrast(0, 3)
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> target.seeds(1, 3))
          .withMessage("class index 3 is out of range: the model has 3 classes, 0 to 2");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Target.ofClass(-1).seeds(1, 3))
        .withMessageStartingWith("class index -1 is out of range");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Target.ofClass(1).seeds(1, 1))
        .withMessage("class index 1 is out of range: the model has one class, 0");
  }

  @Test
  void seeds_perImageOfAnotherSize_namesBoth() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Target.perImage(0, 1).seeds(3, 2))
        .withMessageContaining("for 2 images, the batch has 3");
  }

  @Test
  void seeds_contrastInABatch_areTheSameInEveryRow() {
    assertThat(Target.contrast(0, 1).seeds(2, 2)).containsExactly(new float[] {1, -1, 1, -1});
  }

  @Test
  void maps_ofEachKind_countThoseOfAnImage() {
    assertThat(Target.ofClass(4).maps(9)).isEqualTo(1);
    assertThat(Target.ofClasses(4, 2, 4).maps(9)).isEqualTo(3);
    assertThat(Target.all().maps(9)).isEqualTo(9);
    assertThat(Target.perImage(1, 2, 3).maps(9)).isEqualTo(1);
    assertThat(Target.contrast(1, 2).maps(9)).isEqualTo(1);
  }

  @Test
  void ofClasses_none_fails() {
    assertThatIllegalArgumentException()
        .isThrownBy(Target::ofClasses)
        .withMessageContaining("got none");
  }

  @Test
  void ofClasses_arrayChangedLater_keepsItsClasses() {
    int[] classes = {0, 1};
    Target target = Target.ofClasses(classes);
    classes[0] = 2;
    assertThat(target.seeds(1, 3)).containsExactly(new float[] {1, 0, 0}, new float[] {0, 1, 0});
  }

  @Test
  void contrast_sameClassTwice_fails() {
    assertThatIllegalArgumentException().isThrownBy(() -> Target.contrast(1, 1));
  }
}
