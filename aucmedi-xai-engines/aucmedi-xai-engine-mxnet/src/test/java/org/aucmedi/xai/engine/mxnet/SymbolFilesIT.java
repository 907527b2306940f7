package org.aucmedi.xai.engine.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import ai.djl.mxnet.engine.MxSymbolBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.NativeArrays;
import org.aucmedi.xai.testkit.OutputGradients;
import org.aucmedi.xai.testkit.SymbolBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and DJL models as they come, and what is said about those that cannot be read. */
final class SymbolFilesIT {

  private final SymbolBuilder symbol = new SymbolBuilder();

  @TempDir Path folder;
  private Path json;
  private Path params;

  @BeforeEach
  void writeModel() throws IOException {
    symbol
        .variable("data")
        .weight("fc_weight", new int[] {1, 2}, 2, 3)
        .weight("fc_bias", new int[] {1}, 1)
        .op("FullyConnected", "fc", Map.of("num_hidden", "1"), "data", "fc_weight", "fc_bias");
    json = symbol.write(folder, "net");
    params = folder.resolve("net-0000.params");
  }

  @Test
  void load_byEitherFileOrTheFolder_isTheSame() throws IOException {
    assertReads(json);
    assertReads(params);
    assertReads(folder);
    Files.move(params, folder.resolve("net.params"));
    assertReads(json);
    assertReads(folder.resolve("net.params"));
  }

  private static void assertReads(Path path) {
    try (ExplainableModel model = ExplainableModel.load(path);
        NDManager manager = model.newManager()) {
      assertThat(model.engineName()).isEqualTo("MXNet");
      assertThat(model.predict(manager.ones(new Shape(1, 2))).toFloatArray()).containsExactly(6);
    }
  }

