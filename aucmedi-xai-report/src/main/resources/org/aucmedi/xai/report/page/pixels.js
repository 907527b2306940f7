// Decodes pictures to numbers, and draws planes through them.

/** (D, H, W), where an image is one slice. */
function volume(axes) {
  return axes.length === 3 ? axes : [1, ...axes];
}

/** A picture as bytes in the order (D, H, W, C); C is 1 where red, green and blue are the same. */
async function decode(picture) {
  const image = new Image();
  image.src = picture.src;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const rgba = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const size = volume(picture.size);
  const channels = isGrey(rgba) ? 1 : 3;
  const [slices, height, width] = size;
  const bytes = new Uint8Array(slices * height * width * channels);
  let to = 0;
  for (let z = 0; z < slices; z++) {
    const left = (z % picture.columns) * width;
    const top = Math.floor(z / picture.columns) * height;
    for (let y = 0; y < height; y++) {
      let from = ((top + y) * canvas.width + left) * 4;
      for (let x = 0; x < width; x++, from += 4) {
        for (let c = 0; c < channels; c++) {
          bytes[to++] = rgba[from + c];
        }
      }
    }
  }
  return {
    size,
    shape: volume(picture.shape),
    spacing: picture.spacing
        ? picture.spacing.length === 3 ? picture.spacing : [1, ...picture.spacing]
        : [1, 1, 1],
    flat: picture.shape.length === 2,
    axes: picture.axes || "",
    channels,
    bytes,
    low: picture.low,
    high: picture.high,
  };
}

function isGrey(rgba) {
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i] !== rgba[i + 1] || rgba[i] !== rgba[i + 2]) {
      return false;
    }
  }
  return true;
}

const COLORMAPS = Object.fromEntries(
    Object.entries(DATA.colormaps).map(([name, table]) => [
      name,
      Uint8Array.from(atob(table), (c) => c.charCodeAt(0)),
    ]));

/** Its middle stands for zero. */
function isDiverging(colormap) {
  return colormap === "coolwarm";
}

/** A map whose range has zero in the middle has signs. */
function isSigned(map) {
  return map.low !== undefined && map.low !== null && map.low < 0 && map.low === -map.high;
}

/** How much evidence each of the 256 values is, 0 to 1. */
function strengths(colormap) {
  return Float32Array.from({ length: 256 }, (_, v) =>
      isDiverging(colormap) ? Math.abs(v - 127.5) / 127.5 : v / 255);
}

/** The voxel of another grid over the same space. */
function voxelIn(size, otherSize, index) {
  return Math.min(size - 1, Math.floor(((index + 0.5) * size) / otherSize));
}

/** For each of n positions the two neighbours among m, and the weight of the second. */
function neighbours(n, m, flip) {
  const at = Array.from({ length: n }, (_, i) => {
    const place = Math.min(m - 1, Math.max(0, ((i + 0.5) * m) / n - 0.5));
    const first = Math.floor(place);
    return [first, Math.min(m - 1, first + 1), place - first];
  });
  return flip ? at.reverse() : at;
}

/** Steps between neighbours along each axis. */
function strides(grid) {
  const [, height, width] = grid.size;
  return [height * width, width, 1];
}

/** One plane of a grid, by linear interpolation in the plane: rows * columns values of a channel. */
function plane(grid, view, index, of, rows, columns, channel) {
  const step = strides(grid);
  const base = voxelIn(grid.size[view.axis], of, index) * step[view.axis];
  const down = neighbours(rows, grid.size[view.rows], view.flipRows);
  const right = neighbours(columns, grid.size[view.columns], view.flipColumns);
  const { bytes, channels } = grid;
  const result = new Uint8Array(rows * columns);
  let to = 0;
  for (const [y0, y1, fy] of down) {
    const above = base + y0 * step[view.rows];
    const below = base + y1 * step[view.rows];
    for (const [x0, x1, fx] of right) {
      const left = x0 * step[view.columns];
      const next = x1 * step[view.columns];
      const a = bytes[(above + left) * channels + channel];
      const b = bytes[(above + next) * channels + channel];
      const c = bytes[(below + left) * channels + channel];
      const d = bytes[(below + next) * channels + channel];
      result[to++] = Math.round((a + (b - a) * fx) * (1 - fy) + (c + (d - c) * fx) * fy);
    }
  }
  return result;
}

/** Mixes a plane of the image with that of a map, pixel by pixel. */
function blend(reds, greens, blues, heat, settings) {
  const rgba = new Uint8ClampedArray(reds.length * 4);
  const colours = COLORMAPS[settings.colormap];
  const strength = strengths(settings.colormap);
  for (let i = 0, to = 0; i < reds.length; i++, to += 4) {
    let weight = 0;
    let colour = 0;
    if (heat) {
      const s = strength[heat[i]];
      weight = s < settings.threshold ? 0 : settings.opacity * (settings.fade ? s : 1);
      colour = heat[i] * 3;
    }
    rgba[to] = reds[i] + (colours[colour] - reds[i]) * weight;
    rgba[to + 1] = greens[i] + (colours[colour + 1] - greens[i]) * weight;
    rgba[to + 2] = blues[i] + (colours[colour + 2] - blues[i]) * weight;
    rgba[to + 3] = 255;
  }
  return rgba;
}
