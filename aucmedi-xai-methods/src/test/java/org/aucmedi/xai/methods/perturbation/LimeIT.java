package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.methods.segmentation.Superpixels;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LIME of models whose superpixels' weights are known, and of a golden network. */
final class LimeIT {

  /** More than the five for which AUCMEDI's LIME has explanations. */
  private static final int CLASSES = 8;

  /** A random image, and a model whose output is linear in its values. */
  private record Planted(Shape shape, float[] image, float[][] weights, ChannelLayout layout) {

    static Planted of(ChannelLayout layout, String sizes, int channels) {
      long[] spatial = Arrays.stream(sizes.split("x", -1)).mapToLong(Long::parseLong).toArray();
      Shape shape =
          layout == ChannelLayout.CHANNELS_FIRST
              ? new Shape(1, channels).addAll(new Shape(spatial))
              : new Shape(1).addAll(new Shape(spatial)).add(channels);
      Random random = new Random(11);
      BatchAxes axes = new BatchAxes(shape, layout);
      float[] image = new float[(int) shape.size()];
      float[][] weights = new float[CLASSES][image.length];
      for (int i = 0; i < axes.positions(); i++) {
        for (int c = 0; c < channels; c++) {
          int value = axes.index(0, c, i);
          image[value] = 0.5f * ((i / 7 + i / 90) % 3) + 0.2f * random.nextFloat();
          for (int k = 0; k < CLASSES; k++) {
            weights[k][value] = (float) Math.sin(k + i * 0.02) / 100;
          }
        }
      }
      return new Planted(shape, image, weights, layout);
    }

    ExplainableModel model() {
      return new LinearModel(weights, layout, "PyTorch");
    }

    BatchAxes axes() {
      return new BatchAxes(shape, layout);
    }

    NDArray batch(NDManager manager) {
      return manager.create(FloatBuffer.wrap(image), shape);
    }

    /** What the score loses if a superpixel becomes zero: its weight in a linear model. */
    double[] contributions(int classIndex, Superpixels superpixels) {
      double[] sums = new double[superpixels.count()];
      for (int i = 0; i < axes().positions(); i++) {
        for (int c = 0; c < axes().channels(); c++) {
          int value = axes().index(0, c, i);
          sums[superpixels.at(i)] += weights[classIndex][value] * image[value];
        }
      }
      return sums;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CHANNELS_FIRST, 30x40, 3, auto",
    "CHANNELS_LAST, 30x40, 3, auto",
    "CHANNELS_LAST, 24x36, 1, auto",
    "CHANNELS_FIRST, 24x36, 1, quickshift",
    "CHANNELS_LAST, 8x12x10, 1, auto",
    "CHANNELS_FIRST, 8x12x10, 3, slic",
    "CHANNELS_FIRST, 9x8x10, 2, grid"
  })
  void rawMaps_linearModel_areWhatEachSuperpixelContributes(
      ChannelLayout layout, String sizes, int channels, String segmentation) {
    Planted planted = Planted.of(layout, sizes, channels);
    MethodOptions options =
        MethodOptions.of(Profile.AUCMEDI)
            .with(SegmentationChoice.OPTION, SegmentationChoice.OPTION.parse(segmentation))
            .with(SegmentationChoice.KERNEL_SIZE, 1.5)
            .with(SegmentationChoice.SEGMENTS, 30)
            .with(Lime.RIDGE, 1e-3);
    Superpixels superpixels =
        SegmentationChoice.of(options, planted.axes()).segment(planted.image(), planted.axes());
    assertThat(superpixels.count()).isBetween(5, 100);
    LimePro lime = new LimePro(planted.model(), null, options);
    try (NDManager manager = lime.model().newManager()) {
      List<List<Heatmap>> found = lime.explainRaw(planted.batch(manager), Target.all());
      assertThat(Explained.statuses(found)).containsOnly(MapStatus.OK);
      float[] maps = Explained.values(found);
      for (int k = 0; k < CLASSES; k++) {
        double[] expected = planted.contributions(k, superpixels);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < planted.axes().positions(); i++) {
          assertThat((double) maps[k * planted.axes().positions() + i])
              .as("class %s, position %s", k, i)
              .isCloseTo(expected[superpixels.at(i)], Offset.offset(1e-3 * largest));
        }
      }
      for (Heatmap map : found.get(0)) {
        assertThat(map.diagnostics().get(Lime.R_SQUARED)).isGreaterThan(0.9999);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"AUCMEDI, 5", "AUCMEDI, 2", "PAPER, 10", "PAPER, 3"})
  void heatmaps_linearModel_showTheStrongestOfEachSign(Profile profile, int features) {
    Planted planted = Planted.of(ChannelLayout.CHANNELS_LAST, "24x36", 1);
    MethodOptions options =
        MethodOptions.of(profile)
            .with(SegmentationChoice.OPTION, SegmentationChoice.GRID)
            .with(SegmentationChoice.SEGMENTS, 24)
            .with(Lime.FILL, SuperpixelFill.parse("0"))
            .with(Lime.FEATURES, features);
    Superpixels superpixels =
        SegmentationChoice.of(options, planted.axes()).segment(planted.image(), planted.axes());
    ExplainableModel model = planted.model();
    try (NDManager manager = model.newManager()) {
      for (int k = 0; k < CLASSES; k++) {
        double[] weights = planted.contributions(k, superpixels);
        float[] pro = heatmap(new LimePro(model, null, options), planted.batch(manager), k);
        float[] con = heatmap(new LimeCon(model, null, options), planted.batch(manager), k);
        for (int sign = 1; sign >= -1; sign -= 2) {
          float[] expected = expected(weights, sign, features, profile, superpixels, pro.length);
          // The regression shrinks the weights by up to a hundredth.
          Maps.assertClose("class " + k, sign > 0 ? pro : con, expected, 0.03);
        }
        for (int i = 0; i < pro.length; i++) {
          assertThat(Math.min(pro[i], con[i])).isZero();
        }
      }
    }
  }

