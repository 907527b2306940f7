"use strict";

// The page: asks the API, and shows what it answers. Text from outside becomes textContent only.

const $ = (id) => document.getElementById(id);

const state = {
  token: "",
  methods: [],
  colormaps: new Map(),
  classNames: [],
  layers: [],
  file: null,
  answer: null,
  pixels: null,
  map: null,
  job: null,
};

/** Takes the token out of the address, where people might copy it. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem("token", given);
  }
  history.replaceState(null, "", location.pathname);
  state.token = given || sessionStorage.getItem("token") || "";
}

async function ask(path, settings = {}) {
  let response;
  try {
    response = await fetch(path, {
      ...settings,
      headers: { ...settings.headers, Authorization: "Bearer " + state.token },
    });
  } catch (e) {
    if (e.name === "AbortError") {
      throw e;
    }
    throw new Error("The server does not answer; is it still running?");
  }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new Error(body.error || "The server answered with status " + response.status);
  }
  return response;
}

function element(name, settings = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, settings);
  made.append(...children);
  return made;
}

function option(value, text, settings = {}) {
  return element("option", { value, textContent: text, ...settings });
}

function showError(text) {
  $("error").textContent = text;
  $("error").hidden = !text;
}

/** Text whose control characters, such as those that turn the direction of writing, show. */
function visible(text) {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (control) => "\\u" + control.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

function method() {
  return state.methods.find((each) => each.key === $("method").value);
}

function className(index) {
  return visible(state.classNames[index] || "class " + index);
}

/** What a label of the API, such as 2 or 3vs5, means. */
function labelText(map) {
  if (map.classIndex >= 0) {
    return className(map.classIndex);
  }
  const contrast = /^(\d+)vs(\d+)$/.exec(map.label);
  return contrast ? className(contrast[1]) + " rather than " + className(contrast[2]) : map.label;
}

function number(text) {
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(text);
}


function fillMethods() {
  for (const each of state.methods) {
    $("method").append(
      option(each.key, each.available ? each.name : each.name + " (not with this model)", {
        disabled: !each.available,
      }),
    );
  }
  const first = state.methods.find((each) => each.available);
  if (first) {
    $("method").value = first.key;
  }
}

function fillClasses(count) {
  const chosen = $("class").value;
  $("class").replaceChildren(option("argmax", "what the model predicts"));
  for (let i = 0; i < count; i++) {
    $("class").append(option(String(i), className(i)));
  }
  $("class").append(option("all", "every class"));
  $("class").value = [...$("class").options].some((each) => each.value === chosen) ? chosen : "argmax";
}

function fillLayers() {
  const chosen = $("layer").value;
  const key = $("method").value;
  $("layer").replaceChildren(option("", "the method's own choice"));
  for (const layer of state.layers) {
    const size = layer.shape ? " (" + layer.shape.slice(1).join(" × ") + ")" : "";
    if (layer.methods.includes(key)) {
      $("layer").append(option(layer.name, layer.name + size));
    }
  }
  $("layer").value = [...$("layer").options].some((each) => each.value === chosen) ? chosen : "";
}

/** The inputs of the method's options; empty means the default. */
function showMethod() {
  const shown = method();
  if (!shown) {
    return;
  }
  $("about").textContent = shown.about;
  $("caution").textContent = shown.caution;
  $("layer-field").hidden = !shown.usesLayer;
  fillLayers();
  $("options").replaceChildren();
  for (const each of shown.options) {
    const id = "option-" + each.name;
    const usual = each[$("profile").value];
    let input;
    if (each.type === "choice" || each.type === "boolean") {
      const choices = each.choices || ["true", "false"];
      input = element("select", { id });
      input.append(option("", usual + " (default)"));
      choices.filter((choice) => choice !== usual).forEach((choice) => input.append(option(choice, choice)));
    } else {
      const isNumber = each.type === "integer" || each.type === "number";
      input = element("input", { id, type: isNumber ? "number" : "text", placeholder: usual });
      if (isNumber) {
        input.step = each.type === "integer" ? "1" : "any";
        input.min = each.min ?? "";
        input.max = each.max ?? "";
      }
    }
    input.dataset.option = each.name;
    input.title = each.description + ": " + each.allowed;
    $("options").append(
      element("label", { htmlFor: id, textContent: each.name }),
      input,
      element("p", { className: "hint", textContent: each.description + ": " + each.allowed }),
    );
  }
}

function query(job) {
  const values = new URLSearchParams({
    method: $("method").value,
    class: $("class").value,
    profile: $("profile").value,
    format: "json",
    name: state.file.name,
    job,
  });
  if ($("layer").value && method().usesLayer) {
    values.set("layer", $("layer").value);
  }
  for (const input of $("options").querySelectorAll("[data-option]")) {
    if (input.value) {
      values.set("option." + input.dataset.option, input.value);
    }
  }
  return values;
}


function newJob() {
  const random = crypto.getRandomValues(new Uint8Array(12));
  return [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Gives up the explanation in progress, here and on the server. */
function cancel() {
  const job = state.job;
  if (job) {
    state.job = null;
    job.abort.abort();
    fetch("jobs/" + job.id, {
      method: "DELETE",
      keepalive: true,
      headers: { Authorization: "Bearer " + state.token },
    }).catch(() => {});
  }
  showWork(null);
}

function showWork(text, done) {
  $("work").hidden = text === null;
  $("stage").setAttribute("aria-busy", String(text !== null));
  if (text !== null) {
    $("progress-text").textContent = text;
    if (done > 0) {
      $("progress").value = done;
    } else {
      $("progress").removeAttribute("value");
    }
  }
}

/** Tells how far a job is, which also tells the server that somebody waits for it. */
async function watch(job) {
  while (state.job === job) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (state.job !== job || !job.sent) {
      continue;
    }
    try {
      const at = await (await ask("jobs/" + job.id)).json();
      if (state.job === job) {
        const percent = Math.round(100 * at.done);
        showWork(
          at.state === "waiting"
            ? "Waiting for others (" + at.before + " before you)"
            : percent > 0
              ? "Explaining: " + percent + " %"
              : "Explaining",
          at.done,
        );
      }
    } catch (e) {
      // It has just ended, or not begun.
    }
  }
}

async function explain() {
  if (!state.file) {
    return;
  }
  cancel();
  showError("");
  const job = { id: newJob(), abort: new AbortController(), sent: false };
  state.job = job;
  showWork("Sending the image", 0);
  // A short answer needs no progress; asking for it later does not disturb.
  const later = setTimeout(() => {
    job.sent = true;
    watch(job);
  }, 700);
  try {
    const response = await ask("explain?" + query(job.id), {
      method: "POST",
      body: state.file,
      signal: job.abort.signal,
    });
    const answer = await response.json();
    if (state.job === job) {
      await show(answer);
    }
  } catch (e) {
    if (state.job === job) {
      showError(e.message);
    }
  } finally {
    clearTimeout(later);
    if (state.job === job) {
      state.job = null;
      showWork(null);
    }
  }
}

function choose(file) {
  if (!file) {
    return;
  }
  state.file = file;
  $("filename").textContent = visible(file.name);
  $("another").hidden = false;
  $("explain").disabled = false;
  explain();
}


async function show(answer) {
  state.answer = answer;
  state.pixels = await pixelsOf(answer);
  if (answer.classNames) {
    state.classNames = answer.classNames;
  }
  for (const map of answer.maps) {
    map.values = bytesOf(map.data);
  }
  if (answer.outputs) {
    fillClasses(answer.outputs.length);
  }
  const slices = answer.shape.length === 3 ? answer.shape[0] : 1;
  $("slices").hidden = slices === 1;
  $("slice").max = slices - 1;
  $("slice").value = Math.floor(slices / 2);
  $("invitation").hidden = true;
  $("canvas").hidden = false;
  $("drop").classList.add("full");
  $("look").disabled = answer.maps.length === 0;
  $("answer").hidden = false;
  showMap(answer.maps[0] || null);
}

/** How much a map can be trusted, in plain words. */
const TRUST = {
  "ok": "Nothing unusual about this map.",
  "flat": "This map says nothing: it has the same value everywhere.",
  "zero-gradient": "This map says nothing: the score does not respond to small changes. Try the paper's defaults, or a method without gradients.",
  "non-finite": "This map is not usable: the model or the method returned numbers that are none.",
  "not-converged": "Do not trust this map yet: take more steps or samples.",
  "not-conserved": "Do not trust this map: its parts do not add up to the score.",
  "unstable": "Do not trust this map: most of it is the noise of random samples. Take more of them.",
  "fill-without-effect": "Look twice: the score does not drop when all of the image is hidden.",
  "outside-body": "Look twice: most of the highest values lie outside the body.",
};

function showMap(map) {
  state.map = map;
  const answer = state.answer;
  if (!map) {
    $("status").textContent = "No class of this image is what was asked for, so there is no map.";
    $("status").className = "doubt";
    $("scores").replaceChildren();
    $("facts").textContent = "";
  } else {
    $("status").textContent = "Evidence for " + labelText(map) + ". " + (TRUST[map.status] || map.statusText);
    $("status").className = map.status === "ok" ? "" : "doubt";
    showScores(map);
    const facts = Object.entries(map.diagnostics).map(([name, value]) => name + " " + number(value));
    facts.unshift("values from " + number(map.rawMin) + " to " + number(map.rawMax));
    facts.push(answer.milliseconds + " ms");
    if (answer.provenance && answer.provenance.layer) {
      facts.unshift("layer " + answer.provenance.layer);
    }
    $("facts").textContent = facts.join("; ");
  }
  draw();
}

function showScores(shown) {
  const outputs = state.answer.outputs.map((output, index) => [index, output]);
  const most = Math.max(1, ...outputs.map(([, output]) => Math.abs(Number(output)) || 0));
  outputs.sort((a, b) => Number(b[1]) - Number(a[1]));
  $("scores").replaceChildren(
    ...outputs.map(([index, output]) => {
      const name = element("button", { type: "button", textContent: className(index) });
      name.addEventListener("click", () => chooseClass(index));
      const value = Number(output);
      const meter = element("meter", { min: 0, max: most, value: Number.isFinite(value) ? Math.max(0, value) : 0 });
      meter.setAttribute("aria-label", "score of " + className(index));
      const row = element(
        "tr",
        {},
        element("td", {}, name),
        element("td", {}, meter),
        element("td", { textContent: number(output) }),
      );
      row.classList.toggle("shown", index === shown.classIndex);
      return row;
    }),
  );
}

/** Shows the map of a class: at once if it is there, else after asking. */
function chooseClass(index) {
  const there = state.answer.maps.find((map) => map.classIndex === index);
  if (there) {
    showMap(there);
  } else {
    $("class").value = String(index);
    explain();
  }
}

function look() {
  return {
    pixels: state.pixels,
    map: state.map,
    shape: state.answer.shape,
    slice: Number($("slice").value),
    colormap: state.colormaps.get($("colormap").value),
    opacity: Number($("opacity").value) / 100,
    threshold: Number($("threshold").value) / 100,
  };
}

function draw() {
  $("opacity-value").textContent = $("opacity").value + " %";
  $("threshold-value").textContent = $("threshold").value + " %";
  const colormap = state.colormaps.get($("colormap").value);
  if (colormap) {
    drawLegend($("legend"), colormap);
  }
  if (!state.answer) {
    return;
  }
  const map = state.map;
  $("slice-value").textContent = Number($("slice").value) + 1 + " of " + (Number($("slice").max) + 1);
  const canvas = $("canvas");
  drawOverlay(canvas, look());
  // Small images are shown larger, in whole pixels.
  const scale = Math.max(1, Math.floor(448 / Math.max(canvas.width, canvas.height)));
  canvas.style.width = canvas.width * scale + "px";
  canvas.setAttribute(
    "aria-label",
    map
      ? visible(state.file.name) + " with the map of " + labelText(map) + " by " + method().name + ", " + map.statusText
      : visible(state.file.name),
  );
  if (map) {
    const bound = Math.max(Math.abs(map.rawMin), Math.abs(map.rawMax));
    $("bar-low").textContent = number(colormap.diverging ? -bound : map.rawMin);
    $("bar-high").textContent = number(colormap.diverging ? bound : map.rawMax);
  }
}

function point(event) {
  if (!state.answer || !state.map) {
    return;
  }
  const box = $("canvas").getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * $("canvas").width);
  const y = Math.floor(((event.clientY - box.top) / box.height) * $("canvas").height);
  if (x < 0 || y < 0 || x >= $("canvas").width || y >= $("canvas").height) {
    return;
  }
  const { shape, slice, map } = look();
  const width = shape[shape.length - 1];
  const value = map.values[(slice * shape[shape.length - 2] + y) * width + x] / 255;
  const raw = Number(map.rawMin) + value * (Number(map.rawMax) - Number(map.rawMin));
  $("pointer").textContent =
    "Column " + x + ", row " + y + ": " + Math.round(100 * value) + " % of the range, " + number(raw);
}

function save() {
  $("canvas").toBlob((blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: "map.png" });
    link.click();
    URL.revokeObjectURL(link.href);
  });
}


