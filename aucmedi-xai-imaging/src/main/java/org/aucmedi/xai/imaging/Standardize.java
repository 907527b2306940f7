package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.array.SampleType;

/**
 * Scales pixel values the way a model was trained: AUCMEDI's formulas with their smoothing e =
 * 1e-6, division by 255, or a mean and standard deviation of the training data. An image is never
 * changed in place.
 */
public final class Standardize implements Subfunction {

  private static final double SMOOTH = 1e-6;
  private static final String PER_CHANNEL = ";per-channel";
  private static final int RGB = 3;
  private static final float[] CAFFE_MEAN = {103.939f, 116.779f, 123.68f};

  /** {@code (x - mean + e) / (std + e)} over the whole image, with the population's deviation. */
  public static final Standardize Z_SCORE =
      new Standardize("z-score", (key, image, x) -> zScore(image.values(), x));

  /** {@code (x - min + e) / (max - min + e)} over the whole image, in (0, 1]. */
  public static final Standardize MINMAX =
      new Standardize("minmax", (key, image, x) -> each(x, Range.of(image.values())::scale));

  /** 255 times {@link #MINMAX}, rounded half to even. */
  public static final Standardize GRAYSCALE =
      new Standardize(
          "grayscale",
          (key, image, x) -> {
            Range range = Range.of(image.values());
            return each(x, value -> Math.rint(255 * range.scale(value)));
          });

  /** {@code x / 255}, from [0, 255] to [0, 1]. */
  public static final Standardize RESCALE =
      new Standardize(
          "rescale", (key, image, x) -> each(in255(key, image, x), value -> value / 255));

  /** {@code x / 127.5 - 1}, from [0, 255] to [-1, 1]. */
  public static final Standardize TF =
      new Standardize(
          "tf", (key, image, x) -> each(in255(key, image, x), value -> value / 127.5 - 1));

  /** {@code (x / 255 - mean) / std} with ImageNet's statistics, RGB in [0, 255] only. */
  public static final Standardize TORCH =
      new Standardize(
          "torch",
          (key, image, x) ->
              shiftAndScale(
                  rgb(key, image, x),
                  255,
                  new float[] {0.485f, 0.456f, 0.406f},
                  new float[] {0.229f, 0.224f, 0.225f}));

  /** RGB in [0, 255] to BGR, minus ImageNet's mean. */
  public static final Standardize CAFFE =
      new Standardize("caffe", (key, image, x) -> caffe(rgb(key, image, x)));

  /** Values as they are. */
  public static final Standardize NONE = new Standardize("none", (key, image, x) -> x);

  private static final List<Standardize> MODES =
      List.of(Z_SCORE, MINMAX, GRAYSCALE, RESCALE, TF, TORCH, CAFFE, NONE);

  private static final Pattern MEAN_AND_STD =
      Pattern.compile("(rescale;)?mean=([^;]+);std=([^;]+)", Pattern.CASE_INSENSITIVE);

  private final String key;
  private final Formula formula;

  private Standardize(String key, Formula formula) {
    this.key = key;
    this.formula = formula;
  }

  @FunctionalInterface
  private interface Formula {

    /** Scales values by what the image has, for instance its mean; x may be its own values. */
    float[] scale(String key, ImageArray image, float[] x);
  }

