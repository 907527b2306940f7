package org.aucmedi.xai.imaging.drawing;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.stream.IntStream;

/** Slices of a volume side by side. */
final class Montage {

  /** More slices than these are thinned out. */
  static final int MOST_SLICES = 25;

  static final int GAP = 2;

  private static final int LEAST_PIXELS = 128;
  private static final int MOST_PIXELS = 384;

  private Montage() {}

  static BufferedImage draw(SlicePainter painter) {
    SliceView view = SliceView.across(0, painter.heat().geometry());
    double[] extent = view.extent(painter.heat());
    int[] size =
        painter.size(
            view,
            painter.pixelsPerMillimetre(Math.max(extent[0], extent[1]), LEAST_PIXELS, MOST_PIXELS));
    int[] slices = chosen(painter.count(view), painter.peak()[0]);
    int columns = columns(slices.length, size);
    int rows = (slices.length + columns - 1) / columns;
    BufferedImage picture =
        new BufferedImage(
            columns * (size[1] + GAP) - GAP,
            rows * (size[0] + GAP) - GAP,
            BufferedImage.TYPE_INT_RGB);
    double text = Annotations.textSize(Math.max(size[0], size[1]));
    Graphics2D graphics = picture.createGraphics();
    for (int n = 0; n < slices.length; n++) {
      int left = n % columns * (size[1] + GAP);
      int top = n / columns * (size[0] + GAP);
      graphics.drawImage(painter.paint(view, slices[n], size), left, top, null);
      Annotations annotations = new Annotations(graphics, left, top, size, text);
      annotations.number(slices[n]);
      annotations.letters(view.letters());
    }
    graphics.dispose();
    return picture;
  }

  /** Evenly spaced from the first to the last; the one closest to the peak's gives way to it. */
  static int[] chosen(int slices, int peak) {
    if (slices <= MOST_SLICES) {
      return IntStream.range(0, slices).toArray();
    }
    int[] chosen =
        IntStream.range(0, MOST_SLICES)
            .map(i -> (int) Math.round(i * (slices - 1.0) / (MOST_SLICES - 1)))
            .toArray();
    int closest =
        IntStream.range(0, MOST_SLICES)
            .reduce((a, b) -> Math.abs(chosen[b] - peak) < Math.abs(chosen[a] - peak) ? b : a)
            .orElseThrow();
    chosen[closest] = peak;
    return chosen;
  }

  /** As many as make the picture about as wide as high, with no row empty. */
  private static int columns(int slices, int[] size) {
    int columns = (int) Math.ceil(Math.sqrt((double) slices * size[0] / size[1]));
    columns = Math.max(1, Math.min(slices, columns));
    int rows = (slices + columns - 1) / columns;
    return (slices + rows - 1) / rows;
  }
}