function listen() {
  $("file").addEventListener("change", () => choose($("file").files[0]));
  $("another").addEventListener("click", () => $("file").click());
  $("drop").addEventListener("click", (event) => {
    // A press on the picture reads a value; it does not choose another one.
    if (state.answer && event.target !== $("file")) {
      event.preventDefault();
    }
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      $("drop").classList.toggle("over", name === "dragover");
    });
  }
  document.addEventListener("drop", (event) => choose(event.dataTransfer.files[0]));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.job) {
      cancel();
    }
  });
  $("method").addEventListener("change", showMethod);
  $("profile").addEventListener("change", showMethod);
  $("class").addEventListener("change", explain);
  $("explain").addEventListener("click", explain);
  $("cancel").addEventListener("click", cancel);
  for (const id of ["opacity", "threshold", "slice"]) {
    $(id).addEventListener("input", draw);
  }
  $("colormap").addEventListener("change", draw);
  $("canvas").addEventListener("mousemove", point);
  $("save").addEventListener("click", save);
  window.addEventListener("pagehide", cancel);
}

async function start() {
  takeToken();
  listen();
  try {
    const known = await (await ask("methods")).json();
    state.methods = known.methods;
    state.classNames = known.classNames;
    for (const each of known.colormaps) {
      state.colormaps.set(each.name, { diverging: each.diverging, bytes: bytesOf(each.colours) });
      $("colormap").append(option(each.name, each.diverging ? each.name + " (for and against)" : each.name));
    }
    $("opacity").value = Math.round(100 * known.alpha);
    fillMethods();
    fillClasses(state.classNames.length);
    showMethod();
    draw();
    const health = await (await ask("health")).json();
    $("model").textContent = "Model: " + health.model + ", with " + health.engine;
    state.layers = (await (await ask("layers")).json()).layers;
    fillLayers();
  } catch (e) {
    showError(e.message);
  }
}

start();
