package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Differences;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OutputGradients;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TorchScriptModelIT {

  /** Outputs (s, -s) with s = sum of squares, so ds/dx = 2x; dropout would zero some of it. */
  private static final String SQUARES =
      """
      a = torch.mul(x, x)
      b = torch.dropout(a, 0.5, self.training)
      c = torch.sum(torch.flatten(b, 1), [1], True)
      return torch.cat([c, torch.neg(c)], 1)
      """;

  private static final float[] X = {1, -2, 0.5f, 3};

  @TempDir private Path folder;

  @Test
  void inputGradients_closedForm_isExact() {
    try (ExplainableModel model = squares();
        NDManager manager = model.newManager()) {
      assertThat(gradient(model, batch(manager, X, 1), 1, 0)).containsExactly(2, -4, 1, 6);
      assertThat(gradient(model, batch(manager, X, 1), 0, 3)).containsExactly(-6, 12, -3, -18);
    }
  }

  @Test
  void predict_dropoutSavedInTrainingMode_isOff() {
    try (ExplainableModel model = squares();
        NDManager manager = model.newManager()) {
      for (int run = 0; run < 5; run++) {
        assertThat(model.predict(batch(manager, X, 1)).toFloatArray())
            .containsExactly(14.25f, -14.25f);
      }
    }
  }

  @Test
  void inputGradients_openCollector_areRightAndLeaveItAlone() {
    try (ExplainableModel model = squares();
        NDManager manager = model.newManager();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray own = manager.create(new float[] {2});
      own.setRequiresGradient(true);
      NDArray loss = own.mul(own);

      assertThat(gradient(model, batch(manager, X, 1), 1, 0)).containsExactly(2, -4, 1, 6);

      collector.backward(loss);
      assertThat(own.getGradient().toFloatArray()).containsExactly(4);
    }
  }

  @Test
  void inputGradients_detachedModel_saysSo() {
    try (ExplainableModel model = load("detached", "return torch.flatten(torch.detach(x), 1)");
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> gradient(model, batch(manager, new float[] {1, 2}, 1), 1, 0))
          .withMessageContaining("no differentiable path");
    }
  }

  @Test
  void predict_outputOfAnotherRank_namesItsShape() {
    try (ExplainableModel model = load("map", "return x");
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(batch(manager, X, 1)))
          .withMessageContaining("(1, 1, 1, 4)")
          .withMessageContaining("(N, classes)");
    }
  }

  @Test
  void predict_failingForward_givesOneLine() {
    try (ExplainableModel model = load("strict", "return torch.matmul(x, torch.ones([7, 2]))");
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(batch(manager, X, 1)))
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").contains("(1, 1, 1, 4)"));
    }
  }

  @Test
  void of_modelOfTheUser_leavesItsTrainingFlagAlone() throws Exception {
    TorchScriptArchive.write(folder.resolve("squares.pt"), SQUARES);
    try (Model own = Model.newInstance("squares", "PyTorch")) {
      own.load(folder);
      try (ExplainableModel model = ExplainableModel.of(own);
          NDManager manager = model.newManager()) {
        assertThat(gradient(model, batch(manager, X, 1), 1, 0)).containsExactly(2, -4, 1, 6);
      }
      try (NDManager manager = own.getNDManager().newSubManager()) {
        NDArray batch = batch(manager, X, 1);
        assertThat(
                own.getBlock()
                    .forward(new ParameterStore(manager, false), new NDList(batch), false)
                    .singletonOrThrow()
                    .toFloatArray())
            .containsExactly(14.25f, -14.25f);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resmini_scripted", "resmini_traced"})
  void inputGradients_netWithBatchNormAndDropout_matchDifferencesAndChangeNothing(String name) {
    try (ExplainableModel model = ExplainableModel.load(Golden.file("models/" + name + ".pt"));
        NDManager manager = model.newManager()) {
      Golden.Array x = Golden.array("resmini_aucmedi.npz", "x").channelsFirst();
      float[] image = x.get(0).data();
      Shape shape = new Shape(1, 3, 40, 56);
      float[] outputGradient = new float[10];
      outputGradient[3] = 1;
      NDArray batch = manager.create(FloatBuffer.wrap(image), shape);
      OutputGradient scores = OutputGradients.constant(outputGradient);
      float[] before = model.predict(batch).toFloatArray();

      float[] gradient = model.inputGradients(batch, scores).head().toFloatArray();

      for (int run = 0; run < 4; run++) {
        assertThat(model.inputGradients(batch, scores).head().toFloatArray())
            .containsExactly(gradient);
      }
      assertThat(model.predict(batch).toFloatArray()).containsExactly(before);
      int[] positions = {17, 1000, 2500, 3333, 4800, 6000};
      float[] expected =
          Differences.gradient(model, shape, image, outputGradient, positions, 1e-2f);
      float[] actual = new float[positions.length];
      for (int i = 0; i < positions.length; i++) {
        actual[i] = gradient[positions[i]];
      }
      Maps.assertClose(name, actual, expected, 0.02 * Maps.maxAbs(gradient));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resmini_scripted", "resmini_traced"})
  void weightsAndBuffers_afterGradients_areBitIdentical(String name) throws Exception {
    Path file = Golden.file("models/" + name + ".pt");
    try (Model own = Model.newInstance(name, "PyTorch")) {
      own.load(file);
      float[][] before = parameters(own);
      try (ExplainableModel model = ExplainableModel.of(own);
          NDManager manager = model.newManager()) {
        NDArray batch = manager.ones(new Shape(2, 3, 40, 56));
        model.inputGradients(batch, OutputGradients.sum()).head();
      }
      assertThat(parameters(own)).isDeepEqualTo(before);
      assertThat(before.length).isGreaterThan(10);
    }
  }

  @Test
  void inputGradients_batch_equalsSingleImages() {
    try (ExplainableModel model = ExplainableModel.load(Golden.file("models/resmini_traced.pt"));
        NDManager manager = model.newManager()) {
      Golden.Array x = Golden.array("resmini_aucmedi.npz", "x").channelsFirst();
      NDArray batch =
          manager.create(FloatBuffer.wrap(x.data()), new Shape(x.shape()[0], 3, 40, 56));
      float[] all = model.inputGradients(batch, OutputGradients.sum()).head().toFloatArray();
      for (int n = 0; n < x.shape()[0]; n++) {
        float[] one =
            model
                .inputGradients(batch.get(n + ":" + (n + 1)), OutputGradients.sum())
                .head()
                .toFloatArray();
        Maps.assertClose(
            "image " + n,
            one,
            Arrays.copyOfRange(all, n * one.length, (n + 1) * one.length),
            1e-5 * Maps.maxAbs(all));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resmini_scripted", "resmini_traced"})
  void inputGradients_severalScores_equalSingleOnesBitwise(String name) {
    try (ExplainableModel model = ExplainableModel.load(Golden.file("models/" + name + ".pt"));
        NDManager manager = model.newManager()) {
      Golden.Array x = Golden.array("resmini_aucmedi.npz", "x").channelsFirst().first(2);
      NDArray batch = manager.create(FloatBuffer.wrap(x.data()), new Shape(2, 3, 40, 56));
      float[][] scores = new float[10][20];
      for (int c = 0; c < 10; c++) {
        scores[c][c] = 1;
        scores[c][19 - c] = -0.5f;
      }

      NDList together = model.inputGradients(batch, OutputGradients.of(scores));

      for (int c = 0; c < 10; c++) {
        float[] alone =
            model.inputGradients(batch, OutputGradients.constant(scores[c])).head().toFloatArray();
        assertThat(Maps.maxAbs(alone)).isPositive();
        assertThat(together.get(c).toFloatArray()).containsExactly(alone);
      }
    }
  }

  @Test
  void inputGradients_modelLoadedForTraining_areThoseOfTheFileAndLeaveItTrainable()
      throws Exception {
    Path file = Golden.file("models/resmini_traced.pt");
    try (Model own = Model.newInstance("trainable", "PyTorch")) {
      own.load(file, null, Map.of("trainParam", "true"));
      try (ExplainableModel trainable = ExplainableModel.of(own);
          ExplainableModel loaded = ExplainableModel.load(file);
          NDManager manager = loaded.newManager()) {
        NDArray batch = manager.ones(new Shape(1, 3, 40, 56));
        OutputGradient scores = OutputGradients.of(manager.arange(10f).reshape(1, 10));

        assertThat(trainable.inputGradients(batch, scores).head().toFloatArray())
            .containsExactly(loaded.inputGradients(batch, scores).head().toFloatArray());
      }
      assertThat(own.getBlock().getParameters().values())
          .anyMatch(parameter -> parameter.getArray().hasGradient());
    }
  }

  @Test
  void inputGradients_batchMadeByATorchScriptModule_areRight() throws Exception {
    TorchScriptArchive.write(folder.resolve("twice.pt"), "return torch.mul(x, 2)");
    try (Model twice = Model.newInstance("twice", "PyTorch");
        ExplainableModel model = squares();
        NDManager manager = model.newManager()) {
      twice.load(folder);
      // An inference tensor, for which libtorch refuses gradients.
      NDArray batch =
          twice
              .getBlock()
              .forward(new ParameterStore(manager, false), new NDList(batch(manager, X, 1)), false)
              .singletonOrThrow();

      assertThat(gradient(model, batch, 1, 0)).containsExactly(4, -8, 2, 12);
    }
  }

  @Test
  void gradients_cutOrConstantOutput_nameWhatCuts() {
    String largest =
        """
        a = torch.flatten(x, 1)
        k = torch.to(torch.argmax(a, 1, True), 6)
        return torch.cat([k, torch.neg(k)], 1)
        """;
    assertNoPath("return torch.ones([1, 2])", "look for no_grad, detach or argmax");
    assertNoPath(largest, "these have no derivative: torch.argmax");
    assertNoPath(
        "return torch.to(torch.to(torch.slice(torch.flatten(x, 1), 1, 0, 2), 4), 6)",
        "these have no derivative: a cast to integers");
    // Behind the cut a ReLU begins a graph of its own.
    String rectified = "return torch.relu(torch.detach(torch.slice(torch.flatten(x, 1), 1, 0, 2)))";
    assertNoPath(rectified, "these have no derivative: torch.detach");
  }

  private void assertNoPath(String forward, String message) {
    try (ExplainableModel model = load("cut", forward);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, X, 1);
      OutputGradient scores = OutputGradients.sum();
      for (Runnable call :
          List.<Runnable>of(
              () -> model.inputGradients(batch, scores),
              () -> model.guidedGradients(batch, scores, ReluRule.GUIDED))) {
        assertThatExceptionOfType(UnsupportedModelException.class)
            .isThrownBy(call::run)
            .withMessageContaining("no differentiable path from its input")
            .withMessageContaining(message);
      }
    }
  }

  @Test
  void gradients_zeroDerivative_areZeroAndNoError() {
    String forward = "return torch.relu(torch.sub(torch.flatten(x, 1), 100))";
    try (ExplainableModel model = load("dead", forward);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, X, 1);
      OutputGradient scores = OutputGradients.sum();
      assertThat(model.inputGradients(batch, scores).head().toFloatArray()).containsOnly(0);
      assertThat(
              model
                  .guidedGradients(batch, scores, ReluRule.GUIDED)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsOnly(0);
    }
  }

  /** One certain of yes and one certain of no: their sum is 1, as a softmax's. */
  @Test
  void logit_twoSureSigmoids_isThatOfEachUnit() {
    String forward =
        """
        a = torch.flatten(x, 1)
        w = torch.reshape(torch.arange(8, dtype=6), [4, 2])
        return torch.sigmoid(torch.matmul(a, torch.sub(w, 3)))
        """;
    try (ExplainableModel model = load("sigmoids", forward);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, new float[] {3, -2.5f, 1, 2.25f}, 1);
      float[] outputs = model.predict(batch).toFloatArray();
      assertThat(outputs[0] + outputs[1]).isNotEqualTo(1);
      assertThat(model.outputActivation()).isEqualTo(OutputActivation.SIGMOID);
      assertThat(logit(model, batch, 0)).containsExactly(new float[] {-3, -1, 1, 3}, within(1e-3f));
      assertThat(logit(model, batch, 1)).containsExactly(new float[] {-2, 0, 2, 4}, within(1e-3f));
    }
  }

  @Test
  void oneSigmoidUnit_anyShape_isNoAndYes() {
    for (String end : List.of("[1]", "[1], True", "[1, 2, 3], True")) {
      String forward =
          "return torch.sigmoid(torch.sum("
              + (end.length() < 10 ? "torch.flatten(x, 1)" : "x")
              + ", "
              + end
              + "))";
      try (ExplainableModel model = load("unit", forward);
          NDManager manager = model.newManager()) {
        NDArray batch = batch(manager, new float[] {1, -2, 0.5f, 0.25f, 0, 0, 0, 1}, 2);
        NDArray predicted = model.predict(batch);
        float p = (float) (1 / (1 + Math.exp(0.25)));
        assertThat(predicted.getShape()).isEqualTo(new Shape(2, 2));
        assertThat(Arrays.copyOf(predicted.toFloatArray(), 2))
            .containsExactly(new float[] {1 - p, p}, within(1e-6f));
        assertThat(Arrays.copyOf(logit(model, batch, 1), 4))
            .containsExactly(new float[] {1, 1, 1, 1}, within(1e-5f));
        assertThat(Arrays.copyOf(logit(model, batch, 0), 4))
            .containsExactly(new float[] {-1, -1, -1, -1}, within(1e-5f));
      }
    }
  }

  private static float[] logit(ExplainableModel model, NDArray batch, int index) {
    OutputGradient scores =
        new TargetGradient(Target.ofClass(index), Score.LOGIT, model.outputActivation());
    return model.inputGradients(batch, scores).head().toFloatArray();
  }

  @Test
  void everyPass_batchOfOneInTheCode_runsImagesOneByOne() {
    for (String forward :
        List.of(
            "return torch.mul(torch.reshape(x, [1, 4]), torch.reshape(x, [1, 4]))",
            // For several images this mixes them, in one row.
            "a = torch.mean(torch.reshape(x, [1, 4, -1]), [2])\nreturn torch.mul(a, a)")) {
      try (ExplainableModel model = load("one", forward);
          NDManager manager = model.newManager()) {
        float[] x = {1, 2, 3, 4, -1, -2, -3, -4, 0.5f, 0, 0, 1};
        float[] squares = {1, 4, 9, 16, 1, 4, 9, 16, 0.25f, 0, 0, 1};
        float[] slopes = {2, 4, 6, 8, -2, -4, -6, -8, 1, 0, 0, 2};
        NDArray batch = batch(manager, x, 3);
        OutputGradient scores = OutputGradients.sum();
        assertThat(model.inputGradients(batch, scores).head().toFloatArray())
            .containsExactly(slopes);
        assertThat(model.predict(batch).toFloatArray()).containsExactly(squares);
        assertThat(model.predict(batch).getShape()).isEqualTo(new Shape(3, 4));
        assertThat(
                model
                    .guidedGradients(batch, scores, ReluRule.GUIDED)
                    .gradients()
                    .head()
                    .toFloatArray())
            .containsExactly(slopes);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NoneType | return None | returns no tensor, its forward returns NoneType; return",
        "str | return \"cat\" | returns no tensor, its forward returns str; return",
        "Tensor | return torch.sum(x) | returns an output of shape () for a batch of shape (1, 1,"
            + " 1, 4)",
        "Tensor | return x | returns an output of shape (1, 1, 1, 4) for a batch of shape (1, 1, 1,"
            + " 4)",
        "Tensor | return torch.argmax(torch.flatten(x, 1), 1) | returns numbers of type int64",
        "Tensor | return torch.add(x, torch.ones([1], dtype=6, layout=None,"
            + " device=torch.device(\"cuda:0\"))) | contains constants on a GPU",
        "Tensor | return torch.matmul(x, torch.to(torch.ones([4, 2]), 5)) | save it as float32,"
            + " with model.float()"
      })
  void everyPass_modelThatIsNoFloatClassifier_saysWhatItIs(
      String type, String forward, String message) {
    Path file = TorchScriptArchive.write(folder.resolve("odd.pt"), type, forward);
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, X, 1);
      OutputGradient scores = OutputGradients.sum();
      for (Runnable call :
          List.<Runnable>of(
              () -> model.predict(batch),
              () -> model.inputGradients(batch, scores),
              () -> model.guidedGradients(batch, scores, ReluRule.GUIDED))) {
        assertThatExceptionOfType(UnsupportedModelException.class)
            .isThrownBy(call::run)
            .withMessageContaining(message)
            .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
      }
    }
  }

  @Test
  void predict_listOfOneTensorOrTensorAndNumber_needNoChoice() {
    for (String[] code :
        new String[][] {
          {"List[Tensor]", "return [torch.flatten(x, 1)]"},
          {"Tuple[int, Tensor]", "return (5, torch.flatten(x, 1))"},
          {"Dict[str, Tensor]", "return {\"y\": torch.flatten(x, 1)}"}
        }) {
      Path file = TorchScriptArchive.write(folder.resolve("one.pt"), code[0], code[1]);
      try (ExplainableModel model = ExplainableModel.load(file);
          NDManager manager = model.newManager()) {
        NDArray batch = batch(manager, X, 1);
        assertThat(model.predict(batch).toFloatArray()).containsExactly(X);
        assertThat(model.inputGradients(batch, OutputGradients.sum()).head().toFloatArray())
            .containsOnly(1);
      }
    }
  }

  @Test
  void predict_channelsOnTheOtherAxis_namesTheOption() {
    String forward =
        """
        y = torch.conv2d(torch.permute(x, [0, 3, 1, 2]), torch.ones([2, 3, 1, 1]))
        return torch.mean(y, [2, 3])
        """;
    try (ExplainableModel model = load("last", forward);
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(manager.ones(new Shape(1, 3, 8, 8))))
          .withMessageContaining(
              "if the model expects channels last, set the layout (--layout channels-last");
      assertThat(model.predict(manager.ones(new Shape(1, 8, 8, 3))).toFloatArray())
          .containsExactly(3, 3);
    }
  }

  @Test
  void inputGradients_detachedBranch_countOnlyTheOther() {
    String forward =
        "return torch.cat([torch.detach(torch.flatten(x, 1)), torch.flatten(x, 1)], 1)";
    try (ExplainableModel model = load("branch", forward);
        NDManager manager = model.newManager()) {
      OutputGradient scores = OutputGradients.constant(9, 9, 9, 9, 1, 2, 3, 4);
      assertThat(model.inputGradients(batch(manager, X, 1), scores).head().toFloatArray())
          .containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void predict_float64Output_isConverted() {
    try (ExplainableModel model = load("double", "return torch.to(torch.flatten(x, 1), 7)");
        NDManager manager = model.newManager()) {
      assertThat(model.predict(batch(manager, X, 1)).toFloatArray()).containsExactly(X);
      assertThat(
              model
                  .inputGradients(batch(manager, X, 1), OutputGradients.sum())
                  .head()
                  .toFloatArray())
          .containsExactly(1, 1, 1, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resmini_scripted", "resmini_traced"})
  void predict_wrongChannelsOrRank_nameShapeAndReasonInOneLine(String name) {
    try (ExplainableModel model = ExplainableModel.load(Golden.file("models/" + name + ".pt"));
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(manager.ones(new Shape(1, 4, 40, 56))))
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .contains("(1, 4, 40, 56)")
                      .contains("to have 3 channels, but got 4")
                      .doesNotContain("\n"));
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(manager.ones(new Shape(40, 56))))
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .contains("(40, 56)")
                      .containsPattern("Expected (3D \\(unbatched\\) or 4D|4-dimensional input)")
                      .doesNotContain("\n"));
    }
  }

  @Test
  void layers_scriptedAndTraced_areTheSame() {
    List<Layer> scripted = layers("resmini_scripted");

    assertThat(layers("resmini_traced")).isEqualTo(scripted);
    assertThat(scripted)
        .contains(
            new Layer("stem.0", LayerKind.CONV, null),
            new Layer("b0.bn1", LayerKind.NORM, null),
            new Layer("b0.relu", LayerKind.ACTIVATION, null),
            new Layer("b0.proj", LayerKind.OTHER, null),
            new Layer("logits", LayerKind.DENSE, null));
  }

  @Test
  void capabilities_areAll() {
    try (ExplainableModel model = squares()) {
      assertThat(model.capabilities()).containsExactlyInAnyOrder(Capability.values());
    }
  }

  @Test
  void guidedGradients_withoutRelu_areThePlainOnesAndCountNone() {
    try (ExplainableModel model = squares();
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, X, 1);
      OutputGradient scores = OutputGradients.constant(1, -0.5f);
      GuidedGradients guided = model.guidedGradients(batch, scores, ReluRule.DECONVNET);
      assertThat(guided.relus()).isZero();
      assertThat(guided.gradients().head().toFloatArray())
          .isEqualTo(model.inputGradients(batch, scores).head().toFloatArray());
    }
  }

  @Test
  void guidedGradients_reluThatWorksOnAView_areExact() {
    // Twice in place on views of one tensor, then on a ReLU's own output.
    String forward =
        """
        a = torch.mul(x, 2)
        _0 = torch.relu_(torch.flatten(a, 1))
        b = torch.add_(torch.relu(torch.sub(a, 1)), 1)
        return torch.slice(torch.flatten(b, 1), 1, None, 2)
        """;
    try (ExplainableModel model = load("views", forward);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, new float[] {1, -1, 0.25f, 3}, 1);
      OutputGradient scores = OutputGradients.constant(-1, 3);
      for (int i = 0; i < 2; i++) {
        GuidedGradients plain = model.guidedGradients(batch, scores, ReluRule.GUIDED);
        assertThat(plain.relus()).isEqualTo(2);
        assertThat(plain.gradients().head().toFloatArray()).containsExactly(0, 0, 0, 0);
      }
      OutputGradient positive = OutputGradients.constant(2, 3);
      assertThat(
              model
                  .guidedGradients(batch, positive, ReluRule.GUIDED)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsExactly(4, 0, 0, 0);
      assertThat(
              model
                  .guidedGradients(batch, positive, ReluRule.DECONVNET)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsExactly(4, 6, 0, 0);
    }
  }

  @Test
  void inputGradients_garbageCollectorAtWork_stayExact() {
    try (ExplainableModel model = squares();
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, X, 1);
      float[] expected = gradient(model, batch, 1, 0);
      for (int i = 0; i < 60; i++) {
        System.gc();
        assertThat(gradient(model, batch, 1, 0)).isEqualTo(expected);
      }
    }
  }

  @Test
  void load_fileThatIsNoTorchScript_namesFileAndRemedy() throws IOException {
    Path whole = TorchScriptArchive.write(folder.resolve("whole.pt"), SQUARES);
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = Files.write(folder.resolve("cut.pt"), Arrays.copyOf(bytes, bytes.length / 2));
    Path empty = Files.write(folder.resolve("empty.pt"), new byte[0]);
    Path text = Files.writeString(folder.resolve("text.pt"), "not a model");
    for (Path file : List.of(cut, empty, text)) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> ExplainableModel.load(file, "PyTorch").close())
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .contains(file.toString())
                      .contains("torch.jit")
                      .doesNotContain("\n"));
    }
  }

  @Test
  void load_damagedFile_isRefusedBeforeLibtorchReadsIt() throws IOException {
    byte[] altered =
        Files.readAllBytes(TorchScriptArchive.write(folder.resolve("whole.pt"), SQUARES));
    int at = new String(altered, StandardCharsets.ISO_8859_1).indexOf("0.5, self");
    altered[at] = '1';
    String deep = "return " + "(".repeat(20_000) + "x" + ")".repeat(20_000);
    Map<Path, String> reasons =
        Map.of(
            Files.write(folder.resolve("altered.pt"), altered),
            "the checksum of its entry net/code/__torch__.py does not match its content; the"
                + " file is damaged, copy or download it again",
            TorchScriptArchive.write(folder.resolve("deep.pt"), deep),
            "its code/__torch__.py is nested too deeply for libtorch to read; get it again from its"
                + " author, and do not open this one in Python, where it may run arbitrary code");
    reasons.forEach(
        (file, reason) ->
            assertThatExceptionOfType(XAIException.class)
                .isThrownBy(() -> ExplainableModel.load(file).close())
                .withMessage("cannot load " + file + " as TorchScript: " + reason));
  }

  @Test
  void load_codeThatLibtorchRefuses_givesOneLineAndARemedy() {
    Map<String, String> remedies =
        Map.of(
            "return torch.no_such_operation(x)", "since libtorch itself lacks it",
            "return x +", "save the model again with torch.jit.script or torch.jit.trace");
    remedies.forEach(
        (forward, remedy) ->
            assertThatExceptionOfType(XAIException.class)
                .isThrownBy(() -> load("refused", forward))
                .satisfies(e -> assertThat(e.getMessage()).contains(remedy).doesNotContain("\n")));
  }

  @Test
  void load_suffixTorchscript_isKnown() throws IOException {
    Path file = TorchScriptArchive.write(folder.resolve("yolo.TorchScript"), SQUARES);
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      assertThat(model.predict(batch(manager, X, 1)).toFloatArray())
          .containsExactly(14.25f, -14.25f);
    }
  }

  /** Loads, but the methods of the tape's root are taken. */
  @Test
  void layers_moduleThatCannotBeRewritten_sayWhy() throws IOException {
    Path file = TorchScriptArchive.write(folder.resolve("taken.pt"), SQUARES);
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      Path code = zip.getPath("net/code/__torch__.py");
      Files.writeString(
          code,
          Files.readString(code)
              + "  def aucmedi_clear(self: __torch__.Net,\n"
              + "    x: Tensor) -> Tensor:\n"
              + "    return x\n");
    }
    try (ExplainableModel model = ExplainableModel.load(file)) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(model::layers)
          .withMessageStartingWith(model + " cannot be opened for layers and gradients: ")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").contains("; "));
    }
  }

  /** libtorch reads single quotes and writes double ones, which the rewriter knows. */
  @Test
  void guidedGradients_codeWrittenByHand_areRight() {
    String forward =
        "a = annotate(str, 'torch.relu(')\nreturn torch.flatten(torch.relu(torch.mul(x, 2)), 1)";
    try (ExplainableModel model = load("hand", forward);
        NDManager manager = model.newManager()) {
      OutputGradient scores = OutputGradients.constant(1, 1, -1, 1);
      GuidedGradients guided = model.guidedGradients(batch(manager, X, 1), scores, ReluRule.GUIDED);
      assertThat(guided.relus()).isEqualTo(1);
      assertThat(guided.gradients().head().toFloatArray()).containsExactly(2, 0, 0, 2);
    }
  }

  @Test
  void layers_fileReplacedAfterLoading_areThoseOfTheLoadedModel() throws IOException {
    Path file = folder.resolve("squares.pt");
    try (ExplainableModel model = squares();
        NDManager manager = model.newManager()) {
      Files.writeString(file, "replaced");
      OutputGradient scores = OutputGradients.constant(1, 0);
      assertThat(
              model
                  .guidedGradients(batch(manager, X, 1), scores, ReluRule.GUIDED)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsExactly(2, -4, 1, 6);
    }
  }

  @Test
  void layers_moduleWithoutModules_saysThatThereIsNone() {
    try (ExplainableModel model = squares();
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(model::layers)
          .withMessageContaining("has no layers");
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.layers(batch(manager, X, 1)))
          .withMessageContaining("has no layers");
    }
  }

  @Test
  void load_missingFileOrEngine_isNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(folder.resolve("none.pt")))
        .withMessageContaining("none.pt");
    Path file = TorchScriptArchive.write(folder.resolve("a.pt"), SQUARES);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(file, "Caffe"))
        .withMessageContaining("'Caffe'")
        .withMessageContaining("PyTorch");
  }

  private ExplainableModel squares() {
    return load("squares", SQUARES);
  }

  private ExplainableModel load(String name, String forward) {
    return ExplainableModel.load(
        TorchScriptArchive.write(folder.resolve(name + ".pt"), forward), "pytorch");
  }

  private static List<Layer> layers(String name) {
    try (ExplainableModel model = ExplainableModel.load(Golden.file("models/" + name + ".pt"))) {
      return model.layers();
    }
  }

  private static NDArray batch(NDManager manager, float[] values, int images) {
    return manager.create(
        FloatBuffer.wrap(values), new Shape(images, 1, 1, values.length / images));
  }

  private static float[] gradient(
      ExplainableModel model, NDArray batch, float firstClass, float secondClass) {
    OutputGradient scores = OutputGradients.constant(firstClass, secondClass);
    return model.inputGradients(batch, scores).head().toFloatArray();
  }

  private static float[][] parameters(Model model) {
    return model.getBlock().getParameters().values().stream()
        .map(parameter -> parameter.getArray().toType(DataType.FLOAT32, true))
        .map(NDArray::toFloatArray)
        .toArray(float[][]::new);
  }
}
