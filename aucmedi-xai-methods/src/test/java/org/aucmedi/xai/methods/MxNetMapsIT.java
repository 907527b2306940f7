package org.aucmedi.xai.methods;

import org.aucmedi.xai.testkit.GoldenKind;
import org.junit.jupiter.api.Nested;

final class MxNetMapsIT {

  @Nested
  final class Symbol extends AucmediMaps {
    Symbol() {
      super(GoldenKind.SYMBOL);
    }
  }

  @Nested
  final class Blocks extends AucmediMaps {
    Blocks() {
      super(GoldenKind.MXNET_BLOCKS);
    }
  }
}
