package org.aucmedi.xai.examples;

final class EveryMethodTensorFlowIT extends EveryMethod {
  EveryMethodTensorFlowIT() {
    super("TensorFlow");
  }
}
