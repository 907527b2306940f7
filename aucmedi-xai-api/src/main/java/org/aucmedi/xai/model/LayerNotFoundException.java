package org.aucmedi.xai.model;

import java.util.List;
import java.util.stream.Collectors;
import org.aucmedi.xai.error.Suggestion;

/** Thrown when a model has no layer of the given name. The message lists the layers it has. */
public final class LayerNotFoundException extends UnsupportedModelException {

  private static final long serialVersionUID = 1L;

  /**
   * Constructs an exception.
   *
   * @param layerName the requested name
   * @param layers the layers of the model
   */
  public LayerNotFoundException(String layerName, List<Layer> layers) {
    super(
        "the model has no layer '"
            + layerName
            + "'; "
            + Suggestion.question(layerName, layers.stream().map(Layer::name).toList())
            + "its layers are: "
            + layers.stream().map(Layer::name).collect(Collectors.joining(", ")));
  }
}
