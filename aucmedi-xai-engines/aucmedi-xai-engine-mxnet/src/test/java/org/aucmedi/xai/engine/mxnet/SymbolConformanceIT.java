package org.aucmedi.xai.engine.mxnet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ModelConformance;
import org.aucmedi.xai.testkit.SymbolTwins;
import org.junit.jupiter.api.io.TempDir;

/** The golden networks as MXNet symbols. */
final class SymbolConformanceIT extends ModelConformance {

  @TempDir Path folder;

  @Override
  protected String kind() {
    return "MXNet, symbol";
  }

  @Override
  protected ExplainableModel open(String network) {
    try {
      return ExplainableModel.load(SymbolTwins.write(network, folder), "MXNet");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected String layerName(String network, String path) {
    return SymbolTwins.nodeName(network, path);
  }
}
