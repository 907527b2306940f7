package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.aucmedi.xai.testkit.Maps.assertClose;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against NumPy, SciPy and closed forms; {@code tools/subfunctions_fixture.py} made the file. */
final class SubfunctionsTest {

  private static final double[][] AXES = {{0, 1, 0}, {1, 0, 0}, {0, 0, -1}};

  @ParameterizedTest
  @EnumSource(PadMode.class)
  void padding_equalsNumpy(PadMode mode) {
    String name = mode == PadMode.EMPTY ? "constant" : mode.toString();

    ImageArray plane = Padding.to(mode, 8, 7).apply(reference("plane", SampleType.UINT8));
    ImageArray volume = Padding.to(mode, 3, 2, 9).apply(reference("volume", SampleType.FLOAT));

    Golden.Array padded = array("plane_" + name);
    assertThat(plane.spatialShape()).containsExactly(8, 7);
    assertThat(plane.sampleType()).isEqualTo(SampleType.UINT8);
    assertClose("plane", plane.values(), padded.data(), 0);
    assertThat(volume.spatialShape()).containsExactly(3, 3, 9);
    assertClose("volume", volume.values(), array("volume_" + name).data(), 1e-6);
  }

  @Test
  void padding_square_repeatsTheOutermostPixels() {
    ImageArray padded = Padding.square().apply(plane(1, 4, 1, 2, 3, 4));

    assertThat(padded.spatialShape()).containsExactly(4, 4);
    assertThat(padded.data()).containsExactly(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4);
  }

