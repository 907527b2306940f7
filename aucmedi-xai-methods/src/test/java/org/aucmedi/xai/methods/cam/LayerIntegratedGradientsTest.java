package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layer integrated gradients of a network in closed form. */
final class LayerIntegratedGradientsTest {

  private final ClosedFormNet net =
      new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(3));
  private final NDManager manager = net.newManager();

  @AfterEach
  void close() {
    manager.close();
    net.close();
  }

  private NDArray image() {
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(1, 2, 3, 4));
  }

  private List<Attribution> maps(String layer, int steps, Score score, Baseline baseline) {
    return LayerIntegratedGradients.builder()
        .opt(IntegratedGradients.STEPS, steps)
        .opt(IntegratedGradients.BASELINE, baseline)
        .opt(Score.OPTION, score)
        .optLayer(layer)
        .build(net)
        .attributions(image(), Target.all())
        .get(0);
  }

  /**
   * Behind the ReLU the logit is linear, so its gradient g is the same everywhere on the path, and
   * the sum is g (A(x) - A(x')) after a single step.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 7})
  void layerBeforeALinearHead_isGradientTimesDifference(int steps) {
    float[] grey = new float[24];
    Arrays.fill(grey, 0.4f);
    NDArray blank = manager.create(FloatBuffer.wrap(grey), new Shape(1, 2, 3, 4));
    float[] of = net.layerActivations(image(), "relu").toFloatArray();
    float[] from = net.layerActivations(blank, "relu").toFloatArray();
    List<Attribution> found = maps("relu", steps, Score.LOGIT, new Baseline.Constant(0.4f));
    for (int c = 0; c < 3; c++) {
      int index = c;
      float[] gradients =
          net.layerGradients(
                  image(),
                  outputs ->
                      List.of(
                          Target.ofClass(index)
                              .objectives(outputs[0], 0, 1)
                              .get(0)
                              .gradient(outputs[0], Score.LOGIT, net.outputActivation())),
                  "relu")
              .gradients()
              .get(0)
              .toFloatArray();
      float[] expected = new float[12];
      for (int i = 0; i < of.length; i++) {
        expected[i % 12] += gradients[i] * (of[i] - from[i]);
      }
      assertThat(found.get(c).values()).containsExactly(expected, within(1e-5f));
      assertThat(found.get(c).diagnostics().get(IntegratedGradients.DELTA))
          .isCloseTo(0, within(1e-5));
      assertThat(found.get(c).status()).isEqualTo(MapStatus.OK);
    }
  }

  /**
   * The convolution is linear in the image, so that every step adds the same there as at the image:
   * both sums miss the same of the difference in score.
   */
  @ParameterizedTest
  @EnumSource(Score.class)
  void linearLayer_addsUpToIntegratedGradients(Score score) {
    List<Attribution> ofLayer = maps("conv", 6, score, new Baseline.Constant(0));
    List<Attribution> ofImage =
        IntegratedGradients.builder()
            .opt(IntegratedGradients.STEPS, 6)
            .opt(Score.OPTION, score)
            .build(net)
            .attributions(image(), Target.all())
            .get(0);
    for (int c = 0; c < 3; c++) {
      assertThat(sum(ofLayer.get(c))).isCloseTo(sum(ofImage.get(c)), within(1e-5)).isNotZero();
      assertThat(ofLayer.get(c).diagnostics().get(IntegratedGradients.DELTA))
          .isCloseTo(ofImage.get(c).diagnostics().get(IntegratedGradients.DELTA), within(1e-5));
    }
  }

  @Test
  void oneStep_isNotConvergedAndMirrorImagesSayTheSame() {
    for (Smoothing smoothing : new Smoothing[] {Smoothing.NONE, Smoothing.FLIPS}) {
      Attribution found =
          LayerIntegratedGradients.builder()
              .opt(IntegratedGradients.STEPS, 1)
              .opt(Smoothing.OPTION, smoothing)
              .build(net)
              .attributions(image(), Target.ofClass(0))
              .get(0)
              .get(0);
      assertThat(found.status()).isEqualTo(MapStatus.NOT_CONVERGED);
      assertThat(found.diagnostics()).containsOnlyKeys(IntegratedGradients.DELTA);
    }
  }

  private static double sum(Attribution found) {
    double sum = 0;
    for (float value : found.values()) {
      sum += value;
    }
    return sum;
  }
}
