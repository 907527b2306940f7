package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;

final class RoadTest {

  private static final float[] IMAGE = {
    1, 2, 3, 4,
    5, 6, 7, 8,
    9, 1, 2, 3,
    4, 5, 6, 7
  };

  private static float[] impute(BatchAxes axes, float[] image, int... removed) {
    return new NoisyLinearImputation(axes, 0).impute(image, removed, new SplittableRandom(1));
  }

  @Test
  void impute_onePixel_isTheWeightedMeanOfItsNeighbours() {
    // Direct neighbours 2, 5, 7, 1 by a sixth, diagonal ones 1, 3, 9, 2 by a twelfth.
    assertThat(impute(BatchAxes.ofMap(4, 4), IMAGE, 5)[5])
        .isCloseTo(15f / 6 + 15f / 12, within(1e-6f));
    // In the corner 2 and 5 by two parts, 6 by one.
    assertThat(impute(BatchAxes.ofMap(4, 4), IMAGE, 0)[0])
        .isCloseTo((2 * 2 + 2 * 5 + 6) / 5f, within(1e-6f));
  }

  @Test
  void impute_voxel_weighsFacesEdgesAndCorners() {
    float[] cube = new float[27];
    cube[12] = 56; // a face
    cube[1] = 560; // an edge
    cube[0] = 5600; // a corner
    float[] imputed = impute(BatchAxes.ofMap(3, 3, 3), cube, 13);
    assertThat(imputed[13]).isCloseTo(4 + 2 * 10 + 100, within(1e-3f));
    assertThat(imputed[0]).isEqualTo(5600);
  }

  @Test
  void impute_manyPixels_isTheDenseSolution() {
    SplittableRandom random = new SplittableRandom(3);
    for (int run = 0; run < 20; run++) {
      int[] sizes = run % 2 == 0 ? new int[] {5, 6} : new int[] {3, 4, 3};
      int positions = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
      float[] image = new float[positions];
      for (int i = 0; i < positions; i++) {
        image[i] = (float) (10 + random.nextGaussian());
      }
      int[] removed = IntStream.range(0, positions).filter(i -> random.nextInt(10) < 8).toArray();
      float[] expected = dense(image, sizes, removed);
      float[] found = impute(BatchAxes.ofMap(sizes), image, removed);
      for (int i = 0; i < positions; i++) {
        assertThat(found[i]).as("position %s", i).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  /** Gaussian elimination of the equations of the removed pixels. */
  private static float[] dense(float[] image, int[] sizes, int[] removed) {
    int n = removed.length;
    double[][] matrix = new double[n][n + 1];
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < image.length; p++) {
        double weight = weight(removed[i], p, sizes);
        int other = Arrays.binarySearch(removed, p);
        matrix[i][i] += weight;
        if (other >= 0) {
          matrix[i][other] -= weight;
        } else {
          matrix[i][n] += weight * image[p];
        }
      }
    }
    for (int pivot = 0; pivot < n; pivot++) {
      for (int row = 0; row < n; row++) {
        double factor = matrix[row][pivot] / matrix[pivot][pivot];
        for (int column = pivot; column <= n && row != pivot; column++) {
          matrix[row][column] -= factor * matrix[pivot][column];
        }
      }
    }
    float[] solved = image.clone();
    for (int i = 0; i < n; i++) {
      solved[removed[i]] = (float) (matrix[i][n] / matrix[i][i]);
    }
    return solved;
  }

  private static double weight(int a, int b, int[] sizes) {
    int moves = 0;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      int apart = Math.abs(a % sizes[axis] - b % sizes[axis]);
      if (apart > 1) {
        return 0;
      }
      moves += apart;
      a /= sizes[axis];
      b /= sizes[axis];
    }
    return moves == 0 ? 0 : Math.pow(0.5, moves);
  }

  @Test
  void impute_channels_areReplacedTogetherInEitherLayout() {
    BatchAxes last = new BatchAxes(new Shape(1, 2, 2, 2), ChannelLayout.CHANNELS_LAST);
    float[] imputed = impute(last, new float[] {9, 9, 1, 10, 2, 20, 4, 40}, 0);
    assertThat(imputed)
        .containsExactly(
            (2 * 1 + 2 * 2 + 4) / 5f, (2 * 10 + 2 * 20 + 40) / 5f, 1, 10, 2, 20, 4, 40);
  }

  @Test
  void impute_noise_isAHundredthOfTheDeviation() {
    BatchAxes axes = BatchAxes.ofMap(40, 40);
    float[] image = new float[1600];
    for (int i = 0; i < image.length; i++) {
      image[i] = i % 2 == 0 ? 100 : -100;
    }
    int[] removed = IntStream.range(0, 1000).toArray();
    float[] quiet = impute(axes, image, removed);
    float[] noisy =
        new NoisyLinearImputation(axes, 0.01).impute(image, removed, new SplittableRandom(1));
    double squares = 0;
    for (int i : removed) {
      squares += Math.pow(noisy[i] - quiet[i], 2);
    }
    assertThat(Math.sqrt(squares / removed.length)).isCloseTo(1, within(0.1));
    assertThat(noisy[1000]).isEqualTo(image[1000]);
  }

  @Test
  void impute_allPixels_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> impute(BatchAxes.ofMap(2), new float[2], 0, 1))
        .withMessageContaining("at least one pixel must stay");
  }

  @Test
  void curves_mapOfTheBrightPixels_removeThemFirstOrLast() {
    BatchAxes axes = BatchAxes.ofMap(10, 10);
    float[] image = new float[100];
    // One bright column: without it, its neighbours fill it with their dark.
    for (int y = 0; y < 10; y++) {
      image[10 * y + 4] = 1;
    }
    List<float[]> seen = new ArrayList<>();
    Scorer sums =
        variants -> {
          seen.addAll(variants);
          return variants.stream().mapToDouble(RoadTest::sum).toArray();
        };
    Curve most = Road.mostRelevantFirst(image, axes, image, 7, sums);
    assertThat(most.shares()).containsExactly(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9);
    assertThat(most.scores()).hasSize(9).allSatisfy(s -> assertThat(s).isCloseTo(0, within(0.5)));
    assertThat(seen.get(0)[4]).isCloseTo(0, within(0.02f)).isNotZero();
    Curve least = Road.leastRelevantFirst(image, axes, image, 7, sums);
    assertThat(seen.subList(9, 18)).allSatisfy(v -> assertThat(v[4]).isEqualTo(1));
    double combined = Road.combined(most, least);
    assertThat(combined).isPositive().isEqualTo((least.mean() - most.mean()) / 2);

    float[] reversed = new float[100];
    for (int i = 0; i < 100; i++) {
      reversed[i] = -image[i];
    }
    assertThat(
            Road.combined(
                Road.mostRelevantFirst(image, axes, reversed, 7, sums),
                Road.leastRelevantFirst(image, axes, reversed, 7, sums)))
        .isEqualTo(-combined);
  }

  @Test
  void combined_flatMap_isZero() {
    Scorer sums = variants -> variants.stream().mapToDouble(RoadTest::sum).toArray();
    BatchAxes axes = BatchAxes.ofMap(4, 4);
    for (float value : new float[] {0, -2}) {
      float[] flat = new float[16];
      Arrays.fill(flat, value);
      assertThat(
              Road.combined(
                  Road.mostRelevantFirst(IMAGE, axes, flat, 1, sums),
                  Road.leastRelevantFirst(IMAGE, axes, flat, 1, sums)))
          .isZero();
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }
}
