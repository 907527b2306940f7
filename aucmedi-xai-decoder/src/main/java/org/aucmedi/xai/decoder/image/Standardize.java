package org.aucmedi.xai.decoder.image;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/**
 * Scales pixel values the way a model was trained, with AUCMEDI's formulas and their smoothing e =
 * 1e-6. An image is never changed in place.
 */
public enum Standardize {
  /** {@code (x - mean + e) / (std + e)} over the whole image, with the population's deviation. */
  Z_SCORE("z-score") {
    @Override
    float[] scale(ImageArray image) {
      float[] x = image.values();
      double mean = 0;
      for (float value : x) {
        mean += value;
      }
      mean /= x.length;
      double variance = 0;
      for (float value : x) {
        variance += (value - mean) * (value - mean);
      }
      double deviation = Math.sqrt(variance / x.length);
      double centre = mean;
      return each(x, value -> (value - centre + SMOOTH) / (deviation + SMOOTH));
    }
  },
  /** {@code (x - min + e) / (max - min + e)} over the whole image, in (0, 1]. */
  MINMAX("minmax") {
    @Override
    float[] scale(ImageArray image) {
      return each(image.values(), Range.of(image.values())::scale);
    }
  },
  /** 255 times {@link #MINMAX}, rounded half to even. */
  GRAYSCALE("grayscale") {
    @Override
    float[] scale(ImageArray image) {
      Range range = Range.of(image.values());
      return each(image.values(), x -> Math.rint(255 * range.scale(x)));
    }
  },
  /** {@code x / 127.5 - 1}, from [0, 255] to [-1, 1]. */
  TF("tf") {
    @Override
    float[] scale(ImageArray image) {
      return each(in255(image), x -> x / 127.5 - 1);
    }
  },
  /** {@code (x / 255 - mean) / std} with ImageNet's statistics, RGB in [0, 255] only. */
  TORCH("torch") {
    @Override
    float[] scale(ImageArray image) {
      float[] x = rgb(image);
      float[] scaled = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        scaled[i] = (x[i] / 255 - TORCH_MEAN[i % 3]) / TORCH_STD[i % 3];
      }
      return scaled;
    }
  },
  /** RGB in [0, 255] to BGR, minus ImageNet's mean. */
  CAFFE("caffe") {
    @Override
    float[] scale(ImageArray image) {
      float[] x = rgb(image);
      float[] scaled = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        int channel = i % 3;
        scaled[i] = x[i - channel + 2 - channel] - CAFFE_MEAN[channel];
      }
      return scaled;
    }
  },
  /** Values as they are. */
  NONE("none") {
    @Override
    float[] scale(ImageArray image) {
      return image.values();
    }
  };

  private static final double SMOOTH = 1e-6;
  private static final float[] TORCH_MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] TORCH_STD = {0.229f, 0.224f, 0.225f};
  private static final float[] CAFFE_MEAN = {103.939f, 116.779f, 123.68f};

  private final String key;

  Standardize(String key) {
    this.key = key;
  }

  /**
   * Finds a mode by AUCMEDI's name.
   *
   * @param key the name, in any case; "none" for no standardisation
   * @return the mode
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  public static Standardize of(String key) {
    return Arrays.stream(values())
        .filter(mode -> mode.key.equals(key.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown standardisation '"
                        + key
                        + "'; known: "
                        + Arrays.stream(values())
                            .map(mode -> mode.key)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * Standardises an image.
   *
   * @param image the image
   * @return a new image of floating-point values, or the same one for {@link #NONE}
   * @throws IllegalArgumentException if tf, torch or caffe get values outside [0, 255], or torch or
   *     caffe get other than three channels
   */
  public ImageArray apply(ImageArray image) {
    return this == NONE
        ? image
        : ImageArray.wrap(image.spatialShape(), image.channels(), scale(image), SampleType.FLOAT);
  }

  abstract float[] scale(ImageArray image);

  float[] in255(ImageArray image) {
    Range range = Range.of(image.values());
    checkArgument(
        range.isIn255(),
        "standardisation %s needs values in [0, 255], got %s to %s; use z-score or minmax, or none if"
            + " they are standardised already",
        key,
        range.min(),
        range.max());
    return image.values();
  }

  float[] rgb(ImageArray image) {
    checkArgument(
        image.channels() == 3,
        "standardisation %s needs 3 channels, got %s; use tf, z-score or minmax",
        key,
        image.channels());
    return in255(image);
  }

  private static float[] each(float[] x, DoubleUnaryOperator formula) {
    float[] scaled = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      scaled[i] = (float) formula.applyAsDouble(x[i]);
    }
    return scaled;
  }
}
