package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * How the values of an image become the greys or colours of a picture, 0 to 255. Immutable.
 *
 * <p>A window between two values maps the lower to 0 and the upper to 255, linearly, rounded; what
 * lies beyond is clipped.
 */
public final class DisplayWindow {

  /**
   * As AUCMEDI does: values in [0, 255] stay, and a single channel beyond that is stretched between
   * its smallest and its largest value. Unlike AUCMEDI, which draws them almost black,
   * floating-point values in [0, 1] are multiplied by 255.
   */
  public static final DisplayWindow AUTO = new DisplayWindow("auto", DisplayWindow::auto);

  /** The values as they are; what lies outside [0, 255] is clipped. */
  public static final DisplayWindow NONE = new DisplayWindow("none", DisplayWindow::clipped);

  /** From the 1st to the 99th percentile, so that a few extreme values do not count. */
  public static final DisplayWindow PERCENTILE =
      new DisplayWindow("percentile", image -> betweenPercentiles(image, 1, 99));

  /** Percentiles of more values than these are taken of evenly spaced ones. */
  private static final int MOST_SORTED = 1 << 20;

  private static final List<DisplayWindow> MODES = List.of(AUTO, PERCENTILE, NONE);

  private final String text;
  private final UnaryOperator<ImageArray> mapping;

  private DisplayWindow(String text, UnaryOperator<ImageArray> mapping) {
    this.text = text;
    this.mapping = mapping;
  }

  /**
   * {@return the window around a value, from {@code centre - width / 2} to {@code centre + width /
   * 2}: DICOM's window centre and width, with the function LINEAR_EXACT (PS3.3 C.11.2.1.3)}
   *
   * @param centre the value that becomes mid-grey
   * @param width the difference between the values that become white and black, above 0
   * @throws IllegalArgumentException if a number is not finite, or the width not positive
   */
  public static DisplayWindow of(double centre, double width) {
    checkArgument(
        Double.isFinite(centre) && Double.isFinite(width) && width > 0,
        "a window needs a centre and a width above 0, got %s,%s",
        centre,
        width);
    double low = centre - width / 2;
    return new DisplayWindow(centre + "," + width, image -> between(image, low, low + width));
  }

  /**
   * {@return a window by its text form}
   *
   * @param text {@code auto}, {@code percentile}, {@code none}, or centre and width such as {@code
   *     40,400}
   * @throws IllegalArgumentException if it is none of these
   */
  public static DisplayWindow parse(String text) {
    for (DisplayWindow mode : MODES) {
      if (mode.text.equals(Ascii.toLowerCase(text.strip()))) {
        return mode;
      }
    }
    List<String> numbers = Splitter.on(',').trimResults().splitToList(text);
    try {
      if (numbers.size() == 2) {
        return of(Double.parseDouble(numbers.get(0)), Double.parseDouble(numbers.get(1)));
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no window; use auto, percentile, none, or centre,width such as 40,400");
  }

  /**
   * Maps an image or a volume.
   *
   * @param image of 1 channel, or of 3: red, green, blue
   * @return the same image where nothing changes, else a new one; values in [0, 255]
   * @throws IllegalArgumentException if there are other numbers of channels, or for {@link #AUTO}
   *     if the values of three channels lie outside [0, 255]
   */
  public ImageArray apply(ImageArray image) {
    checkArgument(
        image.channels() == 1 || image.channels() == 3,
        "an overlay needs an image of 1 or 3 channels, got %s; write the map without an overlay or"
            + " as npy",
        image.channels());
    return mapping.apply(image);
  }

  private static ImageArray auto(ImageArray image) {
    Range range = Range.of(image.values());
    if (range.isIn255()) {
      return image.sampleType() == SampleType.FLOAT && range.max() <= 1
          ? each(image, value -> 255 * value)
          : image;
    }
    checkArgument(
        image.channels() == 1,
        "an overlay needs RGB values in [0, 255], got %s to %s; give a window, or write the map"
            + " without an overlay or as npy",
        range.min(),
        range.max());
    // As AUCMEDI's grayscale standardisation.
    return each(image, value -> 255 * range.scale(value));
  }

  private static ImageArray clipped(ImageArray image) {
    return Range.of(image.values()).isIn255()
        ? image
        : each(image, value -> Math.max(0, Math.min(255, value)));
  }

  private static ImageArray betweenPercentiles(ImageArray image, double low, double high) {
    float[] values = image.values();
    int step = (values.length - 1) / MOST_SORTED + 1;
    float[] sorted = new float[(values.length - 1) / step + 1];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = values[i * step];
    }
    Arrays.sort(sorted);
    return between(image, percentile(sorted, low), percentile(sorted, high));
  }

  /** Linear between the closest ranks, as NumPy computes it. */
  private static double percentile(float[] sorted, double percent) {
    double rank = percent / 100 * (sorted.length - 1);
    int below = (int) rank;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (rank - below) * ((double) sorted[above] - sorted[below]);
  }

  private static ImageArray between(ImageArray image, double low, double high) {
    return each(
        image,
        value -> value <= low ? 0 : value >= high ? 255 : 255 * ((value - low) / (high - low)));
  }

  private static ImageArray each(ImageArray image, DoubleUnaryOperator formula) {
    float[] pixels = image.data();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.rint(formula.applyAsDouble(pixels[i]));
    }
    return ImageArray.wrap(image.spatialShape(), image.channels(), pixels, SampleType.FLOAT)
        .withGeometry(image.geometry());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DisplayWindow window && text.equals(window.text);
  }

  @Override
  public int hashCode() {
    return Objects.hash(text);
  }

  /** Returns the text form, as {@link #parse} reads it. */
  @Override
  public String toString() {
    return text;
  }
}
