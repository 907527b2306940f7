package org.aucmedi.xai.engine.pytorch;

import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.ModelConformance;

/** The golden networks as TorchScript files. */
abstract class TorchScriptConformance extends ModelConformance {

  private final String form;

  TorchScriptConformance(String form) {
    this.form = form;
  }

  @Override
  protected final String kind() {
    return "PyTorch, TorchScript " + form;
  }

  @Override
  protected final ExplainableModel open(String network) {
    return ExplainableModel.load(Golden.file("models/" + network + "_" + form + ".pt"), "PyTorch");
  }

  @Override
  protected final String layerName(String network, String path) {
    return path;
  }
}
