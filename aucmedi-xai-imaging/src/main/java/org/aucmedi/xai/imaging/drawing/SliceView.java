package org.aucmedi.xai.imaging.drawing;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.jspecify.annotations.Nullable;

/**
 * How slices across one axis of a volume lie in a picture.
 *
 * <p>Where the geometry is known they lie as radiologists look at them: superior or else anterior
 * is up, the patient's right or else anterior is at the left. Without it the picture's rows and
 * columns are the two other axes in their order.
 *
 * @param axis the axis across which the slices are taken, 0 to 2
 * @param rows the axis that runs down the picture
 * @param columns the axis that runs to the right
 * @param flipRows whether the axis of the rows runs up instead
 * @param flipColumns whether the axis of the columns runs to the left instead
 * @param letters the patient's directions at the left, right, upper and lower edge; empty where
 *     they are not known
 */
record SliceView(
    int axis, int rows, int columns, boolean flipRows, boolean flipColumns, String letters) {

  /** Directions along one line; the first of each pair lies at the left or the upper edge. */
  private static final String[] LINES = {"RL", "AP", "SI"};

  /**
   * {@return the view}
   *
   * @param axis the axis across which the slices are taken
   * @param geometry where the voxels lie, or null
   */
  static SliceView across(int axis, @Nullable Geometry geometry) {
    int first = axis == 0 ? 1 : 0;
    int second = axis == 2 ? 1 : 2;
    if (geometry == null || !isClear(geometry)) {
      return new SliceView(axis, first, second, false, false, "");
    }
    boolean swapped = line(geometry, second) > line(geometry, first);
    int rows = swapped ? second : first;
    int columns = swapped ? first : second;
    String down = LINES[line(geometry, rows)];
    String right = LINES[line(geometry, columns)];
    return new SliceView(
        axis,
        rows,
        columns,
        letter(geometry, rows) == down.charAt(0),
        letter(geometry, columns) == right.charAt(0),
        right + down);
  }

  /**
   * {@return the three views: axial, coronal and sagittal where the geometry is known, else across
   * the axes in their order}
   *
   * @param geometry where the voxels lie, or null
   */
  static SliceView[] orthogonal(@Nullable Geometry geometry) {
    SliceView[] views = new SliceView[3];
    for (int axis = 0; axis < 3; axis++) {
      boolean known = geometry != null && isClear(geometry);
      views[known ? 2 - line(geometry, axis) : axis] = across(axis, geometry);
    }
    return views;
  }

  /** Whether each axis lies closest to a line of the body of its own. */
  private static boolean isClear(Geometry geometry) {
    return IntStream.range(0, 3).map(axis -> line(geometry, axis)).distinct().count() == 3;
  }

  /** The index of the line of the body that an axis lies along. */
  private static int line(Geometry geometry, int axis) {
    char letter = letter(geometry, axis);
    int line = 0;
    while (LINES[line].indexOf(letter) < 0) {
      line++;
    }
    return line;
  }

  private static char letter(Geometry geometry, int axis) {
    return geometry.orientation().charAt(2 - axis);
  }

  /**
   * {@return a slice as a picture's rows and columns}
   *
   * @param volume the volume
   * @param index the number of the slice along {@link #axis}
   */
  ImageArray slice(ImageArray volume, int index) {
    int[] shape = volume.spatialShape();
    int channels = volume.channels();
    float[] values = volume.values();
    int height = shape[rows];
    int width = shape[columns];
    float[] slice = new float[height * width * channels];
    int[] at = new int[3];
    at[axis] = index;
    for (int y = 0; y < height; y++) {
      at[rows] = flipRows ? height - 1 - y : y;
      for (int x = 0; x < width; x++) {
        at[columns] = flipColumns ? width - 1 - x : x;
        int from = ((at[0] * shape[1] + at[1]) * shape[2] + at[2]) * channels;
        System.arraycopy(values, from, slice, (y * width + x) * channels, channels);
      }
    }
    return ImageArray.wrap(new int[] {height, width}, channels, slice, SampleType.FLOAT);
  }

  /**
   * {@return the place of a voxel in the picture of its slice: row and column}
   *
   * @param voxel its indices
   * @param shape the volume's shape
   */
  int[] place(int[] voxel, int[] shape) {
    int y = flipRows ? shape[rows] - 1 - voxel[rows] : voxel[rows];
    int x = flipColumns ? shape[columns] - 1 - voxel[columns] : voxel[columns];
    return new int[] {y, x};
  }

  /**
   * {@return the height and width of a slice in millimetres, or in voxels where the geometry is not
   * known}
   *
   * @param volume the volume
   */
  double[] extent(ImageArray volume) {
    double[] spacing = spacing(volume);
    int[] shape = volume.spatialShape();
    return new double[] {shape[rows] * spacing[rows], shape[columns] * spacing[columns]};
  }

  /** The distances of voxels along the array's axes; 1 where they are not known. */
  static double[] spacing(ImageArray volume) {
    Geometry geometry = volume.geometry();
    double[] spacing = {1, 1, 1};
    if (geometry != null) {
      double[] xyz = geometry.spacing();
      Arrays.setAll(spacing, axis -> xyz[2 - axis]);
    }
    return spacing;
  }
}
