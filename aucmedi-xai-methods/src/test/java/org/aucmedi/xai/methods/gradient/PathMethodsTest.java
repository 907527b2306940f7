package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.SeparableFilter;
import org.aucmedi.xai.methods.gradient.GuidedIntegratedGradients.GuidedPath;
import org.aucmedi.xai.methods.gradient.Xrai.RegionRanking;
import org.aucmedi.xai.methods.segmentation.Superpixels;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Integrated gradients along other paths than a straight line, and of regions. */
final class PathMethodsTest {

  private static final Shape IMAGE = new Shape(1, 2, 3, 4);
  private static final BatchAxes AXES = new BatchAxes(IMAGE, ChannelLayout.CHANNELS_FIRST);
  private static final int SIZE = 24;

  /** On straight pieces the trapezoid rule is exact for a x^2 / 2: a (x^2 - blurred^2) / 2. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 50})
  void blur_quadraticModel_isTheIntegral(int steps) {
    float[] a = random(8);
    float[] x = random(3);
    float[] start = SeparableFilter.gaussian(1.5).apply(x, AXES);
    float[] expected = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      expected[i] = a[i] * (x[i] * x[i] - start[i] * start[i]) / 2;
    }
    try (ExplainableModel model = new QuadraticModel(new float[][] {a})) {
      for (int batch : new int[] {1, 7, 32}) {
        Attribution found =
            explain(
                model,
                x,
                BlurIntegratedGradients.builder()
                    .opt(BlurIntegratedGradients.SIGMA, 1.5)
                    .opt(IntegratedGradients.STEPS, steps)
                    .opt(IntegratedGradients.BATCH_SIZE, batch));
        Maps.assertClose("batch size " + batch, found.values(), expected, 1e-5);
        assertThat(found.diagnostics().get(IntegratedGradients.DELTA)).isCloseTo(0, within(1e-4));
        assertThat(found.status()).isEqualTo(MapStatus.OK);
      }
    }
  }

  @Test
  void blur_manySteps_addUpToTheDifference() {
    float[] x = random(3);
    float[] start = SeparableFilter.gaussian(50).apply(x, AXES);
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      Attribution found =
          explain(model, x, BlurIntegratedGradients.builder().opt(IntegratedGradients.STEPS, 2000));
      double gain =
          found.outputs()[0] - model.outputs(manager.create(FloatBuffer.wrap(start), IMAGE))[0][0];
      double sum = 0;
      for (float value : found.values()) {
        sum += value;
      }
      assertThat(sum).isCloseTo(gain, within(1e-3 * Math.abs(gain)));
      assertThat(found.diagnostics().get(IntegratedGradients.DELTA))
          .isCloseTo(sum - gain, within(1e-6));
    }
  }

  @Test
  void guided_linearModel_isTheWeightsTimesTheWay() {
    float[] a = random(8);
    float[] x = random(3);
    float[] expected = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      expected[i] = a[i] * (x[i] - 0.75f);
    }
    try (ExplainableModel model =
        new LinearModel(new float[][] {a}, ChannelLayout.CHANNELS_FIRST, "heap")) {
      for (int steps : new int[] {1, 3, 200}) {
        Attribution found =
            explain(
                model,
                x,
                GuidedIntegratedGradients.builder()
                    .opt(IntegratedGradients.BASELINE, new Baseline.Constant(0.75f))
                    .opt(GuidedIntegratedGradients.STEPS, steps));
        Maps.assertClose(steps + " steps", found.values(), expected, 1e-5);
        assertThat(found.diagnostics().get(IntegratedGradients.DELTA)).isCloseTo(0, within(1e-4));
      }
    }
  }

  @Test
  void guided_noDistance_isIntegratedGradients() {
    float[] x = random(3);
    try (ExplainableModel model = net()) {
      Attribution found =
          explain(
              model,
              x,
              GuidedIntegratedGradients.builder()
                  .opt(GuidedIntegratedGradients.DISTANCE, 0.0)
                  .opt(GuidedIntegratedGradients.STEPS, 10));
      Attribution straight =
          explain(model, x, IntegratedGradients.builder().opt(IntegratedGradients.STEPS, 10));
      Maps.assertClose("straight", found.values(), straight.values(), 1e-6);
      assertThat(found.diagnostics().get(IntegratedGradients.DELTA))
          .isCloseTo(straight.diagnostics().get(IntegratedGradients.DELTA), within(1e-6));
    }
  }

  @Test
  void guided_path_movesTheValuesOfSmallGradientsFirst() {
    float[] image = {1, 1};
    float[] nothing = {0, 0};
    // Half of the way is one value's: that with gradient 1. What is left is the other's.
    GuidedPath free = new GuidedPath(image, nothing, 0.5, 1);
    go(free, -1, 5, 0.5);
    assertThat(point(free)).containsExactly(1, 0);
    go(free, 9, 2, 1);
    assertThat(point(free)).containsExactly(1, 1);
    free.arrive(new float[] {7, 4});
    // The way is 1 each: (-1 + 9) / 2 and (2 + 4) / 2.
    assertThat(free.attributions()).containsExactly(4, 3);
    // No value may be behind 1/4 or ahead of 3/4: both to 1/4, then the first to 3/4.
    GuidedPath near = new GuidedPath(image, nothing, 0.5, 0.25);
    go(near, -1, 5, 0.5);
    assertThat(point(near)).containsExactly(0.75f, 0.25f);
    near.arrive(new float[] {-3, 1});
    // 3/4 (-1 - 3) / 2 and 1/4 (5 + 1) / 2
    assertThat(near.attributions()).containsExactly(-1.5, 0.75);
    // All values together go half way, and so do two of the same gradient.
    GuidedPath together = new GuidedPath(image, nothing, 1, 1);
    go(together, -1, 5, 0.5);
    assertThat(point(together)).containsExactly(0.5f, 0.5f);
    GuidedPath alike = new GuidedPath(image, nothing, 0.5, 1);
    go(alike, -5, 5, 0.5);
    assertThat(point(alike)).containsExactly(0.5f, 0.5f);
  }

  private static void go(GuidedPath path, float first, float second, double share) {
    float[] gradient = {first, second};
    path.arrive(gradient);
    path.goOn(gradient, share);
  }

  private static float[] point(GuidedPath path) {
    float[] point = new float[2];
    path.write(FloatBuffer.wrap(point));
    return point;
  }

  @Test
  void guided_modelWithoutKinks_addsUpAndClassesDoNotMeet() {
    float[] x = random(3);
    try (ExplainableModel model =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 7), false, true);
        NDManager manager = model.newManager()) {
      List<Attribution> all =
          GuidedIntegratedGradients.builder()
              .opt(GuidedIntegratedGradients.STEPS, 500)
              .build(model)
              .attributions(manager.create(FloatBuffer.wrap(x), IMAGE), Target.all())
              .get(0);
      float[] start = model.outputs(manager.zeros(IMAGE))[0];
      assertThat(all).hasSize(3);
      for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (float value : all.get(c).values()) {
          sum += value;
        }
        double gain = all.get(c).outputs()[c] - start[c];
        assertThat(sum).isCloseTo(gain, within(1e-3 * Math.abs(gain)));
        float[] alone =
            GuidedIntegratedGradients.builder()
                .opt(GuidedIntegratedGradients.STEPS, 500)
                .build(model)
                .attributions(manager.create(FloatBuffer.wrap(x), IMAGE), Target.ofClass(c))
                .get(0)
                .get(0)
                .values();
        Maps.assertClose("class " + c, all.get(c).values(), alone, 1e-6);
      }
    }
  }

  @Test
  void regions_4x4_areTakenByTheMeanOfWhatTheyAdd() {
    double[] attributions = {
      8, 8, 0, 0, //
      8, 0, 0, 0, //
      0, 0, 1, 1, //
      0, 0, 1, 5
    };
    Superpixels quarters =
        Superpixels.of(new int[] {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3});
    Superpixels lines = Superpixels.of(new int[] {0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5});
    // The first line's half (8), what the quarter adds to it, (8 + 0) / 2, which is less than the
    // corner (5), then the rest of its quarter (1); lines 1 and 3 and the other quarters have
    // nothing else to add.
    assertThat(new RegionRanking(attributions, List.of(quarters, lines), 1).map())
        .containsExactly(8, 8, 0, 0, 4, 4, 0, 0, 0, 0, 1, 1, 0, 0, 1, 5);
    // A region must add two positions: the corner comes with its quarter, (1 + 1 + 1 + 5) / 4.
    assertThat(new RegionRanking(attributions, List.of(quarters, lines), 2).map())
        .containsExactly(8, 8, 0, 0, 4, 4, 0, 0, 0, 0, 2, 2, 0, 0, 2, 2);
    // With nothing that is large enough, all positions share the mean, 32 / 16.
    assertThat(new RegionRanking(attributions, List.of(quarters), 5).map()).containsOnly(2);
  }

  @Test
  void xrai_anyModel_isConstantOverRegionsAndAddsUpToIntegratedGradients() {
    float[] x = random(3);
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      Attribution found = explain(model, x, Xrai.builder());
      double expected = 0;
      for (Baseline baseline : Baseline.Extreme.values()) {
        Attribution one =
            IntegratedGradients.builder()
                .opt(IntegratedGradients.BASELINE, baseline)
                .build(model)
                .attributions(manager.create(FloatBuffer.wrap(x), IMAGE), Target.ofClass(0))
                .get(0)
                .get(0);
        for (float value : one.reduce(ChannelReduction.SUM)) {
          expected += value / 2;
        }
      }
      double sum = 0;
      for (float value : found.values()) {
        sum += value;
      }
      assertThat(found.shape()).containsExactly(3, 4);
      assertThat(sum).isCloseTo(expected, within(1e-5));
    }
  }

  private static ExplainableModel net() {
    return new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 7));
  }

  private static Attribution explain(
      ExplainableModel model, float[] x, MethodBuilder<? extends AttributionMethod> builder) {
    try (NDManager manager = model.newManager()) {
      return builder
          .build(model)
          .attributions(manager.create(FloatBuffer.wrap(x), IMAGE), Target.ofClass(0))
          .get(0)
          .get(0);
    }
  }

  private static float[] random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
