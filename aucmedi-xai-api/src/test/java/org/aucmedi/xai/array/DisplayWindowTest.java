package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DisplayWindowTest {

  private static final float[] CT = {-1000, -50, 0, 10, 40, 55.5f, 300, 2999};

  @Test
  void auto_8Bit_staysAsItIs() {
    ImageArray bytes = image(SampleType.UINT8, 1, 0, 1);
    ImageArray integers = image(SampleType.INTEGER, 1, 0, 1);
    ImageArray floats = image(SampleType.FLOAT, 3, 0, 17.5f, 255);

    assertThat(DisplayWindow.AUTO.apply(bytes)).isSameAs(bytes);
    assertThat(DisplayWindow.AUTO.apply(integers)).isSameAs(integers);
    assertThat(DisplayWindow.AUTO.apply(floats)).isSameAs(floats);
  }

  @Test
  void auto_beyond255_isStretchedAsAucmediDoes() {
    assertThat(DisplayWindow.AUTO.apply(image(SampleType.INTEGER, 1, CT)).values())
        // NumPy: rint(255 * (x + 1000 + 1e-6) / (3999 + 1e-6))
        .containsExactly(0, 61, 64, 64, 66, 67, 83, 255);
  }

  @Test
  void auto_floatsUpTo1_areTimes255() {
    assertThat(DisplayWindow.AUTO.apply(image(SampleType.FLOAT, 3, 0, 0.25f, 1)).values())
        .containsExactly(0, 64, 255);
  }

  @Test
  void percentile_ct_equalsNumpy() {
    assertThat(DisplayWindow.PERCENTILE.apply(image(SampleType.INTEGER, 1, CT)).values())
        // np.percentile gives -933.5 and 2810.07.
        .containsExactly(0, 60, 64, 64, 66, 67, 84, 255);
  }

  @Test
  void percentile_oneExtremeValue_doesNotCount() {
    float[] values = new float[2_000_001];
    IntStream.range(0, values.length).forEach(i -> values[i] = i % 1000);
    values[7] = 1e9f;

    float[] shown = DisplayWindow.PERCENTILE.apply(image(SampleType.FLOAT, 1, values)).values();

    // From 9.99 to 989.01, evenly.
    assertThat(shown[1500]).isEqualTo(128);
    assertThat(shown[7]).isEqualTo(255);
    assertThat(shown[9]).isZero();
    assertThat(shown[995]).isEqualTo(255);
  }

  @Test
  void of_ct_isTheWindowOfSoftTissue() {
    ImageArray place =
        image(SampleType.INTEGER, 1, CT)
            .withGeometry(
                Geometry.of(
                    new double[] {1, 2, 3},
                    new double[3],
                    new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}));

    ImageArray shown = DisplayWindow.of(40, 400).apply(place);

    assertThat(shown.values()).containsExactly(0, 70, 102, 108, 128, 137, 255, 255);
    assertThat(shown.geometry()).isEqualTo(place.geometry());
  }

  @Test
  void of_8Bit_isWindowedToo() {
    assertThat(DisplayWindow.of(100, 100).apply(image(SampleType.UINT8, 3, 50, 100, 200)).values())
        .containsExactly(0, 128, 255);
  }

  @Test
  void none_beyond255_isClipped() {
    assertThat(DisplayWindow.NONE.apply(image(SampleType.FLOAT, 1, -3, 0.75f, 300)).values())
        .containsExactly(0, 1, 255);
    ImageArray small = image(SampleType.FLOAT, 1, 0, 0.75f, 1);
    assertThat(DisplayWindow.NONE.apply(small)).isSameAs(small);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "PERCENTILE", " none "})
  void parse_name_givesTheWindow(String text) {
    assertThat(DisplayWindow.parse(text)).hasToString(text.strip().toLowerCase(Locale.ROOT));
  }

  @Test
  void parse_numbers_giveCentreAndWidth() {
    assertThat(DisplayWindow.parse("40, 400")).isEqualTo(DisplayWindow.of(40, 400));
    assertThat(DisplayWindow.parse("-600,1500")).isNotEqualTo(DisplayWindow.of(-600, 1400));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "wide", "40", "40,400,1", "40,x", "percentiles"})
  void parse_anythingElse_saysWhatIsAllowed(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DisplayWindow.parse(text))
        .withMessage(
            "'"
                + text
                + "' is no window; use auto, percentile, none, or centre,width such as 40,400");
  }

  @ParameterizedTest
  @ValueSource(strings = {"40,0", "40,-1", "NaN,3", "0,Infinity"})
  void parse_noWidth_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DisplayWindow.parse(text))
        .withMessageStartingWith("a window needs a centre and a width above 0, got ");
  }

  private static ImageArray image(SampleType type, int channels, float... data) {
    return ImageArray.of(new int[] {1, data.length / channels}, channels, data, type);
  }
}
