package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.aucmedi.xai.testkit.Maps.assertClose;

import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
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
    assertPixel(Standardize.RESCALE, 10 / 255f, 20 / 255f, 30 / 255f);
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
  void black_besideAnImage_isWhereItsScaleHasZero() {
    for (Standardize mode :
        List.of(
            Standardize.RESCALE,
            Standardize.TF,
            Standardize.TORCH,
            Standardize.CAFFE,
            Standardize.NONE)) {
      assertThat(mode.black(image(3, PIXELS)).data())
          .as(mode.toString())
          .isEqualTo(mode.apply(image(3, new float[6])).data());
    }
    // The scales of these are the image's own: black lies below its least value of 10, which is on
    // the line through all others.
    for (Standardize mode : List.of(Standardize.Z_SCORE, Standardize.MINMAX)) {
      float[] scaled = mode.apply(image(3, PIXELS)).data();
      float expected = scaled[0] - 10 * (scaled[3] - scaled[0]) / 245;
      float[] all = new float[6];
      Arrays.fill(all, expected);
      assertClose(mode.toString(), mode.black(image(3, PIXELS)).data(), all, 1e-5);
    }
    float[] channels = Standardize.MINMAX.perChannel().black(image(3, PIXELS)).data();
    // Ranges 10 to 255, 10 to 20 and 30 to 100.
    assertClose(
        "per channel",
        channels,
        new float[] {-10 / 245f, -1, -3 / 7f, -10 / 245f, -1, -3 / 7f},
        1e-5);
  }

  @Test
  void apply_everyMode_leavesTheImageAlone() {
    for (Standardize mode :
        List.of(
            Standardize.Z_SCORE,
            Standardize.MINMAX,
            Standardize.GRAYSCALE,
            Standardize.RESCALE,
            Standardize.TF,
            Standardize.TORCH,
            Standardize.CAFFE,
            Standardize.NONE,
            Standardize.of("mean=1;std=2"))) {
      ImageArray image = image(3, PIXELS);
      mode.apply(image);
      assertThat(image.data()).containsExactly(PIXELS);
    }
  }

  @Test
  void apply_outOfRange_namesTheExtremes() {
    for (Standardize mode :
        new Standardize[] {
          Standardize.RESCALE,
          Standardize.TF,
          Standardize.TORCH,
          Standardize.CAFFE,
          Standardize.of("rescale;mean=0.5;std=0.5")
        }) {
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
  void of_meanAndStd_areInUnitsOfThePixels() {
    assertPixel(Standardize.of("mean=10,18,40;std=1,2,0.5"), 0, 1, -20);
    assertPixel(Standardize.of("Mean=20;Std=5"), -2, 0, 2);
    ImageArray many = image(5, new float[] {-1000, 1, 2, 3, 3000});
    assertThat(
            Standardize.meanAndStd(new float[] {0, 1, 2, 3, 4}, new float[] {10, 1, 1, 1, 1})
                .apply(many)
                .data())
        .containsExactly(-100, 0, 0, 0, 2996);
  }

  @Test
  void of_rescaledMeanAndStd_areInUnitsOfOne() {
    Standardize own = Standardize.of("rescale;mean=0.485,0.456,0.406;std=0.229,0.224,0.225");

    assertThat(own.apply(image(3, PIXELS)).data())
        .containsExactly(Standardize.TORCH.apply(image(3, PIXELS)).data());
  }

  @Test
  void meanAndStd_copyTheirArguments() {
    float[] mean = {20};
    float[] std = {5};
    Standardize own = Standardize.meanAndStd(mean, std);
    mean[0] = 0;
    std[0] = 0;

    assertPixel(own, -2, 0, 2);
  }

  @Test
  void of_badMeanAndStd_sayWhy() {
    for (String text : new String[] {"mean=;std=1", "mean=1;std=x", "mean=1,,2;std=1,1,1"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> Standardize.of(text));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Standardize.of("mean=1,x;std=1,2"))
        .withMessage("'1,x' in 'mean=1,x;std=1,2' is no list of numbers such as 0.5,0.4,0.3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Standardize.of("mean=1,2;std=1"))
        .withMessageContaining("got 1 and 2");
    for (String std : new String[] {"0", "-1", "NaN", "Infinity"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Standardize.of("mean=1;std=" + std))
          .withMessageContaining("above 0, got 1.0 and ");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Standardize.of("mean=1,2;std=1,2").apply(image(3, PIXELS)))
        .withMessage("there are 2 means for 3 channels; give one for all or one for each");
  }

  @Test
  void of_anyCase_findsTheMode() {
    assertThat(Standardize.of("Z-Score")).isEqualTo(Standardize.Z_SCORE);
    assertThat(Standardize.of("rescale")).isEqualTo(Standardize.RESCALE);
    assertThat(Standardize.RESCALE).hasToString("rescale");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Standardize.of("zscore"))
        .withMessage(
            "unknown standardisation 'zscore'; known: z-score, minmax, grayscale, rescale, tf,"
                + " torch, caffe, none, z-score;per-channel (also minmax, grayscale),"
                + " mean=M[,M];std=S[,S], rescale;mean=M[,M];std=S[,S]");
  }

  private static void assertPixel(Standardize mode, float... expected) {
    float[] scaled = Arrays.copyOf(mode.apply(image(3, PIXELS)).data(), 3);
    assertClose(mode.toString(), scaled, expected, 1e-4);
  }

  private static ImageArray image(int channels, float[] data) {
    return ImageArray.of(new int[] {1, data.length / channels}, channels, data, SampleType.UINT8);
  }
}
