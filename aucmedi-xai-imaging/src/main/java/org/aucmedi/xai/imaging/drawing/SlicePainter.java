package org.aucmedi.xai.imaging.drawing;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.Overlay;
import org.jspecify.annotations.Nullable;

/** Paints slices of a map, over those of its volume or alone. */
final class SlicePainter {

  private final Drawing drawing;
  private final @Nullable ImageArray image;
  private final ImageArray heat;

  /**
   * Makes a painter.
   *
   * @param image the volume, windowed, or null where the map is drawn alone
   * @param heat the map, of the same spatial shape, with its geometry
   */
  SlicePainter(Drawing drawing, @Nullable ImageArray image, ImageArray heat) {
    this.drawing = drawing;
    this.image = image;
    this.heat = heat;
  }

  ImageArray heat() {
    return heat;
  }

  /** {@return the number of slices of a view} */
  int count(SliceView view) {
    return heat.spatialShape()[view.axis()];
  }

  /**
   * {@return the pixels per millimetre at which a voxel is one pixel along its shortest side, as
   * long as the largest of some extents keeps to limits}
   *
   * @param extent the largest extent in millimetres
   * @param least the least pixels for it
   * @param most the most pixels for it
   */
  double pixelsPerMillimetre(double extent, int least, int most) {
    double natural = 1 / Arrays.stream(SliceView.spacing(heat)).min().orElse(1);
    double pixels = extent * natural;
    if (pixels > most) {
      return most / extent;
    }
    // Whole multiples keep voxels of one size.
    return pixels < least ? natural * Math.ceil(least / pixels) : natural;
  }

  /** {@return the height and width of a slice's picture} */
  int[] size(SliceView view, double pixelsPerMillimetre) {
    return Arrays.stream(view.extent(heat))
        .mapToInt(extent -> (int) Math.max(1, Math.round(extent * pixelsPerMillimetre)))
        .toArray();
  }

  /**
   * {@return a slice as a picture}
   *
   * @param view how it lies
   * @param index its number
   * @param size the picture's height and width
   */
  BufferedImage paint(SliceView view, int index, int[] size) {
    float[] map = resized(view.slice(heat, index), size).values();
    return image == null
        ? Overlay.colours(map, size[0], size[1], drawing.colours())
        : Overlay.blend(resized(view.slice(image, index), size), map, drawing.styleOfWindowed());
  }

  private static ImageArray resized(ImageArray slice, int[] size) {
    int[] shape = slice.spatialShape();
    return Arrays.equals(shape, size)
        ? slice
        : ImageArray.wrap(
            size,
            slice.channels(),
            LinearInterpolation.resize(
                slice.values(), shape, size, slice.channels(), BorderMode.CLAMP),
            slice.sampleType());
  }

  /** {@return the indices of the map's strongest value: the first largest, or farthest from 0.5} */
  int[] peak() {
    float[] values = heat.values();
    boolean diverging = drawing.colours().isDiverging();
    int best = 0;
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < values.length; i++) {
      float strength = diverging ? Math.abs(values[i] - 0.5f) : values[i];
      if (strength > most) {
        most = strength;
        best = i;
      }
    }
    int[] shape = heat.spatialShape();
    return new int[] {best / (shape[1] * shape[2]), best / shape[2] % shape[1], best % shape[2]};
  }
}
