package org.aucmedi.xai.imaging.medical.dicom;

import java.util.Arrays;
import org.aucmedi.xai.array.Geometry;
import org.jspecify.annotations.Nullable;

/**
 * Where a slice lies in the patient: the image plane module (PS3.3 section C.7.6.2). What a file
 * does not tell, or tells wrongly, is null.
 *
 * @param position the centre of the first pixel in millimetres, LPS
 * @param orientation the directions of a row and of a column, LPS, as two unit vectors that are
 *     perpendicular
 * @param spacing the distances of neighbouring columns and of neighbouring rows in millimetres
 * @param thickness the thickness of the slice, 1 if unknown
 */
record Plane(
    double @Nullable [] position,
    double @Nullable [] orientation,
    double @Nullable [] spacing,
    double thickness) {

  private static final double TOLERANCE = 1e-2;
  private static final double[] AXIAL = {1, 0, 0, 0, 1, 0};

  /**
   * Reads a plane.
   *
   * @param header the elements of a file or frame
   */
  static Plane of(DataSet header) {
    double[] spacing = positive(header.numbers(Tags.PIXEL_SPACING), 2);
    if (spacing == null) {
      spacing = positive(header.numbers(Tags.IMAGER_PIXEL_SPACING), 2);
    }
    double[] position = header.numbers(Tags.IMAGE_POSITION_PATIENT);
    double[] thickness = positive(header.numbers(Tags.SLICE_THICKNESS), 1);
    return new Plane(
        position.length == 3 ? position : null,
        orientation(header.numbers(Tags.IMAGE_ORIENTATION_PATIENT)),
        // The file tells the distance of rows first.
        spacing == null ? null : new double[] {spacing[1], spacing[0]},
        thickness == null ? 1 : thickness[0]);
  }

  private static double @Nullable [] positive(double[] numbers, int count) {
    return numbers.length >= count && Arrays.stream(numbers).allMatch(n -> n > 0) ? numbers : null;
  }

  private static double @Nullable [] orientation(double[] numbers) {
    if (numbers.length != 6) {
      return null;
    }
    double[] unit = new double[6];
    for (int axis = 0; axis < 6; axis += 3) {
      double length = Math.hypot(Math.hypot(numbers[axis], numbers[axis + 1]), numbers[axis + 2]);
      if (Math.abs(length - 1) > TOLERANCE) {
        return null;
      }
      for (int i = 0; i < 3; i++) {
        unit[axis + i] = numbers[axis + i] / length;
      }
    }
    double cosine = unit[0] * unit[3] + unit[1] * unit[4] + unit[2] * unit[5];
    return Math.abs(cosine) > TOLERANCE ? null : unit;
  }

  /** {@return the direction perpendicular to the slice; orientation must be known} */
  double[] normal() {
    return normal(orientation);
  }

  private static double[] normal(double[] o) {
    double[] cross = {
      o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]
    };
    double length = Math.hypot(Math.hypot(cross[0], cross[1]), cross[2]);
    return Arrays.stream(cross).map(value -> value / length).toArray();
  }

  /**
   * {@return the geometry of slices that start with this one, null if the size of a pixel is
   * unknown} An unknown position is 0, an unknown orientation that of an axial slice.
   *
   * @param distance from one slice to the next in millimetres along the normal; negative for the
   *     other way, not 0
   */
  @Nullable Geometry geometry(double distance) {
    if (spacing == null) {
      return null;
    }
    double[] axes = orientation == null ? AXIAL : orientation;
    double[] normal = normal(axes);
    double[][] direction = new double[3][3];
    for (int row = 0; row < 3; row++) {
      direction[row][0] = axes[row];
      direction[row][1] = axes[3 + row];
      direction[row][2] = normal[row] * Math.signum(distance) + 0.0;
    }
    return Geometry.of(
        new double[] {spacing[0], spacing[1], Math.abs(distance)},
        position == null ? new double[3] : position,
        direction);
  }
}
