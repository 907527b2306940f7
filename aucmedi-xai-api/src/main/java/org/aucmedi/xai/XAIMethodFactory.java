package org.aucmedi.xai;

import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Constructs a method for a model.
 *
 * @param <M> the method
 */
@FunctionalInterface
public interface XAIMethodFactory<M extends XAIMethodBase> {

  /**
   * Constructs a method.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   * @param options the profile and the options that are set
   * @return the method
   * @throws IllegalArgumentException if the method does not have an option, or not allow its value
   */
  M create(ExplainableModel model, @Nullable String layerName, MethodOptions options);
}
