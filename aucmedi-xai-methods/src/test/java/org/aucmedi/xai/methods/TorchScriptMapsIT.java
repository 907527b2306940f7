package org.aucmedi.xai.methods;

import java.util.Map;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** The golden networks as TorchScript files, where a functional ReLU is no layer. */
final class TorchScriptMapsIT {

  private static final Map<String, String> LAYERS =
      Map.of(
          "max_pooling2d_3", "features.11",
          "max_pooling3d_3", "features.11",
          "head_conv", "head",
          "b0_out", "b0");

  @Nested
  final class Scripted extends Script {
    Scripted() {
      super("scripted");
    }
  }

  @Nested
  final class Traced extends Script {
    Traced() {
      super("traced");
    }
  }

  private abstract static class Script extends AucmediMaps {

    private final String form;

    Script(String form) {
      this.form = form;
    }

    @Override
    ExplainableModel open(String network) {
      return ExplainableModel.load(
          Golden.file("models/" + network + "_" + form + ".pt"), "PyTorch");
    }

    @Override
    @Nullable String layerName(String network, String kerasName) {
      return LAYERS.get(kerasName);
    }
  }
}
