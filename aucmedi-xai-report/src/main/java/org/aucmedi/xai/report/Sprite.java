package org.aucmedi.xai.report;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.array.SampleType;
import org.jspecify.annotations.Nullable;

/**
 * An image or a map as a picture of 8 bits; the slices of a volume lie side by side, row after row.
 *
 * @param picture grey, or of red, green and blue
 * @param layout how it lies there
 */
record Sprite(BufferedImage picture, Layout layout) {

  private static final int MAX = 255;

  /**
   * {@return an image as it is shown; of one with neither 1 nor 3 channels the first one}
   *
   * @param image the image
   * @param window its values that become black and white; percentiles where it does not fit
   */
  static Sprite of(ImageArray image, DisplayWindow window) {
    ImageArray small = Reduction.reduce(drawable(image));
    return paint(shown(small, window), layout(image, small));
  }

  private static ImageArray shown(ImageArray image, DisplayWindow window) {
    try {
      return window.apply(image);
    } catch (IllegalArgumentException e) {
      return DisplayWindow.PERCENTILE.apply(image);
    }
  }

  /**
   * {@return a map whose 0 is black and 1 white}
   *
   * @param map of one channel
   * @param atZero the raw value of 0
   * @param atOne the raw value of 1
   */
  static Sprite ofMap(ImageArray map, float atZero, float atOne) {
    return ofMap(map, 0, 1, atZero, atOne);
  }

  /**
   * {@return a map with any range, whose smallest value is black and whose largest is white}
   *
   * @param map of one channel
   */
  static Sprite ofRawMap(ImageArray map) {
    Range range = Range.of(map.values());
    return ofMap(map, range.min(), range.max(), range.min(), range.max());
  }

  private static Sprite ofMap(
      ImageArray map, float black, float white, float rawOfBlack, float rawOfWhite) {
    ImageArray small = Reduction.reduce(map);
    float[] bytes = small.data();
    for (int i = 0; i < bytes.length; i++) {
      float share = white == black ? 0 : (bytes[i] - black) / (white - black);
      bytes[i] = MAX * share;
    }
    return paint(
        ImageArray.wrap(small.spatialShape(), 1, bytes, SampleType.FLOAT),
        layout(map, small).withRange(rawOfBlack, rawOfWhite));
  }

  private static ImageArray drawable(ImageArray image) {
    int channels = image.channels();
    if (channels == 1 || channels == 3) {
      return image;
    }
    float[] values = image.values();
    float[] first = new float[values.length / channels];
    for (int i = 0; i < first.length; i++) {
      first[i] = values[i * channels];
    }
    return ImageArray.wrap(image.spatialShape(), 1, first, image.sampleType());
  }

  private static Layout layout(ImageArray image, ImageArray small) {
    Geometry geometry = image.geometry();
    int[] shape = image.spatialShape();
    return new Layout(
        list(shape),
        list(small.spatialShape()),
        columns(small.spatialShape()),
        geometry == null ? null : spacing(geometry, shape.length),
        geometry == null || shape.length == 2 ? "" : geometry.orientation(),
        null,
        null);
  }

  /** About as many slices in a row as there are rows, in pixels. */
  private static int columns(int[] shape) {
    return shape.length == 2
        ? 1
        : (int)
            Math.max(
                1,
                Math.min(shape[0], Math.round(Math.sqrt((double) shape[0] * shape[1] / shape[2]))));
  }

  private static List<Double> spacing(Geometry geometry, int axes) {
    double[] xyz = geometry.spacing();
    return IntStream.range(0, axes).mapToObj(axis -> xyz[axes - 1 - axis]).toList();
  }

  private static List<Integer> list(int[] numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  /** Values in [0, 255], rounded; a value that is not a number is black. */
  private static Sprite paint(ImageArray image, Layout layout) {
    int[] shape = image.spatialShape();
    int slices = shape.length == 3 ? shape[0] : 1;
    int height = shape[shape.length - 2];
    int width = shape[shape.length - 1];
    int channels = image.channels();
    int columns = layout.columns();
    int rows = (slices - 1) / columns + 1;
    BufferedImage picture =
        new BufferedImage(
            width * columns,
            height * rows,
            channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    int[] line = new int[width * channels];
    float[] values = image.values();
    int at = 0;
    for (int slice = 0; slice < slices; slice++) {
      for (int y = 0; y < height; y++) {
        for (int i = 0; i < line.length; i++) {
          line[i] = Math.max(0, Math.min(MAX, Math.round(values[at++])));
        }
        picture
            .getRaster()
            .setPixels(slice % columns * width, slice / columns * height + y, width, 1, line);
      }
    }
    return new Sprite(picture, layout);
  }

  /** {@return the middle slice of a volume, or the picture itself} */
  BufferedImage middle() {
    if (layout.size().size() == 2) {
      return picture;
    }
    int slice = layout.size().get(0) / 2;
    int height = layout.size().get(1);
    int width = layout.size().get(2);
    return picture.getSubimage(
        slice % layout.columns() * width, slice / layout.columns() * height, width, height);
  }

  /** {@return whether the picture has the size that its layout says} */
  static @Nullable Sprite checked(BufferedImage picture, @Nullable Layout layout) {
    if (layout == null || layout.size().size() < 2 || layout.size().size() > 3) {
      return null;
    }
    List<Integer> size = layout.size();
    int slices = size.size() == 3 ? size.get(0) : 1;
    int rows = layout.columns() < 1 ? 0 : (slices - 1) / layout.columns() + 1;
    boolean fits =
        picture.getWidth() == size.get(size.size() - 1) * layout.columns()
            && picture.getHeight() == size.get(size.size() - 2) * rows;
    return fits ? new Sprite(picture, layout) : null;
  }
}
