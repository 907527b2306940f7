package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RISE against its expectation on a linear model, which the distribution of the masks gives. */
final class RiseTest {

  @ParameterizedTest
  @CsvSource({"7x9, 3x4, 0.5", "7x9, 7x2, 0.2", "2x5x4, 3x3x3, 0.5"})
  void masks_many_haveTheMomentsOfTheirDistribution(String size, String cells, double p) {
    int[] sizes = Patch.parse(size).sizes();
    int count = 8000;
    RandomMasks masks = new RandomMasks(sizes, Patch.parse(cells).sizes(), p, count, 5);
    double[][] expected = secondMoments(sizes, Patch.parse(cells).sizes(), p);
    int positions = expected.length;
    float least = 1;
    float most = 0;
    double[] mean = new double[positions];
    double[][] products = new double[positions][positions];
    for (int n = 0; n < count; n++) {
      float[] mask = masks.mask(n);
      for (int i = 0; i < positions; i++) {
        least = Math.min(least, mask[i]);
        most = Math.max(most, mask[i]);
        mean[i] += mask[i] / (double) count;
        for (int j = 0; j < positions; j++) {
          products[i][j] += mask[i] * mask[j] / (double) count;
        }
      }
    }
    assertThat(least).isZero();
    assertThat(most).isEqualTo(1);
    // Values in [0, 1] have a deviation of at most 1/2; five standard errors of the mean.
    double tolerance = 5 * 0.5 / Math.sqrt(count);
    for (int i = 0; i < positions; i++) {
      assertThat(mean[i]).isCloseTo(p, within(tolerance));
      assertThat(products[i]).containsExactly(expected[i], within(tolerance));
    }
  }

  @Test
  void mask_again_isTheSameAndDependsOnNoOther() {
    int[] sizes = {16, 16};
    RandomMasks few = new RandomMasks(sizes, new int[] {4, 4}, 0.5, 3, 1);
    RandomMasks many = new RandomMasks(sizes, new int[] {4, 4}, 0.5, 30, 1);
    assertThat(many.mask(2)).isEqualTo(few.mask(2)).isEqualTo(few.mask(2));
    assertThat(many.mask(2)).isNotEqualTo(many.mask(3));
    assertThat(new RandomMasks(sizes, new int[] {4, 4}, 0.5, 3, 2).mask(2))
        .isNotEqualTo(few.mask(2));
  }

