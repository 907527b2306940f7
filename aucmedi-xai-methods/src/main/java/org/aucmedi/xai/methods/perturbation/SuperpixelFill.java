package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDManager;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.segmentation.Superpixels;

/**
 * What replaces the pixels of a superpixel that is off.
 *
 * @param baseline the values filled in; if empty, each channel's mean over the superpixel
 */
public record SuperpixelFill(Optional<Baseline> baseline) {

  /** The mean of each channel over the superpixel. */
  public static final SuperpixelFill SEGMENT_MEAN = new SuperpixelFill(Optional.empty());

  private static final String NAME = "segment-mean";

  /**
   * Parses a fill.
   *
   * @param text {@code segment-mean}, or what {@link Baseline#parse} takes
   * @return the fill
   * @throws IllegalArgumentException if the text is none of these
   */
  public static SuperpixelFill parse(String text) {
    return text.toLowerCase(Locale.ROOT).equals(NAME)
        ? SEGMENT_MEAN
        : new SuperpixelFill(Optional.of(Baseline.parse(text)));
  }

  static MethodOption<SuperpixelFill> option(SuperpixelFill aucmedi, SuperpixelFill paper) {
    return MethodOption.of(
            "fill",
            "fill for superpixels that are off",
            SuperpixelFill.class,
            "segment-mean, a number in the units of the standardised image, mean, blur, or an"
                + " existing .npy file",
            SuperpixelFill::parse)
        .check(Objects::requireNonNull)
        .defaults(aucmedi, paper);
  }

  /** Returns the image with all superpixels off. */
  float[] of(float[] image, BatchAxes axes, Superpixels superpixels, NDManager manager) {
    return baseline
        .map(fill -> fill.of(image, axes, manager))
        .orElseGet(() -> segmentMeans(image, axes, superpixels));
  }

  private static float[] segmentMeans(float[] image, BatchAxes axes, Superpixels superpixels) {
    float[] means = new float[image.length];
    int[] sizes = new int[superpixels.count()];
    for (int i = 0; i < axes.positions(); i++) {
      sizes[superpixels.at(i)]++;
    }
    for (int c = 0; c < axes.channels(); c++) {
      double[] sums = new double[superpixels.count()];
      for (int i = 0; i < axes.positions(); i++) {
        sums[superpixels.at(i)] += image[axes.index(0, c, i)];
      }
      for (int i = 0; i < axes.positions(); i++) {
        int superpixel = superpixels.at(i);
        means[axes.index(0, c, i)] = (float) (sums[superpixel] / sizes[superpixel]);
      }
    }
    return means;
  }

  @Override
  public String toString() {
    return baseline.map(Object::toString).orElse(NAME);
  }
}
