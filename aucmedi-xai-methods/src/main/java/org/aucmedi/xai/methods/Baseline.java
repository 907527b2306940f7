package org.aucmedi.xai.methods;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import org.aucmedi.xai.MethodOption;

/** An image without information, which a method compares with or covers places with. */
public sealed interface Baseline {

  /**
   * Computes the baseline of an image.
   *
   * @param image its values, row-major; not changed
   * @param axes the axes of a batch of one
   * @return the baseline's values, in the same order
   */
  float[] of(float[] image, ImageAxes axes);

  /**
   * Every value the same.
   *
   * @param value the value, in the units of the standardised image
   */
  record Constant(float value) implements Baseline {

    @Override
    public float[] of(float[] image, ImageAxes axes) {
      float[] baseline = new float[image.length];
      Arrays.fill(baseline, value);
      return baseline;
    }

    @Override
    public String toString() {
      return Float.toString(value);
    }
  }

  /** The mean of each channel of the image. */
  record Mean() implements Baseline {

    @Override
    public float[] of(float[] image, ImageAxes axes) {
      float[] baseline = new float[image.length];
      for (int c = 0; c < axes.channels(); c++) {
        double sum = 0;
        for (int i = 0; i < axes.positions(); i++) {
          sum += image[axes.index(0, c, i)];
        }
        for (int i = 0; i < axes.positions(); i++) {
          baseline[axes.index(0, c, i)] = (float) (sum / axes.positions());
        }
      }
      return baseline;
    }

    @Override
    public String toString() {
      return "mean";
    }
  }

  /** The image out of focus: a box of 11 places, three times along each axis, edges repeated. */
  record Blur() implements Baseline {

    private static final int RADIUS = 5;
    private static final int PASSES = 3;

    @Override
    public float[] of(float[] image, ImageAxes axes) {
      float[] blurred = image.clone();
      int[] sizes = axes.spatialSizes();
      for (int c = 0; c < axes.channels(); c++) {
        int stride = axes.positions();
        for (int size : sizes) {
          stride /= size;
          for (int pass = 0; pass < PASSES; pass++) {
            blurAlong(blurred, axes, c, size, stride);
          }
        }
      }
      return blurred;
    }

    private static void blurAlong(
        float[] image, ImageAxes axes, int channel, int size, int stride) {
      float[] line = new float[size];
      for (int start = 0; start < axes.positions(); start++) {
        if (start / stride % size != 0) {
          continue;
        }
        for (int i = 0; i < size; i++) {
          line[i] = image[axes.index(0, channel, start + i * stride)];
        }
        for (int i = 0; i < size; i++) {
          double sum = 0;
          for (int j = i - RADIUS; j <= i + RADIUS; j++) {
            sum += line[Math.max(0, Math.min(size - 1, j))];
          }
          image[axes.index(0, channel, start + i * stride)] = (float) (sum / (2 * RADIUS + 1));
        }
      }
    }

    @Override
    public String toString() {
      return "blur";
    }
  }

  /**
   * Reads a baseline.
   *
   * @param text a number, {@code mean} or {@code blur}
   * @return the baseline
   * @throws IllegalArgumentException if it is none of them
   */
  static Baseline parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "mean" -> new Mean();
      case "blur" -> new Blur();
      default -> {
        float value = Float.parseFloat(text);
        checkArgument(Float.isFinite(value));
        yield new Constant(value);
      }
    };
  }

  /**
   * Makes an option.
   *
   * @param name its name
   * @param description what it means
   * @param aucmedi AUCMEDI's default
   * @param paper the paper's default
   * @return the option
   */
  static MethodOption<Baseline> option(
      String name, String description, Baseline aucmedi, Baseline paper) {
    return MethodOption.of(
        name,
        description,
        "a number in the units of the standardised image, or mean or blur",
        Baseline::parse,
        aucmedi,
        paper);
  }
}
