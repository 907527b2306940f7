package org.aucmedi.xai.methods.perturbation;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.methods.segmentation.Superpixels;

/**
 * An image whose superpixels can be hidden.
 *
 * @param axes the axes of the image
 * @param superpixels its superpixels
 * @param hidden the image with all of them hidden
 */
record SuperpixelImage(BatchAxes axes, Superpixels superpixels, float[] hidden) {

  /** Returns how many superpixels there are. */
  int count() {
    return superpixels.count();
  }

  /** Returns the coalition of all superpixels. */
  BitSet all() {
    BitSet all = new BitSet(count());
    all.set(0, count());
    return all;
  }

  /** Hides the superpixels that are not shown. */
  void show(IntPredicate shown, FloatBuffer pixels) {
    for (int i = 0; i < axes.positions(); i++) {
      if (!shown.test(superpixels.at(i))) {
        for (int c = 0; c < axes.channels(); c++) {
          int value = axes.index(0, c, i);
          pixels.put(value, hidden[value]);
        }
      }
    }
  }

  /** Makes the attribution that has at each position the value of its superpixel. */
  Attribution attribution(Objective objective, float[] outputs, double[] values) {
    return Attribution.of(
        objective, outputs, BatchAxes.ofMap(axes.spatialSizes()), painted(values));
  }

  /** Adds the standard errors of the superpixels, and the largest of them as a diagnostic. */
  Attribution withErrors(Attribution made, double[] errors) {
    return made.withStandardErrors(painted(errors))
        .withDiagnostic(SampleMoments.STANDARD_ERROR, Arrays.stream(errors).max().orElseThrow());
  }

  private float[] painted(double[] values) {
    float[] map = new float[axes.positions()];
    for (int i = 0; i < map.length; i++) {
      map[i] = (float) values[superpixels.at(i)];
    }
    return map;
  }
}
