package org.aucmedi.xai.methods;

import org.aucmedi.xai.testkit.GoldenKind;
import org.junit.jupiter.api.Nested;

final class PyTorchMapsIT {

  @Nested
  final class Scripted extends AucmediMaps {
    Scripted() {
      super(GoldenKind.SCRIPTED);
    }
  }

  @Nested
  final class Traced extends AucmediMaps {
    Traced() {
      super(GoldenKind.TRACED);
    }
  }

  @Nested
  final class Blocks extends AucmediMaps {
    Blocks() {
      super(GoldenKind.PYTORCH_BLOCKS);
    }
  }

  @Nested
  final class Keras extends AucmediMaps {
    Keras() {
      super(GoldenKind.KERAS);
    }
  }

  @Nested
  final class CompiledOnnx extends AucmediMaps {
    CompiledOnnx() {
      super(GoldenKind.COMPILED_ONNX);
    }
  }
}
