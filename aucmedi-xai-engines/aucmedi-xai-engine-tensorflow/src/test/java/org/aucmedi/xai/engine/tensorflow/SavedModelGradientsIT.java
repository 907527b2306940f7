package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OutputGradients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of small SavedModels against those of TensorFlow in Python. */
final class SavedModelGradientsIT {

  private static void assertClose(String what, NDArray found, float[] expected) {
    Maps.assertClose(what, found.toFloatArray(), expected, 1e-5 * Maps.maxAbs(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"residual", "keras2", "operations2d", "operations3d"})
  void inputGradients_matchGradientTape(String name) {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model(name));
        NDManager manager = model.newManager()) {
      NDArray batch = Fixture.array(manager, name, "x");
      OutputGradient scores = OutputGradients.of(Fixture.array(manager, name, "seed"));
      assertClose("y", model.predict(batch), Fixture.values(name, "y"));
      assertClose(
          name, model.inputGradients(batch, scores).head(), Fixture.values(name, "gradient"));
    }
  }

  @Test
  void layerGradients_ofAResidualNet_matchGradientTape() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      NDArray once = Fixture.array(manager, "residual", "seed");
      LayerGradients found =
          model.layerGradients(batch, OutputGradients.of(once, once.mul(2)), "relu");
      assertClose("y", found.output(), Fixture.values("residual", "y"));
      assertClose("A", found.activations(), Fixture.values("residual", "relu"));
      float[] expected = Fixture.values("residual", "relu_gradient");
      assertClose("dA", found.gradients().get(0), expected);
      assertClose("2 dA", found.gradients().get(1).div(2), expected);
    }
  }

  @Test
  void guidedGradients_ofAResidualNet_matchGradientTape() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      OutputGradient scores = OutputGradients.of(Fixture.array(manager, "residual", "seed"));
      GuidedGradients found = model.guidedGradients(batch, scores, ReluRule.GUIDED);
      assertThat(found.relus()).isEqualTo(4);
      assertClose("guided", found.gradients().head(), Fixture.values("residual", "guided"));
    }
  }

  @Test
  void layerGradients_ofTheLastLayer_areTheOutputGradient() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      OutputGradient scores = OutputGradients.of(Fixture.array(manager, "residual", "seed"));
      LayerGradients found = model.layerGradients(batch, scores, "classes");
      assertThat(found.gradients().head().toFloatArray())
          .isEqualTo(Fixture.values("residual", "seed"));
      assertClose("A", found.activations(), Fixture.values("residual", "y"));
    }
  }

  @Test
  void inputGradients_equalMaximaOfAVolume_goToTheFirst() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("ties"));
        NDManager manager = model.newManager()) {
      NDArray batch = manager.ones(new Shape(1, 4, 4, 4, 1));
      OutputGradient scores = OutputGradients.constant(1, 2, 3, 4, 5, 6, 7, 8);
      float[] expected = new float[64];
      for (int i = 0; i < 8; i++) {
        expected[(i / 4) * 32 + (i / 2 % 2) * 8 + (i % 2) * 2] = i + 1;
      }
      assertThat(model.inputGradients(batch, scores).head().toFloatArray())
          .containsExactly(expected);
    }
  }

  @Test
  void passes_inHalfPrecision_giveFloats() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("half"));
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(new float[] {1, 2, -3, 4}, new Shape(1, 2, 2, 1));
      OutputGradient scores = OutputGradients.constant(4, 8);
      assertThat(model.predict(batch).toFloatArray()).containsExactly(1.75f, 1.5f);
      assertThat(model.inputGradients(batch, scores).head().toFloatArray())
          .containsExactly(1, 1, -4, 1);
      LayerGradients found = model.layerGradients(batch, scores, "relu");
      assertThat(found.activations().toFloatArray()).containsExactly(1, 0, 2, 0, 0, 6, 4, 0);
      assertThat(found.gradients().head().toFloatArray()).containsExactly(1, 2, 1, 2, 1, 2, 1, 2);
      assertThat(
              model
                  .guidedGradients(batch, scores, ReluRule.DECONVNET)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsExactly(-3, -3, -3, -3);
    }
  }
}
