package org.aucmedi.xai.imaging;

import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Placement;
import org.jspecify.annotations.Nullable;

/**
 * A step of preparing an image for a model, between loading and resizing: AUCMEDI's subfunction.
 * Immutable, and the same for the same image and sample, so that a run can be repeated.
 *
 * <p>{@link Resample}, {@link Clip}, {@link Padding}, {@link Crop}, {@link Chromer}, {@link
 * ColorConstancy}, {@link Standardize} and {@link Resize#to} are such steps.
 */
@FunctionalInterface
public interface Subfunction {

  /**
   * An image after a step.
   *
   * @param image the image
   * @param placement where its pixels lie in the image before the step; null if that is unknown, as
   *     after a step of one's own that gives another shape
   */
  record Result(ImageArray image, @Nullable Placement placement) {

    /**
     * {@return the result of a step that leaves pixels where they are, if it gives the same shape}
     *
     * @param before the image before the step
     * @param after the image after it
     */
    public static Result of(ImageArray before, ImageArray after) {
      int[] shape = before.spatialShape();
      return new Result(
          after, Arrays.equals(shape, after.spatialShape()) ? Placement.same(shape) : null);
    }
  }

  /**
   * Applies the step.
   *
   * @param image the image; it is not changed
   * @param sample the sample's name, from which random steps draw
   * @return the new image
   * @throws IllegalArgumentException if the image does not suit the step
   */
  Result apply(ImageArray image, String sample);

  /**
   * Applies the step to an image without a name.
   *
   * @param image the image; it is not changed
   * @return the new image
   * @throws IllegalArgumentException if the image does not suit the step
   */
  default ImageArray apply(ImageArray image) {
    return apply(image, "").image();
  }

  /**
   * Applies steps one after the other.
   *
   * @param steps the steps
   * @param image the image
   * @param sample the sample's name
   * @return the last image, and where its pixels lie in the first; unknown if one step does not say
   * @throws IllegalArgumentException if an image does not suit a step
   */
  static Result applyAll(List<Subfunction> steps, ImageArray image, String sample) {
    ImageArray current = image;
    Placement placement = Placement.same(image.spatialShape());
    for (Subfunction step : steps) {
      Result result = step.apply(current, sample);
      current = result.image();
      placement =
          placement == null || result.placement() == null
              ? null
              : placement.then(result.placement());
    }
    return new Result(current, placement);
  }
}