  @Test
  void load_paramsOfOlderVersions_givesTheSameWeights() throws IOException {
    for (int version : new int[] {0, 1, 3}) {
      ByteBuffer bytes = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putLong(0x112).putLong(0).putLong(2);
      array(bytes, version, new int[] {1, 2}, 2, 3);
      array(bytes, version, new int[] {1}, 1);
      bytes.putLong(2);
      for (String name : new String[] {"arg:fc_weight", "arg:fc_bias"}) {
        bytes.putLong(name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
      }
      Files.write(params, Arrays.copyOf(bytes.array(), bytes.position()));
      assertReads(json);
    }
  }

  private static void array(ByteBuffer bytes, int version, int[] shape, float... values) {
    if (version > 0) {
      bytes.putInt(0xF993FAC7 + version);
    }
    if (version > 1) {
      bytes.putInt(0);
    }
    bytes.putInt(shape.length);
    for (int size : shape) {
      if (version == 0) {
        bytes.putInt(size);
      } else {
        bytes.putLong(size);
      }
    }
    bytes.putInt(1).putInt(0).putInt(0);
    for (float value : values) {
      bytes.putFloat(value);
    }
  }

  @Test
  void load_severalModelsOrEpochs_asksForOne() throws IOException {
    Files.copy(params, folder.resolve("net-0001.params"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(json, "MXNet"))
        .withMessageContaining("net-0001.params");
    assertReads(params);
    symbol.write(folder, "other");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(folder, "MXNet"))
        .withMessageContaining("other-symbol.json");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(empty, "MXNet"))
        .withMessageContaining("NAME-symbol.json");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ExplainableModel.load(Files.writeString(folder.resolve("a.pt"), ""), "MXNet"))
        .withMessageContaining("a.pt");
  }

  @Test
  void load_oneFileOfTwo_namesTheOther() throws IOException {
    Files.delete(params);
    assertFails(json, "net-0000.params");
    symbol.write(folder, "net");
    Files.delete(json);
    assertFails(params, "net-symbol.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "[]",
        "{}",
        "{\"nodes\": 3, \"heads\": []}",
        "{\"nodes\": [], \"heads\": []}",
        "{\"nodes\": [{\"op\": \"null\"}], \"heads\": [[0, 0, 0]]}",
        "{\"nodes\": [{\"op\": \"null\", \"name\": \"data\", \"inputs\": []}],"
            + " \"heads\": [[7, 0, 0]]}",
        "{\"nodes\": [{\"op\": \"relu\", \"name\": \"a\", \"inputs\": [[0, 0, 0]]}],"
            + " \"heads\": [[0, 0, 0]]}",
      })
  void load_symbolThatIsNone_namesTheFile(String text) throws IOException {
    Files.writeString(json, text);
    assertFails(json, "net-symbol.json", "is not a symbol");
  }

  @Test
  void load_symbolTruncatedAnywhere_namesTheFile() throws IOException {
    String text = symbol.json();
    for (int length = 0; length < text.length(); length += 7) {
      Files.writeString(json, text.substring(0, length));
      assertFails(json, "net-symbol.json");
    }
  }

  @Test
  void load_unknownOperator_namesIt() throws IOException {
    Files.writeString(json, symbol.json().replace("FullyConnected", "HalfConnected"));
    assertFails(json, "net-symbol.json", "HalfConnected is not registered");
  }

  @Test
  void load_paramsTruncatedAnywhere_namesTheFile() throws IOException {
    byte[] bytes = symbol.params();
    for (int length = 0; length < bytes.length; length++) {
      Files.write(params, Arrays.copyOf(bytes, length));
      assertFails(json, "net-0000.params", "truncated");
    }
  }

  @Test
  void load_paramsWithOtherBits_neverFailsOtherwise() throws IOException {
    byte[] bytes = symbol.params();
    for (int i = 0; i < bytes.length; i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= (byte) 0xff;
      Files.write(params, damaged);
      try {
        ExplainableModel.load(json, "MXNet").close();
      } catch (XAIException e) {
        assertThat(e).hasMessageContaining("net-");
      }
    }
  }

  @Test
  void load_paramsOfAnotherKind_saysWhichAndWhatToDo() throws IOException {
    Files.writeString(params, "a text that is long enough for a header");
    assertFails(json, "net-0000.params", "does not start like");
    Files.writeString(params, "DJL@ and so on");
    assertFails(json, "net-0000.params", "DJL's own format", "ExplainableModel.of");
  }

  @Test
  void load_weightThatTheFileLacks_isNamed() throws IOException {
    SymbolBuilder other = new SymbolBuilder().variable("data").weight("fc_bias", new int[] {1}, 1);
    Files.write(params, other.params());
    assertFails(json, "net-symbol.json", "[fc_weight]");
  }

  @Test
  void load_twoInputs_areNamed() throws IOException {
    SymbolBuilder two =
        new SymbolBuilder()
            .variable("left")
            .variable("right")
            .op("elemwise_add", "sum", Map.of(), "left", "right");
    assertFails(two.write(folder, "two"), "left, right");
  }

  private static void assertFails(Path path, String... parts) {
    int before = NativeArrays.alive("MXNet");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(path, "MXNet"))
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
    assertThat(NativeArrays.alive("MXNet")).isEqualTo(before);
  }

  @Test
  void of_modelThatDjlLoaded_leavesItsWeightsAndGradientsAlone() throws Exception {
    try (Model model = Model.newInstance("net", "MXNet")) {
      model.load(folder, "net");
      MxSymbolBlock block = (MxSymbolBlock) model.getBlock();
      try (ExplainableModel explainable = ExplainableModel.of(model);
          NDManager manager = explainable.newManager()) {
        Parameter weight = block.getAllParameters().get(1);
        assertThat(weight.getName()).isEqualTo("fc_weight");
        weight.getArray().setRequiresGradient(true);
        weight.getArray().getGradient().addi(5);
        NDArray batch = manager.ones(new Shape(1, 2));
        OutputGradient scores = OutputGradients.sum();
        assertThat(explainable.inputGradients(batch, scores).head().toFloatArray())
            .containsExactly(2, 3);
        assertThat(weight.getArray().toFloatArray()).containsExactly(2, 3);
        assertThat(weight.getArray().getGradient().toFloatArray()).containsExactly(5, 5);
      }
      // Closing it left the model open.
      assertThat(block.getAllParameters().get(1).getArray().toFloatArray()).containsExactly(2, 3);
    }
  }

  @Test
  void passes_whileTheThreadTrains_leaveItsGraphAlone() {
    try (ExplainableModel model = ExplainableModel.load(json);
        NDManager manager = model.newManager()) {
      NDArray own = manager.create(new float[] {3, 4}, new Shape(1, 2));
      own.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray square = own.mul(own);
        OutputGradient scores = OutputGradients.sum();
        assertThat(model.predict(own).toFloatArray()).containsExactly(19);
        NDList found = model.inputGradients(own, scores);
        assertThat(found.head().toFloatArray()).containsExactly(2, 3);
        collector.backward(square.sum());
      }
      assertThat(own.getGradient().toFloatArray()).containsExactly(6, 8);
    }
  }
}
