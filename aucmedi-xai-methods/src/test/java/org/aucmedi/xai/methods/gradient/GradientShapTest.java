package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GradientShapTest {

  private static final Shape IMAGE = new Shape(1, 2, 3, 4);
  private static final int SIZE = 24;

  @TempDir private Path folder;

  @Test
  void linearModel_isTheWeightsTimesTheWayFromTheMeanBaseline() {
    float[] weights = random(8);
    float[] x = random(3);
    Baselines three = of(random(4), random(5), random(6));
    float[] expected = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      float mean = (random(4)[i] + random(5)[i] + random(6)[i]) / 3;
      expected[i] = weights[i] * (x[i] - mean);
    }
    try (ExplainableModel model =
        new LinearModel(new float[][] {weights}, ChannelLayout.CHANNELS_FIRST, "heap")) {
      // Nine samples are three of each.
      Attribution found = explain(model, x, 0, options(9, three));
      Maps.assertClose("gradient", found.values(), expected, 1e-6);
      assertThat(found.diagnostics().get(IntegratedGradients.DELTA)).isCloseTo(0, within(1e-5));
      assertThat(found.status()).isEqualTo(MapStatus.OK);
    }
  }

  /** Of a x^2 / 2 the integral from x' to x is a (x^2 - x'^2) / 2. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void quadraticModel_isTheIntegralWithinItsError(int seed) {
    float[] a = random(8);
    float[] x = random(3);
    float[] expected = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      double start = (Math.pow(random(4)[i], 2) + Math.pow(random(5)[i], 2)) / 2;
      expected[i] = (float) (a[i] * (x[i] * x[i] - start) / 2);
    }
    try (ExplainableModel model = new QuadraticModel(new float[][] {a})) {
      Attribution found =
          explain(model, x, 0, options(400, of(random(4), random(5))).opt(GradientShap.SEED, seed));
      double error = found.diagnostics().get(SampleMoments.STANDARD_ERROR);
      assertThat(error).isBetween(1e-3, 0.1);
      // The mean magnitude of a normal distribution is below its deviation.
      assertThat(Maps.meanDifference(found.values(), expected)).isLessThan(error);
      Maps.assertClose("integral", found.values(), expected, 6 * error);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyModel_delta_isWhatTheSumMissesOfTheGain(Score score) {
    float[] x = random(3);
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      Attribution found =
          explain(model, x, 2, options(300, of(random(4), random(5))).opt(Score.OPTION, score));
      double sum = 0;
      for (float value : found.values()) {
        sum += value;
      }
      double gain = score(model, manager, x, score);
      gain -= score(model, manager, random(4), score) / 2;
      gain -= score(model, manager, random(5), score) / 2;
      assertThat(found.diagnostics().get(IntegratedGradients.DELTA))
          .isCloseTo(sum - gain, within(1e-5));
      assertThat(sum).isCloseTo(gain, within(0.05 * Math.abs(gain)));
      assertThat(found.status()).isEqualTo(MapStatus.OK);
      Attribution few = explain(model, x, 2, options(2, of(random(4), random(5))));
      assertThat(few.status()).isEqualTo(MapStatus.NOT_CONVERGED);
    }
  }

  private static double score(ExplainableModel model, NDManager manager, float[] x, Score score) {
    float[] p = model.outputs(manager.create(FloatBuffer.wrap(x), IMAGE))[0];
    return score == Score.OUTPUT
        ? p[2]
        : Math.log(p[2]) - (Math.log(p[0]) + Math.log(p[1]) + Math.log(p[2])) / 3;
  }

  @Test
  void oneBaseline_manySamples_isIntegratedGradients() {
    float[] x = random(3);
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      Attribution found = explain(model, x, 1, options(5000, of(random(4))));
      float[] expected =
          IntegratedGradients.builder()
              .opt(IntegratedGradients.STEPS, 2000)
              .opt(IntegratedGradients.BASELINE, (image, axes, any) -> random(4))
              .build(model)
              .attributions(manager.create(FloatBuffer.wrap(x), IMAGE), Target.ofClass(1))
              .get(0)
              .get(0)
              .values();
      Maps.assertClose("ig", found.values(), expected, 2e-3 * Maps.maxAbs(expected));
    }
  }

  @Test
  void anyModel_batchSizeAndOtherImages_changeNothing() {
    float[] x = random(3);
    float[] two = new float[2 * SIZE];
    System.arraycopy(random(9), 0, two, 0, SIZE);
    System.arraycopy(x, 0, two, SIZE, SIZE);
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      Baselines some = of(random(4), random(5));
      Attribution alone = explain(model, x, 1, options(10, some));
      for (int batch : new int[] {1, 3, 10}) {
        Attribution among =
            options(10, some)
                .opt(GradientShap.BATCH_SIZE, batch)
                .build(model)
                .attributions(
                    manager.create(FloatBuffer.wrap(two), new Shape(2, 2, 3, 4)), Target.all())
                .get(1)
                .get(1);
        assertThat(among.values()).isEqualTo(alone.values());
        assertThat(among.diagnostics()).isEqualTo(alone.diagnostics());
      }
    }
  }

  @Test
  void baselines_ofAFolder_areItsArraysInOrder() throws IOException {
    for (String name : new String[] {"b.npy", "a.npy"}) {
      float[] values = random(name.charAt(0));
      Npy.write(folder.resolve(name), new int[] {3, 4, 2}, values);
    }
    Files.writeString(folder.resolve("notes.txt"), "no array");
    Baselines found = GradientShap.BASELINES.parse(folder.toString());
    assertThat(found.all())
        .containsExactly(
            new Baseline.NpyFile(folder.resolve("a.npy")),
            new Baseline.NpyFile(folder.resolve("b.npy")));
    assertThat(found).hasToString(folder.toString());
    try (ExplainableModel model = net()) {
      Attribution fromFiles = explain(model, random(3), 0, options(8, found));
      Attribution fromMemory =
          explain(model, random(3), 0, options(8, of(first(random('a')), first(random('b')))));
      assertThat(fromFiles.values()).isEqualTo(fromMemory.values());
    }
  }

  /** Files have channels last. */
  private static float[] first(float[] last) {
    float[] first = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      first[i % 2 * 12 + i / 2] = last[i];
    }
    return first;
  }

  @Test
  void baselines_folderWithoutArrays_isRefused() {
    for (String text : new String[] {folder.toString(), "", "no such file"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> GradientShap.BASELINES.parse(text))
          .withMessageContainingAll("baselines", "folder with .npy files", "'" + text + "'");
    }
  }

  private static Baselines of(float[]... images) {
    Baseline[] all = new Baseline[images.length];
    for (int i = 0; i < all.length; i++) {
      float[] image = images[i];
      all[i] = (any, axes, manager) -> image;
    }
    return Baselines.of(all);
  }

  private static MethodBuilder<GradientShap> options(int samples, Baselines baselines) {
    return GradientShap.builder()
        .opt(GradientShap.SAMPLES, samples)
        .opt(GradientShap.BASELINES, baselines);
  }

  private static Attribution explain(
      ExplainableModel model, float[] x, int classIndex, MethodBuilder<GradientShap> builder) {
    try (NDManager manager = model.newManager()) {
      return builder
          .build(model)
          .attributions(manager.create(FloatBuffer.wrap(x), IMAGE), Target.ofClass(classIndex))
          .get(0)
          .get(0);
    }
  }

  private static ExplainableModel net() {
    return new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(3));
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
