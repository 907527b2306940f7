package org.aucmedi.xai.methods.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps of attention weights by hand, of an image of 1 x 2 patches, and what is refused. */
final class AttentionMethodsTest {

  private static final float[][] FIRST = {{.5f, .25f, .25f}, {0, 1, 0}, {.2f, .2f, .6f}};
  private static final float[][] SECOND = {{.2f, .8f, 0}, {.5f, .5f, 0}, {0, 0, 1}};
  private static final float[][] FIRST_GRADIENT = {{1, 2, -4}, {0, 1, 0}, {1, 0, 0}};
  private static final float[][] SECOND_GRADIENT = {{1, 1, 2}, {0, 2, 1}, {0, 0, -1}};

  private static final float[][] OTHER_HEAD = {{.6f, .2f, .2f}, {0, 1, 0}, {.4f, .4f, .2f}};
  private static final float[][] HEAD = {{.2f, .8f, 0}, {0, 1, 0}, {.2f, .2f, .6f}};

  private static GivenAttention twoBlocks() {
    return new GivenAttention()
        .tokens("embed", 3)
        .weights("a.softmax", new float[][][] {FIRST}, new float[][][] {FIRST_GRADIENT})
        .weights("a.drop", new float[][][] {FIRST}, new float[][][] {FIRST_GRADIENT})
        .tokens("a", 3)
        .weights("b.softmax", new float[][][] {SECOND}, new float[][][] {SECOND_GRADIENT})
        .tokens("b", 3);
  }

  private static GivenAttention twoHeads() {
    float[][][] gradients = {{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}, {{2, 2, 2}, {2, -2, 2}, {2, 2, 2}}};
    return new GivenAttention()
        .tokens("embed", 3)
        .weights("a", new float[][][] {HEAD, OTHER_HEAD}, gradients);
  }

  /** M[1] = (.75 .125 .125; 0 1 0; .1 .1 .8) and M[2] = (.6 .4 0; .25 .75 0; 0 0 1). */
  @Test
  void rollout_twoBlocks_isTheProductByHand() {
    assertMap(twoBlocks(), "attentionrollout", 0, .475f, .075f);
    assertMap(twoBlocks(), "attentionrollout", 1, .475f, .075f);
    // Half of the patches' rows of the product, (.1875 .78125 .03125) and (.1 .1 .8).
    assertMap(twoBlocks(), "attentionrollout readout=mean", 0, .440625f, .415625f);
  }

  /** The class token's row has the weights (.4 .5 .1), (.6 .8 .2) and (.2 .2 0). */
  @ParameterizedTest
  @CsvSource({
    "heads=mean, 0.25, 0.05",
    "heads=max, 0.3076923, 0.0769231",
    "heads=min, 0.1428571, 0",
    "discard=0.5, 0.2631579, 0",
    "discard=0.1, 0.25, 0.05"
  })
  void rollout_optionsOfTheHeads_areThoseByHand(String option, float first, float second) {
    assertMap(twoHeads(), "attentionrollout " + option, 0, first, second);
  }

  /** E[1] = (.5 .5 0; 0 1 0; .2 0 0) and E[2] = (.2 .8 0; 0 1 0; 0 0 0). */
  @Test
  void gradients_twoBlocks_areTheSumByHand() {
    assertMap(twoBlocks(), "attentiongradients", 0, 2.2f, 0);
    // The patches' rows are (0 4 0) and (.2 0 1).
    assertMap(twoBlocks(), "attentiongradients readout=mean", 0, 2, .5f);
    // (.2 .8 0) and 2 (.6 .2 .2), of which the mean.
    assertMap(twoHeads(), "attentiongradients", 0, .6f, .2f);
  }

  @Test
  void gradients_ofAClassThatTheAttentionDoesNotReach_areZeroAndSaySo() {
    try (GivenAttention model = twoBlocks();
        NDManager manager = model.newManager()) {
      List<Heatmap> maps = explain(model, manager, "attentiongradients", null).get(0);
      assertThat(maps.get(0).status()).isEqualTo(MapStatus.OK);
      assertThat(maps.get(1).status()).isEqualTo(MapStatus.ZERO_GRADIENT);
      assertThat(maps.get(1).values()).containsOnly(0);
    }
  }

  @Test
  void layers_nothingNamed_areTheLastOfEachBlock() {
    assertThat(layers(null)).isEqualTo("a.drop, b.softmax");
    assertThat(layers("b.softmax,a.softmax")).isEqualTo("a.softmax, b.softmax");
    assertThat(layers("b.softmax")).isEqualTo("b.softmax");
  }

  private static String layers(String named) {
    try (GivenAttention model = twoBlocks();
        NDManager manager = model.newManager()) {
      return explain(model, manager, "attentionrollout", named).get(0).get(0).provenance().layer();
    }
  }

