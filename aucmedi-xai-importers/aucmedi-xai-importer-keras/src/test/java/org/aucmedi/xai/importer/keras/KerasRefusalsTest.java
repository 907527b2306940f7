package org.aucmedi.xai.importer.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.ImportRefusals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that cannot be compiled, or are damaged: one sentence, and nothing worse. */
final class KerasRefusalsTest {

  private static final KerasImporter IMPORTER = new KerasImporter();

  @TempDir private Path folder;
  private ImportRefusals refusals;

  @BeforeEach
  void prepare() {
    refusals = new ImportRefusals(IMPORTER, folder);
  }

  private static Map<String, byte[]> entries() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip =
        new ZipInputStream(Files.newInputStream(Golden.file("models/resmini.keras")))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private Path write(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return Files.write(folder.resolve("net.keras"), bytes.toByteArray());
  }

  /** The golden network with another architecture. */
  private Path changed(Consumer<JsonObject> change) throws IOException {
    Map<String, byte[]> entries = entries();
    JsonObject model =
        JsonParser.parseString(new String(entries.get("config.json"), StandardCharsets.UTF_8))
            .getAsJsonObject();
    change.accept(model);
    entries.put("config.json", model.toString().getBytes(StandardCharsets.UTF_8));
    return write(entries);
  }

  private static JsonObject layer(JsonObject model, String name) {
    JsonArray layers = model.getAsJsonObject("config").getAsJsonArray("layers");
    for (int i = 0; i < layers.size(); i++) {
      JsonObject layer = layers.get(i).getAsJsonObject();
      if (layer.get("name").getAsString().equals(name)) {
        return layer;
      }
    }
    throw new AssertionError(name);
  }

  private Path compile(Path file) throws IOException {
    return refusals.compile(file);
  }

  private void assertUnsupported(Path file, String... parts) {
    refusals.assertUnsupported(file, parts);
  }

