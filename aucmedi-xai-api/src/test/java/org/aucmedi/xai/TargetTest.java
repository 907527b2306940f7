package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.aucmedi.xai.model.OutputActivation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTest {

  private static final float[] OUTPUTS = {0.1f, 0.6f, 0.3f, 0.6f};

  private static List<String> labels(Target target, float... outputs) {
    return target.objectives(outputs, 0, 1).stream().map(Objective::label).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "argmax; 1",
        "top1; 1",
        "TOP3; 1 3 2",
        "top9; 1 3 2 0",
        "all; 0 1 2 3",
        "above0.3; 1 3",
        "above-1; 0 1 2 3",
        "above0.6; ''",
        "2; 2",
        " 3,0 ; 3 0",
        "3vs0; 3vs0"
      })
  void parse_text_namesTheObjectives(String text, String expected) {
    Target target = Target.parse(text);
    assertThat(String.join(" ", labels(target, OUTPUTS))).isEqualTo(expected);
    assertThat(labels(Target.parse(target.toString()), OUTPUTS)).isEqualTo(labels(target, OUTPUTS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "most",
        "top",
        "top0",
        "above",
        "above1e999",
        "-1",
        "1,1",
        "1,",
        "2vs2",
        "1vs",
        "1.5",
        "12345678901"
      })
  void parse_textThatNamesNone_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Target.parse(text));
  }

  @Test
  void parse_names_areClasses() {
    List<String> names = List.of("WBC", "1", "all");

    assertThat(labels(Target.parse("1,WBC", names), OUTPUTS)).containsExactly("1", "0");
    assertThat(labels(Target.parse("all", names), OUTPUTS)).containsExactly("2");
    // Numbers are positions, as in the model.
    assertThat(labels(Target.parse("1", List.of("1", "0")), OUTPUTS)).containsExactly("1");
    assertThat(labels(Target.parse("top1", List.of()), OUTPUTS)).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Target.parse("RBC", names))
        .withMessageEndingWith(", or names of [WBC, 1, all]");
  }

  @Test
  void perImage_classes_areThoseOfEachImage() {
    Target target = Target.perImage(1, 0);
    assertThat(target.objectives(OUTPUTS, 0, 2).get(0).classIndex()).isEqualTo(1);
    assertThat(target.objectives(OUTPUTS, 1, 2).get(0).classIndex()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> target.objectives(OUTPUTS, 0, 3))
        .withMessageContaining("for 2 images, the batch has 3");
  }

  @Test
  void objectives_classOutOfRange_namesClassAndRange() {
    for (Target target :
        new Target[] {
          Target.ofClass(4), Target.perImage(4), Target.contrast(4, 0), Target.contrast(0, 4)
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> target.objectives(OUTPUTS, 0, 1))
          .withMessage("class index 4 is out of range: the model has 4 classes, 0 to 3");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Target.ofClass(-1).objectives(OUTPUTS, 0, 1))
        .withMessageStartingWith("class index -1 is out of range");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Target.ofClass(1).objectives(new float[1], 0, 1))
        .withMessage("class index 1 is out of range: the model has one class, 0");
  }

  @Test
  void above_outputOfNaN_isNamedSoThatItsMapSaysSo() {
    assertThat(labels(Target.above(0.5f), Float.NaN, 0.2f)).containsExactly("0");
  }

  @Test
  void ofClasses_arrayChangedLater_keepsItsClasses() {
    int[] classes = {0, 1};
    Target target = Target.ofClasses(classes);
    classes[0] = 2;
    assertThat(labels(target, OUTPUTS)).containsExactly("0", "1");
  }

  @Test
  void ofClasses_noneOrTwice_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(Target::ofClasses)
        .withMessageContaining("at least one class");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Target.ofClasses(0, 0))
        .withMessageContaining("the classes must be distinct, got [0, 0]");
    assertThatIllegalArgumentException().isThrownBy(() -> Target.contrast(1, 1));
  }

  @Test
  void gradient_ofClassAndContrast_areTheirWeights() {
    assertThat(gradient(Target.ofClass(2))).containsExactly(0, 0, 1, 0);
    assertThat(gradient(Target.contrast(2, 0))).containsExactly(-1, 0, 1, 0);
    assertThat(value(Target.contrast(1, 0))).isEqualTo((double) 0.6f - 0.1f);
  }

  @Test
  void of_function_isExplainedAsItIs() {
    Target product =
        Target.of(
            "product",
            new OutputFunction() {
              @Override
              public double value(float[] outputs) {
                return outputs[0] * outputs[1];
              }

              @Override
              public float[] gradient(float[] outputs) {
                return new float[] {outputs[1], outputs[0], 0, 0};
              }
            });
    assertThat(labels(product, OUTPUTS)).containsExactly("product");
    assertThat(product.objectives(OUTPUTS, 0, 1).get(0).classIndex()).isEqualTo(-1);
    assertThat(gradient(product)).containsExactly(0.6f, 0.1f, 0, 0);
    assertThat(value(product)).isEqualTo(0.1f * 0.6f);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                product
                    .objectives(OUTPUTS, 0, 1)
                    .get(0)
                    .gradient(OUTPUTS, Score.LOGIT, OutputActivation.SOFTMAX))
        .withMessageContaining("'product' is a function of the outputs and has no logit");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                product
                    .objectives(new float[3], 0, 1)
                    .get(0)
                    .gradient(new float[3], Score.OUTPUT, OutputActivation.SOFTMAX))
        .withMessageContaining("the gradient of 'product' has 4 values for 3 outputs");
  }

  private static float[] gradient(Target target) {
    return target
        .objectives(OUTPUTS, 0, 1)
        .get(0)
        .gradient(OUTPUTS, Score.OUTPUT, OutputActivation.NONE);
  }

  private static double value(Target target) {
    return target
        .objectives(OUTPUTS, 0, 1)
        .get(0)
        .value(OUTPUTS, Score.OUTPUT, OutputActivation.NONE);
  }

  @Test
  void targetGradient_imagesOfDifferentCounts_padsWithZero() {
    TargetGradient gradient =
        new TargetGradient(Target.above(0.5f), Score.OUTPUT, OutputActivation.NONE);
    List<float[]> found = gradient.of(new float[][] {{0.9f, 0.1f}, {0.6f, 0.7f}, {0, 0}});
    assertThat(found).hasSize(2);
    assertThat(found.get(0)).containsExactly(1, 0, 1, 0, 0, 0);
    assertThat(found.get(1)).containsExactly(0, 0, 0, 1, 0, 0);
    assertThat(gradient.objectives().stream().map(List::size)).containsExactly(1, 2, 0);
  }
}
