package org.aucmedi.xai.model;

import ai.djl.ndarray.types.Shape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a model.
 *
 * @param name the name that {@link ExplainableModel#layerGradients} takes
 * @param kind what it does
 * @param outputShape the shape of its output, batch axis first, or null if it is unknown
 */
public record Layer(String name, LayerKind kind, @Nullable Shape outputShape) {

  /** Checks the parts. */
  public Layer {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
  }
}
