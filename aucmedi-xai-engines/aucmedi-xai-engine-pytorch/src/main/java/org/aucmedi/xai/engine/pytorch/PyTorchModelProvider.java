package org.aucmedi.xai.engine.pytorch;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.pytorch.engine.PtModel;
import ai.djl.pytorch.engine.PtSymbolBlock;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.support.AbstractModelProvider;
import org.aucmedi.xai.engine.support.BlockModel;
import org.aucmedi.xai.engine.support.EngineStart;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelKind;

/** Supports TorchScript modules and DJL blocks on PyTorch. */
public final class PyTorchModelProvider extends AbstractModelProvider {

  static final String ENGINE = "PyTorch";
  private static final List<String> SUFFIXES = List.of(".pt", ".pth", ".ts", ".torchscript");

  /** Constructs the provider; ServiceLoader calls this. */
  public PyTorchModelProvider() {
    super(ENGINE, PtModel.class, ModelKind.ofAll("TorchScript"), BLOCKS);
  }

  @Override
  protected ExplainableModel open(Model model, LoadOptions options) {
    Convolutions.CHECK.require(model.getNDManager());
    return model.getBlock() instanceof PtSymbolBlock
        ? new TorchScriptModel(model, options, null)
        : new BlockModel(model, options, new TorchBlocks());
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
      throw new IllegalArgumentException(path + " is not a file; specify a TorchScript file");
    }
    Model model =
        EngineStart.run(
            ENGINE,
            "ai.djl.pytorch:pytorch-native-cpu",
            () -> Model.newInstance(file.getFileName().toString(), options.device(), ENGINE));
    return openOrClose(
        model::close,
        () -> {
          checkDevice(model.getNDManager().getDevice(), model.getNDManager().getEngine());
          Convolutions.CHECK.require(model.getNDManager());
          ModuleFile checked = ModuleFile.check(file);
          // DJL's options for weights that autograd can use, on this device and not where they were
          // saved.
          model.load(file, null, Map.of("trainParam", "true", "mapLocation", "true"));
          return new TorchScriptModel(model, checked.properties().complete(options), checked);
        },
        e ->
            new XAIException(
                "cannot load " + path + " as TorchScript: " + TorchErrors.whyNotLoaded(e), e));
  }

  @Override
  public List<String> weightedLayers(Path path) {
    try {
      return ModuleWeights.layersOf(path);
    } catch (IOException e) {
      throw new XAIException("cannot read the weights of " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void writeRandomised(Path path, Set<String> layers, long seed, Path copy) {
    try (ModuleArchive archive = ModuleArchive.open(path);
        OutputStream out = Files.newOutputStream(copy)) {
      new ModuleWeights(archive).writeRandomised(layers, seed, out);
    } catch (IOException e) {
      throw new XAIException(
          "cannot write a copy of " + path + " with random weights: " + e.getMessage(), e);
    }
  }

  private static void checkDevice(Device device, Engine engine) {
    if (device.isGpu() && device.getDeviceId() >= engine.getGpuCount()) {
      throw new XAIException(
          "there is no "
              + device
              + ": PyTorch sees "
              + engine.getGpuCount()
              + " GPUs; choose another device, or leave it out");
    }
  }
}
