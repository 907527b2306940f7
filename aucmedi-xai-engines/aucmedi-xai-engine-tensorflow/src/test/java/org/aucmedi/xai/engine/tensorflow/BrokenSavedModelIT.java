package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.aucmedi.xai.engine.tensorflow.SavedModelBuilder.make;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.testkit.NativeArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Folders that are no SavedModels, or damaged ones. */
final class BrokenSavedModelIT {

  @TempDir private Path temp;

  private Path copy(String name) throws IOException {
    Path from = Fixture.model(name);
    Path to = temp.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private static void assertRefused(Path folder, String reason) {
    int before = NativeArrays.alive("TensorFlow");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(folder, "TensorFlow"))
        .withMessageContaining(folder.toString())
        .withMessageContaining(reason);
    assertThat(NativeArrays.alive("TensorFlow")).isEqualTo(before);
  }

  private static void truncate(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void load_emptyFolder_saysWhatIsMissing() {
    assertRefused(temp, "no saved_model.pb");
  }

  @Test
  void load_folderOfAnotherKind_isNobodys() {
    assertThatIllegalArgumentException().isThrownBy(() -> ExplainableModel.load(temp));
  }

  @Test
  void load_truncatedDescription_saysSo() throws IOException {
    Path folder = copy("residual");
    truncate(folder.resolve("saved_model.pb"));
    assertRefused(folder, "damaged");
  }

  @Test
  void load_emptyDescription_saysSo() throws IOException {
    Path folder = copy("residual");
    Files.write(folder.resolve("saved_model.pb"), new byte[0]);
    assertRefused(folder, "empty");
  }

  @Test
  void load_descriptionAlone_saysToCopyTheFolder() throws IOException {
    Path folder = copy("residual");
    Files.delete(folder.resolve("variables/variables.index"));
    assertRefused(folder, "'variables'");
  }

  @Test
  void load_missingWeights_saysSo() throws IOException {
    Path folder = copy("residual");
    Files.delete(folder.resolve("variables/variables.data-00000-of-00001"));
    assertRefused(folder, "variables.data");
  }

  @Test
  void load_truncatedWeights_saysSo() throws IOException {
    Path folder = copy("residual");
    truncate(folder.resolve("variables/variables.data-00000-of-00001"));
    assertRefused(folder, "variables");
  }

  @ParameterizedTest
  @ValueSource(strings = {"variables.data-00000-of-00001", "variables.index"})
  void load_alteredWeights_saysSo(String name) throws IOException {
    Path folder = copy("residual");
    Path file = folder.resolve("variables").resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 16;
    Files.write(file, bytes);
    assertRefused(folder, "its variables are damaged");
  }

  @Test
  void load_truncatedIndex_saysSo() throws IOException {
    Path folder = copy("residual");
    truncate(folder.resolve("variables/variables.index"));
    assertRefused(folder, "variables");
  }

  /** As tf.saved_model.save leaves a Keras 3 model: its variables are not in the checkpoint. */
  @Test
  void load_variablesThatWereNotSaved_saysSoAtOnce() throws IOException {
    Path folder = copy("two");
    Path file = folder.resolve("saved_model.pb");
    SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    AttrValue floats = Attributes.of(DataType.DT_FLOAT);
    AttrValue shape = Attributes.of(TensorShapeProto.newBuilder().setUnknownRank(true).build());
    MetaGraphDef.Builder meta = model.getMetaGraphsBuilder(0);
    meta.getGraphDefBuilder()
        .addNode(make("Placeholder", "image", Map.of("dtype", floats, "shape", shape)))
        .addNode(
            make(
                "VarHandleOp",
                "kernel_handle",
                Map.of(
                    "dtype", floats,
                    "shape", shape,
                    "shared_name", SavedModelBuilder.text("dense/kernel"))))
        .addNode(make("ReadVariableOp", "kernel", Map.of("dtype", floats), "kernel_handle"))
        .addNode(make("MatMul", "classes", Map.of("T", floats), "image", "kernel"));
    TensorInfo any = meta.getSignatureDefOrThrow("first").getInputsOrThrow("x");
    meta.putSignatureDef(
        "lost",
        SignatureDef.newBuilder()
            .putInputs("x", any.toBuilder().setName("image:0").build())
            .putOutputs("y", any.toBuilder().setName("classes:0").build())
            .setMethodName("tensorflow/serving/predict")
            .build());
    Files.write(file, model.build().toByteArray());
    LoadOptions lost = LoadOptions.builder().optSignature("lost").build();
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(folder, lost))
        .withMessageContaining("no values for 1 of its 1 variables, dense/kernel among them")
        .withMessageContaining("model.export(folder)");
    LoadOptions first = LoadOptions.builder().optSignature("first").build();
    ExplainableModel.load(folder, first).close();
  }

  @Test
  void load_fileOfKeras_saysToExport() throws IOException {
    Path file = Files.write(temp.resolve("net.keras"), new byte[] {1});
    assertRefused(file, "model.export(folder)");
  }
}
