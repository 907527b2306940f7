package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Draws heatmaps. */
public final class Overlay {

  private Overlay() {}

  /**
   * Overlays a heatmap on an image as AUCMEDI does, in the colours of {@link Colormap#JET}.
   *
   * @param image a 2-D image, see {@link DisplayWindow#AUTO}
   * @param heatmap values in [0, 1], as many as the image has pixels; NaN is treated as 0
   * @param alpha the weight of the heatmap, 0 to 1
   * @return an RGB picture
   * @throws IllegalArgumentException if the image, the map or alpha is unsuitable
   */
  public static BufferedImage blend(ImageArray image, float[] heatmap, float alpha) {
    return blend(image, heatmap, OverlayStyle.DEFAULT.withAlpha(alpha));
  }

  /**
   * Overlays a heatmap on an image: {@code alpha * colour + (1 - alpha) * image}, truncated to 8
   * bits.
   *
   * @param image a 2-D image, see {@link DisplayWindow#AUTO}
   * @param heatmap values in [0, 1], as many as the image has pixels; NaN is treated as 0
   * @param colormap the colours of the heatmap
   * @param alpha the weight of the heatmap, 0 to 1
   * @return an RGB picture
   * @throws IllegalArgumentException if the image, the map or alpha is unsuitable
   */
  public static BufferedImage blend(
      ImageArray image, float[] heatmap, Colormap colormap, float alpha) {
    return blend(image, heatmap, OverlayStyle.DEFAULT.withColormap(colormap).withAlpha(alpha));
  }

  /**
   * Overlays a heatmap on an image: {@code weight * colour + (1 - weight) * image}, truncated to 8
   * bits, with the weight and the colours of a style.
   *
   * @param image a 2-D image of 1 or 3 channels
   * @param heatmap values in [0, 1], as many as the image has pixels; NaN is treated as 0
   * @param style the colours, the weight of the heatmap, and the image's window
   * @return an RGB picture
   * @throws IllegalArgumentException if the image or the map is unsuitable
   */
  public static BufferedImage blend(ImageArray image, float[] heatmap, OverlayStyle style) {
    checkArgument(
        image.spatialRank() == 2,
        "an overlay needs a 2-D image, got %s; draw its slices",
        Arrays.toString(image.spatialShape()));
    ImageArray shown = style.window().apply(image);
    int channels = shown.channels();
    int height = shown.spatialShape()[0];
    int width = shown.spatialShape()[1];
    float[] pixels = shown.values();
    DoubleUnaryOperator weights = style.weights();
    return paint(
        heatmap,
        height,
        width,
        (i, heat, c) -> {
          double weight = weights.applyAsDouble(heatmap[i]);
          float value = pixels[channels == 1 ? i : i * 3 + c];
          return weight * style.colormap().intensity(heat, c) + (1 - weight) * value;
        });
  }

  /**
   * Draws a heatmap alone, in colours.
   *
   * @param heatmap values in [0, 1], row-major; NaN is treated as 0
   * @param height the number of rows
   * @param width the number of columns
   * @param colormap the colours
   * @return an RGB picture, truncated to 8 bits
   */
  public static BufferedImage colours(float[] heatmap, int height, int width, Colormap colormap) {
    return paint(heatmap, height, width, (i, heat, c) -> colormap.intensity(heat, c));
  }

  /** The intensity of a channel of a pixel, with the index of its heat's colour. */
  @FunctionalInterface
  private interface Intensity {
    double of(int pixel, int heat, int channel);
  }

  private static BufferedImage paint(float[] heatmap, int height, int width, Intensity intensity) {
    checkSize(heatmap, height, width);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        int heat = toByte(heatmap[i]);
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = rgb << 8 | (int) intensity.of(i, heat, c);
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
}
