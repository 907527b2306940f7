"use strict";
// Shows one volume with one map in NiiVue. Whatever comes from outside becomes text, never markup.
(() => {
const SETTINGS = JSON.parse(document.getElementById("settings").textContent);

/** Characters that control a terminal, end a line or turn the direction of writing. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function visible(text) {
  return String(text).replace(
      HIDDEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children.map((child) => child instanceof Node ? child : visible(child)));
  return made;
}

function short(value) {
  const size = Math.abs(value);
  const text = value === 0 ? "0"
      : size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(+value.toPrecision(4));
  return text.replaceAll("-", "\u2212");
}

function selection(id, label, choices, changed) {
  const select = element("select", { id },
      ...choices.map((text, i) => element("option", { value: i }, text)));
  select.addEventListener("change", () => changed(Number(select.value)));
  return element("div", { class: "control" }, element("label", { for: id }, label), select);
}

/** A slider of a setting, in per cent. */
function slider(name, label, changed) {
  const value = Math.round(100 * state[name]);
  const shown = element("output", { for: name }, value + " %");
  const input = element("input", { id: name, type: "range", min: 0, max: 100, step: 1, value });
  input.addEventListener("input", () => {
    shown.textContent = input.value + " %";
    state[name] = Number(input.value) / 100;
    changed();
  });
  return element("div", { class: "control" }, element("label", { for: name }, label), shown, input);
}

function volumeAt(index) {
  return JSON.parse(document.getElementById("volume-" + index).textContent);
}

const COLOURS = Object.keys(SETTINGS.colormaps);
const LAYOUTS = ["Three planes and 3D", "Axial", "Coronal", "Sagittal", "3D"];
const state =
    { volume: null, map: 0, colours: "", chosen: false, opacity: 0.6, threshold: 0.3 };
const canvas = element("canvas", { id: "gl", tabindex: 0, "aria-label": "the volume in NiiVue" });
const stage = element("main", { id: "stage" }, canvas);
const values = element("p", { id: "values", role: "status" }, "Click to move the cross-hair.");
const maps = element("div", { id: "maps" });
const panel = element("aside", { id: "panel" },
    element("h1", {}, "Volumes of this run"),
    element("p", { class: "muted" }, "Shown with NiiVue. Values are right to 1/255 of a map's range."
        + (SETTINGS.leftOut ? " Too large for this page, and left out: " + SETTINGS.leftOut + "." : "")),
    selection("volume", "Volume",
        Array.from({ length: SETTINGS.volumes }, (_, i) => volumeAt(i).name), show),
    maps,
    slider("opacity", "Opacity of the map", () => nv.setOpacity(layers(), state.opacity)),
    slider("threshold", "Hide the weaker part", recolour),
    selection("colours", "Colours", COLOURS, (i) => {
      state.colours = COLOURS[i];
      state.chosen = true;
      recolour();
    }),
    selection("layout", "View", LAYOUTS, (i) => nv.setSliceType([
      nv.sliceTypeMultiplanar, nv.sliceTypeAxial, nv.sliceTypeCoronal, nv.sliceTypeSagittal,
      nv.sliceTypeRender][i])),
    values);
document.body.append(stage, panel);

let nv = null;

/** NiiVue shows no colour whose alpha is 0, and all others alike. */
function addColormap() {
  const name = "xai-" + state.colours + "-" + state.threshold;
  const steps = Array.from({ length: 256 }, (_, i) => i);
  const [R, G, B] = SETTINGS.colormaps[state.colours];
  const strength = (i) => state.colours === "coolwarm" ? Math.abs(i - 127.5) / 127.5 : i / 255;
  const A = steps.map((i) => strength(i) < state.threshold ? 0 : 255);
  nv.addColormap(name, { R, G, B, A, I: steps });
  return name;
}

function layers() {
  return state.volume.image ? 1 : 0;
}

function recolour() {
  document.getElementById("colours").value = COLOURS.indexOf(state.colours);
  nv.setColormap(nv.volumes[layers()].id, addColormap());
}

async function load(base64, name, settings) {
  const image = await niivue.NVImage.loadFromBase64({ base64, name: name + ".nii.gz", ...settings });
  nv.addVolume(image);
}

/** Shows a volume with its first map. */
async function show(index) {
  state.volume = volumeAt(index);
  maps.replaceChildren(selection("map", "Map", state.volume.maps.map(
      (map) => map.method + ", " + map.explains), (i) => { state.map = i; draw(); }));
  state.map = 0;
  await draw();
}

/** Loads what is shown; NiiVue draws its volumes in the order in which they come. */
async function draw() {
  canvas.dataset.ready = "false";
  const { volume } = state;
  const map = volume.maps[state.map];
  while (nv.volumes.length) {
    nv.removeVolume(nv.volumes[0]);
  }
  if (!state.chosen) {
    state.colours = map.low < 0 && map.low === -map.high ? "coolwarm" : "inferno";
  }
  nv.setIsOrientationTextVisible(volume.oriented);
  if (volume.image) {
    await load(volume.image, "image", { colormap: "gray", cal_min: 0, cal_max: 255 });
  }
  await load(map.nifti, "map", {
    colormap: "gray", opacity: volume.image ? state.opacity : 1,
    cal_min: map.low, cal_max: map.high > map.low ? map.high : map.low + 1,
  });
  recolour();
  nv.drawScene();
  nv.createOnLocationChange();
  canvas.dataset.ready = "true";
}

/** The voxel in the order of the file; NiiVue counts from the left, the back and below. */
function voxelAt(volume, mm) {
  const { affine } = volume.hdr;
  return [0, 1, 2].map((axis) => {
    const line = [0, 1, 2].find((each) => affine[each][axis] !== 0);
    return Math.round((mm[line] - affine[line][3]) / affine[line][axis]);
  });
}

/** Tells where the cross-hair is, and what is there. */
function tell(location) {
  if (!state.volume || !location.values.length) {
    return;
  }
  const at = location.values[location.values.length - 1];
  const map = state.volume.maps[state.map];
  const share = map.high > map.low ? (at.value - map.low) / (map.high - map.low) : 0;
  const [column, row, slice] = voxelAt(nv.volumes[layers()], at.mm);
  values.textContent = visible("Map at column " + column + ", row " + row + ", slice " + slice
      + ": " + short(at.value) + " (" + Math.round(100 * share) + " % of the range from "
      + short(map.low) + " to " + short(map.high) + ")");
}

async function start() {
  nv = new niivue.Niivue({
    backColor: [0, 0, 0, 1], crosshairColor: [0.5, 0.82, 1, 1], crosshairWidth: 0.4,
    crosshairWidthUnit: "percent", dragAndDropEnabled: false,
    isRadiologicalConvention: true, show3Dcrosshair: true, logLevel: "error", loadingText: "",
    onLocationChange: tell,
  });
  await nv.attachToCanvas(canvas);
  nv.onLocationChange = tell;
  await show(0);
}

if (document.createElement("canvas").getContext("webgl2")) {
  start();
} else {
  stage.replaceChildren(element("p", { id: "trouble" },
      "This browser has no WebGL 2, which NiiVue needs. report.html shows the same volumes without."));
}
})();
