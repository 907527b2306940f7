// The planes of a volume, as radiologists look at them where the file tells how it lies.

/** Directions along one line; the first of each pair lies at the left or the upper edge. */
const LINES = ["RL", "AP", "SI"];
const PLANE_OF_LINE = ["Sagittal", "Coronal", "Axial"];
const PLANE_OF_AXIS = ["Across slices", "Across rows", "Across columns"];

function lineOf(axes, axis) {
  return LINES.findIndex((line) => line.includes(axes[2 - axis]));
}

function planeAcross(axis, axes) {
  const [first, second] = [0, 1, 2].filter((other) => other !== axis);
  if (!axes) {
    return {
      axis, rows: first, columns: second, flipRows: false, flipColumns: false, letters: "",
      title: PLANE_OF_AXIS[axis],
    };
  }
  const swapped = lineOf(axes, second) > lineOf(axes, first);
  const rows = swapped ? second : first;
  const columns = swapped ? first : second;
  const down = LINES[lineOf(axes, rows)];
  const right = LINES[lineOf(axes, columns)];
  return {
    axis, rows, columns,
    flipRows: axes[2 - rows] === down[0],
    flipColumns: axes[2 - columns] === right[0],
    letters: right + down,
    title: PLANE_OF_LINE[lineOf(axes, axis)],
  };
}

/** One plane of an image; of a volume axial, coronal and sagittal, or across its axes. */
function planesOf(grid) {
  if (grid.flat) {
    return [{ ...planeAcross(0, ""), title: "" }];
  }
  const clear = grid.axes.length === 3
      && new Set([0, 1, 2].map((axis) => lineOf(grid.axes, axis))).size === 3;
  const planes = [];
  for (let axis = 0; axis < 3; axis++) {
    planes[clear ? 2 - lineOf(grid.axes, axis) : axis] = planeAcross(axis, clear ? grid.axes : "");
  }
  return planes;
}

/** The width of a plane divided by its height, in millimetres where they are known. */
function aspectOf(grid, view) {
  const extent = (axis) => grid.shape[axis] * grid.spacing[axis];
  return extent(view.columns) / extent(view.rows);
}
