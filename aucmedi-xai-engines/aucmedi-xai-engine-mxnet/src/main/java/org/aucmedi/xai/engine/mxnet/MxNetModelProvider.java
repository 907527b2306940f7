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
import org.aucmedi.xai.engine.support.AbstractModelProvider;
import org.aucmedi.xai.engine.support.BlockModel;
import org.aucmedi.xai.engine.support.EngineStart;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelKind;

/** Supports MXNet symbols and DJL blocks on MXNet. */
public final class MxNetModelProvider extends AbstractModelProvider {

  private static final String ENGINE = "MXNet";

  /** Constructs the provider; ServiceLoader calls this. */
  public MxNetModelProvider() {
    super(ENGINE, MxModel.class, ModelKind.ofGradients("symbol"), BLOCKS);
  }

  @Override
  protected ExplainableModel open(Model model, LoadOptions options) {
    // In time if DJL loaded the model without this module's engine provider, but has not run it.
    OneDnn.switchOff();
    return model.getBlock() instanceof MxSymbolBlock block
        ? symbol(model, block, options)
        : new BlockModel(model, options, new MxBlocks());
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
    return openOrClose(
        manager::close,
        () -> {
          String json = block.getSymbol().toJsonString();
          LoadedSymbol symbol =
              LoadedSymbol.of(name, manager, json, weights.keySet(), options.output());
          return new SymbolModel(
              name, manager, symbol, weight -> weights.get(weight).getArray(), options);
        },
        e -> new XAIException("cannot open " + name + ": " + MxErrors.reason(e), e));
  }

  @Override
  public boolean canLoad(Path path) {
    return SymbolFiles.areAt(path);
  }

  @Override
  public List<Path> files(Path path) {
    if (Files.isDirectory(path)) {
      return List.of(path);
    }
    SymbolFiles files = SymbolFiles.at(path);
    return List.of(files.symbol(), files.params());
  }

  @Override
  public ExplainableModel load(Path path, LoadOptions options) {
    SymbolFiles files = SymbolFiles.at(path);
    String json = read(files.symbol());
    NDManager manager = newManager();
    return openOrClose(
        manager::close,
        () -> {
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
        },
        e ->
            new XAIException(
                "cannot load " + files.symbol() + " as an MXNet symbol: " + MxErrors.reason(e), e));
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
        ENGINE,
        "ai.djl.mxnet:mxnet-native-mkl",
        () -> {
          OneDnn.switchOff();
          return NDManager.newBaseManager(ENGINE);
        });
  }
}
