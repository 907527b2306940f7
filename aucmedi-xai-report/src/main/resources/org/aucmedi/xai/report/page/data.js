// What the run has written, and what follows from it.

const DATA = JSON.parse(document.getElementById("report-data").textContent);
const RUN = DATA.run;
const SAMPLES = DATA.samples;
const METHODS = RUN.methods || [];
const CLASS_NAMES = (RUN.model && RUN.model.classNames) || [];

/** Numbers that JSON does not have are text. */
function number(value) {
  return value === null || value === undefined ? NaN : Number(value);
}

/** Few digits, but enough to tell small numbers from zero. */
function short(value) {
  const x = number(value);
  if (!Number.isFinite(x)) {
    return Number.isNaN(x) ? "not a number" : x > 0 ? "infinite" : "−infinite";
  }
  const size = Math.abs(x);
  const text =
      x === 0 ? "0" : size >= 1e5 || size < 1e-3 ? x.toExponential(2) : String(+x.toPrecision(4));
  return text.replaceAll("-", "−");
}

function score(value) {
  const x = number(value);
  return x >= 0 && x <= 1 ? x.toFixed(3) : short(x);
}

function plural(count, one, many) {
  return count.toLocaleString("en") + " " + (count === 1 ? one : many || one + "s");
}

/** The name of what is explained: a class, or a class against another. */
function className(label) {
  const versus = /^(\d+)vs(\d+)$/.exec(label);
  if (versus) {
    return className(versus[1]) + " against " + className(versus[2]);
  }
  return /^\d+$/.test(label) ? CLASS_NAMES[label] || "class " + label : String(label);
}

function methodOf(key) {
  return METHODS.find((method) => method.key === key) || { key, name: key };
}

function methodName(key) {
  return methodOf(key).name || key;
}

function time(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime())
      ? String(text || "unknown")
      : date.toISOString().replace("T", " ").slice(0, 16) + " UTC";
}

function seconds(value) {
  const s = Math.round(number(value));
  if (!Number.isFinite(s)) {
    return "unknown";
  }
  return s < 120 ? plural(s, "second") : s < 7200 ? plural(Math.round(s / 60), "minute")
      : (s / 3600).toFixed(1) + " hours";
}

const STATUS = {
  ok: "Explained",
  caveat: "Do not trust",
  unexplained: "No map",
  failed: "Failed",
};

/** What the table sorts and filters by. */
for (const [index, sample] of SAMPLES.entries()) {
  sample.index = index;
  const told = sample.entries.find((entry) => entry.outputs && entry.outputs.length);
  const maps = sample.entries.flatMap((entry) => entry.maps || []);
  if (told) {
    const outputs = told.outputs.map(number);
    sample.outputs = outputs;
    // A run of numbers that are all NaN has no largest.
    const best = outputs.indexOf(Math.max(...outputs.filter((x) => !Number.isNaN(x))));
    sample.label = best < 0 ? "" : outputs.length === 1 && maps[0] ? maps[0].label : String(best);
    sample.score = best < 0 ? NaN : outputs[best];
  } else {
    sample.label = maps.length ? maps[0].label : "";
    sample.score = maps.length ? number(maps[0].score) : NaN;
  }
  sample.failed = sample.entries.some((entry) => entry.status === "failed");
  sample.caveats = maps.filter((map) => map.status !== "OK").length;
  sample.status = sample.failed ? "failed"
      : sample.caveats ? "caveat"
      : maps.length ? "ok" : "unexplained";
  sample.text = [sample.name, sample.file, className(sample.label)].join("\n").toLowerCase();
}

/** The pictures of a sample; they come behind this script, so that they may have to be waited for. */
async function mediaOf(sample) {
  if (document.readyState === "loading") {
    await new Promise((done) => addEventListener("DOMContentLoaded", done, { once: true }));
  }
  const found = document.getElementById("media-" + sample.index);
  return found ? JSON.parse(found.textContent) : { image: null, maps: {} };
}

function linkOf(sample) {
  return (sample.link ? encodeURI(sample.link) : "") + "#sample=" + sample.id;
}
