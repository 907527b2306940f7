package org.aucmedi.xai.engine.pytorch;

/** The golden networks after {@code torch.jit.script}. */
final class ScriptedConformanceIT extends TorchScriptConformance {

  ScriptedConformanceIT() {
    super("scripted");
  }
}
