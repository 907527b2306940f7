package org.aucmedi.xai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What holds without any engine module on the classpath. */
final class ExplainableModelTest {

  /** The refusals come before anything looks at the batch, and no engine is here to make one. */
  private static final @Nullable NDArray BATCH = null;

  @TempDir private Path folder;

  @Test
  void load_missingFile_isNamed() {
    Path file = folder.resolve("none.pt");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(file))
        .withMessage("there is no model file " + file);
  }

  @Test
  void load_noEngineModule_saysWhichToAdd() throws IOException {
    Path file = Files.createFile(folder.resolve("net.pt"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(file))
        .withMessageContaining("cannot infer the engine from " + file)
        .withMessageContaining("aucmedi-xai-engine-pytorch");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(file, "PyTorch"))
        .withMessageContaining("no engine module on the classpath is named 'PyTorch'")
        .withMessageContaining("aucmedi-xai-engine-pytorch");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "net.keras       | a Keras file | aucmedi-xai-importer-keras",
        "net.H5          | a Keras file | aucmedi-xai-importer-keras",
        "net.hdf5        | a Keras file | aucmedi-xai-importer-keras",
        "net.safetensors | a file of weights | torch.jit.trace(",
        "net.ckpt        | a file of weights | torch.jit.trace(",
        "net.pkl         | a file of weights | torch.jit.trace(",
        "net.pt2         | a torch.export program | torch.jit.trace(",
        "net.tflite      | a TensorFlow Lite file | SavedModel folder",
        "frozen.pb       | a TensorFlow graph without variables | SavedModel folder"
      })
  void load_knownButUnsupportedFile_givesTheRemedy(String name, String what, String remedy)
      throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExplainableModel.load(file))
        .withMessageStartingWith(file + " is " + what)
        .withMessageContaining(", which no engine module reads; ")
        .withMessageContaining(remedy);
  }

  /** Reads files that end in {@code .recipe}; what it makes of them is read by {@link Cook}. */
  public static final class Importer implements ModelImporter {

    @Override
    public boolean canImport(Path path) {
      return path.toString().endsWith(".recipe");
    }

    @Override
    public Path importInto(Path path, Path folder, LoadOptions options) throws IOException {
      return Files.writeString(folder.resolve("net.meal"), Files.readString(path) + ", cooked");
    }
  }

  /** Loads files that end in {@code .meal}. */
  public static final class Cook implements ExplainableModelProvider {

    private static String eaten = "";
    private static Path table = Path.of("");

    @Override
    public String engineName() {
      return "Cook";
    }

    @Override
    public List<ModelKind> kinds() {
      return List.of();
    }

    @Override
    public boolean accepts(Model model) {
      return false;
    }

    @Override
    public ExplainableModel create(Model model, LoadOptions options) {
      throw new AssertionError("accepts none");
    }

    @Override
    public boolean canLoad(Path path) {
      return path.toString().endsWith(".meal");
    }

    @Override
    public ExplainableModel load(Path path, LoadOptions options) {
      try {
        eaten = Files.readString(path);
        table = path;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new Predictor();
    }
  }

  @Test
  void load_fileOfAnImporter_isImportedAndLoadedAndNothingIsLeft() throws IOException {
    Path file = Files.writeString(folder.resolve("net.recipe"), "two layers");
    withServices(
        Map.of(ModelImporter.class, Importer.class, ExplainableModelProvider.class, Cook.class),
        () -> ExplainableModel.load(file).close());
    assertThat(Cook.eaten).isEqualTo("two layers, cooked");
    assertThat(Cook.table.getParent()).doesNotExist();
    assertThat(file).hasContent("two layers");
  }

  /** Runs with services that a module on the classpath would name. */
  private void withServices(Map<Class<?>, Class<?>> services, Runnable work) throws IOException {
    Path names = Files.createDirectories(folder.resolve("jar/META-INF/services"));
    for (Map.Entry<Class<?>, Class<?>> service : services.entrySet()) {
      Files.writeString(names.resolve(service.getKey().getName()), service.getValue().getName());
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.resolve("jar").toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      work.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void optionalOperations_modelThatOnlyPredicts_nameTheCapability() {
    OutputGradient scores = OutputGradient.ofClasses(0);
    try (ExplainableModel model = new Predictor()) {
      Map<Capability, ThrowingCallable> operations =
          Map.of(
              Capability.LAYERS,
              model::layers,
              Capability.INPUT_GRADIENTS,
              () -> model.inputGradients(BATCH, scores),
              Capability.LAYER_GRADIENTS,
              () -> model.layerGradients(BATCH, scores, "conv"),
              Capability.GUIDED_GRADIENTS,
              () -> model.guidedGradients(BATCH, scores, ReluRule.GUIDED),
              Capability.PREDICTION_FROM_LAYER,
              () -> model.predictFromLayer(BATCH, "conv", BATCH));
      operations.forEach(
          (capability, operation) ->
              assertThatExceptionOfType(MissingCapabilityException.class)
                  .isThrownBy(operation)
                  .withMessage(
                      "a predictor does not provide "
                          + capability.description()
                          + "; it provides: predictions"
                          + (capability == Capability.LAYERS
                              ? ""
                              : "; choose a perturbation method, such as occlusion"))
                  .satisfies(e -> assertThat(e.capability()).isEqualTo(capability)));
    }
  }

  @Test
  void axis_ofEachLayout_isTheSecondOrTheLast() {
    assertThat(ChannelLayout.CHANNELS_FIRST.axis(4)).isEqualTo(1);
    assertThat(ChannelLayout.CHANNELS_FIRST.axis(5)).isEqualTo(1);
    assertThat(ChannelLayout.CHANNELS_LAST.axis(4)).isEqualTo(3);
    assertThat(ChannelLayout.CHANNELS_LAST.axis(5)).isEqualTo(4);
  }

  private static final class Predictor implements ExplainableModel {

    @Override
    public String engineName() {
      return "none";
    }

    @Override
    public ChannelLayout channelLayout() {
      return ChannelLayout.CHANNELS_FIRST;
    }

    @Override
    public Set<Capability> capabilities() {
      return Set.of(Capability.PREDICTION);
    }

    @Override
    public NDManager newManager() {
      throw new UnsupportedOperationException();
    }

    @Override
    public NDArray predict(NDArray batch) {
      return batch;
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return "a predictor";
    }
  }
}
