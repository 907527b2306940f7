package org.aucmedi.xai.engine.onnxruntime;

import ai.onnxruntime.OrtException;
import com.google.common.base.Throwables;

/** Makes one line of what ONNX Runtime says. */
final class OrtErrors {

  private OrtErrors() {}

  static String oneLine(Throwable failure) {
    Throwable reason =
        Throwables.getCausalChain(failure).stream()
            .filter(OrtException.class::isInstance)
            .findFirst()
            .orElse(failure);
    return String.valueOf(reason.getMessage())
        .replaceFirst("^Error code - \\w+ - message: ", "")
        .replaceAll("\\s+", " ")
        .strip();
  }
}
