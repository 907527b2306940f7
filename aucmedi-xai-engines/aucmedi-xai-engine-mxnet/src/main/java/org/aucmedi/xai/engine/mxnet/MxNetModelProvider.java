package org.aucmedi.xai.engine.mxnet;

import ai.djl.Model;
import ai.djl.mxnet.engine.MxModel;
import ai.djl.mxnet.engine.MxSymbolBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.engine.support.EngineStart;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.spi.ExplainableModelProvider;
import org.aucmedi.xai.spi.ModelKind;

/** Makes MXNet symbols and DJL blocks on MXNet explainable. */
public final class MxNetModelProvider implements ExplainableModelProvider {

  /** Constructs the provider; ServiceLoader calls this. */
  public MxNetModelProvider() {}

  @Override
  public String engineName() {
    return MxNetModel.ENGINE;
  }

  @Override
  public List<ModelKind> kinds() {
    return List.of(ModelKind.ofAll("symbol"), ModelKind.ofAll("DJL blocks"));
  }

  @Override
  public boolean accepts(Model model) {
    return model instanceof MxModel;
  }

  @Override
  public ExplainableModel create(Model model, LoadOptions options) {
    // In time where DJL has loaded the model without this module's engine provider, and not run it.
    OneDnn.switchOff();
    if (model.getBlock() == null) {
      throw new IllegalArgumentException(
          "model '" + model.getName() + "' has no block; call setBlock or load first");
    }
    if (model.getBlock() instanceof MxSymbolBlock block) {
      return symbol(model, block, options);
    }
    if (!model.getBlock().isInitialized()) {
      throw new IllegalArgumentException(
          "the block of model '" + model.getName() + "' is not initialised; load or initialise it");
    }
    return new BlockModel(model, options);
  }

  private static ExplainableModel symbol(Model model, MxSymbolBlock block, LoadOptions options) {
    Map<String, Parameter> weights = new HashMap<>();
    for (Parameter parameter : block.getAllParameters()) {
      if (parameter.isInitialized()) {
        weights.put(parameter.getName(), parameter);
      }
    }
    String name = "MXNet symbol model '" + model.getName() + "'";
    NDManager manager = model.getNDManager().newSubManager();
    try {
      LoadedSymbol symbol =
          LoadedSymbol.of(
              name, manager, block.getSymbol().toJsonString(), weights.keySet(), options.output());
      return new SymbolModel(
          name, manager, symbol, weight -> weights.get(weight).getArray(), options);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  @Override
  public boolean canLoad(Path path) {
    return SymbolFiles.areAt(path);
  }

  @Override
  public ExplainableModel load(Path path, LoadOptions options) {
    SymbolFiles files = SymbolFiles.at(path);
    String json = read(files.symbol());
    NDManager manager = newManager();
    try {
      Map<String, NDArray> weights = weights(files.params(), manager);
      LoadedSymbol symbol =
          LoadedSymbol.of(
              files.symbol().toString(), manager, json, weights.keySet(), options.output());
      return new SymbolModel(
          "MXNet symbol model '" + files.symbol().getFileName() + "'",
          manager,
          symbol,
          weights::get,
          options);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private static String read(Path symbol) {
    try {
      return Files.readString(symbol);
    } catch (IOException e) {
      throw new XAIException(
          "cannot read " + symbol + " as text; make it readable, or export the model again", e);
    }
  }

  private static Map<String, NDArray> weights(Path params, NDManager manager) {
    try {
      return ParamsFile.read(params, manager);
    } catch (FileSystemException e) {
      throw new XAIException("cannot open the weights " + params + "; make them readable", e);
    } catch (IOException e) {
      throw new XAIException("cannot read the weights " + params + ": " + e.getMessage(), e);
    }
  }

  private static NDManager newManager() {
    return EngineStart.run(
        MxNetModel.ENGINE,
        "ai.djl.mxnet:mxnet-native-mkl",
        () -> {
          OneDnn.switchOff();
          return NDManager.newBaseManager(MxNetModel.ENGINE);
        });
  }
}
