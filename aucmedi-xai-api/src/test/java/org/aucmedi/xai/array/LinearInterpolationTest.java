package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transpose of resizing, against resizing itself. */
final class LinearInterpolationTest {

  @ParameterizedTest
  @CsvSource({
    "3x2, 7x9, 1, CLAMP",
    "7x9, 3x2, 1, CLAMP",
    "4x1, 4x5, 3, MIRROR",
    "2x3x4, 5x3x9, 2, MIRROR",
    "2x3x4, 5x3x9, 1, CLAMP"
  })
  void transposed_anyArrays_haveTheDotProductOfResizing(
      String small, String large, int channels, BorderMode border) {
    int[] from = sizes(small);
    int[] to = sizes(large);
    float[] a = random(size(from) * channels, 1);
    float[] b = random(size(to) * channels, 2);
    float[] resized = LinearInterpolation.resize(a, from, to, channels, border);
    float[] transposed = LinearInterpolation.transposed(b, from, to, channels, border);
    assertThat(transposed).hasSameSizeAs(a);
    assertThat(dot(a, transposed)).isCloseTo(dot(resized, b), within(1e-5));
    assertThat(dot(resized, b)).isNotCloseTo(0, within(1e-2));
  }

  /** Each column of the matrix is what resizing makes of a single one. */
  @Test
  void transposed_everyUnitVector_isARowOfResizing() {
    int[] from = {2, 3};
    int[] to = {5, 4};
    for (int i = 0; i < 20; i++) {
      float[] unit = new float[20];
      unit[i] = 1;
      float[] row = LinearInterpolation.transposed(unit, from, to, 1, BorderMode.CLAMP);
      for (int j = 0; j < 6; j++) {
        float[] cell = new float[6];
        cell[j] = 1;
        float[] column = LinearInterpolation.resize(cell, from, to, 1, BorderMode.CLAMP);
        assertThat(row[j]).isCloseTo(column[i], within(1e-6f));
      }
    }
  }

  @Test
  void transposed_valuesOfAnotherShape_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LinearInterpolation.transposed(
                    new float[6], new int[] {2, 3}, new int[] {5, 4}, 1, BorderMode.CLAMP))
        .withMessageContaining("6 values do not fill [5, 4]");
  }

  private static int[] sizes(String text) {
    return Arrays.stream(text.split("x", -1)).mapToInt(Integer::parseInt).toArray();
  }

  private static int size(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
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
