package org.aucmedi.xai.methods;

import org.aucmedi.xai.testkit.GoldenKind;

final class TensorFlowMapsIT extends AucmediMaps {
  TensorFlowMapsIT() {
    super(GoldenKind.SAVED_MODEL);
  }
}
