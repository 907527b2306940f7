package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Meaningful perturbation against finite differences and minima that are known. */
final class MeaningfulPerturbationTest {

  /** The derivative of the score through fill and enlarging, and that of the penalty, together. */
  @ParameterizedTest
  @CsvSource({
    "CHANNELS_FIRST, 5x7, 3x2, 3",
    "CHANNELS_LAST, 5x7, 5x4, 2.5",
    "CHANNELS_FIRST, 3x5x4, 2x3x1, 2"
  })
  void gradient_ofTheWholeObjective_isThatOfFiniteDifferences(
      ChannelLayout layout, String size, String cells, double power) {
    int[] sizes = Patch.parse(size).sizes();
    Shape shape = shape(layout, 2, sizes);
    BatchAxes axes = new BatchAxes(shape, layout);
    float[] image = random(Math.toIntExact(shape.size()), 1);
    float[] fill = random(image.length, 2);
    MaskPenalty penalty = new MaskPenalty(Patch.parse(cells).sizes(), 0.3, 2, power);
    Objective objective = new Objective.OfClass(1);
    try (ExplainableModel net = new ClosedFormNet(layout, Weights.random(2, 21).withHeadTimes(3));
        NDManager manager = net.newManager()) {
      // Some steps first, so that all cells differ.
      DeletionMask mask = new DeletionMask(image, fill, axes, penalty, 0.5, 0.05);
      for (int t = 0; t < 3; t++) {
        mask.step(FloatBuffer.wrap(random(image.length, 10 + t)));
      }
      FloatBuffer pixels = FloatBuffer.allocate(image.length);
      mask.write(pixels);
      float[] slope =
          net.inputGradients(
                  manager.create(pixels, shape),
                  outputs ->
                      List.of(
                          objective.gradient(outputs[0], Score.OUTPUT, OutputActivation.SOFTMAX)))
              .get(0)
              .toFloatArray();
      double[] found = mask.gradient(FloatBuffer.wrap(slope));
      double h = 2e-3;
      for (int g = 0; g < found.length; g++) {
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
          double[] grid = mask.grid();
          grid[g] += side == 0 ? h : -h;
          DeletionMask moved = new DeletionMask(image, fill, axes, penalty, grid, 0.05);
          FloatBuffer seen = FloatBuffer.allocate(image.length);
          moved.write(seen);
          losses[side] = net.outputs(manager.create(seen, shape))[0][1] + moved.penalty();
        }
        assertThat(found[g])
            .as("cell " + g)
            .isCloseTo((losses[0] - losses[1]) / (2 * h), within(2e-4));
      }
      assertThat(Arrays.stream(found).map(Math::abs).max().orElseThrow()).isGreaterThan(0.02);
    }
  }

  /**
   * The score is the sum over a box of three by two cells. Without smoothness L is linear in each
   * cell, and the sign of its slope says where the cell ends: at 0 where deleting it lowers the
   * score by more than its share of the area, else at 1.
   */
  @ParameterizedTest
  @EnumSource(ChannelLayout.class)
  void evidenceInABox_noSmoothness_deletesTheBoxAndNoMore(ChannelLayout layout) {
    int size = 12;
    float[] weights = new float[2 * size * size];
    float[] against = new float[weights.length];
    BatchAxes axes = new BatchAxes(shape(layout, 2, size, size), layout);
    boolean[] inside = new boolean[size * size];
    for (int i = 0; i < inside.length; i++) {
      inside[i] = i / size >= 2 && i / size < 8 && i % size >= 6 && i % size < 10;
      weights[axes.index(0, 0, i)] = inside[i] ? 0.02f : 0;
      weights[axes.index(0, 1, i)] = inside[i] ? 0.01f : -0.001f;
      against[axes.index(0, 0, i)] = -weights[axes.index(0, 0, i)];
    }
    float[] ones = new float[weights.length];
    Arrays.fill(ones, 1);
    try (ExplainableModel model =
            new LinearModel(new float[][] {weights, against}, layout, "heap");
        NDManager manager = model.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(ones), shape(layout, 2, size, size));
      List<Heatmap> maps =
          MeaningfulPerturbation.builder()
              .opt(MeaningfulPerturbation.CELLS, new Patch(size))
              .opt(MeaningfulPerturbation.FILL, new Baseline.Constant(0))
              .opt(MeaningfulPerturbation.SMOOTHNESS, 0.0)
              .opt(MeaningfulPerturbation.STEPS, 60)
              .build(model)
              .explain(image, Target.all())
              .get(0);
      float[] found = maps.get(0).values();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).as("position " + i).isEqualTo(inside[i] ? 1 : 0);
      }
      assertThat(maps.get(0).status()).isEqualTo(MapStatus.OK);
      // 24 positions of 0.03, and the others' -0.001 is kept.
      assertThat(maps.get(0).diagnostics().get(MeaningfulPerturbation.DROP))
          .isCloseTo(24 * 0.03, within(1e-5));
      assertThat(maps.get(0).diagnostics().get(MeaningfulPerturbation.DROP_OF_FILL))
          .isCloseTo(24 * 0.03 - 120 * 0.001, within(1e-5));
      // All that is deleted raises the other class.
      assertThat(maps.get(1).status()).isEqualTo(MapStatus.FILL_WITHOUT_EFFECT);
      assertThat(maps.get(1).values()).containsOnly(0);
    }
  }

  /**
   * Two cells of which only the first is evidence, power 2: {@code L = w g1 + a (2 - g1 - g2) / 2 +
   * s (g1 - g2)^2 / 2} is least where g1 is 0, and g2 where the slope {@code -a / 2 + s g2} is.
   */
  @Test
  void twoCells_smoothness_endWhereTheSlopeIsZero() {
    double area = 0.2;
    double smoothness = 0.8;
    try (ExplainableModel model =
            new LinearModel(new float[][] {{0.5f, 0}}, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      Heatmap map =
          Explained.only(
              MeaningfulPerturbation.builder()
                  .opt(MeaningfulPerturbation.FILL, new Baseline.Constant(0))
                  .opt(MeaningfulPerturbation.AREA, area)
                  .opt(MeaningfulPerturbation.SMOOTHNESS, smoothness)
                  .opt(MeaningfulPerturbation.POWER, 2.0)
                  .opt(MeaningfulPerturbation.STEPS, 1000)
                  .opt(MeaningfulPerturbation.RATE, 0.01)
                  .build(model)
                  .explainRaw(
                      manager.create(new float[] {1, 1}, new Shape(1, 1, 1, 2)),
                      Target.ofClass(0)));
      assertThat(map.values()[0]).isEqualTo(1);
      assertThat(map.values()[1]).isCloseTo((float) (1 - area / (2 * smoothness)), within(1e-3f));
      assertThat(map.status()).isEqualTo(MapStatus.OK);
    }
  }

  @Test
  void fewSmallSteps_areNotConverged() {
    assertThat(map(20, 0.001).status()).isEqualTo(MapStatus.NOT_CONVERGED);
    assertThat(map(300, 0.1).status()).isEqualTo(MapStatus.OK);
  }

  private static Heatmap map(int steps, double rate) {
    float[] weights = new float[36];
    Arrays.fill(weights, 0, 12, 0.1f);
    float[] ones = new float[36];
    Arrays.fill(ones, 1);
    try (ExplainableModel model =
            new LinearModel(new float[][] {weights}, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      return Explained.only(
          MeaningfulPerturbation.builder()
              .opt(MeaningfulPerturbation.FILL, new Baseline.Constant(0))
              .opt(MeaningfulPerturbation.STEPS, steps)
              .opt(MeaningfulPerturbation.RATE, rate)
              .build(model)
              .explain(
                  manager.create(FloatBuffer.wrap(ones), new Shape(1, 1, 6, 6)),
                  Target.ofClass(0)));
    }
  }

  /** Exactly: a mask must not turn with what else is in its pass. */
  @Test
  void batchOfAnySize_mapsAreTheSame() {
    try (ExplainableModel net =
            new ClosedFormNet(
                ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(3));
        NDManager manager = net.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(random(3 * 70, 4)), new Shape(3, 2, 5, 7));
      float[] together = Explained.values(method(3).build(net).explainRaw(batch, Target.all()));
      float[] alone = Explained.values(method(1).build(net).explainRaw(batch, Target.all()));
      assertThat(together).containsExactly(alone);
      float[] second = Arrays.copyOfRange(batch.toFloatArray(), 70, 140);
      float[] own =
          Explained.values(
              method(3)
                  .build(net)
                  .explainRaw(
                      manager.create(FloatBuffer.wrap(second), new Shape(1, 2, 5, 7)),
                      Target.ofClass(2)));
      assertThat(own).containsExactly(Arrays.copyOfRange(together, 5 * 35, 6 * 35));
      assertThat(own).isNotEqualTo(Arrays.copyOfRange(together, 4 * 35, 5 * 35));
    }
  }

  private static MethodBuilder<MeaningfulPerturbation> method(int batchSize) {
    return MeaningfulPerturbation.builder()
        .opt(MeaningfulPerturbation.STEPS, 30)
        .opt(MeaningfulPerturbation.AREA, 0.01)
        .opt(MeaningfulPerturbation.FILL, new Baseline.Constant(0))
        .opt(MeaningfulPerturbation.BATCH_SIZE, batchSize);
  }

  @Test
  void longDescent_isWatchedAndInterrupted() {
    try (ExplainableModel net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(random(70, 4)), new Shape(1, 2, 5, 7));
      XAIMethodBase method = method(3).build(net);
      List<String> steps = new ArrayList<>();
      method.explainRaw(image, Target.all(), (done, total) -> steps.add(done + "/" + total));
      assertThat(steps).hasSize(31).startsWith("1/31").endsWith("31/31");
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> method.explain(image, Target.argmax()))
            .isInstanceOf(CancellationException.class);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
    }
  }

  private static Shape shape(ChannelLayout layout, int channels, int... sizes) {
    Shape spatial = new Shape(Arrays.stream(sizes).asLongStream().toArray());
    return layout == ChannelLayout.CHANNELS_FIRST
        ? new Shape(1, channels).addAll(spatial)
        : new Shape(1).addAll(spatial).add(channels);
  }

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
