package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
      Heatmaps found = new Ramp(net).explain(batch, Target.ofClasses(0, 2), 0);
      assertThat(found.statuses())
          .containsExactly(MapStatus.OK, MapStatus.OK, MapStatus.NON_FINITE, MapStatus.NON_FINITE);
      assertThat(found.maps().toFloatArray())
          .containsExactly(0, 0.25f, 0.5f, 1, 0, 0.25f, 0.5f, 1, 0, 0, 0, 0, 0, 0, 0, 0);
      Heatmaps raw = new Ramp(net).explainRaw(batch, Target.ofClass(0));
      assertThat(raw.statuses()).containsExactly(MapStatus.OK, MapStatus.NON_FINITE);
      assertThat(raw.maps().toFloatArray()).containsExactly(0, 0.25f, 0.5f, 1, 0, 0.25f, 0.5f, 1);
    }
  }

  @Test
  void rawMaps_moreValuesThanAnArrayHolds_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RawMaps(32, 1000, new Shape(512, 512)))
        .withMessageContainingAll("(32, 1000, 512, 512)", "fewer images or classes");
  }
}
