package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;

final class SeparableFilterTest {

  private static BatchAxes axes(long... shape) {
    return new BatchAxes(new Shape(shape), ChannelLayout.CHANNELS_FIRST);
  }

  @Test
  void gaussian_ofAnImpulse_isItsKernel() {
    float[] impulse = new float[11];
    impulse[5] = 1;
    // exp(-k^2 / 2) / (1 + 2 (0.606531 + 0.135335 + 0.011109 + 0.000335)), cut off behind k = 4.
    float[] expected = {
      0, 0.000134f, 0.004432f, 0.053991f, 0.241971f, 0.398943f, 0.241971f, 0.053991f, 0.004432f,
      0.000134f, 0
    };
    Maps.assertClose(
        "row", SeparableFilter.gaussian(1).apply(impulse, axes(1, 1, 1, 11)), expected, 1e-6);
    Maps.assertClose(
        "column", SeparableFilter.gaussian(1).apply(impulse, axes(1, 1, 11, 1)), expected, 1e-6);
  }

  @Test
  void gaussian_twice_isOneOfBothVariances() {
    float[] impulse = new float[61];
    impulse[30] = 1;
    BatchAxes axes = axes(1, 1, 61, 1);
    Maps.assertClose(
        "3, 4, 5",
        SeparableFilter.gaussian(4).apply(SeparableFilter.gaussian(3).apply(impulse, axes), axes),
        SeparableFilter.gaussian(5).apply(impulse, axes),
        2e-5);
  }

  @Test
  void gaussian_zero_changesNothing() {
    float[] image = {1, 2, 3, 4, 5, 6};
    assertThat(SeparableFilter.gaussian(0).apply(image, axes(1, 1, 2, 3))).containsExactly(image);
    assertThat(image).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void box_atTheEdges_repeatsThem() {
    // Along the row (1 + 1 + 4) / 3, (1 + 4 + 7) / 3, (4 + 7 + 7) / 3; each channel by itself.
    assertThat(SeparableFilter.box(1).apply(new float[] {1, 4, 7, 2, 2, 2}, axes(1, 2, 1, 3)))
        .containsExactly(2, 4, 6, 2, 2, 2);
  }

  @Test
  void gaussian_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SeparableFilter.gaussian(-1))
        .withMessage("a standard deviation is 0 or more, got -1.0");
  }
}
