package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows, with the examples of DICOM PS3.3 section C.11.2.1.2. */
final class WindowTest {

  @ParameterizedTest
  @CsvSource({
    // c = 2048, w = 4096: ((x - 2047.5) / 4095 + 0.5) * 255
    "LINEAR, 2048, 4096, 0, 0",
    "LINEAR, 2048, 4096, 1, 0.06227106",
    "LINEAR, 2048, 4096, 4095, 255",
    "LINEAR, 2048, 4096, 5000, 255",
    // c = 2048, w = 1: a threshold at 2047.5
    "LINEAR, 2048, 1, 2047, 0",
    "LINEAR, 2048, 1, 2048, 255",
    // c = 0, w = 100: from -50 to 49
    "LINEAR, 0, 100, -50, 0",
    "LINEAR, 0, 100, -0.5, 127.5",
    "LINEAR, 0, 100, 49, 255",
    // c = 0, w = 100: from -50 to 50
    "LINEAR_EXACT, 0, 100, -50, 0",
    "LINEAR_EXACT, 0, 100, 0, 127.5",
    "LINEAR_EXACT, 0, 100, 25, 191.25",
    "LINEAR_EXACT, 0, 100, 50, 255",
    "LINEAR_EXACT, 0.5, 0.5, 0.625, 191.25",
    // 255 / (1 + exp(-4 (x - c) / w))
    "SIGMOID, 0, 100, 0, 127.5",
    "SIGMOID, 0, 100, 25, 186.4199",
    "SIGMOID, 0, 100, -25, 68.5801"
  })
  void apply_value_isTheStandards(
      Window.Function function, double center, double width, double value, double brightness) {
    assertThat(new Window(center, width, function).apply(value))
        .isCloseTo(brightness, within(1e-4));
  }

  @Test
  void apply_image_keepsItsPlace() {
    Geometry place =
        Geometry.of(
            new double[] {1, 2, 3},
            new double[3],
            new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
    ImageArray image =
        ImageArray.of(new int[] {1, 2}, 1, new float[] {-1000, 40}, SampleType.INTEGER)
            .withGeometry(place);

    ImageArray shown = new Window(40, 400, Window.Function.LINEAR_EXACT).apply(image);

    assertThat(shown.values()).containsExactly(0f, 127.5f);
    assertThat(shown.geometry()).isEqualTo(place);
    assertThat(shown.sampleType()).isEqualTo(SampleType.FLOAT);
  }

  @Test
  void of_widthOfNothing_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Window(0, 0.5, Window.Function.LINEAR))
        .withMessageContaining("width");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Window(0, 0, Window.Function.SIGMOID));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Window(Double.NaN, 9, Window.Function.LINEAR));
  }

  @Test
  void windowing_text_isReadAndWritten() {
    assertThat(Windowing.of("None")).isSameAs(Windowing.NONE).hasToString("none");
    assertThat(Windowing.of("FILE")).isSameAs(Windowing.OF_FILE).hasToString("file");
    assertThat(Windowing.of("-600, 1500").window())
        .contains(new Window(-600, 1500, Window.Function.LINEAR));
    assertThat(Windowing.of("40,400")).hasToString("40.0,400.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "40", "40,", "40,400,1", "lung", "a,b"})
  void windowing_otherText_isRefusedWithAnExample(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Windowing.of(text))
        .withMessageContaining("write CENTER,WIDTH such as 40,400");
  }
}
