package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Where the voxels of an image lie in the patient.
 *
 * <p>Voxels are counted as (x, y, z): the column (the last axis of an {@link ImageArray}), the row
 * and the slice. Positions are in millimetres in DICOM's and ITK's axes: towards the patient's
 * left, posterior and superior (LPS). NIfTI's axes have the first two signs reversed (RAS).
 *
 * <pre>{@code
 * position = origin + direction * (spacing .* voxel)
 * }</pre>
 */
public final class Geometry {

  private static final double UNIT_TOLERANCE = 1e-3;

  private final double[] spacing;
  private final double[] origin;
  private final double[][] direction;

  private Geometry(double[] spacing, double[] origin, double[][] direction) {
    this.spacing = spacing;
    this.origin = origin;
    this.direction = direction;
  }

  /**
   * Makes a geometry.
   *
   * @param spacing the distances of neighbouring voxels along x, y and z in millimetres, positive
   * @param origin the position of the centre of the first voxel in millimetres, LPS
   * @param direction three unit vectors as the columns of a matrix, {@code [row][column]}: where x,
   *     y and z point to
   * @return the geometry
   * @throws IllegalArgumentException if a number is not finite, a spacing not positive, or a
   *     direction not of length 1
   */
  public static Geometry of(double[] spacing, double[] origin, double[][] direction) {
    checkArgument(
        spacing.length == 3 && Arrays.stream(spacing).allMatch(s -> s > 0 && Double.isFinite(s)),
        "a spacing must be three positive numbers, got %s",
        Arrays.toString(spacing));
    checkArgument(
        origin.length == 3 && Arrays.stream(origin).allMatch(Double::isFinite),
        "an origin must be three numbers, got %s",
        Arrays.toString(origin));
    checkArgument(
        direction.length == 3 && Arrays.stream(direction).allMatch(row -> row.length == 3),
        "a direction must be three vectors");
    double[][] columns = new double[3][];
    for (int row = 0; row < 3; row++) {
      columns[row] = direction[row].clone();
    }
    for (int axis = 0; axis < 3; axis++) {
      checkArgument(
          Math.abs(length(columns, axis) - 1) < UNIT_TOLERANCE,
          "a direction must consist of unit vectors, got %s",
          Arrays.deepToString(columns));
    }
    return new Geometry(spacing.clone(), origin.clone(), columns);
  }

  /**
   * Makes a geometry from an affine transformation of voxels to positions.
   *
   * @param affine at least three rows of four numbers: voxel (x, y, z, 1) to millimetres, LPS
   * @return the geometry
   * @throws IllegalArgumentException if a number is not finite, or an axis has no length
   */
  public static Geometry ofAffine(double[][] affine) {
    double[] spacing = new double[3];
    double[] origin = new double[3];
    double[][] direction = new double[3][3];
    for (int axis = 0; axis < 3; axis++) {
      spacing[axis] = length(affine, axis);
      origin[axis] = affine[axis][3];
      for (int row = 0; row < 3; row++) {
        direction[row][axis] = affine[row][axis] / spacing[axis];
      }
    }
    return of(spacing, origin, direction);
  }

  /**
   * Makes a geometry from an affine transformation in NIfTI's axes.
   *
   * @param affine at least three rows of four numbers: voxel (x, y, z, 1) to millimetres, RAS
   * @return the geometry
   * @throws IllegalArgumentException if a number is not finite, or an axis has no length
   */
  public static Geometry ofRasAffine(double[][] affine) {
    return ofAffine(flipped(affine));
  }

  private static double length(double[][] matrix, int column) {
    return Math.sqrt(
        matrix[0][column] * matrix[0][column]
            + matrix[1][column] * matrix[1][column]
            + matrix[2][column] * matrix[2][column]);
  }

  private static double[][] flipped(double[][] affine) {
    double[][] result = new double[3][];
    for (int row = 0; row < 3; row++) {
      double sign = row < 2 ? -1 : 1;
      // Adding zero makes -0 a 0.
      result[row] = Arrays.stream(affine[row]).map(value -> sign * value + 0.0).toArray();
    }
    return result;
  }

