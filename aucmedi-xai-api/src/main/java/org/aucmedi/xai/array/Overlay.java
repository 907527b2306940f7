package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;

/** Draws heatmaps. */
public final class Overlay {

  private Overlay() {}

  /**
   * Overlays a heatmap on an image as AUCMEDI does, in the colours of {@link Colormap#JET}.
   *
   * @param image a 2-D image of 1 or 3 channels in [0, 255]; a single channel outside that range is
   *     rescaled to it
   * @param heatmap values in [0, 1], as many as the image has pixels; NaN is treated as 0
   * @param alpha the weight of the heatmap, 0 to 1
   * @return an RGB picture
   * @throws IllegalArgumentException if the image, the map or alpha is unsuitable
   */
  public static BufferedImage blend(ImageArray image, float[] heatmap, float alpha) {
    return blend(image, heatmap, Colormap.JET, alpha);
  }

  /**
   * Overlays a heatmap on an image: {@code alpha * colour + (1 - alpha) * image}, truncated to 8
   * bits.
   *
   * @param image a 2-D image of 1 or 3 channels in [0, 255]; a single channel outside that range is
   *     rescaled to it
   * @param heatmap values in [0, 1], as many as the image has pixels; NaN is treated as 0
   * @param colormap the colours of the heatmap
   * @param alpha the weight of the heatmap, 0 to 1
   * @return an RGB picture
   * @throws IllegalArgumentException if the image, the map or alpha is unsuitable
   */
  public static BufferedImage blend(
      ImageArray image, float[] heatmap, Colormap colormap, float alpha) {
    checkArgument(alpha >= 0 && alpha <= 1, "alpha must lie in [0, 1], got %s", alpha);
    ImageArray shown = displayable(image);
    int channels = shown.channels();
    int height = shown.spatialShape()[0];
    int width = shown.spatialShape()[1];
    checkSize(heatmap, height, width);
    float[] pixels = shown.values();
    // The decimal as written: 0.4f as a double is above 0.4, which truncation would make visible.
    double weight = Double.parseDouble(Float.toString(alpha));
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        int heat = toByte(heatmap[i]);
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          float value = pixels[channels == 1 ? i : i * 3 + c];
          rgb = rgb << 8 | (int) (weight * colormap.intensity(heat, c) + (1 - weight) * value);
        }
        row[x] = rgb;
      }
      picture.getRaster().setDataElements(0, y, width, 1, row);
    }
    return picture;
  }

  /**
   * Draws a heatmap alone.
   *
   * @param heatmap values in [0, 1], row-major; NaN is treated as 0
   * @param height the number of rows
   * @param width the number of columns
   * @return a grey 8-bit picture, {@code 255 * heatmap} truncated
   */
  public static BufferedImage gray(float[] heatmap, int height, int width) {
    checkSize(heatmap, height, width);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    byte[] row = new byte[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        row[x] = (byte) toByte(heatmap[y * width + x]);
      }
      picture.getRaster().setDataElements(0, y, width, 1, row);
    }
    return picture;
  }

  private static void checkSize(float[] heatmap, int height, int width) {
    checkArgument(
        heatmap.length == height * width,
        "a heatmap of %s values does not fill %s rows of %s; resize it first",
        heatmap.length,
        height,
        width);
  }

  private static int toByte(float heat) {
    return Math.max(0, Math.min(255, (int) (heat * 255)));
  }

  /**
   * Checks that a heatmap can be drawn over an image.
   *
   * @param image the image
   * @throws IllegalArgumentException if it is a volume, does not have 1 or 3 channels, or has
   *     values outside the range of a picture
   */
  public static void check(ImageArray image) {
    displayable(image);
  }

  private static ImageArray displayable(ImageArray image) {
    checkArgument(
        image.spatialRank() == 2, "a volume cannot be drawn as a single picture; write it as npy");
    checkArgument(
        image.channels() == 1 || image.channels() == 3,
        "an overlay needs an image of 1 or 3 channels, got %s; write the map without an overlay or"
            + " as npy",
        image.channels());
    Range range = Range.of(image.values());
    if (range.isIn255()) {
      return image;
    }
    checkArgument(
        image.channels() == 1,
        "an overlay needs RGB values in [0, 255], got %s to %s; write the map without an overlay or"
            + " as npy",
        range.min(),
        range.max());
    return stretched(image, range);
  }

  /** Scales to 0 to 255 and rounds, like AUCMEDI's grayscale standardisation. */
  private static ImageArray stretched(ImageArray image, Range range) {
    float[] pixels = image.data();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.rint(255 * range.scale(pixels[i]));
    }
    return ImageArray.wrap(image.spatialShape(), image.channels(), pixels, SampleType.FLOAT);
  }
}
