package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.model.BiasGradients;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.Multipliers;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.PropagationRule;
import org.aucmedi.xai.model.PropagationRule.AlphaBeta;
import org.aucmedi.xai.model.PropagationRule.Box;
import org.aucmedi.xai.model.PropagationRule.Epsilon;
import org.aucmedi.xai.model.PropagationRule.Flat;
import org.aucmedi.xai.model.PropagationRule.Gamma;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.Relevances;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules on networks of a handful of weights, worked out by hand, and conservation on others. */
final class PropagationIT {

  private static final Path FOLDER = Path.of("src", "test", "resources", "torchscript");
  private static final RelevanceRules LRP_0 = RelevanceRules.all(new Epsilon(0));

  /**
   * With x = (1, 2):
   *
   * <pre>
   * h1 = relu( 3 x1 - 1 x2 + 0.5) = relu(3 - 2 + 0.5) = 1.5
   * h2 = relu( 1 x1 + 1 x2 - 1  ) = relu(1 + 2 - 1  ) = 2
   * y0 = 2 h1 - 0.5 h2 + 0.25     = 3 - 1 + 0.25      = 2.25
   * y1 = h1 + h2                                      = 3.5
   * </pre>
   */
  private static final String DENSE =
      """
      w = torch.tensor([[3., -1.], [1., 1.]])
      v = torch.tensor([[2., -0.5], [1., 1.]])
      h = torch.relu(torch.linear(torch.flatten(x, 1), w, torch.tensor([0.5, -1.])))
      return torch.linear(h, v, torch.tensor([0.25, 0.]))
      """;

  /** The same numbers, with a convolution below. */
  private static final String CONVOLUTION =
      """
      w = torch.tensor([[[[3., -1.]]], [[[1., 1.]]]])
      v = torch.tensor([[2., -0.5], [1., 1.]])
      h = torch.relu_(torch.conv2d(x, w, torch.tensor([0.5, -1.])))
      return torch.softmax(torch.linear(torch.flatten(h, 1), v, torch.tensor([0.25, 0.])), 1)
      """;

  @TempDir private Path folder;

  /** What arrives for one class. */
  private record Found(float[] relevance, double score, double biases) {

    double sum() {
      double sum = 0;
      for (float value : relevance) {
        sum += value;
      }
      return sum;
    }
  }