  /**
   * Reads a mode: AUCMEDI's name, "rescale", "none" for no standardisation, or a mean and standard
   * deviation, one for all channels or one for each.
   *
   * <p>{@code z-score;per-channel} is {@link #Z_SCORE} {@link #perChannel}; minmax and grayscale
   * have it, too.
   *
   * <p>{@code mean=120.5;std=60} is in units of the pixel values, {@link #meanAndStd}; {@code
   * rescale;mean=0.485,0.456,0.406;std=0.229,0.224,0.225} is in units of x / 255, {@link
   * #rescaledMeanAndStd}.
   *
   * @param text the mode, in any case
   * @return the mode
   * @throws IllegalArgumentException if it is none; the message lists all
   */
  public static Standardize of(String text) {
    Matcher own = MEAN_AND_STD.matcher(text);
    if (own.matches()) {
      float[] mean = numbers(own.group(2), text);
      float[] std = numbers(own.group(3), text);
      return own.group(1) == null ? meanAndStd(mean, std) : rescaledMeanAndStd(mean, std);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    boolean perChannel = lower.endsWith(PER_CHANNEL);
    String name = perChannel ? lower.substring(0, lower.length() - PER_CHANNEL.length()) : lower;
    return MODES.stream()
        .filter(mode -> mode.key.equals(name))
        .map(mode -> perChannel ? mode.perChannel() : mode)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown standardisation '"
                        + text
                        + "'; known: "
                        + MODES.stream().map(mode -> mode.key).collect(Collectors.joining(", "))
                        + ", z-score;per-channel (also minmax, grayscale), mean=M[,M];std=S[,S], rescale;mean=M[,M];std=S[,S]"));
  }

  /**
   * Makes {@code (x - mean) / std}.
   *
   * @param mean one for all channels or one for each, in units of the pixel values, 0 to 255 in a
   *     picture
   * @param std the standard deviations, above 0, as many as means
   * @return the mode
   * @throws IllegalArgumentException if the numbers are not such
   */
  public static Standardize meanAndStd(float[] mean, float[] std) {
    return meanAndStd("mean and std", mean, std, false);
  }

  /**
   * Makes {@code (x / 255 - mean) / std}, as torchvision's Normalize does after ToTensor. The pixel
   * values have to lie in [0, 255].
   *
   * @param mean one for all channels or one for each, in units of x / 255
   * @param std the standard deviations, above 0, as many as means
   * @return the mode
   * @throws IllegalArgumentException if the numbers are not such
   */
  public static Standardize rescaledMeanAndStd(float[] mean, float[] std) {
    return meanAndStd("rescale, mean and std", mean, std, true);
  }

  private static Standardize meanAndStd(String name, float[] mean, float[] std, boolean rescale) {
    checkArgument(
        mean.length > 0 && mean.length == std.length,
        "give as many standard deviations as means, one or one per channel, got %s and %s",
        std.length,
        mean.length);
    for (int i = 0; i < mean.length; i++) {
      checkArgument(
          Float.isFinite(mean[i]) && Float.isFinite(std[i]) && std[i] > 0,
          "a mean is finite and a standard deviation finite and above 0, got %s and %s",
          mean[i],
          std[i]);
    }
    float[] means = mean.clone();
    float[] stds = std.clone();
    return new Standardize(
        name,
        (key, image, x) -> {
          checkArgument(
              means.length == 1 || means.length == image.channels(),
              "there are %s means for %s channels; give one for all or one for each",
              means.length,
              image.channels());
          return shiftAndScale(rescale ? in255(key, image, x) : x, rescale ? 255 : 1, means, stds);
        });
  }

  private static float[] numbers(String list, String text) {
    try {
      String[] parts = list.split(",", -1);
      float[] numbers = new float[parts.length];
      for (int i = 0; i < parts.length; i++) {
        numbers[i] = Float.parseFloat(parts[i]);
      }
      return numbers;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + list + "' in '" + text + "' is no list of numbers such as 0.5,0.4,0.3", e);
    }
  }

  /**
   * Standardises an image.
   *
   * @param image the image
   * @return a new image of floating-point values, or the same one for {@link #NONE}
   * @throws IllegalArgumentException if a mode for values in [0, 255] gets others, torch or caffe
   *     get other than three channels, or there are more means than channels
   */
  @Override
  public ImageArray apply(ImageArray image) {
    return this == NONE ? image : scaled(image, image.values());
  }

  /**
   * Makes what pixels of value 0, which are black in a picture, are beside an image: as {@link
   * #apply(ImageArray)}, with the mean, deviation or range of that image.
   *
   * @param image the image, as for {@link #apply(ImageArray)}
   * @return an image of its size
   */
  public ImageArray black(ImageArray image) {
    return scaled(image, new float[image.values().length]);
  }

  private ImageArray scaled(ImageArray image, float[] x) {
    return ImageArray.wrap(
            image.spatialShape(), image.channels(), formula.scale(key, image, x), SampleType.FLOAT)
        .withGeometry(image.geometry());
  }

  @Override
  public Result apply(ImageArray image, String sample) {
    return Result.of(image, apply(image));
  }

  /**
   * {@return the same mode for each channel by itself: z-score, minmax and grayscale then take the
   * mean or range of a channel instead of the whole image's; the others, which do not look at the
   * image, stay}
   */
  public Standardize perChannel() {
    return this == Z_SCORE || this == MINMAX || this == GRAYSCALE
        ? new Standardize(key + PER_CHANNEL, (name, image, x) -> eachChannel(image, x))
        : this;
  }

  private float[] eachChannel(ImageArray image, float[] x) {
    float[] values = image.values();
    int channels = image.channels();
    float[] scaled = new float[x.length];
    for (int c = 0; c < channels; c++) {
      ImageArray plane =
          ImageArray.wrap(
              image.spatialShape(), 1, channel(values, c, channels), image.sampleType());
      float[] own = formula.scale(key, plane, channel(x, c, channels));
      for (int i = 0; i < own.length; i++) {
        scaled[i * channels + c] = own[i];
      }
    }
    return scaled;
  }

  private static float[] channel(float[] x, int c, int channels) {
    float[] channel = new float[x.length / channels];
    for (int i = 0; i < channel.length; i++) {
      channel[i] = x[i * channels + c];
    }
    return channel;
  }

  @Override
  public String toString() {
    return key;
  }

  private static float[] zScore(float[] image, float[] x) {
    double mean = 0;
    for (float value : image) {
      mean += value;
    }
    mean /= image.length;
    double variance = 0;
    for (float value : image) {
      variance += (value - mean) * (value - mean);
    }
    double deviation = Math.sqrt(variance / image.length);
    double centre = mean;
    return each(x, value -> (value - centre + SMOOTH) / (deviation + SMOOTH));
  }

  private static float[] caffe(float[] x) {
    float[] scaled = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      int channel = i % RGB;
      scaled[i] = x[i - channel + 2 - channel] - CAFFE_MEAN[channel];
    }
    return scaled;
  }

  /** Channels repeat through the values, and through the means. */
  private static float[] shiftAndScale(float[] x, float unit, float[] mean, float[] std) {
    float[] scaled = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      int channel = i % mean.length;
      scaled[i] = (x[i] / unit - mean[channel]) / std[channel];
    }
    return scaled;
  }

  private static float[] in255(String key, ImageArray image, float[] x) {
    Range range = Range.of(image.values());
    checkArgument(
        range.isIn255(),
        "standardisation %s needs values in [0, 255], got %s to %s; use z-score or minmax, or none if"
            + " they are standardised already",
        key,
        range.min(),
        range.max());
    return x;
  }

  private static float[] rgb(String key, ImageArray image, float[] x) {
    checkArgument(
        image.channels() == RGB,
        "standardisation %s needs 3 channels, got %s; use tf, z-score or minmax",
        key,
        image.channels());
    return in255(key, image, x);
  }

  private static float[] each(float[] x, DoubleUnaryOperator formula) {
    float[] scaled = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      scaled[i] = (float) formula.applyAsDouble(x[i]);
    }
    return scaled;
  }
}
