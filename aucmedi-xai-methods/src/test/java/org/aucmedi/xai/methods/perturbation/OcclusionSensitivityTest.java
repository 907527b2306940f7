package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity.Value;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.NativeArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Occlusion against sums by hand, without an engine. */
final class OcclusionSensitivityTest {

  private static final int CHANNELS = 2;

  /** A layout, the sizes of an image, and how it is covered. */
  record Sweep(ChannelLayout layout, int[] sizes, String patch, String stride) {

    Shape shape() {
      long[] axes = new long[sizes.length + 2];
      axes[0] = 1;
      for (int a = 0; a < sizes.length; a++) {
        axes[layout == ChannelLayout.CHANNELS_FIRST ? a + 2 : a + 1] = sizes[a];
      }
      axes[layout.axis(axes.length)] = CHANNELS;
      return new Shape(axes);
    }

    int positions() {
      return Math.toIntExact(shape().size()) / CHANNELS;
    }

    int index(int channel, int position) {
      return layout == ChannelLayout.CHANNELS_FIRST
          ? channel * positions() + position
          : position * CHANNELS + channel;
    }

    MethodOptions options(Profile profile) {
      return MethodOptions.of(profile)
          .with(OcclusionSensitivity.PATCH, Patch.parse(patch))
          .with(OcclusionSensitivity.STRIDE, Stride.parse(stride));
    }

    @Override
    public String toString() {
      return layout + " " + shape() + ", patch " + patch + ", stride " + stride;
    }
  }

  static Stream<Sweep> sweeps() {
    ChannelLayout first = ChannelLayout.CHANNELS_FIRST;
    ChannelLayout last = ChannelLayout.CHANNELS_LAST;
    return Stream.of(
        new Sweep(first, new int[] {3, 8}, "3", "patch"),
        new Sweep(last, new int[] {8, 3}, "2x3", "patch"),
        new Sweep(first, new int[] {5, 7}, "4", "2"),
        new Sweep(last, new int[] {5, 7}, "3x2", "1x2"),
        new Sweep(first, new int[] {1, 6}, "16", "patch"),
        new Sweep(first, new int[] {3, 4, 5}, "2", "patch"),
        new Sweep(last, new int[] {4, 3, 1}, "2x2x1", "1"),
        new Sweep(last, new int[] {2, 5, 3}, "3", "2x2x3"));
  }

  @ParameterizedTest
  @MethodSource("sweeps")
  void rawMaps_anyPatchAndStride_areThoseOfOnePatchAtATime(Sweep sweep) {
    float[] fill = {0.25f, 0.25f};
    for (Profile profile : Profile.values()) {
      try (ClosedFormNet net = new ClosedFormNet(sweep.layout, Weights.random(CHANNELS, 3));
          NDManager manager = net.newManager()) {
        MethodOptions options =
            sweep.options(profile).with(OcclusionSensitivity.FILL, new Baseline.Constant(0.25f));
        boolean drop = options.get(OcclusionSensitivity.VALUE) == Value.DROP;
        options = options.with(Score.OPTION, Score.OUTPUT);
        float[] image = random(sweep);
        float[] found =
            Explained.values(
                new OcclusionSensitivity(net, null, options)
                    .explainRaw(
                        manager.create(FloatBuffer.wrap(image), sweep.shape()), Target.all()));
        float[][] expected = bruteForce(net, manager, sweep, image, fill, drop);
        for (int c = 0; c < 3; c++) {
          float[] ofClass = new float[sweep.positions()];
          System.arraycopy(found, c * ofClass.length, ofClass, 0, ofClass.length);
          Maps.assertClose(sweep + ", class " + c, ofClass, expected[c], 1e-6);
        }
      }
    }
  }

