package org.aucmedi.xai.decoder.automl;

import static org.assertj.core.api.Assertions.assertThat;

import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;

final class VolumeFitTest {

  private static final double[][] AXES = {{0, 1, 0}, {1, 0, 0}, {0, 0, -1}};

  @Test
  void apply_cutAndPadded_liesWhereItWas() {
    Geometry geometry = Geometry.of(new double[] {1, 1, 1}, new double[] {5, -3, 2}, AXES);
    ImageArray volume =
        ImageArray.of(new int[] {1, 5, 2}, 1, new float[10], SampleType.FLOAT)
            .withGeometry(geometry);

    ImageArray fitted = new VolumeFit(new int[] {4, 2, 2}, 3).apply(volume);

    // One plane before, one row cut off.
    assertThat(fitted.geometry().position(1, 0, 1)).isEqualTo(geometry.position(1, 1, 0));
  }
}
