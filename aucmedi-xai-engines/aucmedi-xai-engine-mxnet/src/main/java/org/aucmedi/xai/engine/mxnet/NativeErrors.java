package org.aucmedi.xai.engine.mxnet;

/**
 * Cuts the messages of MXNet, which carry source lines and a stack trace, and those of the JSON
 * reader down to what is wrong.
 */
final class NativeErrors {

  private NativeErrors() {}

  static String reason(Throwable failure) {
    String line =
        String.valueOf(failure.getMessage())
            .replaceFirst("^(MXNet engine call failed: )?(MXNetError: |[\\w.]+Exception: )?", "")
            .lines()
            .findFirst()
            .orElse("");
    return line.replaceAll("\\[[\\d:]+\\] \\S+:\\d+: ", "").strip().replaceFirst("\\.$", "");
  }
}
