package org.aucmedi.xai.engine.pytorch;

/** Cuts libtorch's multi-line messages down to the line that says what is wrong. */
final class NativeErrors {

  private static final String RUNTIME_ERROR = "RuntimeError: ";

  private NativeErrors() {}

  static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    int reason = message.lastIndexOf(RUNTIME_ERROR);
    String tail = reason < 0 ? message : message.substring(reason + RUNTIME_ERROR.length());
    return tail.lines().findFirst().orElse("").strip();
  }
}