  private static Found relevance(
      ExplainableModel model, float[] x, Shape shape, int classIndex, RelevanceRules rules) {
    try (NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(x), shape);
      Relevances found = model.relevances(batch, OutputGradient.ofClasses(classIndex), rules);
      return new Found(
          found.relevances().singletonOrThrow().toFloatArray(),
          found.scores().singletonOrThrow().toFloatArray()[0],
          found.biases().singletonOrThrow().toFloatArray()[0]);
    }
  }

  private Found ofHandNet(String forward, RelevanceRules rules) {
    Path file = TorchScriptArchive.write(folder.resolve("net.pt"), forward);
    try (ExplainableModel model = ExplainableModel.load(file)) {
      return relevance(model, new float[] {1, 2}, new Shape(1, 1, 1, 2), 0, rules);
    }
  }

  /**
   * Epsilon at 0:
   *
   * <pre>
   * R_h = (3, -1), bias 0.25
   * x1: 3 * 3/1.5 - 1 * 1/2 = 5.5;  x2: 3 * -2/1.5 - 1 * 2/2 = -5
   * biases: 0.25 + 3 * 0.5/1.5 - 1 * -1/2 = 1.75
   * </pre>
   *
   * Epsilon at 0.5: the shares of y0, h1 and h2 are of 2.75, 2 and 2.5:
   *
   * <pre>
   * R_h = 2.25/2.75 * (3, -1) = (2.454545, -0.818182), bias 0.204545
   * x1: 2.454545 * 3/2 - 0.818182 * 1/2.5 = 3.354545;  x2: 2.454545 * -2/2 - 0.818182 * 2/2.5 = -3.109091
   * biases: 0.204545 + 2.454545 * 0.5/2 - 0.818182 * -1/2.5 = 1.145455
   * </pre>
   *
   * Gamma at 1:
   *
   * <pre>
   * y0: parts 3+3, -1, 0.25+0.25, sum 5.5: R_h = (2.454545, -0.409091), bias 0.204545
   * h1: parts 3+3, -2, 0.5+0.5, sum 5;  h2: parts 1+1, 2+2, -1, sum 5
   * x1: 2.454545 * 6/5 - 0.409091 * 2/5 = 2.781818;  x2: 2.454545 * -2/5 - 0.409091 * 4/5 = -1.309091
   * biases: 0.204545 + 2.454545 * 1/5 - 0.409091 * -1/5 = 0.777273
   * </pre>
   *
   * Alpha at 1, which is z+:
   *
   * <pre>
   * y0: 3 and 0.25 of 3.25: R_h = (2.076923, 0), bias 0.173077
   * h1: 3 and 0.5 of 3.5: x1: 2.076923 * 3/3.5 = 1.780220, x2: 0, bias 0.296703
   * </pre>
   *
   * Alpha at 2, beta at 1:
   *
   * <pre>
   * y0: + 3 and 0.25 of 3.25, - -1 of -1: R_h = (2 * 2.25 * 3/3.25, -2.25) = (4.153846, -2.25)
   *     bias 2 * 2.25 * 0.25/3.25 = 0.346154
   * h1: + 3 and 0.5 of 3.5, - -2 of -2;  h2: + 1 and 2 of 3, - -1 of -1
   * x1: 2 * 4.153846 * 3/3.5 + 2 * -2.25 * 1/3 = 5.620879
   * x2: -4.153846 + 2 * -2.25 * 2/3 = -7.153846
   * biases: 0.346154 + 2 * 4.153846 * 0.5/3.5 - -2.25 = 3.782967
   * </pre>
   */
  @ParameterizedTest
  @CsvSource({
    "epsilon, 0,   5.5,      -5,        1.75",
    "epsilon, 0.5, 3.354545, -3.109091, 1.145455",
    "gamma,   1,   2.781818, -1.309091, 0.777273",
    "alpha,   1,   1.780220, 0,         0.469780",
    "alpha,   2,   5.620879, -7.153846, 3.782967"
  })
  void relevances_twoLayers_areWhatTheRuleSays(
      String name, double number, double first, double second, double biases) {
    PropagationRule rule =
        switch (name) {
          case "epsilon" -> new Epsilon(number);
          case "gamma" -> new Gamma(number);
          default -> new AlphaBeta(number);
        };
    for (String forward : List.of(DENSE, CONVOLUTION)) {
      Found found = ofHandNet(forward, RelevanceRules.all(rule));
      assertThat(found.relevance[0]).isCloseTo((float) first, within(2e-6f));
      assertThat(found.relevance[1]).isCloseTo((float) second, within(2e-6f));
      assertThat(found.biases).isCloseTo(biases, within(2e-6));
      assertThat(found.score).isCloseTo(2.25, within(1e-6));
    }
  }

  /**
   * R_h = (3, -1) by epsilon. Flat: half of each to x1 and x2, (1, 1). Box between 0 and 4:
   *
   * <pre>
   * h1: x1: 1*3 - 0*3 = 3, x2: 2*-1 - 4*-1 = 2, of 5;  h2: x1: 1*1 - 0*1 = 1, x2: 2, of 3
   * x1: 3 * 3/5 - 1 * 1/3 = 1.466667;  x2: 3 * 2/5 - 1 * 2/3 = 0.533333
   * </pre>
   */
  @Test
  void relevances_ruleOfTheInput_isForTheFirstLayerOnly() {
    for (String forward : List.of(DENSE, CONVOLUTION)) {
      Found flat =
          ofHandNet(forward, new RelevanceRules(new Flat(), new Epsilon(0), new Epsilon(0)));
      assertThat(flat.relevance).containsExactly(new float[] {1, 1}, within(2e-6f));
      assertThat(flat.biases).isCloseTo(0.25, within(1e-6));
      Found box =
          ofHandNet(forward, new RelevanceRules(new Box(0, 4), new Epsilon(0), new Epsilon(0)));
      assertThat(box.relevance).containsExactly(new float[] {1.466667f, 0.533333f}, within(2e-6f));
      assertThat(box.biases).isCloseTo(0.25, within(1e-6));
    }
  }

  /** The one output is x1 + x2 + two zeros of padding: half for each, nothing for the padding. */
  @Test
  void relevances_paddedInput_leavesNothingToThePadding() {
    String forward =
        """
        h = torch.constant_pad_nd(x, [1, 1, 0, 0], 0.)
        return torch.flatten(torch.conv2d(h, torch.ones([2, 1, 1, 4])), 1)
        """;
    for (PropagationRule rule : List.of(new Flat(), new Box(-1, 4))) {
      Found found = ofHandNet(forward, new RelevanceRules(rule, new Epsilon(0), new Epsilon(0)));
      assertThat(found.sum()).isCloseTo(3, within(1e-5));
    }
  }

  /**
   * Scales 2/sqrt(4) = 1 and -1/sqrt(0.25) = -2 of the weights; biases 1 * 0.5 + 0.5 - 1 * 1 = 0
   * and -2 * -1 + 1 - -2 * -1 = 1. A normalisation of what has changed in between is not folded.
   */
  @Test
  void relevances_normalisationOfAConvolution_isPartOfIt() {
    String end =
        """
        v = torch.tensor([[2., 0.5], [1., 1.]])
        return torch.linear(torch.flatten(torch.relu(h), 1), v)
        """;
    String apart =
        """
        h = torch.conv2d(x, torch.tensor([[[[3., -1.]]], [[[1., 1.]]]]), torch.tensor([0.5, -1.]))
        CHANGE
        h = torch.permute(torch.permute(h, [0, 2, 3, 1]), [0, 3, 1, 2])
        g = torch.tensor([2., -1.])
        m = torch.tensor([1., -1.])
        s = torch.tensor([4., 0.25])
        h = torch.batch_norm(h, g, torch.tensor([0.5, 1.]), m, s, False, 0.1, 0., True)
        """;
    String folded =
        """
        w = torch.tensor([[[[3., -1.]]], [[[-2., -2.]]]])
        h = torch.conv2d(x, w, torch.tensor([0., 1.]))
        """;
    RelevanceRules rules = RelevanceRules.all(new AlphaBeta(2));
    Found expected = ofHandNet(folded + end, rules);
    Found found = ofHandNet(apart.replace("CHANGE\n", "") + end, rules);
    assertThat(found.relevance).containsExactly(expected.relevance, within(1e-5f));
    assertThat(found.biases).isCloseTo(expected.biases, within(1e-5));
    Found changed = ofHandNet(apart.replace("CHANGE", "h = torch.relu_(h)") + end, rules);
    Found copied = ofHandNet(apart.replace("CHANGE", "h = torch.relu(h)") + end, rules);
    assertThat(changed.relevance).containsExactly(copied.relevance, within(1e-5f));
    assertThat(changed.biases).isCloseTo(copied.biases, within(1e-5));
    assertThat(changed.relevance).isNotEqualTo(found.relevance);
  }

  @Test
  void relevances_convolutionAndDense_haveTheirOwnRules() {
    // R_h = (3, -1) by epsilon; below z+: h1: 3 of 3.5 to x1; h2: 1 and 2 of 3.
    Found found =
        ofHandNet(CONVOLUTION, new RelevanceRules(null, new AlphaBeta(1), new Epsilon(0)));
    assertThat(found.relevance)
        .containsExactly(new float[] {3 * 3 / 3.5f - 1 / 3f, -2 / 3f}, within(2e-6f));
  }

  @Test
  void relevances_inputBelowZero_goBySignOfTheContribution() {
    // x = (1, 2), inside (-1, -2): contributions -3 and 2, bias 0.5, y = -0.5; z+ = 2.5.
    String forward =
        """
        h = torch.neg(torch.flatten(x, 1))
        return torch.linear(h, torch.tensor([[3., -1.], [1., 1.]]), torch.tensor([0.5, 0.]))
        """;
    Found found = ofHandNet(forward, RelevanceRules.all(new AlphaBeta(1)));
    assertThat(found.relevance).containsExactly(new float[] {0, -0.4f}, within(1e-6f));
    assertThat(found.biases).isCloseTo(-0.1, within(1e-6));
    // Gamma 1: y < 0, so z- gains: -3-3, 2, 0.5 of -3.5.
    found = ofHandNet(forward, RelevanceRules.all(new Gamma(1)));
    assertThat(found.relevance)
        .containsExactly(new float[] {-0.5f * 6 / 3.5f, 0.5f * 2 / 3.5f}, within(1e-6f));
  }

  @Test
  void relevances_linearModel_areWeightsTimesInput() {
    String forward =
        "return torch.linear(torch.flatten(x, 1), torch.tensor([[3., -1.], [1., 1.]]))";
    Found found = ofHandNet(forward, LRP_0);
    assertThat(found.relevance).containsExactly(3, -2);
    assertThat(found.biases).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"torch.sigmoid(z)", "torch.softmax(z, 1)", "torch.log_softmax(z, 1)", "z"})
  void relevances_anyHead_startAtTheLogit(String head) {
    String forward =
        "z = torch.linear(torch.flatten(x, 1), torch.tensor([[3., -1.], [1., 1.]]))\nreturn "
            + head;
    Found found = ofHandNet(forward, LRP_0);
    assertThat(found.relevance).containsExactly(new float[] {3, -2}, within(1e-6f));
    assertThat(found.score).isCloseTo(1, within(1e-6));
  }

  @Test
  void relevances_singleSigmoid_haveTwoClassesOfOppositeSign() {
    String forward =
        "return torch.sigmoid(torch.linear(torch.flatten(x, 1), torch.tensor([[3., -1.]])))";
    Found found = ofHandNet(forward, LRP_0);
    assertThat(found.relevance).containsExactly(new float[] {-3, 2}, within(1e-6f));
    assertThat(found.score).isCloseTo(-1, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "silu(x)",
        "gelu(x)",
        "elu(x)",
        "tanh(x)",
        "hardswish(x)",
        "relu6(x)",
        "leaky_relu(x, 0.1)",
        "hardtanh(x, -1., 1.5)",
        "clamp(x, 0., 1.5)",
        "mish(x)",
        "relu6_(x)",
        "silu_(x)"
      })
  void relevances_activation_passesAllOn(String activation) {
    String forward = "h = torch." + activation + "\nreturn torch.flatten(h, 1)";
    Found found = ofHandNet(forward, LRP_0);
    assertThat(found.relevance[0]).isCloseTo((float) found.score, within(1e-6f));
    assertThat(found.relevance[1]).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "h = torch.softmax(x, 3)  | h = torch.mul(h, 2.)   | torch.mul in the main module",
        "h = torch.sigmoid(x)     | h = torch.mul(x, h)    | torch.mul in the main module",
        "h = torch.mul(x, x)      | h = torch.relu(h)      | torch.mul in the main module",
        "h = torch.exp(x)         | h = torch.relu(h)      | torch.exp in the main module",
        "h = torch.softplus(x)    | h = torch.relu(h)      | torch.softplus in the main module",
        "h = torch.clamp(x, 1.)   | h = torch.relu(h)      | torch.clamp in the main module",
        "h = torch.layer_norm(x, [2]) | h = torch.relu(h)  | torch.layer_norm in the main module",
        "h = torch.matmul(x, torch.transpose(x, 2, 3)) | h = torch.relu(h) | torch.matmul in the",
        "h = torch.to(x, 4)       | h = torch.to(h, 6)     | torch.to in the main module",
      })
  void relevances_withoutRule_areRefusedByName(String first, String second, String name) {
    String forward = first.strip() + "\n" + second.strip() + "\nreturn torch.flatten(h, 1)";
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ofHandNet(forward, LRP_0))
        .withMessageContaining(name)
        .withMessageContaining("has no rule");
  }

  @ParameterizedTest
  @CsvSource({
    "fixed_traced, torch.argmax in the layer 'largest'",
    "kinds_traced, torch.mul in the layer 'squash'",
    "kinds_scripted, torch.mul in the layer 'squash'",
  })
  void relevances_layerWithoutRule_isNamed(String file, String name) {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve(file + ".pt"));
        NDManager manager = model.newManager()) {
      NDArray batch = array(manager, file.substring(0, file.indexOf('_')));
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.relevances(batch, OutputGradient.ofClasses(0), LRP_0))
          .withMessageContaining(name);
    }
  }

  /** x1 + 1 - 0.5 of which the biases take 0.5; 3 - x2, of which they take 3. */
  @Test
  void relevances_sumsWithConstants_loseThemToTheBiases() {
    String forward =
        """
        a = torch.sub_(torch.add(torch.select(torch.flatten(x, 1), 1, 0), 1), 0.5)
        b = torch.rsub(torch.select(torch.flatten(x, 1), 1, 1), 3.)
        return torch.stack([torch.add(a, b), a], 1)
        """;
    Found found = ofHandNet(forward, LRP_0);
    assertThat(found.relevance).containsExactly(new float[] {1, -2}, within(1e-6f));
    assertThat(found.biases).isCloseTo(3.5, within(1e-6));
    assertThat(found.score).isCloseTo(2.5, within(1e-6));
  }

  @Test
  void relevances_inputGoesElsewhereToo_hasNoRuleOfTheInput() {
    String forward =
        """
        h = torch.linear(torch.flatten(x, 1), torch.tensor([[3., -1.], [1., 1.]]))
        return torch.add(h, torch.flatten(x, 1))
        """;
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(
            () ->
                ofHandNet(forward, new RelevanceRules(new Flat(), new Epsilon(0), new Epsilon(0))))
        .withMessageContaining("its input also goes to torch.add in the main module");
  }

  /**
   * With epsilon at 0, relevance is gradient times input wherever a network is piecewise linear.
   */
  @ParameterizedTest
  @ValueSource(strings = {"resmini_scripted", "resmini_traced"})
  void relevances_lrpZero_equalGradientTimesInput(String file) {
    Golden.Array gradient = Golden.array("resmini_raw.npz", "input_gradient");
    try (ExplainableModel model = ExplainableModel.load(Golden.file("models/" + file + ".pt"));
        NDManager manager = model.newManager()) {
      NDArray batch = images(manager, "resmini", gradient.shape()[0]);
      float[] classes = Golden.array("resmini_aucmedi.npz", "classes").data();
      int[] asked = new int[classes.length];
      Arrays.setAll(asked, k -> (int) classes[k]);
      Relevances found = model.relevances(batch, OutputGradient.ofClasses(asked), LRP_0);
      float[] x = batch.toFloatArray();
      int size = x.length / gradient.shape()[0];
      double largest = 0;
      double difference = 0;
      for (int k = 0; k < asked.length; k++) {
        float[] relevance = found.relevances().get(k).toFloatArray();
        for (int i = 0; i < x.length; i++) {
          int n = i / size;
          float expected = x[i] * gradient.data()[(n * asked.length + k) * size + i % size];
          largest = Math.max(largest, Math.abs(expected));
          difference = Math.max(difference, Math.abs(expected - relevance[i]));
        }
      }
      assertThat(difference).isLessThan(1e-4 * largest);
    }
  }

  private static NDArray images(NDManager manager, String network, int count) {
    Golden.Array x = Golden.array(network + "_aucmedi.npz", "x").first(count);
    int[] shape = x.shape();
    NDArray last =
        manager.create(
            FloatBuffer.wrap(x.data()), new Shape(Arrays.stream(shape).asLongStream().toArray()));
    return shape.length == 4 ? last.transpose(0, 3, 1, 2) : last.transpose(0, 4, 1, 2, 3);
  }

  /** Network files, and the images that are for them. */
  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of("resmini_scripted", "resmini"),
        Arguments.of("resmini_traced", "resmini"),
        Arguments.of("vanilla2d_scripted", "vanilla2d"),
        Arguments.of("vanilla3d_traced", "vanilla3d"),
        Arguments.of("functional_scripted", "functional"),
        Arguments.of("functional_traced", "functional"),
        Arguments.of("clipped_scripted", "clipped"),
        Arguments.of("clipped_traced", "clipped"),
        Arguments.of("joined_scripted", "joined"),
        Arguments.of("joined_traced", "joined"),
        Arguments.of("double_traced", "double"));
  }

  /** Within 1 % of the score, once what biases took is added. */
  @ParameterizedTest
  @MethodSource("networks")
  void relevances_andBiases_addUpToTheScore(String file, String data) {
    Path own = FOLDER.resolve(file + ".pt");
    boolean golden = !Files.exists(own);
    Path path = golden ? Golden.file("models/" + file + ".pt") : own;
    try (ExplainableModel model = ExplainableModel.load(path);
        NDManager manager = model.newManager()) {
      NDArray batch = golden ? images(manager, data, 1) : array(manager, data);
      for (PropagationRule rule :
          List.of(new Epsilon(1e-6), new Gamma(0.25), new AlphaBeta(1), new AlphaBeta(2))) {
        Relevances found =
            model.relevances(batch, OutputGradient.ofClasses(0, 1), RelevanceRules.all(rule));
        for (int k = 0; k < 2; k++) {
          float[] sums = found.relevances().get(k).sum(axes(batch)).toFloatArray();
          float[] scores = found.scores().get(k).toFloatArray();
          float[] biases = found.biases().get(k).toFloatArray();
          for (int n = 0; n < sums.length; n++) {
            assertThat((double) sums[n] + biases[n])
                .as("%s, class %s, image %s, of which biases %s", rule, k, n, biases[n])
                .isCloseTo(scores[n], withinPercentage(1));
          }
        }
      }
    }
  }

  private record Compared(float[] multipliers, double difference) {}

  private Compared compare(String forward, float[] x, float[] reference) {
    Path file = TorchScriptArchive.write(folder.resolve("net.pt"), forward);
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      Shape shape = new Shape(1, 1, 1, x.length);
      Multipliers found =
          model.multipliers(
              manager.create(FloatBuffer.wrap(x), shape),
              manager.create(FloatBuffer.wrap(reference), shape),
              OutputGradient.ofClasses(0));
      return new Compared(
          found.multipliers().singletonOrThrow().toFloatArray(),
          found.differences().singletonOrThrow().toFloatArray()[0]);
    }
  }

  /**
   * From x' = (-1, 1) to x = (1, 2):
   *
   * <pre>
   * h1: -3.5 to 1.5, relu 0 to 1.5: 1.5/5 = 0.3;  h2: -1 to 2, relu 0 to 2: 2/3
   * m1 = 2 * 0.3 * 3 - 0.5 * 2/3 * 1 = 1.466667;  m2 = 2 * 0.3 * -1 - 0.5 * 2/3 * 1 = -0.933333
   * y0: 0.25 to 2.25 = 2 = 1.466667 * 2 - 0.933333 * 1
   * </pre>
   */
  @Test
  void multipliers_twoLayers_areQuotientsOfDifferences() {
    for (String forward : List.of(DENSE, CONVOLUTION)) {
      Compared found = compare(forward, new float[] {1, 2}, new float[] {-1, 1});
      assertThat(found.multipliers)
          .containsExactly(new float[] {1.466667f, -0.933333f}, within(2e-6f));
      assertThat(found.difference).isCloseTo(2, within(1e-6));
    }
  }

  @Test
  void multipliers_linearModel_areItsWeights() {
    Compared found =
        compare(
            "return torch.linear(torch.flatten(x, 1), torch.tensor([[3., -1.], [1., 1.]]))",
            new float[] {1, 2},
            new float[] {5, 7});
    assertThat(found.multipliers).containsExactly(3, -1);
    assertThat(found.difference).isEqualTo(-7);
  }

  @Test
  void multipliers_noDifference_areTheGradient() {
    Compared found = compare(DENSE, new float[] {1, 2}, new float[] {1, 2});
    // 2 * 3 - 0.5 * 1 and 2 * -1 - 0.5 * 1
    assertThat(found.multipliers).containsExactly(new float[] {5.5f, -2.5f}, within(1e-6f));
    assertThat(found.difference).isZero();
  }

  /** Without biases and with the reference 0, they are the gradient of a network of ReLUs. */
  @Test
  void multipliers_fromZeroWithoutBiases_areTheGradient() {
    String forward =
        """
        w = torch.tensor([[3., -1.], [-1., 0.4]])
        h = torch.relu(torch.linear(torch.flatten(x, 1), w))
        return torch.linear(h, torch.tensor([[2., -0.5], [1., 1.]]))
        """;
    Compared found = compare(forward, new float[] {1, 2}, new float[] {0, 0});
    // h1 = 1 and h2 = -0.2: the gradient is 2 * (3, -1).
    assertThat(found.multipliers).containsExactly(new float[] {6, -2}, within(1e-6f));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "relu",
        "relu_",
        "silu",
        "gelu",
        "elu_",
        "tanh",
        "sigmoid",
        "softplus",
        "hardswish",
        "relu6"
      })
  void multipliers_activation_isTheQuotient(String activation) {
    String head = activation.equals("sigmoid") ? "h = torch.flatten(x, 1)" : "";
    String forward =
        activation.equals("sigmoid")
            ? head + "\nreturn torch.sigmoid(h)"
            : "h = torch." + activation + "(torch.mul(x, 1.))\nreturn torch.flatten(h, 1)";
    Compared found = compare(forward, new float[] {1.5f, 2}, new float[] {-0.5f, 1});
    assertThat(found.multipliers[0] * 2).isCloseTo((float) found.difference, within(1e-6f));
    assertThat(found.multipliers[1]).isZero();
  }

  /**
   * The largest of (1, 5, 2) and of (3, 1, 2) goes from 3 to 5: the difference 2 belongs to the
   * second value, which changes by 4. The other way round it falls from 5 to 3, and belongs to the
   * value that was the largest, again the second.
   */
  @Test
  void multipliers_maximum_belongToTheLargerOfTheTwo() {
    String forward = "return torch.flatten(torch.max_pool2d(x, [1, 3], [1, 3], [0, 0], [1, 1]), 1)";
    float[] x = {1, 5, 2};
    float[] other = {3, 1, 2};
    assertThat(compare(forward, x, other).multipliers).containsExactly(0, 0.5f, 0);
    assertThat(compare(forward, other, x).multipliers).containsExactly(0, 0.5f, 0);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void multipliers_timesTheDifference_addUp(String file, String data) {
    Path own = FOLDER.resolve(file + ".pt");
    boolean golden = !Files.exists(own);
    try (ExplainableModel model =
            ExplainableModel.load(golden ? Golden.file("models/" + file + ".pt") : own);
        NDManager manager = model.newManager()) {
      NDArray batch = golden ? images(manager, data, 1) : array(manager, data);
      NDArray reference = batch.get("0:1").mul(0.3f).add(0.1f);
      Multipliers found = model.multipliers(batch, reference, OutputGradient.ofClasses(0, 1));
      for (int k = 0; k < 2; k++) {
        float[] sums =
            found.multipliers().get(k).mul(batch.sub(reference)).sum(axes(batch)).toFloatArray();
        float[] differences = found.differences().get(k).toFloatArray();
        for (int n = 0; n < sums.length; n++) {
          assertThat(sums[n])
              .as("class %s, image %s", k, n)
              .isCloseTo(differences[n], within(1e-4f * Math.max(1, Math.abs(differences[n]))));
        }
      }
    }
  }

  /** A score taken apart: the gradient of the input, the score, and the part of each constant. */
  private record Apart(float[] gradient, double score, List<float[]> parts, List<Shape> shapes) {}

  private Apart apart(String forward, float[] x, Shape shape, ChannelLayout layout) {
    Path file = TorchScriptArchive.write(folder.resolve("net.pt"), forward);
    LoadOptions options = LoadOptions.builder().optLayout(layout).build();
    try (ExplainableModel model = ExplainableModel.load(file, options);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(x), shape);
      BiasGradients found = model.biasGradients(batch, OutputGradient.ofClasses(0));
      NDList parts = found.parts().get(0);
      return new Apart(
          found.gradients().singletonOrThrow().toFloatArray(),
          found.scores().singletonOrThrow().toFloatArray()[0],
          parts.stream().map(NDArray::toFloatArray).toList(),
          parts.stream().map(NDArray::getShape).toList());
    }
  }

  private Apart apart(String forward, float... x) {
    Shape shape = new Shape(1, 1, 1, x.length);
    return apart(forward, x, shape, ChannelLayout.CHANNELS_FIRST);
  }

  /**
   * x1: 2 * 3 - 0.5 * 1 = 5.5, x2: 2 * -1 - 0.5 * 1 = -2.5; h1: 2 * 0.5 = 1, h2: -0.5 * -1 = 0.5;
   * y0: 0.25. 5.5 * 1 - 2.5 * 2 + 1 + 0.5 + 0.25 = 2.25.
   */
  @Test
  void biasGradients_twoLayers_areBiasesTimesGradients() {
    for (String forward : List.of(DENSE, CONVOLUTION)) {
      Apart found = apart(forward, 1, 2);
      assertThat(found.gradient).containsExactly(new float[] {5.5f, -2.5f}, within(1e-6f));
      assertThat(found.score).isCloseTo(2.25, within(1e-6));
      assertThat(found.parts).hasSize(2);
      assertThat(found.parts.get(0)).containsExactly(new float[] {1, 0.5f}, within(1e-6f));
      assertThat(found.parts.get(1)).containsExactly(new float[] {0.25f, 0}, within(1e-6f));
      assertThat(found.shapes)
          .containsExactly(
              forward.equals(DENSE) ? new Shape(1, 2) : new Shape(1, 2, 1, 1), new Shape(1, 2));
    }
  }

  /**
   * At (1, 2) the convolution has 3 - 2 + 0.5 = 1.5. The scale of the normalisation is 2 / sqrt(4)
   * = 1 and its shift 0.5 - 1 = -0.5. What follows the convolution directly is one layer with it,
   * with the bias 0.5 - 0.5 = 0; after a ReLU it is a layer of its own.
   */
  @Test
  void biasGradients_normalisation_hasAnImplicitBias() {
    String forward =
        """
        h = torch.conv2d(x, torch.tensor([[[[3., -1.]]]]), torch.tensor([0.5]))
        CHANGE
        h = torch.permute(torch.permute(h, [0, 2, 3, 1]), [0, 3, 1, 2])
        g = torch.tensor([2.])
        m = torch.tensor([1.])
        s = torch.tensor([3.5])
        h = torch.batch_norm(h, g, torch.tensor([0.5]), m, s, False, 0.1, 0.5, True)
        return torch.flatten(torch.mul(h, 4.), 1)
        """;
    Apart direct = apart(forward.replace("CHANGE\n", ""), 1, 2);
    float[] all = new float[direct.parts.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = direct.parts.get(i)[0];
    }
    // The convolution alone leads nowhere.
    assertThat(all).containsExactly(new float[] {0, 0}, within(1e-6f));
    assertThat(direct.score).isCloseTo(4, within(1e-6));
    Apart later = apart(forward.replace("CHANGE", "h = torch.relu_(h)"), 1, 2);
    assertThat(later.parts).hasSize(2);
    assertThat(later.parts.get(0)[0]).isCloseTo(4 * 0.5f, within(1e-6f));
    assertThat(later.parts.get(1)[0]).isCloseTo(4 * -0.5f, within(1e-6f));
  }

  /** The tangent of f at u is f(u) + f'(u) (v - u): at v = 0 it is f(u) - f'(u) u. */
  @ParameterizedTest
  @CsvSource({
    // 6 - 0; 2 - 2; s(2) 2 - (s(2) + 2 s(2) (1 - s(2))) 2 with s(2) = 0.8807971
    "relu6,      8,  6",
    "relu6,      2,  0",
    "silu,       2,  -0.4199743",
    // tanh(1) - (1 - tanh(1)^2)
    "tanh,       1,  0.3416199",
    // e^-1 - 1 + e^-1
    "elu_,       -1, -0.2642411",
    // log(1 + e) - 1 / (1 + e^-1)
    "softplus,   1,  0.5822031",
    "hardtanh_,  -3, -1",
  })
  void biasGradients_activation_hasTheConstantOfItsTangent(String name, float x, float expected) {
    String forward =
        "h = torch." + name + "(torch.mul(x, 1.))\nreturn torch.flatten(torch.mul(h, 2.), 1)";
    Apart found = apart(forward, x, 0.1f);
    assertThat(found.parts).hasSize(1);
    assertThat(found.parts.get(0)[0]).isCloseTo(2 * expected, within(1e-5f));
    assertThat(found.gradient[0] * x + found.parts.get(0)[0])
        .isCloseTo((float) found.score, within(1e-5f));
  }

  /** relu(x1 + 1 - 0.5) * 3, a bound that is not zero, and constants that nothing is left of. */
  @Test
  void biasGradients_sumsAndBounds_areConstants() {
    Apart sums =
        apart(
            "h = torch.relu(torch.sub_(torch.add(x, 1), 0.5))\n"
                + "return torch.flatten(torch.mul(h, 3.), 1)",
            1,
            2);
    assertThat(sums.parts.get(0)).containsExactly(new float[] {3, 0}, within(1e-6f));
    assertThat(sums.parts.get(1)).containsExactly(new float[] {-1.5f, 0}, within(1e-6f));
    assertThat(sums.score).isCloseTo(4.5, within(1e-6));
    Apart bound = apart("return torch.flatten(torch.clamp_min(torch.mul(x, 1.), 1.5), 1)", 1, 2);
    assertThat(bound.parts.get(0)).containsExactly(1.5f, 0);
    assertThat(bound.gradient).containsExactly(0, 0);
  }

  /** Parts have their channels first, in either layout. */
  @Test
  void biasGradients_channelsLast_areTheSame() {
    String first =
        """
        w = torch.tensor([[[[3., -1.]], [[1., 0.5]]], [[[1., 1.]], [[2., -1.]]], [[[0., 2.]], [[1., 1.]]]])
        IN
        h = torch.conv2d(x, w, torch.tensor([0.5, -1., 2.]))
        OUT
        h = torch.relu6(torch.add(h, 1.))
        BACK
        return torch.mean(h, [2, 3])
        """;
    String last =
        first
            .replace("IN", "x = torch.permute(x, [0, 3, 1, 2])")
            .replace("OUT", "h = torch.permute(h, [0, 2, 3, 1])")
            .replace("BACK", "h = torch.permute(h, [0, 3, 1, 2])");
    String plain = first.replace("IN\n", "").replace("OUT\n", "").replace("BACK\n", "");
    Apart expected =
        apart(
            plain,
            new float[] {1, 2, 3, 4, -1, 0.5f, 0.25f, 2},
            new Shape(1, 2, 1, 4),
            ChannelLayout.CHANNELS_FIRST);
    Apart found =
        apart(
            last,
            new float[] {1, -1, 2, 0.5f, 3, 0.25f, 4, 2},
            new Shape(1, 1, 4, 2),
            ChannelLayout.CHANNELS_LAST);
    assertThat(found.shapes)
        .isEqualTo(expected.shapes)
        .containsOnly(new Shape(1, 3, 1, 3))
        .hasSize(3);
    assertThat(found.score).isEqualTo(expected.score).isNotZero();
    for (int i = 0; i < 3; i++) {
      assertThat(found.parts.get(i)).isEqualTo(expected.parts.get(i));
    }
    // The first channel has 1.75, 5.125 and more than 6.
    assertThat(expected.parts.get(0))
        .containsExactly(new float[] {0.5f / 3, 0.5f / 3, 0, 0, 0, 0, 0, 0, 0}, within(1e-6f));
    assertThat(expected.parts.get(2))
        .containsExactly(new float[] {0, 0, 2, 0, 0, 0, 0, 0, 0}, within(1e-6f));
  }

  @Test
  void biasGradients_productOfTwoValues_isRefused() {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> apart("return torch.flatten(torch.mul(x, torch.sigmoid(x)), 1)", 1, 2))
        .withMessageContaining("cannot be explained by full gradients")
        .withMessageContaining("torch.mul in the main module has no rule");
  }

  @ParameterizedTest
  @MethodSource("networks")
  void biasGradients_andGradientTimesInput_addUpToTheScore(String file, String data) {
    Path own = FOLDER.resolve(file + ".pt");
    boolean golden = !Files.exists(own);
    try (ExplainableModel model =
            ExplainableModel.load(golden ? Golden.file("models/" + file + ".pt") : own);
        NDManager manager = model.newManager()) {
      NDArray batch = golden ? images(manager, data, 1) : array(manager, data);
      BiasGradients found = model.biasGradients(batch, OutputGradient.ofClasses(0, 1));
      for (int k = 0; k < 2; k++) {
        float[] sums = found.gradients().get(k).mul(batch).sum(axes(batch)).toFloatArray();
        float[] scores = found.scores().get(k).toFloatArray();
        double biases = 0;
        for (NDArray part : found.parts().get(k)) {
          float[] ofImages = part.sum(axes(part)).toFloatArray();
          assertThat(ofImages).hasSameSizeAs(sums);
          for (int n = 0; n < sums.length; n++) {
            sums[n] += ofImages[n];
            biases += Math.abs(ofImages[n]);
          }
        }
        assertThat(biases > 0).isEqualTo(!data.equals("vanilla3d"));
        for (int n = 0; n < sums.length; n++) {
          assertThat(sums[n])
              .as("class %s, image %s", k, n)
              .isCloseTo(scores[n], within(1e-4f * Math.max(1, Math.abs(scores[n]))));
        }
      }
    }
  }

  private static int[] axes(NDArray batch) {
    return IntStream.range(1, batch.getShape().dimension()).toArray();
  }

  private static NDArray array(NDManager manager, String data) {
    Golden.Array array = Golden.array(FOLDER.resolve(data + ".npz"), "x");
    return manager.create(
        FloatBuffer.wrap(array.data()),
        new Shape(Arrays.stream(array.shape()).asLongStream().toArray()));
  }
}
