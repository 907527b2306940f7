package org.aucmedi.xai.report;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an image or a map lies in a picture of 8 bits. The picture carries it as JSON in its comment.
 *
 * @param shape the axes of the image, (H, W) or (D, H, W)
 * @param size the axes in the picture, smaller where the image was reduced
 * @param columns how many slices of a volume lie side by side; 1 for an image
 * @param spacing the distances of neighbouring pixels of the image along its axes in millimetres,
 *     or null
 * @param axes where x, y and z of a volume point to, such as LPS; empty where it is not known
 * @param low of a map: the raw value of black; null for an image, and where it is not finite
 * @param high of a map: the raw value of white
 */
record Layout(
    List<Integer> shape,
    List<Integer> size,
    int columns,
    @Nullable List<Double> spacing,
    String axes,
    @Nullable Float low,
    @Nullable Float high) {

  private static final Gson GSON = new Gson();

  /** Copies the lists. */
  Layout {
    shape = List.copyOf(shape);
    size = List.copyOf(size);
    spacing = spacing == null ? null : List.copyOf(spacing);
  }

  String toJson() {
    return GSON.toJson(this);
  }

  /** {@return what a comment says, or null where it is none of ours} */
  static @Nullable Layout parse(@Nullable String comment) {
    try {
      return comment == null ? null : GSON.fromJson(comment, Layout.class);
    } catch (JsonParseException | NullPointerException e) {
      return null;
    }
  }

  Layout withRange(@Nullable Float from, @Nullable Float to) {
    boolean finite = from != null && to != null && Float.isFinite(from) && Float.isFinite(to);
    return new Layout(
        shape, size, columns, spacing, axes, finite ? from : null, finite ? to : null);
  }
}
