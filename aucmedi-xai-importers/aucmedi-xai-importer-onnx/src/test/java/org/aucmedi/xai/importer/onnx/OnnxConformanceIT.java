package org.aucmedi.xai.importer.onnx;

import java.nio.file.Path;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.OnnxConformance;

/** The golden networks as ONNX files, compiled. */
final class OnnxConformanceIT extends OnnxConformance {

  @Override
  protected String kind() {
    return "PyTorch, ONNX file";
  }

  @Override
  protected ExplainableModel open(Path file) {
    return ExplainableModel.load(file);
  }
}
