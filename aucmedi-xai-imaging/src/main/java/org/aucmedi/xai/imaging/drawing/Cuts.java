package org.aucmedi.xai.imaging.drawing;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;

/** The three orthogonal slices through a map's peak, side by side at one scale. */
final class Cuts {

  static final int GAP = 4;

  private static final int LEAST_PIXELS = 224;
  private static final int MOST_PIXELS = 512;

  private Cuts() {}

  static BufferedImage draw(SlicePainter painter) {
    ImageArray heat = painter.heat();
    SliceView[] views = SliceView.orthogonal(heat.geometry());
    double largest =
        Arrays.stream(views)
            .flatMapToDouble(view -> Arrays.stream(view.extent(heat)))
            .max()
            .orElse(1);
    double scale = painter.pixelsPerMillimetre(largest, LEAST_PIXELS, MOST_PIXELS);
    int[][] sizes =
        Arrays.stream(views).map(view -> painter.size(view, scale)).toArray(int[][]::new);
    int height = Arrays.stream(sizes).mapToInt(size -> size[0]).max().orElse(1);
    int width = Arrays.stream(sizes).mapToInt(size -> size[1] + GAP).sum() - GAP;
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    double text = Annotations.textSize(height);
    Graphics2D graphics = picture.createGraphics();
    int[] peak = painter.peak();
    int left = 0;
    for (int n = 0; n < views.length; n++) {
      SliceView view = views[n];
      int[] size = sizes[n];
      int top = (height - size[0]) / 2;
      graphics.drawImage(painter.paint(view, peak[view.axis()], size), left, top, null);
      Annotations annotations = new Annotations(graphics, left, top, size, text);
      annotations.crossHair(
          centre(view.place(peak, heat.spatialShape())[0], heat, view.rows(), size[0]),
          centre(view.place(peak, heat.spatialShape())[1], heat, view.columns(), size[1]));
      annotations.number(peak[view.axis()]);
      annotations.letters(view.letters());
      left += size[1] + GAP;
    }
    graphics.dispose();
    return picture;
  }

  /** The pixel at the centre of a voxel. */
  private static int centre(int voxel, ImageArray heat, int axis, int pixels) {
    return (int) ((voxel + 0.5) * pixels / heat.spatialShape()[axis]);
  }
}