  @Test
  void padding_unsuitable_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Padding.to(PadMode.EDGE, 3, 3, 3).apply(plane(1, 1, 1)))
        .withMessage(
            "cannot pad an image of [1, 1], which has 2 spatial axes, with [3, 3, 3]; give one number"
                + " for each");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Padding.to(PadMode.EDGE, 99_999, 99_999).apply(plane(1, 1, 1)))
        .withMessageContaining("more than the 100000000 pixels allowed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Padding.to(PadMode.EDGE, 0, 3))
        .withMessage("a shape is two or three positive numbers, got [0, 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PadMode.of("mirror"))
        .withMessageStartingWith("unknown padding 'mirror'; known: constant, edge, reflect,");
    assertThat(PadMode.of("Linear_Ramp")).isEqualTo(PadMode.LINEAR_RAMP);
  }

  /** AUCMEDI's start: (size - crop) / 2, rounded down. */
  @Test
  void crop_center_cutsLessBeforeThanBehind() {
    float[] values = counted(5 * 4);

    ImageArray cropped = Crop.center(2, 3).apply(plane(5, 4, values));

    assertThat(cropped.data()).containsExactly(4, 5, 6, 8, 9, 10);
  }

  @Test
  void crop_ofAVolume_keepsTheChannelsTogether() {
    float[] values = counted(3 * 3 * 3 * 2);
    ImageArray volume = ImageArray.of(new int[] {3, 3, 3}, 2, values, SampleType.INTEGER);

    ImageArray cropped = Crop.center(1, 2, 1).apply(volume);

    // Slice 1, rows 0 and 1, column 1.
    assertThat(cropped.data()).containsExactly(20, 21, 26, 27);
  }

  /** The same for a sample in every run, everywhere for many samples, and other for other seeds. */
  @Test
  void crop_random_dependsOnTheSampleAlone() {
    float[] values = counted(6 * 5);
    ImageArray image = plane(6, 5, values);
    Crop crop = Crop.random(0, 3, 4);
    Set<Float> starts = new HashSet<>();
    int others = 0;
    for (int n = 0; n < 200; n++) {
      String name = "image" + n + ".png";
      float start = crop.apply(image, name).image().at(0, 0, 0);
      assertThat(Crop.random(0, 3, 4).apply(image, name).image().at(0, 0, 0)).isEqualTo(start);
      others += Crop.random(1, 3, 4).apply(image, name).image().at(0, 0, 0) == start ? 0 : 1;
      starts.add(start);
    }

    // Every place, the last of each axis included.
    assertThat(starts).containsExactlyInAnyOrder(0f, 1f, 5f, 6f, 10f, 11f, 15f, 16f);
    assertThat(others).isGreaterThan(100);
  }

  @Test
  void crop_largerThanTheImage_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Crop.random(0, 3, 6, 4).apply(volume(5, 5, 5)))
        .withMessage(
            "cannot crop an image of [5, 5, 5] to [3, 6, 4], which is larger; pad it first, to at"
                + " least this shape");
  }

  @Test
  void clip_limitsValues_andKnowsTheirType() {
    ImageArray image = plane(1, 4, -2000, -5, 300, 3000);

    ImageArray clipped = Clip.to(-1000f, 400f).apply(image);

    assertThat(clipped.data()).containsExactly(-1000, -5, 300, 400);
    assertThat(clipped.sampleType()).isEqualTo(SampleType.INTEGER);
    assertThat(Clip.to(null, 0.5f).apply(image).data()).containsExactly(-2000, -5, 0.5f, 0.5f);
    assertThat(Clip.to(null, 0.5f).apply(image).sampleType()).isEqualTo(SampleType.FLOAT);
    ImageArray rgb = ImageArray.of(new int[] {1, 2}, 2, new float[] {1, 1, 9, 9}, SampleType.UINT8);
    ImageArray each = Clip.perChannel(new float[] {2, 0}, new float[] {8, 5}).apply(rgb);
    assertThat(each.data()).containsExactly(2, 1, 8, 5);
    assertThat(each.sampleType()).isEqualTo(SampleType.UINT8);
  }

  @Test
  void clip_unsuitable_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Clip.to(2f, 1f))
        .withMessage("the lower bound of a range is not above the upper, got 2.0 and 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Clip.perChannel(new float[] {0, 0}, new float[] {1, 1}).apply(plane(1, 1, 1)))
        .withMessageStartingWith("there are 2 ranges to clip 1 channels to");
  }

  @Test
  void chromer_convertsBothWays() {
    ImageArray grey = plane(1, 2, 7, 200);

    ImageArray rgb = Chromer.RGB.apply(grey);

    assertThat(rgb.channels()).isEqualTo(3);
    assertThat(rgb.data()).containsExactly(7, 7, 7, 200, 200, 200);
    ImageArray colour =
        ImageArray.of(new int[] {1, 2}, 3, new float[] {255, 0, 0, 10, 100, 50}, SampleType.UINT8);
    assertClose(
        "luma", Chromer.GRAYSCALE.apply(colour).data(), new float[] {76.245f, 67.39f}, 1e-4);
  }

  @Test
  void chromer_unsuitable_isRefused() {
    ImageArray grey = plane(1, 2, -7, 200);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chromer.RGB.apply(grey))
        .withMessage(
            "conversion to rgb takes values in [0, 255], got -7.0 to 200.0; clip or scale them to it"
                + " first");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chromer.GRAYSCALE.apply(grey))
        .withMessage(
            "conversion to grayscale takes 3 channels, and an image of 1 channel has no three colours"
                + " to weigh; leave this step out");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Chromer.of("hsv"))
        .withMessageContaining("'hsv'");
  }

  /** Numbers by NumPy, from the formula. */
  @Test
  void colorConstancy_equalsTheFormula() {
    ImageArray image =
        ImageArray.of(
            new int[] {1, 3},
            3,
            new float[] {10, 20, 30, 255, 10, 100, 40, 50, 250},
            SampleType.UINT8);

    ImageArray balanced = ColorConstancy.DEFAULT.apply(image);

    assertClose("balanced", balanced.data(), CONSTANT, 1e-3);
  }

  /** One white pixel among 63 red ones: v is (255, 127.5, 127.5) by the sixth root of 1 / 64. */
  @Test
  void colorConstancy_brightPixel_staysIn255() {
    float[] values = new float[8 * 8 * 3];
    for (int i = 0; i < 64; i++) {
      values[3 * i] = 255;
    }
    values[1] = values[2] = 255;

    float[] balanced =
        ColorConstancy.DEFAULT
            .apply(ImageArray.of(new int[] {8, 8}, 3, values, SampleType.UINT8))
            .data();

    assertClose("white", Arrays.copyOf(balanced, 3), new float[] {180.31223f, 255, 255}, 1e-4);
    assertThat(balanced[3]).isEqualTo(balanced[0]);
  }

  @Test
  void colorConstancy_blackChannel_staysBlack() {
    ImageArray image =
        ImageArray.of(new int[] {1, 1}, 3, new float[] {0, 20, 20}, SampleType.UINT8);

    // |v| / (20 sqrt 3) of v = (0, 20, 20) is sqrt(2 / 3).
    assertClose(
        "balanced",
        ColorConstancy.DEFAULT.apply(image).data(),
        new float[] {0, 16.32993f, 16.32993f},
        1e-4);
    assertThat(
            ColorConstancy.DEFAULT
                .apply(ImageArray.of(new int[] {1, 1}, 3, new float[3], SampleType.UINT8))
                .data())
        .containsExactly(0, 0, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ColorConstancy.DEFAULT.apply(plane(1, 1, 1)))
        .withMessageContaining("takes RGB images, got 1 channel");
  }

  @Test
  void resample_equalsScipy() {
    Golden.Array scan = array("scan");
    ImageArray image =
        ImageArray.of(scan.shape(), 1, scan.data(), SampleType.FLOAT)
            .withGeometry(Geometry.of(new double[] {0.7, 1.25, 3}, new double[] {5, -3, 2}, AXES));

    for (String name : List.of("finer", "coarser", "thick")) {
      double[] spacing =
          switch (name) {
            case "finer" -> new double[] {1, 1, 0.5};
            case "coarser" -> new double[] {4, 2, 2.5};
            default -> new double[] {20, 1.25, 0.7};
          };
      ImageArray resampled = Resample.to(spacing).withOutsideValue(-7).apply(image);
      Golden.Array expected = array("scan_" + name);
      assertThat(resampled.spatialShape()).as(name).containsExactly(expected.shape());
      assertClose(name, resampled.values(), expected.data(), 1e-6);
      assertThat(resampled.geometry().spacing())
          .containsExactly(new double[] {spacing[2], spacing[1], spacing[0]}, within(1e-12));
      assertThat(resampled.geometry().origin()).containsExactly(5, -3, 2);
    }
  }

  /** The shapes that AUCMEDI's own tests of its loader expect. */
  @Test
  void resample_shape_isAucmedis() {
    ImageArray volume = volume(16, 16, 16);

    assertThat(
            Resample.to(1, 1, 1).apply(volume.withGeometry(geometry(0.5, 1.5, 2))).spatialShape())
        .containsExactly(32, 24, 8);
    assertThat(
            Resample.to(1.75, 0.75, 0.75)
                .apply(volume.withGeometry(geometry(0.5, 0.5, 2)))
                .spatialShape())
        .containsExactly(18, 10, 10);
  }

  @Test
  void resample_unsuitable_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Resample.to(1, 1, 1).apply(volume(2, 2, 2)))
        .withMessageContaining("whose voxel size is unknown");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Resample.to(1, 1, 1).apply(volume(2, 2, 2).withGeometry(geometry(1e6, 1e6, 1e6))))
        .withMessageContaining("more than the 100000000 values allowed; check its spacing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Resample.to(1, 1).apply(volume(2, 2, 2).withGeometry(geometry(1, 1, 1))))
        .withMessageContaining("3 spatial axes to voxels of [1.0, 1.0] mm");
    assertThatIllegalArgumentException().isThrownBy(() -> Resample.to(1, 0, 1));
  }

  /** Every chain of geometric steps, with the shape of the image before. */
  static List<List<Subfunction>> chains() {
    return List.of(
        List.of(Padding.square()),
        List.of(Padding.to(PadMode.LINEAR_RAMP, 9, 20, 30)),
        List.of(Crop.center(4, 8, 7)),
        List.of(Crop.random(3, 4, 9, 9)),
        List.of(Resample.to(1, 1, 0.5)),
        List.of(Resample.to(2.5, 1, 1)),
        List.of(Resize.to(14, 21, 9)),
        List.of(
            Resample.to(1, 1, 1), Padding.to(PadMode.CONSTANT, 10, 16, 16), Crop.center(9, 10, 9)),
        List.of(
            Crop.center(5, 9, 8),
            Padding.square(),
            Resize.to(20, 20, 20),
            Crop.center(19, 18, 17)));
  }

  /**
   * A peak planted at a voxel of the original: the map of the prepared image that shows it comes
   * back with its maximum there, and the geometry says that it is in the same place of the patient.
   */
  @ParameterizedTest
  @MethodSource("chains")
  void chain_takesAPeakBack(List<Subfunction> steps) {
    int[] shape = {6, 11, 10};
    int[] peak = {3, 6, 5};
    float[] values = new float[6 * 11 * 10];
    for (int i = 0; i < values.length; i++) {
      double square = 0;
      for (int axis = 0, rest = i; axis < 3; axis++) {
        int stride = axis == 0 ? 110 : axis == 1 ? 10 : 1;
        double away = (rest / stride - peak[axis]) * (axis == 0 ? 2 : axis == 1 ? 1.5 : 0.8);
        rest %= stride;
        square += away * away;
      }
      values[i] = (float) Math.exp(-square / 72);
    }
    Geometry geometry = geometry(0.8, 1.5, 2);
    ImageArray image = ImageArray.of(shape, 1, values, SampleType.FLOAT).withGeometry(geometry);
    Placement placement = Placement.same(shape);
    for (Subfunction step : steps) {
      Subfunction.Result result = step.apply(image, "sample.nii");
      image = result.image();
      placement = placement.then(result.placement());
    }

    float[] back = placement.back(image.values());

    assertThat(back).hasSize(values.length);
    assertThat(index(back, shape)).containsExactly(peak);
    Geometry known = image.geometry();
    assertThat(known.position(4, 3, 2))
        .containsExactly(placement.geometry(geometry).position(4, 3, 2), within(1e-9));
    // The largest voxel of the prepared image lies within half of its own voxel, and the
    // original's.
    int[] found = index(image.values(), image.spatialShape());
    double[] there = known.position(found[2], found[1], found[0]);
    double[] expected = geometry.position(peak[2], peak[1], peak[0]);
    double[] own = known.spacing();
    double allowed = Math.max(Math.max(own[0], own[1]), own[2]) / 2 + 1e-9;
    for (int axis = 0; axis < 3; axis++) {
      assertThat(there[axis]).isCloseTo(expected[axis], within(allowed));
    }
    // What came back is what was there, where it was seen, as far as interpolation goes.
    for (int i = 0; i < values.length; i++) {
      if (back[i] != 0) {
        assertThat((double) back[i]).isCloseTo(values[i], within(0.08));
      }
    }
  }

  @Test
  void standardize_perChannel_equalsNumpy() {
    ImageArray image =
        ImageArray.of(
            new int[] {1, 3},
            3,
            new float[] {10, 20, 30, 255, 10, 100, 40, 50, 250},
            SampleType.UINT8);

    assertClose("minmax", Standardize.MINMAX.perChannel().apply(image).data(), MINMAX, 1e-6);
    assertClose(
        "z-score", Standardize.of("Z-score;per-channel").apply(image).data(), Z_SCORE, 1e-6);
    assertClose(
        "grayscale",
        Standardize.GRAYSCALE.perChannel().apply(image).data(),
        new float[] {0, 64, 0, 255, 0, 81, 31, 255, 255},
        0);
    assertThat(Standardize.TORCH.perChannel()).isSameAs(Standardize.TORCH);
  }

  private static final float[] MINMAX = {
    0.000000f, 0.250000f, 0.000000f, 1.000000f, 0.000000f, 0.318182f, 0.122449f, 1.000000f,
    1.000000f
  };
  private static final float[] Z_SCORE = {
    -0.840111f,
    -0.392232f,
    -1.053327f,
    1.405276f,
    -0.980581f,
    -0.290573f,
    -0.565165f,
    1.372813f,
    1.343901f
  };
  private static final float[] CONSTANT = {
    8.16696f, 83.2455f, 24.9739f, 208.257f, 41.6228f, 83.2464f, 32.6678f, 208.114f, 208.116f
  };

  private static float[] counted(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i;
    }
    return values;
  }

  private static int[] index(float[] values, int[] shape) {
    int best =
        IntStream.range(0, values.length)
            .reduce((a, b) -> values[b] > values[a] ? b : a)
            .orElseThrow();
    return new int[] {best / shape[1] / shape[2], best / shape[2] % shape[1], best % shape[2]};
  }

  private static Geometry geometry(double... spacing) {
    return Geometry.of(spacing, new double[] {5, -3, 2}, AXES);
  }

  private static ImageArray plane(int height, int width, float... values) {
    return ImageArray.of(new int[] {height, width}, 1, values, SampleType.INTEGER);
  }

  private static ImageArray volume(int... shape) {
    return ImageArray.of(shape, 1, new float[shape[0] * shape[1] * shape[2]], SampleType.INTEGER);
  }

  private static ImageArray reference(String name, SampleType type) {
    Golden.Array array = array(name);
    int[] shape = array.shape();
    return ImageArray.of(
        Arrays.copyOf(shape, shape.length - 1), shape[shape.length - 1], array.data(), type);
  }

  private static Golden.Array array(String key) {
    try {
      return Golden.array(
          Path.of(SubfunctionsTest.class.getResource("subfunctions.npz").toURI()), key);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
