package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that an importer compiles and an engine reads as well. */
final class ImportTest {

  private static final ClosedFormNet.Weights WEIGHTS = ClosedFormNet.Weights.random(3, 1);

  @TempDir private Path folder;

  /** Copies {@code .net} files to {@code .compiled} ones. */
  public static final class Importer implements ModelImporter {

    @Override
    public boolean canImport(Path path) {
      return path.toString().endsWith(".net");
    }

    @Override
    public Path importInto(Path path, Path target, LoadOptions options) throws IOException {
      String content = Files.readString(path);
      if (content.equals("exotic")) {
        throw new UnsupportedModelException(path + " has an operator Exotic");
      }
      return Files.writeString(target.resolve("net.compiled"), content);
    }
  }

  /** Reads the original. */
  public static final class Interpreter extends Provider {

    /** Constructs the provider. */
    public Interpreter() {
      super("Interpreter", ".net");
    }
  }

  /** Reads what the importer writes; a file may tell it to have faults. */
  public static final class Compiled extends Provider {

    /** Constructs the provider. */
    public Compiled() {
      super("Compiled", ".compiled");
    }
  }

  private abstract static class Provider implements ExplainableModelProvider {

    private final String name;
    private final String suffix;

    Provider(String name, String suffix) {
      this.name = name;
      this.suffix = suffix;
    }

    @Override
    public String engineName() {
      return name;
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
      return path.toString().endsWith(suffix);
    }

    @Override
    public ExplainableModel load(Path path, LoadOptions options) {
      try {
        boolean faulty = Files.readString(path).equals("faulty") && name.equals("Compiled");
        ClosedFormNet net =
            new ClosedFormNet(
                ChannelLayout.CHANNELS_FIRST, faulty ? WEIGHTS.withHeadTimes(2) : WEIGHTS);
        return name.equals("Compiled") || Files.readString(path).equals("faulty")
            ? net
            : FaultyModel.blackBox(net);
      } catch (IOException e) {
        throw new XAIException("cannot read " + path, e);
      }
    }
  }

  private ExplainableModel load(String content, LoadOptions options) throws IOException {
    Path file = Files.writeString(folder.resolve("my.net"), content);
    Path names = Files.createDirectories(folder.resolve("jar/META-INF/services"));
    Files.writeString(names.resolve(ModelImporter.class.getName()), Importer.class.getName());
    Files.writeString(
        names.resolve(ExplainableModelProvider.class.getName()),
        Interpreter.class.getName() + "\n" + Compiled.class.getName());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.resolve("jar").toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return ExplainableModel.load(file, options);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void load_samePredictions_isCompiled() throws IOException {
    try (ExplainableModel model = load("sound", LoadOptions.NONE);
        NDManager manager = model.newManager()) {
      assertThat(model).isInstanceOf(ClosedFormNet.class);
      assertThat(model.layers(manager.zeros(new Shape(1, 3, 8, 8)))).hasSize(5);
    }
  }

  @Test
  void load_otherPredictions_isAnError() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> load("faulty", LoadOptions.NONE))
        .withMessageContaining(
            "my.net has other predictions when compiled than with Interpreter, from layer 'dense'")
        .withMessageContaining("choose the engine Interpreter");
  }

  @Test
  void load_operatorThatTheImporterLacks_isReadByTheEngine() throws IOException {
    try (ExplainableModel model = load("exotic", LoadOptions.NONE)) {
      assertThat(model).isInstanceOf(FaultyModel.class);
    }
  }

  @Test
  void load_engineIsNamed_isReadByIt() throws IOException {
    try (ExplainableModel model =
        load("sound", LoadOptions.builder().optEngine("interpreter").build())) {
      assertThat(model).isInstanceOf(FaultyModel.class);
    }
  }

  @Test
  void load_engineOfTheCompiledFileIsNamed_isCompiledWithoutTheOther() throws IOException {
    try (ExplainableModel model =
        load("sound", LoadOptions.builder().optEngine("Compiled").build())) {
      assertThat(model).isInstanceOf(ClosedFormNet.class);
    }
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> load("exotic", LoadOptions.builder().optEngine("Compiled").build()))
        .withMessageContaining("operator Exotic");
  }
}
