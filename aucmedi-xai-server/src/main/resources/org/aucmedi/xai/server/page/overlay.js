"use strict";

// Draws a map over an image, from the numbers of one answer.

/** Decodes base64 to bytes. */
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return bytes;
}

/** The image of an answer as RGBA bytes of each slice below the other; null if it has none. */
async function pixelsOf(answer) {
  if (!answer.image) {
    return null;
  }
  const { encoding, channels, data } = answer.image;
  if (encoding === "png") {
    const picture = new Image();
    picture.src = "data:image/png;base64," + data;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  }
  const bytes = bytesOf(data);
  const pixels = new Uint8ClampedArray((bytes.length / channels) * 4);
  for (let i = 0; i < bytes.length / channels; i++) {
    for (let c = 0; c < 3; c++) {
      pixels[4 * i + c] = bytes[channels * i + (channels === 3 ? c : 0)];
    }
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** Where a value from 0 to 1 lies in a colormap: a diverging one has raw zero in its middle. */
function placeIn(colormap, map, value) {
  if (!colormap.diverging) {
    return value;
  }
  const low = Number(map.rawMin);
  const high = Number(map.rawMax);
  const bound = Math.max(Math.abs(low), Math.abs(high));
  const raw = low + value * (high - low);
  return bound > 0 && Number.isFinite(bound) ? 0.5 + (0.5 * raw) / bound : 0.5;
}

/** Draws one slice: alpha * colour + (1 - alpha) * image, as the PNG of the API is. */
function drawOverlay(canvas, view) {
  const { pixels, map, shape, slice, colormap, opacity, threshold } = view;
  const height = shape[shape.length - 2];
  const width = shape[shape.length - 1];
  const first = slice * height * width;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const picture = context.createImageData(width, height);
  for (let i = 0; i < height * width; i++) {
    const value = map ? map.values[first + i] / 255 : 0;
    const weight = map && value >= threshold ? opacity : 0;
    const colour = map ? 3 * Math.round(255 * placeIn(colormap, map, value)) : 0;
    for (let c = 0; c < 3; c++) {
      const below = pixels ? pixels[4 * (first + i) + c] : 0;
      const above = map ? colormap.bytes[colour + c] : 0;
      picture.data[4 * i + c] = weight * above + (1 - weight) * below;
    }
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

/** Draws the colours of a colormap from left to right. */
function drawLegend(canvas, colormap) {
  const context = canvas.getContext("2d");
  const picture = context.createImageData(256, 1);
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) {
      picture.data[4 * i + c] = colormap.bytes[3 * i + c];
    }
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}