  /** Covers one patch after the other, position by position, one prediction each. */
  private static float[][] bruteForce(
      ExplainableModel net,
      NDManager manager,
      Sweep sweep,
      float[] image,
      float[] fill,
      boolean drop) {
    int rank = sweep.sizes.length;
    int[] patch = Patch.parse(sweep.patch).along(rank);
    int[] stride = sweep.stride.equals("patch") ? patch : Patch.parse(sweep.stride).along(rank);
    double[] whole = predict(net, manager, sweep, image);
    double[][] sums = new double[3][sweep.positions()];
    int[] counts = new int[sweep.positions()];
    for (int corner = 0; corner < sweep.positions(); corner++) {
      if (!beginsAPatch(coordinates(corner, sweep.sizes), sweep.sizes, patch, stride)) {
        continue;
      }
      int[] from = coordinates(corner, sweep.sizes);
      float[] covered = image.clone();
      List<Integer> under = new ArrayList<>();
      for (int i = 0; i < sweep.positions(); i++) {
        int[] position = coordinates(i, sweep.sizes);
        boolean inside = true;
        for (int a = 0; a < rank; a++) {
          inside &= position[a] >= from[a] && position[a] < from[a] + patch[a];
        }
        if (inside) {
          under.add(i);
          for (int c = 0; c < CHANNELS; c++) {
            covered[sweep.index(c, i)] = fill[c];
          }
        }
      }
      double[] output = predict(net, manager, sweep, covered);
      for (int i : under) {
        counts[i]++;
        for (int c = 0; c < 3; c++) {
          sums[c][i] += (drop ? whole[c] : 1) - output[c];
        }
      }
    }
    assertThat(counts).as("every position is covered").doesNotContain(0);
    float[][] maps = new float[3][counts.length];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < counts.length; i++) {
        maps[c][i] = (float) (sums[c][i] / counts[i]);
      }
    }
    return maps;
  }

  private static boolean beginsAPatch(int[] at, int[] sizes, int[] patch, int[] stride) {
    for (int a = 0; a < at.length; a++) {
      boolean onGrid = at[a] % stride[a] == 0;
      boolean edgeReached = at[a] >= stride[a] && at[a] - stride[a] + patch[a] >= sizes[a];
      if (!onGrid || edgeReached) {
        return false;
      }
    }
    return true;
  }

  private static int[] coordinates(int position, int[] sizes) {
    int[] at = new int[sizes.length];
    int rest = position;
    for (int a = sizes.length - 1; a >= 0; a--) {
      at[a] = rest % sizes[a];
      rest /= sizes[a];
    }
    return at;
  }

  private static double[] predict(
      ExplainableModel net, NDManager manager, Sweep sweep, float[] image) {
    try (NDArray batch = manager.create(FloatBuffer.wrap(image), sweep.shape());
        NDArray output = net.predict(batch)) {
      float[] values = output.toFloatArray();
      return new double[] {values[0], values[1], values[2]};
    }
  }

  @Test
  void rawMaps_linearModel_areTheClosedForm() {
    // One row of four pixels and one channel, f(x) = sum of w x = 20, patches of two.
    float[][] weights = {{1, 2, 3, 4}};
    float[] x = {5, -1, 3, 2};
    try (LinearModel model = new LinearModel(weights, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      NDArray image = manager.create(x, new Shape(1, 1, 1, 4));
      // With 127.5 instead of 5 and -1: 3 * 127.5 + 17; instead of 3 and 2: 3 + 7 * 127.5.
      assertThat(raw(model, image, pairs(Profile.AUCMEDI)))
          .containsExactly(1 - 399.5f, 1 - 399.5f, 1 - 895.5f, 1 - 895.5f);
      // The mean is 2.25: the drops are 3 - 3 * 2.25 and 17 - 7 * 2.25.
      assertThat(raw(model, image, pairs(Profile.PAPER)))
          .containsExactly(-3.75f, -3.75f, 1.25f, 1.25f);
    }
  }

  @Test
  void rawMaps_disjointPatchesOfALinearModel_addUpToTheGain() {
    Sweep sweep = new Sweep(ChannelLayout.CHANNELS_LAST, new int[] {5, 4, 3}, "2x3x2", "patch");
    float[] image = random(sweep);
    float[][] weights = {new float[image.length]};
    double gain = 0;
    for (int i = 0; i < image.length; i++) {
      weights[0][i] = (i * 7 % 13) - 6;
      gain += weights[0][i] * image[i];
    }
    try (LinearModel model = new LinearModel(weights, sweep.layout, "heap");
        NDManager manager = model.newManager()) {
      MethodOptions options =
          sweep.options(Profile.PAPER).with(OcclusionSensitivity.FILL, new Baseline.Constant(0));
      float[] map = raw(model, manager.create(FloatBuffer.wrap(image), sweep.shape()), options);
      Patches patches = new Patches(sweep.sizes, new int[] {2, 3, 2}, new int[] {2, 3, 2});
      double sum = 0;
      for (int p = 0; p < patches.count(); p++) {
        sum += map[patches.positions(p)[0]];
      }
      assertThat(sum).isCloseTo(gain, within(1e-4));
    }
  }

  @Test
  void constructor_complementOfALogit_isRefusedWithTheRemedy() {
    try (LinearModel model =
        new LinearModel(new float[][] {{1}}, ChannelLayout.CHANNELS_FIRST, "heap")) {
      for (MethodOptions options :
          List.of(
              MethodOptions.of(Profile.AUCMEDI).with(Score.OPTION, Score.LOGIT),
              MethodOptions.of(Profile.PAPER)
                  .with(OcclusionSensitivity.VALUE, OcclusionSensitivity.Value.COMPLEMENT))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> new OcclusionSensitivity(model, null, options))
            .withMessageContainingAll("value=drop", "score=output");
      }
    }
  }

  @Test
  void heatmap_complement_isCutToTheRangeAndNotStretched() {
    try (LinearModel model =
            new LinearModel(
                new float[][] {{0.1f, 0.2f, -3, 4}}, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      MethodOptions options =
          MethodOptions.of(Profile.AUCMEDI)
              .with(OcclusionSensitivity.PATCH, new Patch(1))
              .with(OcclusionSensitivity.FILL, new Baseline.Constant(0));
      NDArray image = manager.create(new float[] {1, 1, 1, 1}, new Shape(1, 1, 1, 4));
      // 1 - (1.3 - w): the covered scores are 1.2, 1.1, 4.3 and -2.7.
      assertThat(
              new OcclusionSensitivity(model, null, options)
                  .computeHeatmap(image, 0)
                  .toFloatArray())
          .containsExactly(new float[] {0, 0, 0, 1}, within(1e-6f));
    }
  }

  @Test
  void rawMaps_anyBatchSize_areTheSameBits() {
    Sweep sweep = new Sweep(ChannelLayout.CHANNELS_FIRST, new int[] {6, 5}, "2", "1");
    try (ClosedFormNet net = new ClosedFormNet(sweep.layout, Weights.random(CHANNELS, 3));
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(random(sweep)), sweep.shape());
      float[] expected = raw(net, image, sweep.options(Profile.PAPER));
      for (int size : new int[] {1, 3, 20, 21, 1000}) {
        assertThat(
                raw(
                    net,
                    image,
                    sweep.options(Profile.PAPER).with(OcclusionSensitivity.BATCH_SIZE, size)))
            .as("batch size " + size)
            .containsExactly(expected);
      }
    }
  }

  @Test
  void computeHeatmap_progress_countsPatchesAndTheImageAndCanCancel() {
    Sweep sweep = new Sweep(ChannelLayout.CHANNELS_FIRST, new int[] {4, 6}, "2", "patch");
    try (ClosedFormNet net = new ClosedFormNet(sweep.layout, Weights.random(CHANNELS, 3));
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(random(sweep)), sweep.shape());
      MethodOptions options =
          sweep.options(Profile.AUCMEDI).with(OcclusionSensitivity.BATCH_SIZE, 3);
      List<String> told = new ArrayList<>();
      OcclusionSensitivity method = new OcclusionSensitivity(net, null, options);
      method.explain(image, Target.ofClass(0), 0, (done, total) -> told.add(done + "/" + total));
      assertThat(told).containsExactly("3/7", "6/7", "7/7");

      int before = NativeArrays.aliveBeside(manager);
      Progress cancel =
          (done, total) -> {
            throw new CancellationException("cancelled at " + done);
          };
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> method.explain(image, Target.all(), 0, cancel))
          .withMessage("cancelled at 3");
      assertThat(NativeArrays.aliveBeside(manager)).isEqualTo(before);
    }
  }

  @Test
  void computeHeatmap_unknownClass_isRefusedBeforeTheSweep() {
    Sweep sweep = new Sweep(ChannelLayout.CHANNELS_FIRST, new int[] {4, 6}, "2", "patch");
    try (ClosedFormNet net = new ClosedFormNet(sweep.layout, Weights.random(CHANNELS, 3));
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(random(sweep)), sweep.shape());
      List<Long> told = new ArrayList<>();
      OcclusionSensitivity method =
          new OcclusionSensitivity(net, null, sweep.options(Profile.PAPER));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> method.explain(image, Target.ofClass(3), 0, (done, total) -> told.add(done)));
      assertThat(told).isEmpty();
    }
  }

  @Test
  void computeHeatmap_sizesForOtherAxes_areRefused() {
    Sweep sweep = new Sweep(ChannelLayout.CHANNELS_FIRST, new int[] {4, 6}, "2x2x2", "patch");
    try (ClosedFormNet net = new ClosedFormNet(sweep.layout, Weights.random(CHANNELS, 3));
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(random(sweep)), sweep.shape());
      OcclusionSensitivity method =
          new OcclusionSensitivity(net, null, sweep.options(Profile.AUCMEDI));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.computeHeatmap(image, 0))
          .withMessageContaining("2 axes")
          .withMessageContaining("2x2x2");
    }
  }

  private static MethodOptions pairs(Profile profile) {
    return MethodOptions.of(profile).with(OcclusionSensitivity.PATCH, new Patch(2));
  }

  private static float[] raw(ExplainableModel model, NDArray image, MethodOptions options) {
    return Explained.values(
        new OcclusionSensitivity(model, null, options).explainRaw(image, Target.ofClass(0)));
  }

  private static float[] random(Sweep sweep) {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[Math.toIntExact(sweep.shape().size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
