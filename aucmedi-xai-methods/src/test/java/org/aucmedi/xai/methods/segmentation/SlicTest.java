package org.aucmedi.xai.methods.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.methods.segmentation.ReferenceSegments.Picture;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SlicTest {

  @ParameterizedTest
  @ValueSource(strings = {"synthetic", "Platelets_00023_1", "RBC_00019_1", "WBC_00019_1"})
  void segment_picture_followsColoursAsWellAsScikitImage(String name) {
    Picture picture = ReferenceSegments.picture(ReferenceSegments.resource(name + ".png"));
    float[] image = picture.scaled(255, 0);
    LabFeatures features = LabFeatures.of(image, picture.axes(), false);
    Superpixels theirs = Superpixels.of(ReferenceSegments.labels("clusters", name));

    Superpixels ours = new Slic(theirs.count(), 10).segment(image, picture.axes());

    assertThat(ours.count()).isBetween(theirs.count() * 3 / 4, theirs.count() * 5 / 4);
    assertThat(within(features, ours)).isLessThan(1.1 * within(features, theirs));
    assertThat(within(features, ours))
        .isLessThan(0.7 * within(features, new Grid(ours.count()).segment(image, picture.axes())));
  }

  /** The sum of the squared distances of places from their superpixel's mean feature. */
  private static double within(LabFeatures features, Superpixels superpixels) {
    double sum = 0;
    for (int c = 0; c < features.channels(); c++) {
      double[] sums = new double[superpixels.count()];
      double[] squares = new double[superpixels.count()];
      int[] sizes = new int[superpixels.count()];
      for (int i = 0; i < features.positions(); i++) {
        sums[superpixels.at(i)] += features.value(i, c);
        squares[superpixels.at(i)] += features.value(i, c) * features.value(i, c);
        sizes[superpixels.at(i)]++;
      }
      for (int s = 0; s < sums.length; s++) {
        sum += squares[s] - sums[s] * sums[s] / sizes[s];
      }
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"1x40x56, 60", "12x30x20, 50", "20x20x20, 64", "3x64x64, 100", "5x7x1, 4"})
  void segment_noise_isConnectedAndOfTheSizeAskedFor(String sizes, int segments) {
    int[] axes = numbers(sizes);
    float[] image = new float[axes[0] * axes[1] * axes[2]];
    Random random = new Random(3);
    for (int i = 0; i < image.length; i++) {
      image[i] = random.nextFloat();
    }
    BatchAxes shape = volume(axes);

    Superpixels found = new Slic(segments, 40).segment(image, shape);

    assertThat(found.count()).isBetween(segments / 2, segments * 2);
    assertThat(new ConnectedComponents(axes, found.labels()).count()).isEqualTo(found.count());
    int[] counts = new int[found.count()];
    for (int i = 0; i < image.length; i++) {
      counts[found.at(i)]++;
    }
    int mean = image.length / segments;
    assertThat(Arrays.stream(counts)).allMatch(count -> count >= mean / 5 && count <= mean * 5);
    assertThat(new Slic(segments, 40).segment(image, shape)).isEqualTo(found);
  }

  @Test
  void segment_moreCompact_isMoreLikeBoxes() {
    Picture picture = ReferenceSegments.picture(ReferenceSegments.resource("synthetic.png"));
    float[] image = picture.scaled(255, 0);
    int[] boxes = new Grid(60).segment(image, picture.axes()).labels();
    double loose =
        ReferenceSegments.agreement(new Slic(60, 3).segment(image, picture.axes()).labels(), boxes);
    double compact =
        ReferenceSegments.agreement(
            new Slic(60, 1e6).segment(image, picture.axes()).labels(), boxes);
    assertThat(compact).isGreaterThan(0.9).isGreaterThan(loose + 0.1);
  }

  @Test
  void segment_brightBallInAVolume_isNeverMixedWithTheRest() {
    int[] sizes = {14, 18, 16};
    float[] image = new float[14 * 18 * 16];
    for (int i = 0; i < image.length; i++) {
      double[] at = Neighbourhood.coordinates(sizes, i);
      image[i] = Math.hypot(Math.hypot(at[0] - 7, at[1] - 9), at[2] - 6) < 4.5 ? 3 : -2;
    }

    Superpixels found = new Slic(30, 5).segment(image, volume(sizes));

    float[] first = new float[found.count()];
    for (int i = 0; i < image.length; i++) {
      int superpixel = found.at(i);
      first[superpixel] = first[superpixel] == 0 ? image[i] : first[superpixel];
      assertThat(image[i]).as("position %s", i).isEqualTo(first[superpixel]);
    }
  }

  @Test
  void segment_evenImageAndNaN_areBoxes() {
    float[] image = new float[30 * 20];
    Arrays.fill(image, Float.NaN);
    BatchAxes axes = new BatchAxes(new Shape(1, 30, 20, 1), ChannelLayout.CHANNELS_LAST);
    Superpixels found = new Slic(6, 10).segment(image, axes);
    assertThat(found).isEqualTo(new Grid(6).segment(image, axes));
    assertThat(found.count()).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({
    "2x100x100, 100, 1x10x10",
    "64x64x64, 64, 4x4x4",
    "1x1x1, 9, 1x1x1",
    "3x4x5, 1000, 3x4x5",
    "1x30x60, 2, 1x1x2"
  })
  void grid_anyShape_boxesAreNearlyCubes(String sizes, int segments, String counts) {
    assertThat(new Grid(segments).counts(BatchAxes.ofMap(numbers(sizes))))
        .containsExactly(numbers(counts));
  }

  /** Slices 5 mm apart and pixels of 1 mm: boxes are cubes in the patient, not in the array. */
  @Test
  void grid_slicesFarApart_boxesAreCubesInMillimetres() {
    BatchAxes axes = volume(new int[] {4, 20, 20});
    assertThat(new Grid(8).counts(axes)).containsExactly(1, 3, 3);
    BatchAxes spaced = axes.withSpacing(new Spacing(5, 1, 1));
    assertThat(new Grid(8).counts(spaced)).containsExactly(2, 2, 2);
    float[] even = new float[1600];
    assertThat(new Slic(8, 10).segment(even, spaced))
        .isEqualTo(new Grid(8).segment(even, spaced))
        .isNotEqualTo(new Grid(8).segment(even, axes));
  }

  /** With the spacing, superpixels are as deep as wide in millimetres; without, as in voxels. */
  @Test
  void slic_slicesFarApart_areAsDeepAsWide() {
    float[] image = new float[8 * 40 * 40];
    Random random = new Random(3);
    for (int i = 0; i < image.length; i++) {
      image[i] = random.nextFloat();
    }
    BatchAxes axes = volume(new int[] {8, 40, 40});
    Slic slic = new Slic(64, 100);
    assertThat(depthToWidth(slic.segment(image, axes.withSpacing(new Spacing(5, 1, 1)))))
        .isBetween(0.6, 1.4);
    assertThat(depthToWidth(slic.segment(image, axes))).isGreaterThan(3);
  }

  /** Of 8x40x40 voxels of 5x1x1 mm: the ratio of the deviations within superpixels. */
  private static double depthToWidth(Superpixels found) {
    double[][] sums = new double[found.count()][5];
    for (int i = 0; i < found.labels().length; i++) {
      double[] at = Neighbourhood.coordinates(new int[] {8, 40, 40}, i);
      double[] own = sums[found.at(i)];
      own[0]++;
      own[1] += 5 * at[0];
      own[2] += 25 * at[0] * at[0];
      own[3] += at[2];
      own[4] += at[2] * at[2];
    }
    double depth = 0;
    double width = 0;
    for (double[] own : sums) {
      depth += own[2] - own[1] * own[1] / own[0];
      width += own[4] - own[3] * own[3] / own[0];
    }
    return Math.sqrt(depth / width);
  }

  @Test
  void slic_spacingTheSameAlongAllAxes_isOfNoAccount() {
    float[] image = new float[600];
    Random random = new Random(3);
    for (int i = 0; i < image.length; i++) {
      image[i] = random.nextFloat();
    }
    BatchAxes axes = volume(new int[] {6, 10, 10});
    assertThat(new Slic(9, 40).segment(image, axes.withSpacing(new Spacing(2, 2, 2))))
        .isEqualTo(new Slic(9, 40).segment(image, axes));
  }

  @Test
  void slic_badParameter_namesIt() {
    assertThatThrownBy(() -> new Slic(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("segments")
        .hasMessageContaining("0");
    assertThatThrownBy(() -> new Slic(1, 0)).hasMessageContaining("compactness");
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split("x", -1)).mapToInt(Integer::parseInt).toArray();
  }

  private static BatchAxes volume(int[] sizes) {
    return new BatchAxes(
        new Shape(1, 1, sizes[0], sizes[1], sizes[2]), ChannelLayout.CHANNELS_FIRST);
  }
}