  private static float[] expected(
      double[] weights, int sign, int features, Profile profile, Superpixels parts, int positions) {
    double[] shown = Arrays.stream(weights).map(weight -> Math.max(0, sign * weight)).toArray();
    double[] sorted = Arrays.stream(shown).sorted().toArray();
    double largest = sorted[sorted.length - 1];
    float[] map = new float[positions];
    for (int i = 0; i < positions; i++) {
      double value = shown[parts.at(i)];
      if (value > 0 && value >= sorted[sorted.length - features]) {
        map[i] = (float) (profile == Profile.AUCMEDI ? 1 : value / largest);
      }
    }
    return map;
  }

  @Test
  void rawMaps_batchSizeAndNeighboursInTheBatch_changeNothing() {
    Planted planted = Planted.of(ChannelLayout.CHANNELS_FIRST, "20x24", 3);
    try (NDManager manager = planted.model().newManager()) {
      float[] reference = null;
      for (int batchSize : new int[] {1, 7, 32, 1000}) {
        MethodOptions options =
            MethodOptions.of(Profile.PAPER)
                .with(Lime.SAMPLES, 100)
                .with(Lime.BATCH_SIZE, batchSize);
        LimeCon lime = new LimeCon(planted.model(), null, options);
        float[] alone =
            Explained.values(lime.explainRaw(planted.batch(manager), Target.ofClass(6)));
        int size = planted.image().length;
        float[] values = new float[3 * size];
        for (int i = 0; i < values.length; i++) {
          values[i] = planted.image()[i % size] * (i < 2 * size ? 2 : 1);
        }
        NDArray batch =
            manager.create(FloatBuffer.wrap(values), new Shape(3).addAll(planted.shape().slice(1)));
        float[] maps = Explained.values(lime.explainRaw(batch, Target.ofClass(6)));
        reference = reference == null ? alone : reference;
        assertThat(alone).isEqualTo(reference);
        assertThat(Arrays.copyOfRange(maps, 2 * alone.length, 3 * alone.length)).isEqualTo(alone);
      }
      LimeCon seeded =
          new LimeCon(
              planted.model(),
              null,
              MethodOptions.of(Profile.PAPER).with(Lime.SAMPLES, 100).with(Lime.SEED, 1));
      float[] otherSeed =
          Explained.values(seeded.explainRaw(planted.batch(manager), Target.ofClass(6)));
      assertThat(Maps.maxDifference(otherSeed, Objects.requireNonNull(reference))).isPositive();
    }
  }

