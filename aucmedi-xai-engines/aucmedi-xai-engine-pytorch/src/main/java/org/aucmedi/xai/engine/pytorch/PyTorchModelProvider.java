package org.aucmedi.xai.engine.pytorch;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtModel;
import ai.djl.pytorch.engine.PtSymbolBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.engine.support.EngineStart;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.spi.ExplainableModelProvider;
import org.aucmedi.xai.spi.ModelKind;

/** Makes TorchScript modules and DJL blocks on PyTorch explainable. */
public final class PyTorchModelProvider implements ExplainableModelProvider {

  private static final String ENGINE = "PyTorch";
  private static final List<String> SUFFIXES = List.of(".pt", ".pth", ".ts", ".torchscript");

  /** Constructs the provider; ServiceLoader calls this. */
  public PyTorchModelProvider() {}

  @Override
  public String engineName() {
    return ENGINE;
  }

  @Override
  public List<ModelKind> kinds() {
    return List.of(ModelKind.ofAll("TorchScript"), ModelKind.ofAll("DJL blocks"));
  }

  @Override
  public boolean accepts(Model model) {
    return model instanceof PtModel;
  }

  @Override
  public ExplainableModel create(Model model, LoadOptions options) {
    if (model.getBlock() == null) {
      throw new IllegalArgumentException(
          "model '" + model.getName() + "' has no block; call setBlock or load first");
    }
    return model.getBlock() instanceof PtSymbolBlock
        ? new TorchScriptModel(model, options, null)
        : new BlockModel(model, options);
  }

  @Override
  public boolean canLoad(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(path) && SUFFIXES.stream().anyMatch(name::endsWith);
  }

  @Override
  public ExplainableModel load(Path path, LoadOptions options) {
    Path file = path.toAbsolutePath();
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(path + " is no file; give a TorchScript file");
    }
    Model model =
        EngineStart.run(
            ENGINE,
            "ai.djl.pytorch:pytorch-native-cpu",
            () -> Model.newInstance(file.getFileName().toString(), ENGINE));
    try {
      ModuleFile checked = ModuleFile.check(file);
      // DJL's word for weights that autograd can work with.
      model.load(file, null, Map.of("trainParam", "true"));
      return new TorchScriptModel(model, options, checked);
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close();
      throw new XAIException(
          "cannot load " + path + " as TorchScript: " + NativeErrors.whyNotLoaded(e), e);
    }
  }
}