  @ParameterizedTest
  @CsvSource({
    "7x9, 3x4, 0.5, 0, false",
    "7x9, 3x4, 0.5, 0, true",
    "7x9, 7, 0.3, 0.5, true",
    "2x5x4, 3, 0.5, -1, false",
    "2x5x4, 3, 0.5, -1, true"
  })
  void linearModel_map_isTheExpectationWithinItsError(
      String size, String cells, double p, float fill, boolean center) {
    int[] sizes = Patch.parse(size).sizes();
    int[] each = Patch.parse(cells).along(sizes.length);
    double[][] moments = secondMoments(sizes, each, p);
    int positions = moments.length;
    float[] weights = random(2 * positions, 8);
    float[] image = random(2 * positions, 3);
    // S = sum of w (fill + m (x - fill)), so that E[S m_i] / p follows from E[m_i] and E[m_i m_j].
    double[] expected = new double[positions];
    for (int i = 0; i < positions; i++) {
      for (int j = 0; j < 2 * positions; j++) {
        expected[i] += weights[j] * fill;
        expected[i] += weights[j] * (image[j] - fill) * moments[i][j % positions] / p;
      }
    }
    Shape shape = new Shape(1, 2);
    for (int axis : sizes) {
      shape = shape.add(axis);
    }
    MethodOptions options =
        MethodOptions.of(Profile.PAPER)
            .with(Rise.SAMPLES, 4000)
            .with(Rise.CELLS, Patch.parse(cells))
            .with(Rise.PROBABILITY, p)
            .with(Rise.CENTER, center)
            .with(Rise.FILL, new Baseline.Constant(fill));
    try (ExplainableModel model =
            new LinearModel(new float[][] {weights}, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      double squares = 0;
      double stated = 0;
      for (int seed = 0; seed < 5; seed++) {
        Heatmap map =
            Explained.only(
                new Rise(model, null, options.with(Rise.SEED, seed))
                    .explainRaw(manager.create(FloatBuffer.wrap(image), shape), Target.ofClass(0)));
        double error = map.diagnostics().get(SampleMoments.STANDARD_ERROR);
        for (int i = 0; i < positions; i++) {
          double off = map.values()[i] - expected[i];
          squares += off * off / (5 * positions);
          // No pixel's own error is twice the mean of all.
          assertThat(off).isCloseTo(0, within(8 * error));
        }
        stated += error * error / 5;
      }
      // The pixels of a map are off together, so that five maps are few.
      assertThat(Math.sqrt(stated / squares)).isBetween(0.5, 2.0);
      float[] range = new float[positions];
      for (int i = 0; i < positions; i++) {
        range[i] = (float) expected[i];
      }
      assertThat(Math.sqrt(stated)).isLessThan(0.2 * Maps.maxAbs(range));
    }
  }

  @Test
  void largeMeanScore_centering_takesItsNoiseOut() {
    float[] weights = random(63, 8);
    double[] errors = new double[2];
    try (ExplainableModel model =
            new LinearModel(new float[][] {weights}, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      for (boolean center : new boolean[] {false, true}) {
        Heatmap map =
            Explained.only(
                Rise.builder()
                    .opt(Rise.SAMPLES, 500)
                    .opt(Rise.CENTER, center)
                    .opt(Rise.FILL, new Baseline.Constant(50))
                    .build(model)
                    .explainRaw(
                        manager.create(FloatBuffer.wrap(fifty()), new Shape(1, 1, 7, 9)),
                        Target.ofClass(0)));
        errors[center ? 1 : 0] = map.diagnostics().get(SampleMoments.STANDARD_ERROR);
      }
    }
    assertThat(errors[1]).isPositive().isLessThan(errors[0] / 20);
  }

  /** About fifty, so that it hardly differs from the fill. */
  private static float[] fifty() {
    float[] values = random(63, 3);
    for (int i = 0; i < values.length; i++) {
      values[i] = 50 + values[i] / 10;
    }
    return values;
  }

  /**
   * E[m_i m_j]: with the weights a of a shift, the covariance is p (1 - p) times the sum over cells
   * of a_i a_j, on average over the shifts.
   */
  private static double[][] secondMoments(int[] sizes, int[] cells, double p) {
    int positions = 1;
    for (int size : sizes) {
      positions *= size;
    }
    double[][] overlap = new double[positions][positions];
    for (double[] row : overlap) {
      Arrays.fill(row, 1);
    }
    int stride = positions;
    for (int a = 0; a < sizes.length; a++) {
      stride /= sizes[a];
      double[][] along = overlaps(sizes[a], Math.min(cells[a], sizes[a]));
      for (int i = 0; i < positions; i++) {
        for (int j = 0; j < positions; j++) {
          overlap[i][j] *= along[i / stride % sizes[a]][j / stride % sizes[a]];
        }
      }
    }
    for (double[] row : overlap) {
      for (int j = 0; j < positions; j++) {
        row[j] = p * p + p * (1 - p) * row[j];
      }
    }
    return overlap;
  }

  /** Of one axis, whose shift is independent of the others'. */
  private static double[][] overlaps(int size, int cells) {
    int step = (size + cells - 1) / cells;
    double[][] mean = new double[size][size];
    for (int shift = 0; shift < step; shift++) {
      double[][] weights = new double[size][cells];
      for (int i = 0; i < size; i++) {
        // A cell is (cells + 1) / cells steps wide; centres at half-integers, ends repeated.
        double centre = (shift + i + 0.5) * cells / ((cells + 1.0) * step) - 0.5;
        for (int g = 0; g < cells; g++) {
          double inside = Math.min(Math.max(centre, 0), cells - 1.0);
          weights[i][g] = Math.max(0, 1 - Math.abs(inside - g));
        }
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          for (int g = 0; g < cells; g++) {
            mean[i][j] += weights[i][g] * weights[j][g] / step;
          }
        }
      }
    }
    return mean;
  }

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
