package org.aucmedi.xai.decoder.automl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;

final class VolumeFitTest {

  private static final double[][] AXES = {{0, 1, 0}, {1, 0, 0}, {0, 0, -1}};

  /** The shapes are those that AUCMEDI's own tests of its loader expect. */
  @Test
  void resample_shape_isAucmedis() {
    Geometry geometry = Geometry.of(new double[] {0.5, 1.5, 2}, new double[3], AXES);
    ImageArray volume =
        ImageArray.of(new int[] {16, 16, 16}, 1, new float[16 * 16 * 16], SampleType.INTEGER);

    ImageArray resampled = Resample.toMillimetres(volume, geometry);

    assertThat(resampled.spatialShape()).containsExactly(32, 24, 8);
  }

  /** A value that is linear in millimetres stays what it is at every place. */
  @Test
  void resample_linearValues_stayWhereTheyAre() {
    Geometry geometry = Geometry.of(new double[] {0.7, 1.25, 3}, new double[] {5, -3, 2}, AXES);
    int[] shape = {4, 6, 9};
    float[] values = new float[4 * 6 * 9];
    for (int i = 0, z = 0; z < 4; z++) {
      for (int y = 0; y < 6; y++) {
        for (int x = 0; x < 9; x++) {
          values[i++] = (float) (10 + 3.0 * z + 7 * 1.25 * y + 20 * 0.7 * x);
        }
      }
    }

    ImageArray resampled =
        Resample.toMillimetres(ImageArray.of(shape, 1, values, SampleType.FLOAT), geometry);

    assertThat(resampled.spatialShape()).containsExactly(12, 7, 6);
    for (int z = 0; z < 10; z++) {
      for (int y = 0; y < 7; y++) {
        for (int x = 0; x < 6; x++) {
          // Up to half a voxel behind the last one its value is repeated.
          double expected = 10 + Math.min(z, 9) + 7 * Math.min(y, 6.25) + 20 * Math.min(x, 5.6);
          assertThat((double) resampled.at(z, y, x, 0)).isCloseTo(expected, within(1e-4));
        }
      }
    }
    // 11 mm are 3.67 voxels, more than half a voxel behind the last.
    assertThat(resampled.at(11, 0, 0, 0)).isZero();
    assertThat(resampled.geometry().position(2, 3, 4))
        .containsExactly(geometry.position(2 / 0.7, 3 / 1.25, 4 / 3.0), within(1e-9));
  }

  @Test
  void resample_absurdSpacing_isRefused() {
    ImageArray volume = ImageArray.of(new int[] {4, 4, 4}, 1, new float[64], SampleType.FLOAT);

    for (double spacing : new double[] {1e-3, 1e6}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  Resample.toMillimetres(
                      volume,
                      Geometry.of(new double[] {1, 1, spacing}, new double[3], AXES)
                          .withSpacing(spacing, spacing, spacing)))
          .withMessageContaining("is empty or has more than")
          .withMessageContaining("check its spacing");
    }
  }

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
