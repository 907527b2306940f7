package org.aucmedi.xai.engine.mxnet;

/** Cuts MXNet's messages, which carry source lines and a stack trace, down to what is wrong. */
final class NativeErrors {

  private NativeErrors() {}

  static String reason(Throwable failure) {
    String line =
        String.valueOf(failure.getMessage())
            .replaceFirst("^(MXNet engine call failed: )?(MXNetError: )?", "")
            .lines()
            .findFirst()
            .orElse("");
    return line.replaceAll("\\[[\\d:]+\\] \\S+:\\d+: ", "").strip();
  }
}
