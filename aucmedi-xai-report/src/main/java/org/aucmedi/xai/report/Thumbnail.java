package org.aucmedi.xai.report;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.aucmedi.xai.array.Colormap;
import org.jspecify.annotations.Nullable;

/** Small pictures for the table: the middle slice of a volume, square voxels. */
final class Thumbnail {

  /** Of the longer side. */
  static final int PIXELS = 96;

  /** As the page draws maps at first. */
  private static final double OPACITY = 0.75;

  private static final Colormap COLOURS = Colormap.INFERNO;

  private Thumbnail() {}

  /** {@return the image alone} */
  static BufferedImage of(Sprite image) {
    return scaled(image.middle(), image.layout());
  }

  /**
   * {@return the map over the image}
   *
   * @param image the image, or null for the map alone
   * @param map the map
   */
  static BufferedImage overlay(@Nullable Sprite image, Sprite map) {
    BufferedImage heat = scaled(map.middle(), image == null ? map.layout() : image.layout());
    BufferedImage below =
        image == null
            ? new BufferedImage(heat.getWidth(), heat.getHeight(), BufferedImage.TYPE_INT_RGB)
            : of(image);
    BufferedImage result =
        new BufferedImage(heat.getWidth(), heat.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < heat.getHeight(); y++) {
      for (int x = 0; x < heat.getWidth(); x++) {
        int value = heat.getRGB(x, y) & 255;
        double weight = image == null ? 1 : OPACITY * value / 255;
        int rgb = below.getRGB(x, y);
        int mixed = 0;
        for (int channel = 0; channel < 3; channel++) {
          int old = rgb >> (16 - 8 * channel) & 255;
          double colour = COLOURS.intensity(value, channel);
          mixed = mixed << 8 | (int) Math.round(old + (colour - old) * weight);
        }
        result.setRGB(x, y, mixed);
      }
    }
    return result;
  }

  private static BufferedImage scaled(BufferedImage picture, Layout layout) {
    List<Integer> shape = layout.shape();
    int rank = shape.size();
    double height = shape.get(rank - 2);
    double width = shape.get(rank - 1);
    if (layout.spacing() != null) {
      height *= layout.spacing().get(rank - 2);
      width *= layout.spacing().get(rank - 1);
    }
    double scale = PIXELS / Math.max(height, width);
    int rows = Math.max(1, (int) Math.round(height * scale));
    int columns = Math.max(1, (int) Math.round(width * scale));
    BufferedImage halved = halved(rgb(picture), rows, columns);
    BufferedImage result = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
    draw(halved, result);
    return result;
  }

  /** Halves a picture until one bilinear step is enough, so that no pixel is skipped. */
  private static BufferedImage halved(BufferedImage picture, int rows, int columns) {
    BufferedImage result = picture;
    while (result.getHeight() >= 2 * rows && result.getWidth() >= 2 * columns) {
      BufferedImage half =
          new BufferedImage(
              result.getWidth() / 2, result.getHeight() / 2, BufferedImage.TYPE_INT_RGB);
      draw(result, half);
      result = half;
    }
    return result;
  }

  /** Greys keep their values: Java's own conversion would brighten them. */
  private static BufferedImage rgb(BufferedImage picture) {
    BufferedImage result =
        new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
    int bands = picture.getRaster().getNumBands();
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        result.setRGB(
            x,
            y,
            bands == 1 ? 0x010101 * picture.getRaster().getSample(x, y, 0) : picture.getRGB(x, y));
      }
    }
    return result;
  }

  private static void draw(BufferedImage from, BufferedImage to) {
    Graphics2D graphics = to.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(from, 0, 0, to.getWidth(), to.getHeight(), null);
    graphics.dispose();
  }
}
