package org.aucmedi.xai.importer;

import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a tensor before the model runs.
 *
 * @param element the type of its elements
 * @param shape its shape, with -1 for dimensions that are not known; null if not even their number
 *     is
 */
public record TensorType(ElementType element, @Nullable Shape shape) {

  /**
   * Makes a float32 type.
   *
   * @param dimensions the dimensions, -1 where unknown
   * @return the type
   */
  public static TensorType float32(long... dimensions) {
    return new TensorType(ElementType.FLOAT32, new Shape(dimensions));
  }

  /**
   * {@return the same element type with another shape}
   *
   * @param other the shape, or null if it is not known
   */
  public TensorType withShape(@Nullable Shape other) {
    return new TensorType(element, other);
  }

  /**
   * {@return the shape}
   *
   * @throws IllegalStateException if it is not known
   */
  public Shape knownShape() {
    if (shape == null) {
      throw new IllegalStateException("the shape is not known");
    }
    return shape;
  }

  @Override
  public String toString() {
    return element + (shape == null ? "" : shape.toString());
  }
}
