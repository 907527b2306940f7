package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LayersCommandIT {

  @TempDir private Path folder;

  @Test
  void layers_declaredInput_showsShapesAndWhatGradCamLooksAt() {
    Path model = OnnxBuilder.halves(-1, 5, 7).write(folder.resolve("net.onnx"));

    assertThat(Run.of("layers", "--model", model.toString()))
        .isEqualTo(
            new Run(
                0,
                """
                NAME    KIND        OUTPUT        GRAD-CAM
                conv    conv        (1, 2, 5, 7)  paper
                relu    activation  (1, 2, 5, 7)  aucmedi
                pooled  pool        (1, 2, 1, 1)
                flat    other       (1, 2)
                """,
                ""));
  }

  @Test
  void layers_nameWithControlCharacters_isEscaped() {
    Path model =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 2, 4, 4)
            .weight("w", new long[] {1, 2, 1, 1}, 1, 1)
            .node("Conv", "c\nconv \u001b[2J", "x,w", "a")
            .node("Flatten", "f", "a", "y")
            .output("y")
            .write(folder.resolve("net.onnx"));

    assertThat(Run.of("layers", "--model", model.toString(), "--engine", "OnnxRuntime").out())
        .contains("\nc\\nconv \\u001b[2J  conv   (1, 1, 4, 4)  aucmedi, paper\n");
  }

  @Test
  void layers_oneLayerForBothProfiles_hasBothMarks() {
    Path model =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 2, 4, 4)
            .weight("w", new long[] {1, 2, 1, 1}, 1, 1)
            .node("Conv", "c", "x,w", "a")
            .node("Flatten", "f", "a", "y")
            .output("y")
            .write(folder.resolve("net.onnx"));

    assertThat(Run.of("layers", "--model", model.toString()).out())
        .contains("c     conv   (1, 1, 4, 4)  aucmedi, paper\n");
  }

  @Test
  void layers_choiceAtTheBeginningOfATransformer_isMarkedAndWarnedOf() {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 1, 4, 6)
            .weight("w", new long[] {2, 1, 1, 1}, 1, -1)
            .integers("tokens", 0, 2, 24)
            .node("Conv", "embedding", "x,w", "e")
            .node("Reshape", "flatten", "e,tokens", "t0");
    for (int i = 0; i < 12; i++) {
      builder.node("Relu", "block" + i, "t" + i, "t" + (i + 1));
    }
    Path model =
        builder.node("Flatten", "f", "t12", "y").output("y").write(folder.resolve("n.onnx"));

    Run run = Run.of("layers", "--model", model.toString());

    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("(1, 2, 4, 6)  aucmedi (early), paper (early)\n");
    assertThat(run.err()).contains("warning: layer 'embedding'", "saliency").hasLineCount(2);
  }

  @Test
  void layers_channelsLast_areUnderstood() {
    Path model =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 6, 6, 1)
            .weight("w", new long[] {3, 1, 1, 1}, 1, 1, 1)
            .weight("v", new long[] {2, 3, 6, 6}, new float[216])
            .node("Transpose", "turn", "x", "t", Map.of("perm", List.of(0L, 3L, 1L, 2L)))
            .node("Conv", "wide", "t,w", "a")
            .node("Relu", "relu", "a", "r")
            .node("Conv", "one place", "r,v", "b")
            .node("Flatten", "f", "b", "y")
            .output("y")
            .write(folder.resolve("net.onnx"));

    assertThat(Run.of("layers", "--model", model.toString()).out())
        .contains("wide       conv        (1, 6, 6, 3)  paper\n")
        .contains("relu       activation  (1, 6, 6, 3)  aucmedi\n")
        .contains("one place  conv        (1, 1, 1, 2)\n");
  }

  @Test
  void layers_openSizes_listNamesAndAskForTheInput() {
    Path model = OnnxBuilder.halves(-1, -1, -1).write(folder.resolve("net.onnx"));

    Run run = Run.of("layers", "--model", model.toString());

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            NAME    KIND        OUTPUT  GRAD-CAM
            conv    conv        ?
            relu    activation  ?
            pooled  pool        ?
            flat    other       ?
            """);
    assertThat(run.err())
        .contains("--input 3x224x224 (channels first; --layout says otherwise)")
        .hasLineCount(1);
  }

  @Test
  void layers_input_fillsTheShapes() {
    Path model = OnnxBuilder.halves(-1, -1, -1).write(folder.resolve("net.onnx"));

    Run run = Run.of("layers", "--model", model.toString(), "--input", "1x3x4");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("conv    conv        (1, 2, 3, 4)  paper\n");
  }

  @Test
  void layers_volume_isAnInputToo() {
    Path model = OnnxBuilder.halves(-1, -1, -1, -1).write(folder.resolve("net.onnx"));

    assertThat(Run.of("layers", "--model", model.toString(), "--input", "1x2x3x4").out())
        .contains("(1, 2, 2, 3, 4)  paper\n");
  }

  @Test
  void layers_inputTheModelDoesNotTake_isOneLine() {
    Path model = OnnxBuilder.halves(-1, 5, 7).write(folder.resolve("net.onnx"));

    Run run =
        Run.of(
            "layers", "--model", model.toString(), "--engine", "OnnxRuntime", "--input", "3x5x7");

    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("error: ONNX model 'net' cannot run on a batch of shape (1, 3, 5, 7): ")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64", "64x64", "3x0x64", "3,64,64", "3x64x64x64x64", "-3x64x64", ""})
  void layers_inputThatIsNone_saysWhatToWrite(String input) {
    Path model = OnnxBuilder.halves(-1, 5, 7).write(folder.resolve("net.onnx"));

    Run run = Run.of("layers", "--model", model.toString(), "--input", input);

    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.err()).contains("'" + input + "' is no image").contains("3x224x224");
  }

  @Test
  void layers_modelThatShowsNone_isNoEmptyTable() throws IOException {
    Path model = TorchScriptArchive.write(folder.resolve("bare.pt"), "return torch.flatten(x, 1)");

    Run run = Run.of("layers", "--model", model.toString());

    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("error: TorchScript model 'bare' ")
        .contains("layers")
        .hasLineCount(1);
  }

  @Test
  void layers_goldenTorchScript_showsWhatGradCamLooksAt() {
    String model = Golden.file("models/resmini_scripted.pt").toString();

    assertThat(Run.of("layers", "--model", model).out())
        .containsPattern("\\Qb0.conv1\\E +conv +\\?\n");
    Run run = Run.of("layers", "--model", model, "--input", "3x40x56");
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern("\\Qb0.conv1\\E +conv +\\(1, 8, 20, 28\\)\n")
        .containsPattern("head +conv +\\(1, 24, 5, 7\\) +.*paper\n");
  }
}
