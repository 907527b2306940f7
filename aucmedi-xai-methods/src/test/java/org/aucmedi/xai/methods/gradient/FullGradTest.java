package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** FullGrad of a network that is worked out by hand. */
final class FullGradTest {

  /**
   * With x = (1, -1, 2):
   *
   * <pre>
   * h = relu(2 x + 0.5) = (2.5, 0, 4.5);  S = 1.5 * mean(h) + 0.25 = 3.75;  dS/dh = 0.5
   * x * dS/dx  = (1, 0, 2),        psi (0.5, 0, 1)
   * 0.5 * dS/db = (0.25, 0, 0.25), psi (1, 0, 1);  0.25 has no place
   * </pre>
   */
  @ParameterizedTest
  @EnumSource(ChannelLayout.class)
  void map_networkOfOneLayer_isTheSumOfItsParts(ChannelLayout layout) {
    Weights weights =
        new Weights(
            new float[][] {{2}},
            new float[][] {{0}},
            new float[] {0.5f},
            new float[][] {{1.5f}, {-1}},
            new float[] {0.25f, 0});
    boolean first = layout == ChannelLayout.CHANNELS_FIRST;
    try (ClosedFormNet net = new ClosedFormNet(layout, weights);
        NDManager manager = net.newManager()) {
      NDArray image =
          manager.create(
              new float[] {1, -1, 2}, first ? new Shape(1, 1, 1, 3) : new Shape(1, 1, 3, 1));
      Attribution found =
          FullGrad.builder().build(net).attributions(image, Target.ofClass(0)).get(0).get(0);
      assertThat(found.values()).containsExactly(new float[] {1.5f, 0, 2}, within(1e-6f));
      assertThat(found.shape()).containsExactly(1, 3);
      assertThat(found.status()).isEqualTo(MapStatus.OK);
      assertThat(found.diagnostics())
          .containsOnlyKeys(FullGrad.DELTA, FullGrad.BIASES, FullGrad.NOT_DRAWN);
      assertThat(found.diagnostics().get(FullGrad.DELTA)).isCloseTo(0, within(1e-6));
      assertThat(found.diagnostics().get(FullGrad.BIASES)).isCloseTo(0.75, within(1e-6));
      assertThat(found.diagnostics().get(FullGrad.NOT_DRAWN)).isCloseTo(0.25, within(1e-6));
    }
  }
}
