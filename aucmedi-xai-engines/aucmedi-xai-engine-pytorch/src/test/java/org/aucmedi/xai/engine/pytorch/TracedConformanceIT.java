package org.aucmedi.xai.engine.pytorch;

/** The golden networks after {@code torch.jit.trace}. */
final class TracedConformanceIT extends TorchScriptConformance {

  TracedConformanceIT() {
    super("traced");
  }
}
