package org.aucmedi.xai.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.model.ExplainableModel;

/** {@link ModelConformance} of the golden networks as PyTorch exports them to ONNX. */
public abstract class OnnxConformance extends ModelConformance {

  /** The golden features.9 is what a ReLU that works in place left of it. */
  private static final Map<String, String> NAMES =
      Map.of(
          "features.9", "/features/features.10/Relu",
          "features.11", "/features/features.11/MaxPool",
          "b1", "/b1/relu_1/Relu",
          "head", "/head/Conv");

  /** Constructs the suite. */
  protected OnnxConformance() {}

  /**
   * Opens a file.
   *
   * @param file an ONNX file
   * @return the model
   */
  protected abstract ExplainableModel open(Path file);

  @Override
  protected final ExplainableModel open(String network) {
    return open(Golden.file("models/" + network + ".onnx"));
  }

  @Override
  protected final String layerName(String network, String path) {
    return NAMES.get(path);
  }

  /** The exporter merged b0.conv1 with the batch normalisation behind it. */
  @Override
  protected final List<String> goldenLayers(String network) {
    return super.goldenLayers(network).stream().filter(NAMES::containsKey).toList();
  }
}
