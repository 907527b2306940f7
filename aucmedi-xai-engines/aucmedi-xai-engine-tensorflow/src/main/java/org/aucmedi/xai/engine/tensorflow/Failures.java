package org.aucmedi.xai.engine.tensorflow;

/** Cuts TensorFlow's messages down to what is wrong. */
final class Failures {

  private Failures() {}

  static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    String line = message.lines().findFirst().orElse("").strip();
    int node = line.indexOf("[[{{node");
    String reason = node > 0 ? line.substring(0, node) : line;
    return reason.replaceAll("[\\s.]+$", "");
  }
}
