package org.aucmedi.xai.imaging;

import java.util.Arrays;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.array.SampleType;

/**
 * Resizes images and maps by {@linkplain LinearInterpolation linear interpolation}.
 *
 * <p>Two and three dimensions differ at the border, as they do in AUCMEDI: in two, positions
 * outside the outermost pixel centres repeat them; in three, they are mirrored about them.
 */
public final class Resize {

  private Resize() {}

  /**
   * {@return a step that resizes as {@link #image(ImageArray, int...)} does}
   *
   * @param shape height and width, or depth, height and width, in pixels
   * @throws IllegalArgumentException if it is no shape
   */
  public static Subfunction to(int... shape) {
    int[] size = Shapes.checked(shape);
    return (image, sample) -> {
      Shapes.checkRank("resize", size, image);
      Shapes.checkSize("resize", size, image.channels());
      return new Subfunction.Result(
          image(image, size), Placement.resized(image.spatialShape(), size));
    };
  }

  /**
   * Resizes an image. In two dimensions integers are rounded and stay integers, 8-bit ones with
   * exactly OpenCV's rounding; in three everything becomes floating-point.
   *
   * @param image the image
   * @param shape the new spatial shape, of the image's rank
   * @return the resized image
   * @throws IllegalArgumentException if the rank differs or an axis is empty
   */
  public static ImageArray image(ImageArray image, int... shape) {
    return image(image, BorderMode.ofRank(shape.length), shape);
  }

  /**
   * Resizes an image as {@link #image(ImageArray, int...)}, with another border.
   *
   * @param image the image
   * @param border what lies outside
   * @param shape the new spatial shape, of the image's rank
   * @return the resized image
   * @throws IllegalArgumentException if the rank differs or an axis is empty
   */
  public static ImageArray image(ImageArray image, BorderMode border, int... shape) {
    boolean plane = image.spatialRank() == 2;
    if (plane
        && shape.length == 2
        && image.sampleType() == SampleType.UINT8
        && border == BorderMode.CLAMP
        && Arrays.stream(shape).allMatch(size -> size > 0)) {
      return placed(
          image,
          ImageArray.wrap(
              shape.clone(),
              image.channels(),
              FixedPointResize.resize(
                  image.values(), image.spatialShape(), shape, image.channels()),
              SampleType.UINT8));
    }
    float[] data =
        LinearInterpolation.resize(
            image.values(), image.spatialShape(), shape, image.channels(), border);
    if (plane && image.sampleType().isInteger()) {
      for (int i = 0; i < data.length; i++) {
        data[i] = (float) Math.floor(data[i] + 0.5);
      }
    }
    return placed(
        image,
        ImageArray.wrap(
            shape.clone(), image.channels(), data, plane ? image.sampleType() : SampleType.FLOAT));
  }

  /** The resized image lies where the image does. */
  private static ImageArray placed(ImageArray image, ImageArray resized) {
    Geometry geometry = image.geometry();
    return geometry == null
        ? resized
        : resized.withGeometry(geometry.resized(image.spatialShape(), resized.spatialShape()));
  }

  /**
   * Resizes a map.
   *
   * @param map the values, row-major
   * @param from their shape, two or three axes
   * @param to the new shape, of the same rank
   * @return the resized values
   * @throws IllegalArgumentException if the values do not fill the shape, the rank differs or an
   *     axis is empty
   */
  public static float[] map(float[] map, int[] from, int[] to) {
    return map(map, from, to, BorderMode.ofRank(to.length));
  }

  /**
   * Resizes a map.
   *
   * @param map the values, row-major
   * @param from their shape, two or three axes
   * @param to the new shape, of the same rank
   * @param border what lies outside
   * @return the resized values
   * @throws IllegalArgumentException if the values do not fill the shape, the rank differs or an
   *     axis is empty
   */
  public static float[] map(float[] map, int[] from, int[] to, BorderMode border) {
    return LinearInterpolation.resize(map, from, to, 1, border);
  }
}
