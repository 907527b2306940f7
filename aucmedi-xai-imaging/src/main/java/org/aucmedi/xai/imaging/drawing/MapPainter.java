package org.aucmedi.xai.imaging.drawing;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.array.SampleType;

/**
 * Draws maps as pictures and animations.
 *
 * <p>A map is an {@link ImageArray} of one channel with values in [0, 1]; NaN is drawn as 0. Voxels
 * keep their proportions where the map has a geometry, and slices lie as radiologists look at them.
 */
public final class MapPainter {

  /** The most pixels along a side of an animation. */
  private static final int MOST_PIXELS = 2048;

  private final Drawing drawing;

  /**
   * Makes a painter.
   *
   * @param drawing how it draws
   */
  public MapPainter(Drawing drawing) {
    this.drawing = drawing;
  }

  /**
   * Checks that maps can be drawn over an image, before they are computed.
   *
   * @param image the image
   * @throws IllegalArgumentException if it does not have 1 or 3 channels, or its values need a
   *     window
   */
  public void check(ImageArray image) {
    if (drawing.overlay()) {
      drawing.window().apply(image);
    }
  }

  /**
   * Draws one picture. A two-dimensional map has the size of the map; a volume is a {@linkplain
   * VolumeView montage or cuts}.
   *
   * @param image the image, of the map's spatial shape; does not matter for a map alone
   * @param heat the map
   * @param scale what its 0 and 1 stand for, for the colour bar
   * @return the picture; grey for a map alone in grey without a bar, else RGB
   * @throws IllegalArgumentException if the image cannot be drawn, or has another shape
   */
  public BufferedImage picture(ImageArray image, ImageArray heat, RawScale scale) {
    int[] shape = checkShapes(image, heat);
    if (heat.spatialRank() == 3) {
      SlicePainter slices = slices(image, heat);
      return withBar(
          drawing.volumeView() == VolumeView.CUTS ? Cuts.draw(slices) : Montage.draw(slices),
          scale);
    }
    if (!drawing.overlay() && !drawing.colorBar() && drawing.colours() == Colormap.GRAY) {
      return Overlay.gray(heat.values(), shape[0], shape[1]);
    }
    return withBar(
        drawing.overlay()
            ? Overlay.blend(drawing.window().apply(image), heat.values(), drawing.styleOfWindowed())
            : Overlay.colours(heat.values(), shape[0], shape[1], drawing.colours()),
        scale);
  }

  /**
   * Draws the frames of an animation: the slices of a volume along the {@linkplain
   * Drawing#gifAxis() chosen axis}, or the one picture of a two-dimensional map. A voxel is one
   * pixel along its shortest side; sides of more than 2048 pixels are scaled down.
   *
   * @param image the image, of the map's spatial shape; does not matter for a map alone
   * @param heat the map
   * @param scale what its 0 and 1 stand for, for the colour bar
   * @return the frames, of one size, each drawn when it is asked for
   * @throws IllegalArgumentException if the image cannot be drawn, or has another shape
   */
  public Iterator<BufferedImage> frames(ImageArray image, ImageArray heat, RawScale scale) {
    checkShapes(image, heat);
    if (heat.spatialRank() == 2) {
      return Stream.of(picture(image, heat, scale)).iterator();
    }
    SlicePainter slices = slices(image, heat);
    SliceView view = SliceView.across(drawing.gifAxis(), heat.geometry());
    double largest = Arrays.stream(view.extent(heat)).max().orElse(1);
    int[] size = slices.size(view, slices.pixelsPerMillimetre(largest, 1, MOST_PIXELS));
    return IntStream.range(0, slices.count(view))
        .mapToObj(slice -> withBar(slices.paint(view, slice, size), scale))
        .iterator();
  }

  /**
   * Draws the map over the image, each pixel or voxel in its place, without a colour bar.
   *
   * @param image the image, of the map's spatial shape
   * @param heat the map
   * @return red, green and blue, 0 to 255, of the map's spatial shape and geometry
   * @throws IllegalArgumentException if the image cannot be drawn, or has another shape
   */
  public ImageArray colours(ImageArray image, ImageArray heat) {
    int[] shape = checkShapes(image, heat);
    int width = shape[shape.length - 1];
    int height = heat.values().length / width;
    ImageArray shown = drawing.window().apply(image);
    // Slices lie below each other; a pixel's colour does not depend on its neighbours.
    BufferedImage picture =
        Overlay.blend(
            ImageArray.wrap(
                new int[] {height, width}, shown.channels(), shown.values(), shown.sampleType()),
            heat.values(),
            drawing.styleOfWindowed());
    float[] colours = new float[heat.values().length * 3];
    picture.getRaster().getPixels(0, 0, width, height, colours);
    return ImageArray.wrap(shape, 3, colours, SampleType.UINT8).withGeometry(heat.geometry());
  }

  private SlicePainter slices(ImageArray image, ImageArray heat) {
    return new SlicePainter(
        drawing, drawing.overlay() ? drawing.window().apply(image) : null, heat);
  }

  private BufferedImage withBar(BufferedImage picture, RawScale scale) {
    return drawing.colorBar() ? ColorBar.beside(picture, drawing.colours(), scale) : picture;
  }

  private int[] checkShapes(ImageArray image, ImageArray heat) {
    int[] shape = heat.spatialShape();
    checkArgument(heat.channels() == 1, "a map has one channel, got %s", heat.channels());
    checkArgument(
        !drawing.overlay() || Arrays.equals(shape, image.spatialShape()),
        "a map of %s does not fit an image of %s; resize it first",
        Arrays.toString(shape),
        Arrays.toString(image.spatialShape()));
    return shape;
  }
}
