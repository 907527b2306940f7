package org.aucmedi.xai.engine.tensorflow;

import java.util.Map;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.ModelConformance;

/** The golden networks as Keras exports them. */
final class SavedModelConformanceIT extends ModelConformance {

  /**
   * The golden layers by TorchScript path. The ReLU after features.9 works in place there, so what
   * the file holds is what Keras's layer gives, convolution and ReLU.
   */
  private static final Map<String, String> LAYERS =
      Map.of(
          "vanilla2d/features.9", "conv2d_3",
          "vanilla2d/features.11", "max_pooling2d_3",
          "vanilla3d/features.11", "max_pooling3d_3",
          "resmini/b0.conv1", "b0_conv1",
          "resmini/b1", "b1_out",
          "resmini/head", "head_conv");

  @Override
  protected String kind() {
    return "TensorFlow, SavedModel";
  }

  @Override
  protected ExplainableModel open(String network) {
    return ExplainableModel.load(Golden.file("models/" + network + "_savedmodel"));
  }

  @Override
  protected String layerName(String network, String path) {
    return LAYERS.get(network + "/" + path);
  }
}
