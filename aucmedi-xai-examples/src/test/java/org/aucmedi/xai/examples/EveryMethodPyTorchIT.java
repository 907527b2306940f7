package org.aucmedi.xai.examples;

final class EveryMethodPyTorchIT extends EveryMethod {
  EveryMethodPyTorchIT() {
    super("PyTorch");
  }
}