  /** Two blocks may have the same weights: these are uniform. */
  @Test
  void layers_equalWeightsOfTwoBlocks_countTwice() {
    float third = 1 / 3f;
    float[][][] uniform = {{{third, third, third}, {third, third, third}, {third, third, third}}};
    GivenAttention model =
        new GivenAttention()
            .tokens("embed", 3)
            .weights("a", uniform, uniform)
            .tokens("between", 3)
            .weights("b", uniform, uniform);
    // M = (2/3 1/6 1/6; ...), whose square has 1/6 2/3 + 2/3 1/6 + 1/6 1/6 beside the diagonal.
    assertMap(model, "attentionrollout", 0, .25f, .25f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"attentionrollout", "attentiongradients"})
  void modelWithoutVisibleWeights_anyMethod_saysWhyAndWhatWorks(String key) {
    Shape square = new Shape(1, 2, 3, 3);
    assertRefused(
        key,
        new GivenAttention().layer("conv", LayerKind.CONV, new Shape(1, 4, 8, 8), new float[256]),
        null,
        "none gives tokens",
        "gradcam",
        "occlusionsensitivity");
    assertRefused(
        key,
        new GivenAttention()
            .tokens("embed", 3)
            .layer("scores", LayerKind.OTHER, square, new float[18])
            .layer("relu", LayerKind.ACTIVATION, new Shape(1, 2, 8, 8), new float[128]),
        null,
        "fused",
        "gradcam on a layer of tokens",
        "perturbation");
    float[][][] negative = {{{2, -1, 0}, {0, 1, 0}, {0, 0, 1}}};
    assertRefused(
        key,
        new GivenAttention().tokens("embed", 3).weights("a", negative, negative),
        null,
        "fused");
    assertRefused(
        key,
        new GivenAttention()
            .tokens("embed", 8)
            .layer("inside", LayerKind.OTHER, new Shape(4, 2, 5), new float[0])
            .layer("window", LayerKind.OTHER, new Shape(4, 1, 2, 2), new float[0]),
        null,
        "within windows",
        "'window'",
        "(4, 1, 2, 2)",
        "gradcam",
        "perturbation");
  }

  @ParameterizedTest
  @ValueSource(strings = {"attentionrollout", "attentiongradients"})
  void layersThatDoNotSuit_anyMethod_areRefused(String key) {
    assertRefused(key, twoBlocks(), "embed", "'embed' gives no attention weights", "(1, 3, 4)");
    GivenAttention windows =
        twoBlocks().layer("w", LayerKind.OTHER, new Shape(2, 2, 2), 1, 0, 0, 1, 1, 0, 0, 1);
    assertRefused(key, windows, "w", "'w' gives no attention weights", "(2, 2, 2)", "1 image");
    assertRefused(key, twoBlocks(), "a.drop, c", "'c'");
    float[][][] two = {{{1, 0}, {.5f, .5f}}};
    assertRefused(
        key,
        twoBlocks().tokens("merged", 2).weights("c", two, two),
        null,
        "over 3 tokens in layer 'a.drop' and over 2 in layer 'c'");
    float[][][] five = new float[1][5][5];
    for (int i = 0; i < 5; i++) {
      five[0][i][i] = 1;
    }
    GivenAttention odd = new GivenAttention().tokens("embed", 5).weights("a", five, five);
    assertRefused(key, odd, null, "5 tokens, which make no grid", "tokens=14x14");
    assertRefused(key + " tokens=3x3", twoBlocks(), null, "do not hold a grid of 3x3");
    assertMap(
        new GivenAttention().tokens("embed", 5).weights("a", five, five),
        key + " tokens=1x2",
        0,
        0,
        0);
  }

  @Test
  void unknownLayer_isNotFound() {
    try (GivenAttention model = twoBlocks();
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(LayerNotFoundException.class)
          .isThrownBy(() -> explain(model, manager, "attentionrollout", "c"));
    }
  }

  private static void assertRefused(
      String method, GivenAttention given, String layer, String... words) {
    try (given;
        NDManager manager = given.newManager()) {
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> explain(given, manager, method, layer))
          .withMessageContainingAll(words);
    }
  }

  private static void assertMap(GivenAttention given, String method, int label, float... expected) {
    try (given;
        NDManager manager = given.newManager()) {
      Heatmap map = explain(given, manager, method, null).get(0).get(label);
      assertThat(map.shape()).containsExactly(1, 2);
      Maps.assertClose(method, map.values(), expected, 1e-6);
    }
  }

  private static List<List<Heatmap>> explain(
      GivenAttention model, NDManager manager, String method, String layer) {
    String[] words = method.split(" ", -1);
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(words[0]);
    Map<String, String> options =
        words.length == 1
            ? Map.of()
            : Map.of(words[1].split("=", -1)[0], words[1].split("=", -1)[1]);
    NDArray image = manager.create(new float[] {1, 2}, new Shape(1, 1, 1, 2));
    return provider
        .create(
            model,
            layer,
            MethodOptions.parse(Profile.PAPER, provider.description().options(), options))
        .explainRaw(image, Target.all());
  }
}
