package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.gradient.LayerwiseRelevancePropagation.Composite;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Relevance propagation, DeepLIFT and deconvnet on a network in closed form. */
final class PropagationMethodsTest {

  private static final Shape IMAGE = new Shape(1, 2, 3, 4);
  private final SplittableRandom random = new SplittableRandom(7);
  private final Weights weights = Weights.random(2, 5);

  private NDArray image(NDManager manager) {
    float[] values = new float[(int) IMAGE.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return manager.create(values, IMAGE);
  }

  private Attribution lrp(Composite composite, Weights own) {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, own);
        NDManager manager = net.newManager()) {
      return LayerwiseRelevancePropagation.builder()
          .opt(LayerwiseRelevancePropagation.COMPOSITE, composite)
          .opt(LayerwiseRelevancePropagation.LOW, -1.0)
          .opt(LayerwiseRelevancePropagation.HIGH, 1.0)
          .build(net)
          .attributions(image(manager), Target.ofClass(1))
          .get(0)
          .get(0);
    }
  }

  /** The score is the logit, although the network ends in a softmax. */
  @ParameterizedTest
  @EnumSource(Composite.class)
  void lrp_anyComposite_conservesTheLogit(Composite composite) {
    Attribution found = lrp(composite, weights);
    assertThat(found.status()).isEqualTo(MapStatus.OK);
    assertThat(found.diagnostics())
        .containsOnlyKeys(
            LayerwiseRelevancePropagation.DELTA, LayerwiseRelevancePropagation.BIASES);
    double sum = found.diagnostics().get(LayerwiseRelevancePropagation.BIASES);
    for (float value : found.values()) {
      sum += value;
    }
    assertThat(found.diagnostics().get(LayerwiseRelevancePropagation.DELTA))
        .isCloseTo(0, within(0.01 * Math.abs(sum)));
    assertThat(sum).isNotCloseTo(found.outputs()[1], within(1e-3));
  }

  @Test
  void lrp_largeEpsilon_isMarked() {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights);
        NDManager manager = net.newManager()) {
      Attribution found =
          LayerwiseRelevancePropagation.builder()
              .opt(LayerwiseRelevancePropagation.EPSILON, 0.5)
              .build(net)
              .attributions(image(manager), Target.ofClass(0))
              .get(0)
              .get(0);
      assertThat(found.status()).isEqualTo(MapStatus.NOT_CONSERVED);
    }
  }

  @Test
  void lrp_zPlus_hasTheSignOfTheLogit() {
    Attribution found = lrp(Composite.Z_PLUS, weights);
    double score =
        found.diagnostics().get(LayerwiseRelevancePropagation.BIASES)
            - found.diagnostics().get(LayerwiseRelevancePropagation.DELTA);
    for (float value : found.values()) {
      score += value;
    }
    for (float value : found.values()) {
      assertThat(value * score >= 0).as("%s of %s", value, score).isTrue();
    }
  }

  @Test
  void lrp_boxWithoutBounds_isRefused() {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  LayerwiseRelevancePropagation.builder()
                      .opt(LayerwiseRelevancePropagation.COMPOSITE, Composite.EPSILON_GAMMA_BOX)
                      .build(net))
          .withMessageContaining("low=0.0 and high=0.0");
    }
  }

  /** Without biases and from zero, the rescale rule is gradient times input. */
  @Test
  void deepLift_fromZeroWithoutBiases_isGradientTimesInput() {
    Weights plain =
        new Weights(weights.own(), weights.near(), new float[4], weights.head(), new float[3]);
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, plain, true, false);
        NDManager manager = net.newManager()) {
      NDArray image = image(manager);
      Attribution found =
          DeepLift.builder().build(net).attributions(image, Target.ofClass(2)).get(0).get(0);
      float[] expected =
          GradientXInput.builder()
              .build(net)
              .attributions(image, Target.ofClass(2))
              .get(0)
              .get(0)
              .values();
      Maps.assertClose("DeepLIFT", found.values(), expected, 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "mean", "0.4"})
  void deepLift_anyBaseline_addsUpToTheDifference(String baseline) {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights, true, false);
        NDManager manager = net.newManager()) {
      NDArray image = image(manager);
      Attribution found =
          DeepLift.builder()
              .opt(DeepLift.BASELINE, Baseline.parse(baseline))
              .build(net)
              .attributions(image, Target.ofClass(0))
              .get(0)
              .get(0);
      double sum = 0;
      for (float value : found.values()) {
        sum += value;
      }
      float[] other =
          Baseline.parse(baseline)
              .of(
                  image.toFloatArray(),
                  new BatchAxes(IMAGE, ChannelLayout.CHANNELS_FIRST),
                  manager);
      double difference =
          net.outputs(image)[0][0] - net.outputs(manager.create(other, IMAGE))[0][0];
      assertThat(sum).isCloseTo(difference, within(1e-5));
      assertThat(found.status()).isEqualTo(MapStatus.OK);
      assertThat(found.diagnostics().get(DeepLift.DELTA)).isCloseTo(0, within(1e-5));
    }
  }

  @Test
  void deepLift_equalToItsBaseline_isZeroGradient() {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights);
        NDManager manager = net.newManager()) {
      Attribution found =
          DeepLift.builder()
              .build(net)
              .attributions(manager.zeros(IMAGE), Target.ofClass(0))
              .get(0)
              .get(0);
      assertThat(found.status()).isEqualTo(MapStatus.ZERO_GRADIENT);
    }
  }

  @Test
  void deconvnet_isGuidedBackpropagationWithItsRule() {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights);
        NDManager manager = net.newManager()) {
      NDArray image = image(manager);
      List<List<Attribution>> found =
          Deconvnet.builder().build(net).attributions(image, Target.all());
      List<List<Attribution>> expected =
          GuidedBackpropagation.builder()
              .opt(GuidedBackpropagation.RULE, ReluRule.DECONVNET)
              .build(net)
              .attributions(image, Target.all());
      for (int c = 0; c < 3; c++) {
        assertThat(found.get(0).get(c).values()).isEqualTo(expected.get(0).get(c).values());
        assertThat(found.get(0).get(c).diagnostics())
            .containsEntry(GuidedBackpropagation.RELUS, 1.0);
      }
    }
  }
}