  /** {@return the distances of neighbouring voxels along x, y and z in millimetres} */
  public double[] spacing() {
    return spacing.clone();
  }

  /** {@return the position of the centre of the first voxel in millimetres, LPS} */
  public double[] origin() {
    return origin.clone();
  }

  /** {@return where x, y and z point to: unit vectors as columns, {@code [row][column]}} */
  public double[][] direction() {
    return new double[][] {direction[0].clone(), direction[1].clone(), direction[2].clone()};
  }

  /** {@return three rows of four numbers: voxel (x, y, z, 1) to millimetres, LPS} */
  public double[][] affine() {
    double[][] affine = new double[3][4];
    for (int row = 0; row < 3; row++) {
      for (int axis = 0; axis < 3; axis++) {
        affine[row][axis] = direction[row][axis] * spacing[axis];
      }
      affine[row][3] = origin[row];
    }
    return affine;
  }

  /** {@return three rows of four numbers: voxel (x, y, z, 1) to millimetres, RAS} */
  public double[][] rasAffine() {
    return flipped(affine());
  }

  /**
   * {@return the position of a voxel, or of a point between voxels, in millimetres, LPS}
   *
   * @param x the column
   * @param y the row
   * @param z the slice
   */
  public double[] position(double x, double y, double z) {
    double[] position = new double[3];
    double[][] affine = affine();
    for (int row = 0; row < 3; row++) {
      position[row] = affine[row][0] * x + affine[row][1] * y + affine[row][2] * z + affine[row][3];
    }
    return position;
  }

  /**
   * {@return the geometry of an image that starts at another voxel, as after cropping or padding}
   *
   * @param x the column of this image where the other starts; negative after padding
   * @param y the row
   * @param z the slice
   */
  public Geometry startingAt(double x, double y, double z) {
    return new Geometry(spacing, position(x, y, z), direction);
  }

  /**
   * {@return the geometry with other distances, and the same first voxel}
   *
   * @param other the distances along x, y and z in millimetres
   */
  public Geometry withSpacing(double... other) {
    return of(other, origin, direction);
  }

  /**
   * {@return the geometry of the same space with other numbers of voxels, as after resizing}
   *
   * @param from the shape of this image, (rows, columns) or (slices, rows, columns)
   * @param to the other shape, with as many axes
   */
  public Geometry resized(int[] from, int[] to) {
    double[] sizes = spacing();
    double[] first = new double[3];
    for (int axis = 0; axis < from.length; axis++) {
      // x is the last axis.
      int own = from.length - 1 - axis;
      double ratio = (double) from[own] / to[own];
      sizes[axis] *= ratio;
      // The edges of the image stay where they are.
      first[axis] = (ratio - 1) / 2;
    }
    return startingAt(first[0], first[1], first[2]).withSpacing(sizes);
  }

  /**
   * {@return for each of x, y and z the anatomical direction that it mostly points to: L, R, P, A,
   * S or I}
   */
  public String orientation() {
    StringBuilder letters = new StringBuilder();
    for (int axis = 0; axis < 3; axis++) {
      int main = 0;
      for (int row = 1; row < 3; row++) {
        if (Math.abs(direction[row][axis]) > Math.abs(direction[main][axis])) {
          main = row;
        }
      }
      letters.append((direction[main][axis] > 0 ? "LPS" : "RAI").charAt(main));
    }
    return letters.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Geometry geometry
        && Arrays.equals(spacing, geometry.spacing)
        && Arrays.equals(origin, geometry.origin)
        && Arrays.deepEquals(direction, geometry.direction);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(spacing) + 31 * Arrays.hashCode(origin);
  }

  @Override
  public String toString() {
    return "spacing "
        + Arrays.toString(spacing)
        + " mm, origin "
        + Arrays.toString(origin)
        + ", axes "
        + orientation();
  }
}
