package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.array.SampleType;

/** Converts between grey and RGB images with values in [0, 255]. */
public enum Chromer implements Subfunction {
  /** Repeats the one channel of a grey image three times. */
  RGB {
    @Override
    public Result apply(ImageArray image, String sample) {
      checkChannels(image, 1, "already has its colours; leave this step out");
      float[] grey = image.values();
      Shapes.checkSize("repeat the channel", image.spatialShape(), 3);
      float[] rgb = new float[grey.length * 3];
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = grey[i / 3];
      }
      return result(image, 3, rgb, image.sampleType());
    }
  },

  /** The luma of an RGB image, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), not rounded. */
  GRAYSCALE {
    @Override
    public Result apply(ImageArray image, String sample) {
      checkChannels(image, 3, "has no three colours to weigh; leave this step out");
      float[] rgb = image.values();
      float[] grey = new float[rgb.length / 3];
      for (int i = 0; i < grey.length; i++) {
        grey[i] = (float) (0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2]);
      }
      return result(image, 1, grey, SampleType.FLOAT);
    }
  };

  /**
   * Finds a conversion.
   *
   * @param text rgb or grayscale, in any case
   * @return the conversion
   * @throws IllegalArgumentException if it is neither
   */
  public static Chromer of(String text) {
    return switch (Ascii.toLowerCase(text)) {
      case "rgb" -> RGB;
      case "grayscale" -> GRAYSCALE;
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is no conversion of colours; write rgb or grayscale");
    };
  }

  void checkChannels(ImageArray image, int channels, String otherwise) {
    checkArgument(
        image.channels() == channels,
        "conversion to %s takes %s, and an image of %s %s",
        this,
        channels == 1 ? "1 channel" : "3 channels",
        image.channels() == 1 ? "1 channel" : image.channels() + " channels",
        otherwise);
    Range range = Range.of(image.values());
    checkArgument(
        range.isIn255(),
        "conversion to %s takes values in [0, 255], got %s to %s; clip or scale them to it first",
        this,
        range.min(),
        range.max());
  }

  static Result result(ImageArray image, int channels, float[] values, SampleType type) {
    return Result.of(
        image,
        ImageArray.wrap(image.spatialShape(), channels, values, type)
            .withGeometry(image.geometry()));
  }

  @Override
  public String toString() {
    return Ascii.toLowerCase(name());
  }
}
