package org.aucmedi.xai.importer;

import org.jspecify.annotations.Nullable;

/** A tensor in a {@link Graph}: its input, a weight of a layer, or the result of an operation. */
public final class Value {

  private final TensorType type;
  private final @Nullable LayerBuilder layer;
  private final @Nullable Constant constant;

  Value(TensorType type, @Nullable LayerBuilder layer, @Nullable Constant constant) {
    this.type = type;
    this.layer = layer;
    this.constant = constant;
  }

  /** {@return what is known of the tensor} */
  public TensorType type() {
    return type;
  }

  /** {@return the tensor itself if it is a weight, else null} */
  public @Nullable Constant constant() {
    return constant;
  }

  /** The layer that computes or owns it, null for an input. */
  @Nullable LayerBuilder layer() {
    return layer;
  }

  @Override
  public String toString() {
    return String.valueOf(type);
  }
}
