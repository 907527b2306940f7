package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.OutputGradients;
import org.junit.jupiter.api.Test;

/** What makes the first passes slow, counted: growth of the graph, and its optimisation. */
final class GraphGrowthIT {

  private static int size(NativeGraph graph) {
    return graph.nodes().size();
  }

  @Test
  void passes_ofEveryKind_growTheGraphAtLoadingAndOncePerRule() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      ModelGraph graph = ((SavedModelModel) model).graph().model();
      NDArray batch = Fixture.array(manager, "residual", "x");
      OutputGradient scores = OutputGradients.of(Fixture.array(manager, "residual", "seed"));
      assertThat(graph.graph().extensions()).isEqualTo(1);
      model.predict(batch);
      model.layers(batch);
      assertThat(graph.graph().extensions()).isEqualTo(1);
      int before = size(graph.graph());
      for (int i = 0; i < 2; i++) {
        model.inputGradients(batch, scores);
        model.layerGradients(batch, scores, "relu");
        assertThat(graph.graph().extensions()).isEqualTo(2);
      }
      int plain = size(graph.graph());
      int templates = graph.operationGradients().templates();
      for (int i = 0; i < 2; i++) {
        model.guidedGradients(batch, scores, ReluRule.GUIDED);
        assertThat(graph.graph().extensions()).isEqualTo(3);
      }
      assertThat(graph.operationGradients().templates()).isEqualTo(templates);
      assertThat(templates).isPositive().isLessThan(graph.steps().size());
      // A backward pass has a few operations for each of the forward pass.
      assertThat(plain - before).isPositive().isLessThan(6 * graph.steps().size());
      assertThat(size(graph.graph()) - plain).isPositive().isLessThan(6 * graph.steps().size());
    }
  }

  @Test
  void load_opensASessionWithoutGraphOptimiser() {
    TensorFlowNative.start();
    assertThat(
            TensorFlowModelProvider.config()
                .getGraphOptions()
                .getRewriteOptions()
                .getDisableMetaOptimizer())
        .isTrue();
  }
}
