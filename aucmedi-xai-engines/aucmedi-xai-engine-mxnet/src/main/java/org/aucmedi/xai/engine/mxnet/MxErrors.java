package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.EngineException;
import org.aucmedi.xai.engine.support.NativeMessages;
import org.aucmedi.xai.model.UnsupportedModelException;

/** Converts exceptions of MXNet and the JSON reader into errors with a reason. */
final class MxErrors {

  private MxErrors() {}

  /** Returns the line with the reason, without source locations. */
  static String reason(Throwable failure) {
    String line =
        NativeMessages.firstLine(
            NativeMessages.text(failure)
                .replaceFirst(
                    "^(MXNet engine call failed: )?(MXNetError: |[\\w.]+Exception: )?", ""));
    return NativeMessages.clause(line.replaceAll("\\[[\\d:]+\\] \\S+:\\d+: ", ""));
  }

  /** Creates the error for an output without a gradient. */
  static UnsupportedModelException cannotDifferentiate(Object model, EngineException failure) {
    return new UnsupportedModelException(
        model
            + " cannot be differentiated: "
            + reason(failure)
            + "; choose a method without gradients, such as occlusion",
        failure);
  }
}
