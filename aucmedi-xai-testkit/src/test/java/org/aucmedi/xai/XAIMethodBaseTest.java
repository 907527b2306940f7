package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.Test;

/** What the base makes of a user's own method. */
final class XAIMethodBaseTest {

  private static final float[] RAMP = {0, 0.25f, 0.5f, 1};

  /** A map that knows nothing of the model. */
  private static final class Ramp extends XAIMethodBase {

    Ramp(ExplainableModel model) {
      super(model, null);
    }

    @Override
    public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
      return image.getManager().create(RAMP, new Shape(2, 2));
    }
  }

  @Test
  void explain_ownMethodAndPredictionOfNaN_isMarkedAndZero() {
    try (ExplainableModel net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(1, 4));
        NDManager manager = net.newManager()) {
      NDArray batch =
          manager.create(new float[] {1, 2, 3, 4, 1, Float.NaN, 3, 4}, new Shape(2, 1, 2, 2));
      List<List<Heatmap>> found = new Ramp(net).explain(batch, Target.ofClasses(0, 2), 0);
      for (Heatmap map : found.get(0)) {
        assertThat(map.status()).isEqualTo(MapStatus.OK);
        assertThat(map.values()).containsExactly(RAMP);
        assertThat(map.at(1, 0)).isEqualTo(0.5f);
        assertThat(map.provenance().method()).isEqualTo("Ramp");
        assertThat(map.provenance().version()).matches("\\d+\\.\\d+.*");
      }
      for (Heatmap map : found.get(1)) {
        assertThat(map.status()).isEqualTo(MapStatus.NON_FINITE);
        assertThat(map.values()).containsOnly(0);
      }
      assertThat(found.get(1)).extracting(Heatmap::classIndex).containsExactly(0, 2);
    }
  }

  @Test
  void explain_ownMethodAndContrast_isRefused() {
    try (ExplainableModel net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(1, 4));
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(RAMP, new Shape(1, 1, 2, 2));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Ramp(net).explain(image, Target.contrast(1, 0)))
          .withMessageContaining("Ramp can only explain classes, not '1vs0'");
    }
  }
}
