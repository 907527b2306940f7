package org.aucmedi.xai.engine.mxnet;

import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.GoldenBlocks;
import org.aucmedi.xai.testkit.ModelConformance;

/** The golden networks as DJL blocks. */
final class BlockConformanceIT extends ModelConformance {

  @Override
  protected String kind() {
    return "MXNet, DJL blocks";
  }

  @Override
  protected ExplainableModel open(String network) {
    return GoldenBlocks.open(network, "MXNet");
  }

  @Override
  protected String layerName(String network, String path) {
    return GoldenBlocks.layerName(path);
  }
}
