package org.aucmedi.xai.engine.tensorflow;

/** Cuts TensorFlow's messages down to what is wrong. */
final class Failures {

  /** What a sentence may have before only the first one is kept. */
  private static final int LONG = 160;

  private Failures() {}

  static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    String line = message.lines().findFirst().orElse("").strip();
    int node = line.indexOf("[[{{node");
    String reason = node > 0 ? line.substring(0, node) : line;
    int end = reason.indexOf(". ");
    String kept = reason.length() > LONG && end > 0 ? reason.substring(0, end) : reason;
    return kept.replaceAll("[\\s.]+$", "");
  }
}
