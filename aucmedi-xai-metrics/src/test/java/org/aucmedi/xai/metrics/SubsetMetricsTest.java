package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.metrics.SubsetRemoval.Effects;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;

/** On linear models, whose every part is known, and by hand. */
final class SubsetMetricsTest {

  private static final BatchAxes AXES =
      new BatchAxes(new Shape(1, 2, 4, 4), ChannelLayout.CHANNELS_FIRST);

  private final float[] image = random(32, 1);
  private final float[] weights = random(32, 2);
  private final float[] fill = random(32, 3);
  private final float[] exact = exact(image, weights, fill);

  /** Gradient x (image - fill), summed over channels. */
  private static float[] exact(float[] image, float[] weights, float[] fill) {
    float[] map = new float[16];
    for (int i = 0; i < 32; i++) {
      map[i % 16] += weights[i] * (image[i] - fill[i]);
    }
    return map;
  }

  private double[] linear(List<float[]> variants) {
    return variants.stream()
        .mapToDouble(
            x -> {
              double sum = 5;
              for (int i = 0; i < 32; i++) {
                sum += (double) weights[i] * x[i];
              }
              return sum;
            })
        .toArray();
  }

  @Test
  void infidelity_linearModelAndItsParts_isZero() {
    assertThat(Infidelity.raw(image, fill, AXES, exact, 40, 9, this::linear))
        .isCloseTo(0, within(1e-9));
    assertThat(Infidelity.normalised(image, fill, AXES, exact, 40, 9, this::linear))
        .isCloseTo(0, within(1e-9));
    float[] thrice = scaled(exact, 3);
    assertThat(Infidelity.raw(image, fill, AXES, thrice, 40, 9, this::linear)).isGreaterThan(1e-3);
    assertThat(Infidelity.normalised(image, fill, AXES, thrice, 40, 9, this::linear))
        .isCloseTo(0, within(1e-9));
  }

  @Test
  void infidelity_zerosOrReversed_isOne() {
    assertThat(Infidelity.normalised(image, fill, AXES, new float[16], 40, 9, this::linear))
        .isEqualTo(1);
    assertThat(Infidelity.normalised(image, fill, AXES, scaled(exact, -1), 40, 9, this::linear))
        .isEqualTo(1);
    assertThat(Infidelity.normalised(image, fill, AXES, exact, 5, 9, v -> new double[v.size()]))
        .isEqualTo(1);
  }

  @Test
  void infidelity_onePixel_isTheSquareByHand() {
    // The only box of one pixel: the map says 3, the score loses 5 * 2.
    assertThat(
            Infidelity.raw(
                new float[] {2},
                new float[1],
                BatchAxes.ofMap(1),
                new float[] {3},
                4,
                0,
                variants -> variants.stream().mapToDouble(x -> 5 * x[0]).toArray()))
        .isEqualTo(49);
  }

  @Test
  void correlation_linearModelAndItsParts_isOne() {
    for (int size : new int[] {1, 5, 15}) {
      assertThat(SensitivityN.correlation(image, fill, AXES, exact, size, 30, 4, this::linear))
          .isCloseTo(1, within(1e-9));
      assertThat(
              SensitivityN.correlation(
                  image, fill, AXES, scaled(exact, -2), size, 30, 4, this::linear))
          .isCloseTo(-1, within(1e-9));
      assertThat(
              SensitivityN.correlation(image, fill, AXES, new float[16], size, 30, 4, this::linear))
          .isZero();
    }
    Curve curve = SensitivityN.curve(image, fill, AXES, exact, 20, 4, this::linear);
    assertThat(curve.shares()).startsWith(0.01).endsWith(0.8);
    assertThat(curve.mean()).isCloseTo(1, within(1e-9));
  }

  @Test
  void correlation_knownEffects_isPearsons() {
    // Deviations -1 0 1 and -1 -1 2: 3 / sqrt(2 * 6).
    assertThat(new Effects(new double[] {1, 2, 3}, new double[] {0, 0, 3}).correlation())
        .isCloseTo(3 / Math.sqrt(12), within(1e-12));
  }

