package org.aucmedi.xai.methods.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.methods.segmentation.ReferenceSegments.Picture;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QuickshiftTest {

  static final Quickshift AUCMEDIS = new Quickshift(4, 200, 0.2, false);
  static final Quickshift FINE = new Quickshift(1.5, 5, 0.5, false);

  @ParameterizedTest
  @ValueSource(strings = {"synthetic", "Platelets_00023_1", "RBC_00019_1", "WBC_00019_1"})
  void segment_picture_agreesWithScikitImage(String name) {
    Picture picture = ReferenceSegments.picture(ReferenceSegments.resource(name + ".png"));
    assertThat(ofAucmedi(picture, name)).isGreaterThanOrEqualTo(0.95);
    assertThat(fine(picture, name)).isGreaterThanOrEqualTo(0.95);
  }

  /** The agreement with what AUCMEDI's LIME makes of the picture, standardised to [-1, 1]. */
  static double ofAucmedi(Picture picture, String name) {
    Superpixels found = AUCMEDIS.segment(picture.scaled(127.5f, -1), picture.axes());
    return ReferenceSegments.agreement(found.labels(), ReferenceSegments.labels("aucmedi", name));
  }

  /** The agreement where there are many superpixels, and links are cut. */
  static double fine(Picture picture, String name) {
    Superpixels found = FINE.segment(picture.scaled(255, 0), picture.axes());
    return ReferenceSegments.agreement(found.labels(), ReferenceSegments.labels("fine", name));
  }

  @Test
  void segment_channelsFirst_isTheSame() {
    Picture picture = ReferenceSegments.picture(ReferenceSegments.resource("synthetic.png"));
    float[] last = picture.scaled(255, 0);
    float[] first = new float[last.length];
    int positions = picture.axes().positions();
    for (int i = 0; i < last.length; i++) {
      first[i % 3 * positions + i / 3] = last[i];
    }
    Shape shape = new Shape(1, 3).addAll(picture.axes().spatialShape());
    assertThat(FINE.segment(first, new BatchAxes(shape, ChannelLayout.CHANNELS_FIRST)))
        .isEqualTo(FINE.segment(last, picture.axes()));
  }

  /** Twice the unit in every number of it is the same segmentation. */
  @Test
  void segment_spacingOfTwo_isThatOfHalfTheLengths() {
    Picture picture = ReferenceSegments.picture(ReferenceSegments.resource("synthetic.png"));
    float[] image = picture.scaled(255, 0);
    BatchAxes spaced = picture.axes().withSpacing(new Spacing(2, 2));
    assertThat(new Quickshift(3, 10, 1, false).segment(image, spaced))
        .isEqualTo(new Quickshift(1.5, 5, 0.5, false).segment(image, picture.axes()))
        .isNotEqualTo(new Quickshift(3, 10, 1, false).segment(image, picture.axes()));
  }

  @Test
  void segment_evenImage_isOneSuperpixel() {
    float[] image = new float[40 * 50 * 3];
    Arrays.fill(image, 0.3f);
    BatchAxes axes = new BatchAxes(new Shape(1, 40, 50, 3), ChannelLayout.CHANNELS_LAST);
    assertThat(AUCMEDIS.segment(image, axes).count()).isEqualTo(1);
  }

  @Test
  void segment_notFinite_countsAsZero() {
    Picture picture = ReferenceSegments.picture(ReferenceSegments.resource("synthetic.png"));
    float[] broken = picture.scaled(127.5f, -1);
    float[] mended = broken.clone();
    for (int i = 0; i < 600; i++) {
      broken[i] = i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
      mended[i] = 0;
    }
    assertThat(AUCMEDIS.segment(broken, picture.axes()))
        .isEqualTo(AUCMEDIS.segment(mended, picture.axes()));
  }

  @Test
  void segment_stretched_doesNotDependOnTheStandardisation() {
    Picture picture = ReferenceSegments.picture(ReferenceSegments.resource("synthetic.png"));
    Quickshift stretching = new Quickshift(1.5, 5, 0.5, true);
    Superpixels expected = stretching.segment(picture.scaled(255, 0), picture.axes());
    Superpixels found = stretching.segment(picture.scaled(32, -2.5f), picture.axes());
    assertThat(ReferenceSegments.agreement(found.labels(), expected.labels())).isGreaterThan(0.99);
  }

  @Test
  void segment_volumeOfTwoHalves_findsThem() {
    float[] volume = new float[6 * 5 * 8];
    for (int i = 0; i < volume.length; i++) {
      volume[i] = i % 8 < 4 ? 0 : 1;
    }
    BatchAxes axes = new BatchAxes(new Shape(1, 6, 5, 8, 1), ChannelLayout.CHANNELS_LAST);
    Superpixels found = new Quickshift(1, 10, 0.5, false).segment(volume, axes);
    for (int i = 0; i < volume.length; i++) {
      for (int j = 0; j < volume.length; j++) {
        if (found.at(i) == found.at(j)) {
          assertThat(volume[i]).isEqualTo(volume[j]);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 100, 0, 0",
    "0, 0, 0, 0, 0, 0",
    "1, 0, 0, 53.24, 80.09, 67.20",
    "0, 1, 0, 87.73, -86.18, 83.18",
    "0, 0, 1, 32.30, 79.19, -107.86"
  })
  void lab_cornersOfRgb_areAsPublished(
      double r, double g, double b, double lightness, double red, double yellow) {
    double[] lab = LabFeatures.lab(new double[] {r, g, b});
    assertThat(lab[0]).isCloseTo(lightness, Offset.offset(0.02));
    assertThat(lab[1]).isCloseTo(red, Offset.offset(0.02));
    assertThat(lab[2]).isCloseTo(yellow, Offset.offset(0.02));
  }

  @Test
  void quickshift_badParameter_namesIt() {
    assertThatThrownBy(() -> new Quickshift(0, 1, 1, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("kernel size")
        .hasMessageContaining("0.0");
    assertThatThrownBy(() -> new Quickshift(1, -1, 1, false)).hasMessageContaining("longest link");
    assertThatThrownBy(() -> new Quickshift(1, 1, Double.NaN, false)).hasMessageContaining("ratio");
  }
}
