package org.aucmedi.xai;

import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** Constructs a method for a model. */
@FunctionalInterface
public interface XAIMethodFactory {

  /**
   * Constructs a method.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   * @return the method
   */
  XAIMethodBase create(ExplainableModel model, @Nullable String layerName);
}
