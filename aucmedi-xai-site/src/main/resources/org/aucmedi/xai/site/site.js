"use strict";

const up = document.body.dataset.up;

/** The look: the system's, unless another one was chosen here. */
const theme = document.getElementById("theme");
const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
function look(chosen) {
  if (chosen) {
    document.documentElement.dataset.theme = chosen;
  }
  theme.textContent = dark() ? "Light" : "Dark";
}
let kept = null;
try { kept = localStorage.getItem("theme"); } catch (e) { /* no storage: the system's look */ }
look(kept);
theme.addEventListener("click", () => {
  const next = dark() ? "light" : "dark";
  look(next);
  try { localStorage.setItem("theme", next); } catch (e) { /* it lasts for this page */ }
});

/** The versions, where the site of each is a folder beside the others' with a file versions.js. */
if (typeof VERSIONS !== "undefined") {
  const choice = document.createElement("select");
  choice.setAttribute("aria-label", "Version");
  for (const name of VERSIONS) {
    choice.add(new Option(name, name, false, name === document.body.dataset.version));
  }
  choice.addEventListener("change", () => { location.href = up + "../" + choice.value + "/index.html"; });
  document.getElementById("version").replaceChildren(choice);
}

/** The search: every word must be there; headings count more than text. */
const search = document.getElementById("search");
const found = document.getElementById("found");
function rank(entry, words) {
  let sum = 0;
  for (const word of words) {
    const places = [entry[1], entry[0], entry[3]].map(text => text.toLowerCase().indexOf(word));
    if (places.every(place => place < 0)) {
      return 0;
    }
    sum += (places[0] >= 0 ? 10 : 0) + (places[1] >= 0 ? 3 : 0) + (places[2] >= 0 ? 1 : 0);
  }
  return sum;
}
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(word => word.length > 1);
  const hits = words.length === 0 ? [] : INDEX
      .map(entry => [rank(entry, words), entry])
      .filter(hit => hit[0] > 0)
      .sort((a, b) => b[0] - a[0])
      .slice(0, 20);
  found.replaceChildren(...hits.map(([, entry]) => {
    const link = document.createElement("a");
    link.href = up + entry[2];
    link.textContent = entry[0] === entry[1] ? entry[1] : entry[0] + " › " + entry[1];
    const text = document.createElement("small");
    text.textContent = entry[3];
    link.append(text);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
  if (words.length > 0 && hits.length === 0) {
    found.textContent = "Nothing found.";
  }
  found.hidden = words.length === 0;
}
search.addEventListener("input", show);
document.addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape") {
    found.hidden = true;
  }
});
found.addEventListener("click", () => { found.hidden = true; });
