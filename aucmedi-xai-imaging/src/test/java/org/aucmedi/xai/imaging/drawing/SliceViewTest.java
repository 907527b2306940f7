package org.aucmedi.xai.imaging.drawing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SliceViewTest {

  /** The letters say where x, y and z, the last to the first axis, point. */
  @ParameterizedTest
  @CsvSource({
    // As DICOM and ITK have axial slices; z goes up, so that it is flipped.
    "LPS, 0, 1, 2, false, false, RLAP",
    "LPS, 1, 0, 2, true, false, RLSI",
    "LPS, 2, 0, 1, true, false, APSI",
    // As NIfTI's canonical axes.
    "RAS, 0, 1, 2, true, true, RLAP",
    "RAS, 1, 0, 2, true, true, RLSI",
    "RAS, 2, 0, 1, true, true, APSI",
    // Sagittal slices, upright and lying.
    "PIL, 0, 1, 2, false, false, APSI",
    "IPL, 0, 2, 1, false, false, APSI",
    "SAR, 0, 2, 1, true, true, APSI",
    "SAR, 1, 2, 0, true, true, RLSI",
    "SAR, 2, 1, 0, true, true, RLAP"
  })
  void across_orientation_liesAsRadiologistsLook(
      String orientation,
      int axis,
      int rows,
      int columns,
      boolean flipRows,
      boolean flipColumns,
      String letters) {
    assertThat(SliceView.across(axis, geometry(orientation)))
        .isEqualTo(new SliceView(axis, rows, columns, flipRows, flipColumns, letters));
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 2", "1, 0, 2", "2, 0, 1"})
  void across_noGeometry_keepsTheAxes(int axis, int rows, int columns) {
    assertThat(SliceView.across(axis, null))
        .isEqualTo(new SliceView(axis, rows, columns, false, false, ""));
  }

  /** Two axes that lie closest to one line of the body cannot both be named after it. */
  @Test
  void across_doubtfulDirections_haveNoLetters() {
    Geometry doubtful =
        Geometry.of(
            new double[] {1, 1, 1},
            new double[3],
            new double[][] {{0.8, 0.8, 0}, {0.6, -0.6, 0}, {0, 0, 1}});

    assertThat(doubtful.orientation()).isEqualTo("LLS");
    assertThat(SliceView.across(0, doubtful).letters()).isEmpty();
    assertThat(Arrays.stream(SliceView.orthogonal(doubtful)).mapToInt(SliceView::axis))
        .containsExactly(0, 1, 2);
  }

  @ParameterizedTest
  @CsvSource({"LPS, 0, 1, 2", "PIL, 1, 2, 0", "SAR, 2, 1, 0"})
  void orthogonal_orientation_isAxialCoronalSagittal(
      String orientation, int axial, int coronal, int sagittal) {
    assertThat(Arrays.stream(SliceView.orthogonal(geometry(orientation))).mapToInt(SliceView::axis))
        .containsExactly(axial, coronal, sagittal);
  }

  @ParameterizedTest
  @CsvSource({"LPS", "RAS", "PIL", "IPL", "SAR"})
  void slice_everyVoxel_isAtItsPlace(String orientation) {
    int[] shape = {2, 3, 4};
    float[] values = new float[48];
    for (int i = 0; i < 48; i++) {
      values[i] = i;
    }
    ImageArray volume = ImageArray.of(shape, 2, values, SampleType.INTEGER);
    for (int axis = 0; axis < 3; axis++) {
      SliceView view = SliceView.across(axis, geometry(orientation));
      for (int z = 0; z < 2; z++) {
        for (int y = 0; y < 3; y++) {
          for (int x = 0; x < 4; x++) {
            int[] voxel = {z, y, x};
            ImageArray slice = view.slice(volume, voxel[axis]);
            int[] place = view.place(voxel, shape);
            assertThat(slice.spatialShape())
                .containsExactly(shape[view.rows()], shape[view.columns()]);
            for (int c = 0; c < 2; c++) {
              assertThat(slice.at(place[0], place[1], c)).isEqualTo(volume.at(z, y, x, c));
            }
          }
        }
      }
    }
  }

  @Test
  void slice_flippedAxes_runTheOtherWay() {
    ImageArray volume =
        ImageArray.of(new int[] {1, 2, 3}, 1, new float[] {1, 2, 3, 4, 5, 6}, SampleType.INTEGER);

    assertThat(SliceView.across(0, geometry("RAS")).slice(volume, 0).values())
        .containsExactly(6, 5, 4, 3, 2, 1);
    assertThat(SliceView.across(0, geometry("IPL")).slice(volume, 0).values())
        .containsExactly(1, 4, 2, 5, 3, 6);
  }

  /** Axes of 1, 2 and 3 mm along x, y and z that point to the letters' directions. */
  static Geometry geometry(String letters) {
    double[][] direction = new double[3][3];
    for (int axis = 0; axis < 3; axis++) {
      int line = "LPSRAI".indexOf(letters.charAt(axis));
      direction[line % 3][axis] = line < 3 ? 1 : -1;
    }
    return Geometry.of(new double[] {1, 2, 3}, new double[3], direction);
  }
}
