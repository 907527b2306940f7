package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageAxesTest {

  private static final int[] SIZES = {2, 3, 4, 5};

  /** Every value of the array tells its position: 1000 d + 100 h + 10 w + c. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HW", "WH", "HWC", "CHW", "WHC", "CWH", "DHW", "WHD", "DHWC", "CDHW", "DCHW", "HWDC", "WHDC"
      })
  void apply_anyOrder_becomesChannelsLast(String order) {
    int[] shape = order.chars().map(axis -> SIZES["DHWC".indexOf(axis)]).toArray();
    float[] data = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    int[] index = new int[shape.length];
    for (int i = 0; i < data.length; i++) {
      for (int axis = 0, rest = i; axis < shape.length; axis++) {
        int stride = 1;
        for (int later = axis + 1; later < shape.length; later++) {
          stride *= shape[later];
        }
        index[axis] = rest / stride;
        rest %= stride;
        data[i] += (float) (index[axis] * Math.pow(10, 3 - "DHWC".indexOf(order.charAt(axis))));
      }
    }

    ImageArray image = ImageAxes.of(order).apply(new Npy.Array(shape, data, SampleType.INTEGER));

    boolean volume = order.contains("D");
    assertThat(image.spatialShape())
        .containsExactly(volume ? new int[] {2, 3, 4} : new int[] {3, 4});
    assertThat(image.channels()).isEqualTo(order.contains("C") ? 5 : 1);
    assertThat(image.sampleType()).isEqualTo(SampleType.INTEGER);
    for (int d = 0; d < (volume ? 2 : 1); d++) {
      for (int h = 0; h < 3; h++) {
        for (int w = 0; w < 4; w++) {
          for (int c = 0; c < image.channels(); c++) {
            float value = volume ? image.at(d, h, w, c) : image.at(h, w, c);
            assertThat(value).isEqualTo(1000 * d + 100 * h + 10 * w + c);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'5,7', HW",
    "'3,3', HW",
    "'5,7,1', HWC",
    "'5,7,4', HWC",
    "'3,3,1', HWC",
    "'2,3,5,4', DHWC",
    "'10,32,32,3', DHWC"
  })
  void undeclared_shapeThatMeansOneThing_isUnderstood(String shape, String order) {
    assertThat(ImageAxes.undeclared(shape(shape)).order()).isEqualTo(order);
  }

  @ParameterizedTest
  @CsvSource({
    "'3,32,32', 'CHW, HWC or DHW'",
    "'32,32,13', 'CHW, HWC or DHW'",
    "'90,128,128', 'CHW, HWC or DHW'",
    "'6,7,5', 'CHW, HWC or DHW'",
    "'1,64,64,64', 'CDHW or DHWC'"
  })
  void undeclared_shapeThatMayMeanTwoThings_asksForTheAxes(String shape, String remedy) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageAxes.undeclared(shape(shape)))
        .withMessage(
            "its shape %s is ambiguous: channels first, many channels, or depth; declare the order"
                + " of its axes (--axes), for instance %s",
            Arrays.toString(shape(shape)), remedy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "H", "DC", "HC", "HWW", "HHWC", "NHWC", "H,W", "DHWCT", "XYZ"})
  void of_noOrder_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageAxes.of(text))
        .withMessageStartingWith("'" + text + "' is not an order of axes; write H, W and");
  }

  @Test
  void of_anyCase_isTheSame() {
    assertThat(ImageAxes.of("chw")).isEqualTo(new ImageAxes("CHW"));
  }

  @Test
  void apply_arrayOfOtherAxes_namesBoth() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> apply("CHW", 2, 3))
        .withMessage("its shape [2, 3] does not have the 3 axes declared, CHW");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> apply("HW", 2, 0))
        .withMessage("its shape [2, 0] has an empty axis");
  }

  private static void apply(String order, int... shape) {
    float[] data = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    ImageAxes.of(order).apply(new Npy.Array(shape, data, SampleType.FLOAT));
  }

  private static int[] shape(String text) {
    return Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
  }
}
