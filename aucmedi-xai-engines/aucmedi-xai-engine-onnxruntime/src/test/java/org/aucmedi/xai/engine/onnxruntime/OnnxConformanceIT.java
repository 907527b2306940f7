package org.aucmedi.xai.engine.onnxruntime;

import java.nio.file.Path;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.OnnxConformance;

/** The golden networks as ONNX files, run by ONNX Runtime. */
final class OnnxConformanceIT extends OnnxConformance {

  @Override
  protected String kind() {
    return "ONNX Runtime";
  }

  @Override
  protected ExplainableModel open(Path file) {
    return ExplainableModel.load(file, "OnnxRuntime");
  }
}