  @Test
  void explain_allClasses_takesOneSweepAndNoneForAWrongClass() {
    Planted planted = Planted.of(ChannelLayout.CHANNELS_LAST, "20x24", 3);
    List<Long> updates = new ArrayList<>();
    Progress progress =
        (done, total) -> {
          assertThat(total).isEqualTo(100);
          updates.add(done);
        };
    MethodOptions options =
        MethodOptions.of(Profile.AUCMEDI).with(Lime.SAMPLES, 100).with(Lime.BATCH_SIZE, 40);
    try (NDManager manager = planted.model().newManager()) {
      LimePro lime = new LimePro(planted.model(), null, options);
      lime.explain(planted.batch(manager), Target.all(), 0, progress);
      // A pass holds up to 40 samples that differ from the image; the others need none.
      assertThat(updates).isSorted().doesNotHaveDuplicates().endsWith(100L);
      assertThat(updates.size()).isLessThanOrEqualTo(3);

      updates.clear();
      assertThatThrownBy(
              () -> lime.explain(planted.batch(manager), Target.ofClass(CLASSES), 0, progress))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(updates).isEmpty();

      Progress cancel =
          (done, total) -> {
            throw new CancellationException();
          };
      assertThatThrownBy(() -> lime.explain(planted.batch(manager), Target.ofClass(0), 0, cancel))
          .isInstanceOf(CancellationException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AUCMEDI, 0.25, 3, FLAT", // one superpixel
    "PAPER, 0.25, 3, FLAT",
    "AUCMEDI, 0, 1, FLAT", // many, all of them black
    "AUCMEDI, NaN, 3, NON_FINITE",
    "PAPER, NaN, 1, NON_FINITE"
  })
  void explain_imageWithoutContent_isZeroAndSaysSo(
      Profile profile, float value, int channels, MapStatus status) {
    Planted planted = Planted.of(ChannelLayout.CHANNELS_LAST, "26x30", channels);
    float[] even = planted.image().clone();
    Arrays.fill(even, value);
    try (NDManager manager = planted.model().newManager()) {
      for (int sign = 1; sign >= -1; sign -= 2) {
        MethodOptions options = MethodOptions.of(profile).with(Lime.SAMPLES, 150);
        ExplainableModel model = planted.model();
        Lime lime =
            sign > 0 ? new LimePro(model, null, options) : new LimeCon(model, null, options);
        List<List<Heatmap>> found =
            lime.explain(
                manager.create(FloatBuffer.wrap(even), planted.shape()), Target.all(), 1e-8f);
        assertThat(Explained.statuses(found)).containsOnly(status);
        assertThat(Explained.values(found)).containsOnly(0);
      }
    }
  }

  @Test
  void explain_fewerSamplesThanSuperpixels_isFiniteAndMarked() {
    Planted planted = Planted.of(ChannelLayout.CHANNELS_LAST, "24x36", 1);
    try (NDManager manager = planted.model().newManager()) {
      List<List<Heatmap>> found =
          new LimePro(
                  planted.model(), null, MethodOptions.of(Profile.AUCMEDI).with(Lime.SAMPLES, 10))
              .explain(planted.batch(manager), Target.ofClass(1), 1e-8f);
      assertThat(found.get(0).get(0).status()).isEqualTo(MapStatus.NOT_CONVERGED);
      assertThat(Explained.values(found)).containsOnly(0, 1).contains(1);
    }
  }

  @Test
  void rawMaps_superpixelsMadeEven_loseTheirContrastOnly() {
    // The model sees the left column of each box minus the right: nothing is left in an even box.
    float[] image = new float[8 * 8];
    float[] weights = new float[64];
    for (int i = 0; i < 64; i++) {
      image[i] = i % 4 < 2 ? 3 : 1;
      weights[i] = i % 4 < 2 ? i / 32 + 1 : -(i / 32 + 1);
    }
    ExplainableModel model =
        new LinearModel(new float[][] {weights}, ChannelLayout.CHANNELS_FIRST, "PyTorch");
    MethodOptions options =
        MethodOptions.of(Profile.PAPER)
            .with(SegmentationChoice.OPTION, SegmentationChoice.GRID)
            .with(SegmentationChoice.SEGMENTS, 4)
            .with(Lime.RIDGE, 1e-4);
    try (NDManager manager = model.newManager()) {
      float[] found =
          Explained.values(
              new LimePro(model, null, options)
                  .explainRaw(
                      manager.create(FloatBuffer.wrap(image), new Shape(1, 1, 8, 8)),
                      Target.ofClass(0)));
      for (int i = 0; i < 64; i++) {
        assertThat(found[i]).isCloseTo(16 * (i / 32 + 1), Offset.offset(0.01f));
      }
    }
  }

  @Test
  void rawMaps_goldenNetwork_areNearThoseOfAllCombinations() throws Exception {
    Golden.Array x = Golden.array("vanilla2d_aucmedi.npz", "x").first(3).channelsFirst();
    Path reference =
        Path.of(Objects.requireNonNull(LimeIT.class.getResource("/lime/weights.npz")).toURI());
    float[] expected = Golden.array(reference, "weights").first(3).data();
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/vanilla2d_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch =
          manager.create(
              FloatBuffer.wrap(x.data()),
              new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
      List<List<Heatmap>> found =
          LimePro.builder()
              .build(model)
              .explainRaw(batch, Target.ofClasses(IntStream.range(0, 3).toArray()));
      // A thousand random combinations of three to seven superpixels stand for all of them.
      Maps.assertClose("weights", Explained.values(found), expected, 0.02);
      assertThat(Maps.meanDifference(Explained.values(found), expected)).isLessThan(0.01);
    }
  }

  private static float[] heatmap(XAIMethodBase method, NDArray image, int classIndex) {
    return method.computeHeatmap(image, classIndex).toFloatArray();
  }
}
