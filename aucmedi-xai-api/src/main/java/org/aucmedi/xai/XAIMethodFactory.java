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
   * @param layerName the layer to use, or null for the method's default
   * @param options the profile and the options that are set
   * @return the method
   * @throws IllegalArgumentException if an option is unknown to the method or its value is not
   *     allowed
   */
  M create(ExplainableModel model, @Nullable String layerName, MethodOptions options);
}