  private void assertDamaged(Path file, String... parts) {
    refusals.assertDamaged(file, parts);
  }

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(KerasRefusalsTest.class.getResource(name).toURI());
  }

  @Test
  void compile_goldenNetwork_isOneFile() throws IOException {
    assertThat(compile(write(entries()))).hasFileName("net.pt").isNotEmptyFile();
  }

  @Test
  void compile_unknownLayer_namesLayerAndTypeAndRemedy() throws IOException {
    Path file = changed(model -> layer(model, "b0_out").addProperty("class_name", "Swirl"));
    assertUnsupported(
        file, "layer 'b0_out' of the type Swirl is not supported", "model.export('folder')");
  }

  @Test
  void compile_lambda_isRefusedAndNotRun() throws IOException {
    Path file = changed(model -> layer(model, "b0_out").addProperty("class_name", "Lambda"));
    assertUnsupported(file, "'b0_out' of the type Lambda", "Python code, which is never run here");
  }

  @Test
  void compile_tokenOfVitKeras_isRefusedWithARemedy() throws Exception {
    assertUnsupported(
        fixture("vit_lambda.keras"),
        "layer 'ExtractToken' of the type Lambda is not supported",
        "never run here",
        "output[:, 0]");
  }

  @Test
  void compile_partsOfTheBatch_areRefused() throws IOException {
    for (String part : List.of("0", "[1]", "{\"start\": 1, \"stop\": null, \"step\": null}")) {
      Path file = changed(model -> slice(model, part));
      assertUnsupported(
          file, "'b0_out' of the type GetItem takes single images of the batch, which is not");
    }
    Path file = changed(model -> slice(model, "[{\"start\": null, \"step\": null}, \"a\"]"));
    assertUnsupported(file, "'b0_out' of the type GetItem takes the part \"a\", which is not");
  }

  /** Makes a sum of two tensors a part of the first. */
  private static void slice(JsonObject model, String part) {
    JsonObject layer = layer(model, "b0_out");
    layer.addProperty("class_name", "GetItem");
    JsonObject node = layer.getAsJsonArray("inbound_nodes").get(0).getAsJsonObject();
    JsonArray arguments = node.getAsJsonArray("args");
    if (arguments.get(0).isJsonArray()) {
      arguments.set(0, arguments.get(0).getAsJsonArray().get(0));
    }
    while (arguments.size() > 1) {
      arguments.remove(1);
    }
    arguments.add(JsonParser.parseString(part));
  }

  @Test
  void compile_unknownActivation_isNamed() throws IOException {
    Path file =
        changed(
            model ->
                layer(model, "fc1").getAsJsonObject("config").addProperty("activation", "wiggle"));
    assertUnsupported(file, "layer 'fc1' of the type Dense has the activation 'wiggle'");
  }

  @Test
  void compile_weightsOfAnotherShape_areRefused() throws IOException {
    Path file =
        changed(
            model ->
                layer(model, "head_conv").getAsJsonObject("config").addProperty("filters", 25));
    assertDamaged(
        file,
        "layer 'head_conv' of the type Conv2D has a weight 'kernel' of shape [3, 3, 16, 24]",
        "asks for [3, 3, 16, 25]");
  }

  @Test
  void compile_weightsMissing_areNamed() throws IOException {
    Path file =
        changed(
            model ->
                layer(model, "b0_conv1").getAsJsonObject("config").addProperty("use_bias", true));
    assertDamaged(file, "layer 'b0_conv1' of the type Conv2D has no weight 'bias'");
  }

  @Test
  void compile_cycle_isRefused() throws IOException {
    Path file =
        changed(
            model ->
                layer(model, "stem_conv")
                    .add("inbound_nodes", layer(model, "stem_relu").get("inbound_nodes")));
    assertDamaged(file, "takes the output of a layer that is missing or comes after it");
  }

  @Test
  void compile_modelOfAPythonClass_isRefused() throws IOException {
    Path file =
        changed(
            model -> {
              model.addProperty("class_name", "MyModel");
              model.getAsJsonObject("config").remove("layers");
            });
    assertUnsupported(file, "a model of the Python class MyModel");
  }

  @Test
  void compile_architectureAndWeightsApart_isTheSameFile() throws IOException {
    Map<String, byte[]> entries = entries();
    Path json = Files.write(folder.resolve("net.json"), entries.get("config.json"));
    Path weights = Files.write(folder.resolve("net.weights.h5"), entries.get("model.weights.h5"));
    assertThat(IMPORTER.canImport(json)).isTrue();
    Path apart =
        IMPORTER.importInto(
            json,
            Files.createTempDirectory(folder, "out"),
            LoadOptions.builder().optWeights(weights).build());
    assertThat(apart).hasSameBinaryContentAs(compile(write(entries)));
    assertUnsupported(json, "is an architecture without weights", "--weights");
    Path symbol = Files.writeString(folder.resolve("net-symbol.json"), "{\"nodes\": []}");
    assertThat(IMPORTER.canImport(symbol)).isFalse();
  }

  /**
   * conv2d and conv2d_1, stored as conv2d_1 and conv2d_1_1: which is which is not to be guessed.
   */
  @Test
  void compile_numberedNamesThatMeanTwoLayers_areRefused() throws Exception {
    Path file = Path.of(KerasRefusalsTest.class.getResource("keras2_ambiguous.h5").toURI());
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> compile(file))
        .withMessageStartingWith(file.toString())
        .withMessageContaining("conv2d");
  }

  @Test
  void compile_partsMissing_areNamed() throws IOException {
    for (String name : new String[] {"config.json", "metadata.json", "model.weights.h5"}) {
      Map<String, byte[]> entries = entries();
      entries.remove(name);
      assertDamaged(write(entries), "has no " + name);
    }
  }

  @Test
  void compile_otherFiles_areRefused() throws IOException {
    assertDamaged(Files.write(folder.resolve("text.keras"), new byte[] {1, 2, 3}), "not a .keras");
    assertDamaged(Files.write(folder.resolve("text.h5"), new byte[9000]), "not an HDF5 file");
    byte[] whole = Files.readAllBytes(write(entries()));
    Path cut = folder.resolve("cut.keras");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertDamaged(cut, "not a .keras file, or damaged");
    Path weights = Files.write(folder.resolve("w.h5"), entries().get("model.weights.h5"));
    assertUnsupported(weights, "holds weights without an architecture");
    assertThatIOException().isThrownBy(() -> compile(folder.resolve("none.keras")));
  }

  /** Bytes of the architecture and of the weights are changed, a few at a time. */
  @Test
  void compile_mutatedFiles_nothingButOurExceptionsAreThrown() throws IOException {
    Map<String, byte[]> sound = entries();
    refusals.assertNothingWorse(
        1500,
        random -> {
          Map<String, byte[]> entries = new LinkedHashMap<>(sound);
          String name = random.nextInt(3) == 0 ? "config.json" : "model.weights.h5";
          entries.put(name, ImportRefusals.mutated(sound.get(name), random, 8192));
          return write(entries);
        });
  }

  /** The same for whole models in HDF5, of both dialects. */
  @ParameterizedTest
  @ValueSource(strings = {"keras2_transfer.h5", "vit.h5"})
  void compile_mutatedHdf5_nothingButOurExceptionsAreThrown(String name) throws Exception {
    byte[] sound = Files.readAllBytes(fixture(name));
    Path file = folder.resolve(name);
    refusals.assertNothingWorse(
        1000, random -> Files.write(file, ImportRefusals.mutated(sound, random, 8192)));
  }
}
