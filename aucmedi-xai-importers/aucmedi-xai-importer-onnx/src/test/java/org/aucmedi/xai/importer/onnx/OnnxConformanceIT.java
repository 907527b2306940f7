package org.aucmedi.xai.importer.onnx;

import java.util.List;
import java.util.Map;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.ModelConformance;

/** The golden networks as PyTorch exports them to ONNX, compiled. */
final class OnnxConformanceIT extends ModelConformance {

  /** The golden features.9 is what a ReLU that works in place left of it. */
  private static final Map<String, String> NAMES =
      Map.of(
          "features.9", "/features/features.10/Relu",
          "features.11", "/features/features.11/MaxPool",
          "b1", "/b1/relu_1/Relu",
          "head", "/head/Conv");

  @Override
  protected String kind() {
    return "PyTorch, ONNX file";
  }

  @Override
  protected ExplainableModel open(String network) {
    return ExplainableModel.load(Golden.file("models/" + network + ".onnx"));
  }

  @Override
  protected String layerName(String network, String path) {
    return NAMES.get(path);
  }

  /** The exporter merged b0.conv1 with the batch normalisation behind it. */
  @Override
  protected List<String> goldenLayers(String network) {
    return super.goldenLayers(network).stream().filter(NAMES::containsKey).toList();
  }
}
