package org.aucmedi.xai.spi;

import java.util.List;
import java.util.Set;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodFactory;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** Registers a method under its keys. Method modules register theirs with ServiceLoader. */
public interface XAIMethodProvider extends XAIMethodFactory {

  /**
   * Returns the method's name in the literature.
   *
   * @return the name, for instance "Saliency map"
   */
  String name();

  /**
   * Returns the keys that find the method, the preferred one first; case does not matter.
   *
   * @return one key or more
   */
  List<String> keys();

  /**
   * Returns what the method needs of a model.
   *
   * @return the capabilities
   */
  Set<Capability> requires();

  /**
   * Tells whether a layer name changes the map.
   *
   * @return false if the method accepts a layer name and ignores it
   */
  boolean usesLayer();

  /**
   * Returns the method's parameters.
   *
   * @return the options that {@link #create(ExplainableModel, String, MethodOptions)} knows
   */
  default List<MethodOption<?>> options() {
    return List.of();
  }

  /**
   * Constructs the method with parameters.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   * @param options the parameters
   * @return the method
   * @throws IllegalArgumentException if an option is not one of {@link #options}
   */
  default XAIMethodBase create(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    options.checkKnown(options());
    return create(model, layerName);
  }
}
