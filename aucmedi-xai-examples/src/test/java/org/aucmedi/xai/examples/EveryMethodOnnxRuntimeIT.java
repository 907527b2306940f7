package org.aucmedi.xai.examples;

final class EveryMethodOnnxRuntimeIT extends EveryMethod {
  EveryMethodOnnxRuntimeIT() {
    super("OnnxRuntime");
  }
}
