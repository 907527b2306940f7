package org.aucmedi.xai.engine.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.CloseUnderLoad;
import org.aucmedi.xai.testkit.OutputGradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A small block whose weights are being trained elsewhere. */
final class BlockModelIT {

  private Model model;
  private NDArray weight;

  @BeforeEach
  void buildModel() {
    model = Model.newInstance("net", "MXNet");
    model.setBlock(
        new SequentialBlock()
            .add(Linear.builder().setUnits(2).optBias(false).build())
            .add(Activation.reluBlock()));
    model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
    weight = model.getBlock().getParameters().get(0).getValue().getArray();
    weight.set(new float[] {1, 2, -3, 1});
    assertThat(weight.hasGradient()).isTrue();
  }

  @AfterEach
  void closeModel() {
    model.close();
  }

  @Test
  void passes_betweenSteps_keepTheGradientsOfTheWeights() {
    try (ExplainableModel explainable = ExplainableModel.of(model);
        NDManager manager = explainable.newManager()) {
      weight.getGradient().addi(5);
      NDArray batch = manager.ones(new Shape(1, 2));
      OutputGradient scores = OutputGradients.sum();
      assertThat(explainable.inputGradients(batch, scores).head().toFloatArray())
          .containsExactly(1, 2);
      assertThat(
              explainable
                  .guidedGradients(batch, scores, ReluRule.DECONVNET)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsExactly(-2, 3);
      LayerGradients found = explainable.layerGradients(batch, scores, "01Linear");
      assertThat(found.activations().toFloatArray()).containsExactly(3, -2);
      assertThat(found.gradients().head().toFloatArray()).containsExactly(1, 0);
      assertThat(weight.getGradient().toFloatArray()).containsExactly(5, 5, 5, 5);
      assertThat(weight.toFloatArray()).containsExactly(1, 2, -3, 1);
      // And the weights can still be trained.
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        collector.backward(weight.mul(weight).sum());
      }
      assertThat(weight.getGradient().toFloatArray()).containsExactly(2, 4, -6, 2);
    }
  }

  @Test
  void gradients_whileTheThreadTrains_areRefused() {
    try (ExplainableModel explainable = ExplainableModel.of(model);
        NDManager manager = explainable.newManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray batch = manager.ones(new Shape(1, 2));
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> explainable.inputGradients(batch, OutputGradients.of(batch)))
          .withMessageContaining("GradientCollector");
      assertThat(explainable.predict(batch).toFloatArray()).containsExactly(3, 0);
      collector.backward(weight.sum());
      assertThat(weight.getGradient().toFloatArray()).containsExactly(1, 1, 1, 1);
    }
  }

  @Test
  void close_whileOthersExplain_endsInOneSentence() throws Exception {
    for (int round = 0; round < 5; round++) {
      ExplainableModel explainable = ExplainableModel.of(model);
      NDManager manager = explainable.newManager();
      NDArray batch = manager.ones(new Shape(1, 2));
      NDArray kept = explainable.predict(batch);
      CloseUnderLoad.run(
          explainable,
          () -> explainable.inputGradients(batch, OutputGradients.of(kept)),
          () -> explainable.layerGradients(batch, OutputGradients.of(kept), "01Linear"),
          () -> explainable.guidedGradients(batch, OutputGradients.of(kept), ReluRule.GUIDED),
          () -> explainable.layers(batch));
      assertThat(kept.toFloatArray()).containsExactly(3, 0);
      assertThat(weight.toFloatArray()).containsExactly(1, 2, -3, 1);
      manager.close();
    }
  }

  @Test
  void output_thatDoesNotDependOnTheInput_isAnError() {
    model.setBlock(
        new SequentialBlock()
            .add(new LambdaBlock(in -> new NDList(in.head().getManager().ones(new Shape(1, 2))))));
    model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
    try (ExplainableModel explainable = ExplainableModel.of(model);
        NDManager manager = explainable.newManager()) {
      NDArray batch = manager.ones(new Shape(1, 2));
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> explainable.inputGradients(batch, OutputGradients.of(batch)))
          .withMessageContaining("cannot be differentiated");
    }
  }

  @Test
  void of_blockThatCannotRun_saysWhatToDo() {
    try (Model empty = Model.newInstance("empty", "MXNet")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExplainableModel.of(empty))
          .withMessageContaining("setBlock");
      empty.setBlock(new SequentialBlock().add(Linear.builder().setUnits(2).build()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExplainableModel.of(empty))
          .withMessageContaining("initialise");
    }
  }
}
