// Values, legends and tables beside the panes.

/** The voxel of the grid where a map is strongest. */
function peak(map, grid) {
  const strength = strengths(isSigned(map) ? "coolwarm" : "gray");
  let best = 0;
  for (let i = 1; i < map.bytes.length; i++) {
    if (strength[map.bytes[i]] > strength[map.bytes[best]]) {
      best = i;
    }
  }
  const [, height, width] = map.size;
  const voxel = [Math.floor(best / (height * width)), Math.floor(best / width) % height,
      best % width];
  return voxel.map((at, axis) => voxelIn(grid.size[axis], map.size[axis], at));
}

/** The value of a map, 0 to 255, at a voxel of the grid. */
function valueAt(map, grid, voxel) {
  const step = strides(map);
  return map.bytes[voxel
      .map((at, axis) => voxelIn(map.size[axis], grid.size[axis], at) * step[axis])
      .reduce((a, b) => a + b)];
}

function rawOf(value, map) {
  return map.low + (value / 255) * (map.high - map.low);
}

function hasRange(map) {
  return typeof map.low === "number" && typeof map.high === "number";
}

function valueText(value, map) {
  const share = Math.round((value / 255) * 100) + " % of the range";
  return hasRange(map) ? "raw value " + short(rawOf(value, map)) + " (" + share + ")" : share;
}

function rangeOf(map) {
  return hasRange(map) ? " · " + short(map.low) + " to " + short(map.high) : "";
}

/** A warning for the line above a map. */
function caveatOf(map) {
  const caveat = DATA.caveats[map.status];
  return caveat ? " · do not trust: " + caveat.title.toLowerCase() : "";
}

/** The colours with the raw values at their ends; what the threshold hides is dimmed. */
function colorBar(map, settings, ranged) {
  const canvas = element("canvas", { class: "bar", "aria-hidden": "true" });
  canvas.width = 256;
  canvas.height = 1;
  const pixels = new Uint8ClampedArray(256 * 4);
  const colours = COLORMAPS[settings.colormap];
  const strength = strengths(settings.colormap);
  for (let v = 0; v < 256; v++) {
    const seen = strength[v] >= settings.threshold ? 1 : 0.15;
    for (let c = 0; c < 3; c++) {
      pixels[v * 4 + c] = colours[v * 3 + c];
    }
    pixels[v * 4 + 3] = 255 * seen;
  }
  canvas.getContext("2d").putImageData(new ImageData(pixels, 256, 1), 0, 0);
  const values = ranged && hasRange(ranged)
      ? [0, 127.5, 255].map((v) => short(rawOf(v, ranged)))
      : ["lowest", "", "highest"];
  const ends = isDiverging(settings.colormap)
      ? ["evidence against", "", "evidence for"] : ["weak", "", "strong"];
  return [
    canvas,
    element("div", { class: "ticks" }, values.map((value) => element("span", {}, value))),
    element("div", { class: "ticks words" }, ends.map((end) => element("span", {}, end))),
  ];
}

/** A picture that a run drew; nothing can be changed in it. */
function drawnPicture({ drawn, title }) {
  return element("figure", { class: "pane drawn" }, element("figcaption", {}, title),
      element("img", { src: drawn, alt: title + " as the run drew it" }),
      element("p", { class: "note" },
          "This run kept the drawn picture only. With explain --report the sliders work, and values"
              + " can be read."));
}

/** Names and values; a value is text or elements. */
function factList(facts) {
  return element("dl", { class: "facts" }, facts
      .filter(([, value]) => value !== null && value !== undefined && value !== ""
          && !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => [
        element("dt", {}, name),
        element("dd", {}, value instanceof Node || Array.isArray(value) ? value : String(value)),
      ]));
}

function mapFacts(map) {
  const caveat = DATA.caveats[map.status];
  const diagnostics = Object.entries(map.diagnostics || {})
      .map(([name, value]) => [name, short(value)]);
  return element("section", {}, element("h2", {}, "This map"),
      caveat ? element("div", { class: "notice warn", role: "note" },
          element("strong", {}, "Do not trust: " + caveat.title.toLowerCase() + ". "),
          caveat.meaning + " " + caveat.remedy) : [],
      factList([
        ["Score", score(map.score)],
        ["Status", caveat ? caveat.title : "nothing unusual"],
        ...diagnostics,
        ["Files", (map.files || []).map((file) => element("div", {}, nameOf(file)))],
      ]));
}

function bar(value) {
  const made = element("span", { class: "score-bar", "aria-hidden": "true" },
      element("span", {}));
  made.firstChild.style.width = 100 * Math.min(1, Math.max(0, number(value) || 0)) + "%";
  return made;
}

const MOST_SCORES = 10;

function predictionFacts(sample) {
  if (!sample.outputs) {
    return [];
  }
  const sorted = sample.outputs.map((value, label) => ({ value, label: String(label) }))
      .sort((a, b) => (Number.isNaN(a.value) ? 1 : 0) - (Number.isNaN(b.value) ? 1 : 0)
          || b.value - a.value);
  return element("section", {}, element("h2", {}, "Prediction"),
      element("ol", { class: "scores" }, sorted.slice(0, MOST_SCORES).map(({ value, label }) =>
          element("li", {}, nameOf(className(label)), element("span", {}, score(value)),
              bar(value)))),
      sorted.length > MOST_SCORES
          ? element("p", { class: "muted" }, "and " + (sorted.length - MOST_SCORES) + " more")
          : []);
}

function imageFacts(sample) {
  const time = sample.entries.map((entry) => number(entry.milliseconds))
      .filter(Number.isFinite).reduce((a, b) => a + b, 0);
  return element("section", {}, element("h2", {}, "Image"), factList([
    ["Size", sample.shape ? sample.shape.join(" × ") : ""],
    ["File", sample.file ? nameOf(sample.file) : ""],
    ["Bytes", sample.bytes === undefined || sample.bytes === null
        ? "" : Number(sample.bytes).toLocaleString("en")],
    ["SHA-256", sample.sha256 ? element("code", {}, sample.sha256) : ""],
    ["Explained in", time ? Math.round(time).toLocaleString("en") + " ms" : ""],
  ]));
}