  @Test
  void subsets_ofASize_haveDistinctPositionsAndReachAll() {
    int[] seen = new int[16];
    for (int[] subset : SubsetRemoval.random(16, 4, 400, new SplittableRandom(6))) {
      assertThat(subset).hasSize(4).doesNotHaveDuplicates();
      Arrays.stream(subset).forEach(i -> seen[i]++);
    }
    // 100 expected, with a standard deviation of 8.7.
    Arrays.stream(seen).forEach(count -> assertThat(count).isBetween(60, 140));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SubsetRemoval.random(4, 5, 1, new SplittableRandom(0)))
        .withMessageContaining("1 to 4 positions, got 5");
  }

  @Test
  void boxes_ofAnImage_areFullRectanglesUpToHalfOfEachSide() {
    boolean[] largest = new boolean[1];
    for (int[] box : SubsetRemoval.boxes(new int[] {4, 5}, 300, new SplittableRandom(8))) {
      int[] rows = Arrays.stream(box).map(i -> i / 5).distinct().sorted().toArray();
      int[] columns = Arrays.stream(box).map(i -> i % 5).distinct().sorted().toArray();
      assertThat(box).doesNotHaveDuplicates().hasSize(rows.length * columns.length);
      assertThat(rows[rows.length - 1] - rows[0]).isEqualTo(rows.length - 1).isLessThan(2);
      assertThat(columns[columns.length - 1] - columns[0])
          .isEqualTo(columns.length - 1)
          .isLessThan(3);
      largest[0] |= box.length == 6;
    }
    assertThat(largest[0]).isTrue();
  }

  @Test
  void completeness_linearModelAndItsParts_isZero() {
    assertThat(CompletenessDelta.score(image, fill, AXES, exact, this::linear))
        .isCloseTo(0, within(1e-5));
    float[] more = exact.clone();
    more[7] += 0.5f;
    assertThat(CompletenessDelta.score(image, fill, AXES, more, this::linear))
        .isCloseTo(0.5, within(1e-5));
    // A map in another resolution has a sum, too.
    float[] one = {0.25f};
    double score = linear(List.of(image))[0] - linear(List.of(fill))[0];
    assertThat(CompletenessDelta.score(image, fill, AXES, one, this::linear))
        .isCloseTo(Math.abs(0.25 - score), within(1e-9));
  }

  @Test
  void maxSensitivity_maps_areComparedWithTheOriginal() {
    float[] map = {3, 4};
    List<float[]> others = List.of(new float[] {3, 4}, new float[] {0, 4}, new float[] {3, 5});
    assertThat(MaxSensitivity.score(new float[1], map, 1, 3, 0, images -> others))
        .isCloseTo(3.0 / 5, within(1e-12));
    float[] zeros = new float[2];
    assertThat(MaxSensitivity.score(new float[1], zeros, 1, 1, 0, images -> List.of(zeros)))
        .isZero();
    assertThat(MaxSensitivity.score(new float[1], zeros, 1, 1, 0, images -> List.of(map)))
        .isInfinite();
  }

  @Test
  void maxSensitivity_noise_staysWithinTheRadius() {
    List<float[]> seen = new ArrayList<>();
    MaxSensitivity.score(
        image,
        exact,
        0.25f,
        50,
        3,
        images -> {
          seen.addAll(images);
          return images.stream().map(x -> exact).toList();
        });
    float largest = 0;
    for (float[] noisy : seen) {
      for (int i = 0; i < noisy.length; i++) {
        largest = Math.max(largest, Math.abs(noisy[i] - image[i]));
      }
    }
    assertThat(seen).hasSize(50);
    assertThat(largest).isBetween(0.249f, 0.2501f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaxSensitivity.score(image, exact, 0, 1, 0, x -> x))
        .withMessageContaining("above 0, got 0.0");
  }

  private static float[] scaled(float[] values, float factor) {
    float[] scaled = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = factor * values[i];
    }
    return scaled;
  }

  private static float[] random(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }
}
