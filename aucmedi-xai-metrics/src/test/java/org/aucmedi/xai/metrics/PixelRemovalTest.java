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
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;

/** A linear model, so that every score is a sum of what is shown. */
final class PixelRemovalTest {

  private static final BatchAxes GREY =
      new BatchAxes(new Shape(1, 1, 2, 2), ChannelLayout.CHANNELS_FIRST);

  private static final float[] IMAGE = {4, 1, 3, 2};

  private static double[] sums(List<float[]> variants) {
    return variants.stream().mapToDouble(PixelRemovalTest::sum).toArray();
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  @Test
  void deletion_mapInTheOrderOfTheImage_hidesTheLargestFirst() {
    Curve curve =
        PixelRemoval.deletion(IMAGE, new float[4], GREY, IMAGE, 4, PixelRemovalTest::sums);
    assertThat(curve.scores()).containsExactly(10.0, 6.0, 3.0, 1.0, 0.0);
    assertThat(curve.area()).isEqualTo((8 + 4.5 + 2 + 0.5) / 4);
  }

  @Test
  void insertion_mapInTheOrderOfTheImage_showsTheLargestFirst() {
    Curve curve =
        PixelRemoval.insertion(IMAGE, new float[4], GREY, IMAGE, 4, PixelRemovalTest::sums);
    assertThat(curve.scores()).containsExactly(0.0, 4.0, 7.0, 9.0, 10.0);
    assertThat(curve.area()).isEqualTo((2 + 5.5 + 8 + 9.5) / 4);
  }

  @Test
  void deletion_fewerStepsThanPixels_exchangesEqualNumbers() {
    Curve curve =
        PixelRemoval.deletion(IMAGE, new float[4], GREY, IMAGE, 2, PixelRemovalTest::sums);
    assertThat(curve.scores()).containsExactly(10.0, 3.0, 0.0);
    float[] fill = {1, 1, 1, 1};
    curve = PixelRemoval.deletion(IMAGE, fill, GREY, IMAGE, 3, PixelRemovalTest::sums);
    // One pixel, one more, and the remaining two.
    assertThat(curve.scores()).containsExactly(10.0, 7.0, 5.0, 4.0);
    assertThat(curve.shares()).containsExactly(0.0, 0.25, 0.5, 1.0);
    assertThat(curve.area()).isEqualTo(8.5 / 4 + 6 / 4.0 + 4.5 / 2);
  }

  @Test
  void deletion_severalChannels_exchangesWholePixelsInEitherLayout() {
    float[] first = {4, 1, 3, 2, 40, 10, 30, 20};
    float[] last = {4, 40, 1, 10, 3, 30, 2, 20};
    float[] map = {0, 1, 2, 3};
    Curve expected =
        new Curve(List.of(0.0, 0.25, 0.5, 0.75, 1.0), List.of(110.0, 88.0, 55.0, 44.0, 0.0));
    BatchAxes channelsFirst = new BatchAxes(new Shape(1, 2, 2, 2), ChannelLayout.CHANNELS_FIRST);
    BatchAxes channelsLast = new BatchAxes(new Shape(1, 2, 2, 2), ChannelLayout.CHANNELS_LAST);
    assertThat(
            PixelRemoval.deletion(
                first, new float[8], channelsFirst, map, 4, PixelRemovalTest::sums))
        .isEqualTo(expected);
    assertThat(
            PixelRemoval.deletion(last, new float[8], channelsLast, map, 4, PixelRemovalTest::sums))
        .isEqualTo(expected);
  }

  @Test
  void deletion_theModelsOwnWeights_isTheLowestOfAllMaps() {
    BatchAxes axes = BatchAxes.ofMap(5, 7);
    SplittableRandom random = new SplittableRandom(2);
    float[] image = random(35, random);
    double own =
        PixelRemoval.deletion(image, new float[35], axes, image, 35, PixelRemovalTest::sums).area();
    for (int i = 0; i < 20; i++) {
      float[] map = random(35, random);
      Curve other =
          PixelRemoval.deletion(image, new float[35], axes, map, 35, PixelRemovalTest::sums);
      assertThat(other.area()).isGreaterThan(own);
      assertThat(other.scores()).hasSize(36);
    }
  }

  @Test
  void deletion_flatMap_isCloseToTheMeanOfRandomOnes() {
    BatchAxes axes = BatchAxes.ofMap(30, 30);
    float[] image = new float[900];
    Arrays.fill(image, 0, 450, 1);
    double flat =
        PixelRemoval.deletion(image, new float[900], axes, new float[900], 90, v -> sums(v)).area();
    // On average half of the pixels that are left are bright.
    assertThat(flat / 450).isCloseTo(0.5, within(0.02));
  }

  @Test
  void scorer_manySteps_isAskedForFewVariantsAtATime() {
    List<Integer> sizes = new ArrayList<>();
    PixelRemoval.deletion(
        new float[35],
        new float[35],
        BatchAxes.ofMap(35),
        new float[35],
        35,
        variants -> {
          sizes.add(variants.size());
          return sums(variants);
        });
    assertThat(sizes).containsExactly(16, 16, 4);
  }

  @Test
  void curves_wrongSizes_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelRemoval.deletion(IMAGE, IMAGE, GREY, new float[5], 2, v -> sums(v)))
        .withMessageContaining("5, 4 and 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelRemoval.insertion(IMAGE, IMAGE, GREY, IMAGE, 5, v -> sums(v)))
        .withMessageContaining("got 5");
  }

  private static float[] random(int count, SplittableRandom random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }
}
