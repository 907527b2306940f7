package org.aucmedi.xai.decoder.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.aucmedi.xai.testkit.Maps.assertClose;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class StandardizeTest {

  /** The reference pixel (10, 20, 30), in an image whose least value is 10 and largest 255. */
  private static final float[] PIXELS = {10, 20, 30, 255, 10, 100};

  @Test
  void apply_referencePixel_equalsAucmedi() {
    assertPixel(Standardize.TF, -.921569f, -.843137f, -.764706f);
    assertPixel(Standardize.TORCH, -1.946656f, -1.685574f, -1.281569f);
    assertPixel(Standardize.CAFFE, -73.939f, -96.779f, -113.68f);
    assertPixel(Standardize.GRAYSCALE, 0, 10, 21);
    assertPixel(Standardize.NONE, 10, 20, 30);
  }

  @Test
  void apply_zScore_hasMeanZeroAndDeviationOne() {
    float[] scaled = Standardize.Z_SCORE.apply(image(3, PIXELS)).data();
    double mean = 0;
    double square = 0;
    for (float value : scaled) {
      mean += value / 6;
      square += value * value / 6;
    }
    assertThat(mean).isBetween(-1e-5, 1e-5);
    assertThat(square).isBetween(1 - 1e-5, 1 + 1e-5);
  }

  @Test
  void apply_constantImage_givesOneNotNaN() {
    ImageArray flat = image(3, new float[] {4, 4, 4});
    assertThat(Standardize.Z_SCORE.apply(flat).data()).containsExactly(1, 1, 1);
    assertThat(Standardize.MINMAX.apply(flat).data()).containsExactly(1, 1, 1);
    assertThat(Standardize.GRAYSCALE.apply(flat).data()).containsExactly(255, 255, 255);
  }

  @Test
  void apply_everyMode_leavesTheImageAlone() {
    for (Standardize mode : Standardize.values()) {
      ImageArray image = image(3, PIXELS);
      mode.apply(image);
      assertThat(image.data()).containsExactly(PIXELS);
    }
  }

  @Test
  void apply_outOfRange_namesTheExtremes() {
    for (Standardize mode :
        new Standardize[] {Standardize.TF, Standardize.TORCH, Standardize.CAFFE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> mode.apply(image(3, new float[] {-1, 0, 256})))
          .withMessageContaining("-1.0 to 256.0");
    }
  }

  @Test
  void apply_singleChannel_isRefusedByRgbModes() {
    for (Standardize mode : new Standardize[] {Standardize.TORCH, Standardize.CAFFE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> mode.apply(image(1, new float[] {1, 2})))
          .withMessageContaining("needs 3 channels, got 1");
    }
  }

  @Test
  void of_anyCase_findsTheMode() {
    assertThat(Standardize.of("Z-Score")).isEqualTo(Standardize.Z_SCORE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Standardize.of("zscore"))
        .withMessage(
            "unknown standardisation 'zscore'; known: z-score, minmax, grayscale, tf, torch,"
                + " caffe, none");
  }

  private static void assertPixel(Standardize mode, float... expected) {
    float[] scaled = Arrays.copyOf(mode.apply(image(3, PIXELS)).data(), 3);
    assertClose(mode.name(), scaled, expected, 1e-4);
  }

  private static ImageArray image(int channels, float[] data) {
    return ImageArray.of(new int[] {1, data.length / channels}, channels, data, SampleType.UINT8);
  }
}
