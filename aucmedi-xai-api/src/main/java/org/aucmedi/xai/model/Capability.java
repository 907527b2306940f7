package org.aucmedi.xai.model;

/** What an {@link ExplainableModel} can do. Methods check it before they start. */
public enum Capability {
  /** {@link ExplainableModel#predict}. */
  PREDICTION("predictions"),
  /** {@link ExplainableModel#layers}. */
  LAYERS("list of layers"),
  /** {@link ExplainableModel#layerActivations}. */
  LAYER_ACTIVATIONS("layer activations"),
  /** {@link ExplainableModel#inputGradients}. */
  INPUT_GRADIENTS("input gradients"),
  /** {@link ExplainableModel#layerGradients}. */
  LAYER_GRADIENTS("layer gradients"),
  /** {@link ExplainableModel#guidedGradients}. */
  GUIDED_GRADIENTS("guided gradients"),
  /** {@link ExplainableModel#predictFromLayer}. */
  PREDICTION_FROM_LAYER("predictions from a layer"),
  /**
   * {@link ExplainableModel#relevances}, {@link ExplainableModel#multipliers} and {@link
   * ExplainableModel#biasGradients}.
   */
  PROPAGATION("propagation rules");

  private final String description;

  Capability(String description) {
    this.description = description;
  }

  /** {@return the capability in words, for error messages; a plural noun} */
  public String description() {
    return description;
  }
}
