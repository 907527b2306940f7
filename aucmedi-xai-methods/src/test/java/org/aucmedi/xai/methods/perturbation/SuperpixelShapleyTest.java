package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.methods.segmentation.Boxes;
import org.aucmedi.xai.methods.segmentation.Superpixels;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.CountingModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shapley values of superpixels, compared with those of their definition. */
final class SuperpixelShapleyTest {

  private static final Shape PICTURE = new Shape(1, 2, 4, 6);
  private static final Shape VOLUME = new Shape(1, 2, 2, 4, 3);

  private final CountingModel model =
      new CountingModel(
          new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(4)));
  private final NDManager manager = model.newManager();

  @AfterEach
  void close() {
    manager.close();
    model.close();
  }

  @ParameterizedTest
  @CsvSource({
    "4x6, 2x3, 0, output",
    "4x6, 2x3, segment-mean, logit",
    "4x6, 1x6, blur, output",
    "2x4x3, 1x2x3, 0.5, output",
    "2x4x3, 2x3x1, mean, logit"
  })
  void kernelShap_allCoalitions_isTheDefinition(
      String size, String boxes, String fill, String score) {
    Shape shape = size.equals("4x6") ? PICTURE : VOLUME;
    String options = "boxes=" + boxes + " fill=" + fill + " score=" + score;
    for (int c = 0; c < 3; c++) {
      Heatmap map = raw("kernelshap", options, shape, c);
      assertThat(map.diagnostics()).isEmpty();
      Game game = game(shape, boxes, fill, score, c);
      float[] expected = spread(game.shapleyValues(), shape, boxes);
      Maps.assertClose(options, map.values(), expected, 1e-5 * Maps.maxAbs(expected));
    }
  }

  @Test
  void featureAblation_isWhatIsLostWithoutEachSuperpixel() {
    Game game = game(PICTURE, "2x3", "0", "output", 1);
    double[] lost = new double[6];
    for (int f = 0; f < 6; f++) {
      lost[f] = game.all() - game.values()[63 - (1 << f)];
    }
    float[] expected = spread(lost, PICTURE, "2x3");
    float[] found = raw("featureablation", "boxes=2x3 fill=0", PICTURE, 1).values();
    Maps.assertClose("drop", found, expected, 1e-5 * Maps.maxAbs(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernelshap", "shapleysampling"})
  void sampled_anySeed_isAsFarOffAsItSaysAndAddsUp(String key) {
    String boxes = "3x4";
    Game game = game(PICTURE, boxes, "0", "output", 2);
    float[] exact = spread(game.shapleyValues(), PICTURE, boxes);
    double previous = Double.POSITIVE_INFINITY;
    for (int samples : new int[] {300, 3000}) {
      double stated = 0;
      for (int seed = 0; seed < 5; seed++) {
        String options = "boxes=" + boxes + " fill=0 samples=" + samples + " seed=" + seed;
        Heatmap map = raw(key, options, PICTURE, 2);
        double error = map.diagnostics().get(SampleMoments.STANDARD_ERROR);
        Maps.assertClose(options, map.values(), exact, 3.5 * error);
        assertThat(sumOverSuperpixels(map.values(), boxes))
            .isCloseTo(game.all() - game.none(), within(1e-5));
        stated += error / 5;
      }
      assertThat(stated).isPositive().isLessThan(previous / 2);
      previous = stated;
    }
  }

  @Test
  void kernelShap_fewSamples_isNotConverged() {
    Heatmap map = raw("kernelshap", "boxes=4x6 samples=20", PICTURE, 0);
    assertThat(map.status()).isEqualTo(MapStatus.NOT_CONVERGED);
    assertThat(map.diagnostics()).isEmpty();
  }

  @Test
  void shapleySampling_onePair_isNotConvergedAndAddsUp() {
    Game game = game(PICTURE, "2x3", "0", "output", 0);
    Heatmap map = raw("shapleysampling", "boxes=2x3 fill=0 samples=2", PICTURE, 0);
    assertThat(map.status()).isEqualTo(MapStatus.NOT_CONVERGED);
    assertThat(sumOverSuperpixels(map.values(), "2x3"))
        .isCloseTo(game.all() - game.none(), within(1e-5));
  }

  @Test
  void shapleySampling_precision_stopsThereWhateverTheBatchSize() {
    String options = "boxes=4x6 fill=0 samples=40000 precision=";
    raw("shapleysampling", options + "0", PICTURE, 1);
    int all = model.take().images();
    double loose = 0.01;
    Heatmap stopped = raw("shapleysampling", options + loose + " batch-size=32", PICTURE, 1);
    int some = model.take().images();
    assertThat(some).isLessThan(all / 2);
    assertThat(stopped.status()).isEqualTo(MapStatus.OK);
    assertThat(stopped.diagnostics().get(SampleMoments.STANDARD_ERROR)).isBetween(loose / 2, loose);
    for (int batch : new int[] {1, 7, 1000}) {
      Heatmap again = raw("shapleysampling", options + loose + " batch-size=" + batch, PICTURE, 1);
      assertThat(again.values()).isEqualTo(stopped.values());
      assertThat(again.diagnostics()).isEqualTo(stopped.diagnostics());
    }
    Heatmap among =
        create("shapleysampling", options + loose)
            .explainRaw(image(PICTURE), Target.all())
            .get(0)
            .get(1);
    assertThat(among.values()).as("beside other classes").isEqualTo(stopped.values());
  }

  @Test
  void shapleySampling_precisionOutOfReach_isNotConverged() {
    Heatmap map = raw("shapleysampling", "boxes=2x3 fill=0 samples=100 precision=1e-9", PICTURE, 1);
    assertThat(map.status()).isEqualTo(MapStatus.NOT_CONVERGED);
    assertThat(map.diagnostics().get(SampleMoments.STANDARD_ERROR)).isGreaterThan(1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernelshap", "shapleysampling", "featureablation"})
  void oneSuperpixel_hasTheWholeGainEverywhereAndIsFlat(String key) {
    Game game = game(PICTURE, "1x1", "0", "output", 1);
    Heatmap map = raw(key, "boxes=1x1 fill=0", PICTURE, 1);
    assertThat(map.status()).isEqualTo(MapStatus.FLAT);
    for (float value : map.values()) {
      assertThat(value).isCloseTo((float) (game.all() - game.none()), within(1e-6f));
    }
  }

  @Test
  void boxesOfAnotherRank_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> raw("kernelshap", "boxes=2x2x2", PICTURE, 0))
        .withMessageContainingAll("boxes=2x2x2", "2 axes");
  }

  /** The score of every coalition, each predicted by itself. */
  private Game game(Shape shape, String boxes, String fill, String score, int classIndex) {
    BatchAxes axes = new BatchAxes(shape, ChannelLayout.CHANNELS_FIRST);
    Superpixels superpixels = superpixels(shape, boxes);
    float[] pixels = pixels(shape);
    float[] hidden = SuperpixelFill.parse(fill).of(pixels, axes, superpixels, manager);
    double[] values = new double[1 << superpixels.count()];
    for (int bits = 0; bits < values.length; bits++) {
      float[] seen = pixels.clone();
      for (int i = 0; i < axes.positions(); i++) {
        for (int c = 0; c < 2; c++) {
          if ((bits >> superpixels.at(i) & 1) == 0) {
            seen[c * axes.positions() + i] = hidden[c * axes.positions() + i];
          }
        }
      }
      try (NDArray one = manager.create(FloatBuffer.wrap(seen), shape)) {
        float[] p = model.outputs(one)[0];
        double mean = (Math.log(p[0]) + Math.log(p[1]) + Math.log(p[2])) / 3;
        values[bits] = score.equals("logit") ? Math.log(p[classIndex]) - mean : p[classIndex];
      }
    }
    model.take();
    return new Game(superpixels.count(), values);
  }

  private static Superpixels superpixels(Shape shape, String boxes) {
    return Boxes.parse(boxes)
        .segment(pixels(shape), new BatchAxes(shape, ChannelLayout.CHANNELS_FIRST));
  }

  private static float[] spread(double[] values, Shape shape, String boxes) {
    int[] labels = superpixels(shape, boxes).labels();
    float[] map = new float[labels.length];
    for (int i = 0; i < map.length; i++) {
      map[i] = (float) values[labels[i]];
    }
    return map;
  }

  private static double sumOverSuperpixels(float[] map, String boxes) {
    Superpixels superpixels = superpixels(PICTURE, boxes);
    double[] values = new double[superpixels.count()];
    for (int i = 0; i < map.length; i++) {
      values[superpixels.at(i)] = map[i];
    }
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  private Heatmap raw(String key, String options, Shape shape, int classIndex) {
    List<List<Heatmap>> maps =
        create(key, options).explainRaw(image(shape), Target.ofClass(classIndex));
    return Explained.only(maps);
  }

  private XAIMethodBase create(String key, String options) {
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
    Map<String, String> set =
        Splitter.on(' ').withKeyValueSeparator('=').split("segmentation=grid " + options);
    return provider.create(
        model, null, MethodOptions.parse(Profile.AUCMEDI, provider.description().options(), set));
  }

  private NDArray image(Shape shape) {
    return manager.create(FloatBuffer.wrap(pixels(shape)), shape);
  }

  private static float[] pixels(Shape shape) {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
