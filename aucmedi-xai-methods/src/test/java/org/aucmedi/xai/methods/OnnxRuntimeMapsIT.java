package org.aucmedi.xai.methods;

import org.aucmedi.xai.testkit.GoldenKind;

final class OnnxRuntimeMapsIT extends AucmediMaps {
  OnnxRuntimeMapsIT() {
    super(GoldenKind.ONNX);
  }
}
