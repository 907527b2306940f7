package org.aucmedi.xai.engine.tensorflow;

import org.aucmedi.xai.engine.support.NativeMessages;

/** Turns TensorFlow's messages into clauses of a sentence. */
final class TensorFlowErrors {

  /** What a sentence may have before only the first one is kept. */
  private static final int LONG = 160;

  private TensorFlowErrors() {}

  static String firstLine(Throwable failure) {
    String line = NativeMessages.firstLine(NativeMessages.text(failure));
    int node = line.indexOf("[[{{node");
    String reason = node > 0 ? line.substring(0, node) : line;
    int end = reason.indexOf(". ");
    String kept = reason.length() > LONG && end > 0 ? reason.substring(0, end) : reason;
    return NativeMessages.clause(kept);
  }
}
