// What the whole run says: the maps not to trust, and where everything comes from.

/** Links to images that have failed, with the reasons. */
function failedLinks(samples) {
  const reason = (sample) => sample.entries.find((entry) => entry.failure)?.failure.reason;
  return element("ul", { class: "links" }, samples.map((sample) =>
      element("li", {}, element("a", { href: linkOf(sample) }, nameOf(sample.name)),
          element("bdi", { class: "why" }, reason(sample) || "The reason is not known."))));
}

/** Maps by what is wrong with them. */
function groupsOfCaveats() {
  return Object.entries(DATA.caveats).map(([status, words]) => {
    const found = SAMPLES.map((sample) => ({
      sample,
      maps: sample.entries.flatMap((entry) => (entry.maps || [])
          .filter((map) => map.status === status)
          .map((map) => ({ method: entry.method, map }))),
    })).filter(({ maps }) => maps.length);
    return { status, words, found, count: found.reduce((n, { maps }) => n + maps.length, 0) };
  }).filter(({ count }) => count);
}

function caveatCount() {
  return SAMPLES.reduce((sum, sample) => sum + sample.caveats, 0);
}

const MOST_NAMED = 50;

function trustSection() {
  const groups = groupsOfCaveats();
  const failed = SAMPLES.filter((sample) => sample.failed);
  return element("section", { class: "text" },
      element("h1", { tabindex: -1 }, "Maps not to trust"),
      groups.length + failed.length === 0
          ? element("p", {}, "No map of this run has a caveat, and no image failed.") : [],
      groups.map(({ words, found, count }) => element("section", { class: "group" },
          element("h2", {}, words.title,
              element("span", { class: "muted" }, " " + plural(count, "map"))),
          element("p", {}, words.meaning),
          element("p", {}, element("strong", {}, "What to do: "), words.remedy),
          element("table", { class: "plain" }, element("thead", {}, element("tr", {},
              ["Image", "Method", "Explains"].map((t) => element("th", { scope: "col" }, t)))),
              element("tbody", {}, found.flatMap(({ sample, maps }) => maps.map((each) =>
                  ({ sample, ...each }))).slice(0, MOST_NAMED).map(({ sample, method, map }) =>
                  element("tr", {},
                      element("td", {},
                          element("a", { href: linkOf(sample) }, nameOf(sample.name))),
                      element("td", {}, methodName(method)),
                      element("td", {}, nameOf(className(map.label))))))),
          count > MOST_NAMED ? element("p", { class: "muted" },
              "and " + (count - MOST_NAMED) + " more; the table of images filters by status.")
              : [])),
      failed.length === 0 ? [] : element("section", { class: "group" },
          element("h2", {}, "Failed",
              element("span", { class: "muted" }, " " + plural(failed.length, "image"))),
          element("p", {}, "These images could not be read or explained."),
          failedLinks(failed.slice(0, MOST_NAMED))),
      element("section", { class: "group" },
          element("h2", {}, "Of every map"),
          element("p", {}, "A map shows what the model looked at, not what is there, and not why"
              + " the model is right. Each map is scaled by its own values: a class without evidence"
              + " can look as strong as any other, so compare the scores and the raw values."
              + " Methods disagree; look at more than one before you conclude anything.")));
}

/** What the printed table is followed by. */
function appendix() {
  return element("div", { class: "appendix" }, trustSection(), aboutSection());
}

/** Settings of any depth as text. */
function plain(value) {
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

function aboutSection() {
  const model = RUN.model || {};
  const machine = RUN.machine || {};
  const summary = RUN.summary || {};
  const program = RUN.program || {};
  const entries = (object) => Object.entries(object || {}).map(([k, v]) => [k, plain(v)]);
  return element("section", { class: "text" },
      element("h1", { tabindex: -1 }, "About this run"),
      element("section", { class: "group" }, element("h2", {}, "Run"), factList([
        ["Status", [RUN.status || "unknown", RUN.reason ? ": " : "", RUN.reason || ""]],
        ["Started", time(RUN.started)],
        ["Ended", RUN.ended ? time(RUN.ended) : ""],
        ["Took", summary.seconds === undefined ? "" : seconds(summary.seconds)],
        ["Images", summary.explained === undefined ? "" :
            [["explained", summary.explained], ["without a map", summary.unexplained],
              ["failed", summary.failed]]
                .filter(([, n]) => n).map(([what, n]) => n + " " + what).join(", ")],
        ["Maps", summary.maps],
        ["Shard", RUN.shard],
        ["Program", [program.name, program.version].filter(Boolean).join(" ")],
        ["Command", RUN.command
            ? element("code", {}, RUN.command.map(quoted).join(" ")) : ""],
        ["Page made", time(DATA.made)],
      ])),
      element("section", { class: "group" }, element("h2", {}, "Model"), factList([
        ["File", model.path ? nameOf(model.path) : ""],
        ["SHA-256", model.sha256 ? element("code", {}, model.sha256) : ""],
        ["Bytes", model.bytes === undefined ? "" : Number(model.bytes).toLocaleString("en")],
        ["Engine", [model.engine, model.engineVersion].filter(Boolean).join(" ")],
        ["Input", model.inputShape ? plain(model.inputShape) : ""],
        ["Classes", CLASS_NAMES.map((name, i) => element("div", {}, i + ": ", nameOf(name)))],
      ])),
      METHODS.map((method) => element("section", { class: "group" },
          element("h2", {}, method.name || method.key), factList([
            ["Key", method.key],
            ["Profile", method.profile],
            ["Layer", (method.layers || []).join(", ")],
            ...entries(method.options),
          ]))),
      element("section", { class: "group" }, element("h2", {}, "Settings"),
          factList(entries(RUN.settings))),
      element("section", { class: "group" }, element("h2", {}, "Machine"),
          factList(entries(machine))),
      element("section", { class: "group" }, element("h2", {}, "This page"),
          element("p", {}, "Maps are kept with 256 values each, so a raw value read here is right"
              + " to 1/255 of the map's range. Pictures of more than 1024 pixels on a side, and"
              + " volumes of more than 256 voxels along an axis, are reduced to the means of their"
              + " blocks. Colour photographs may be compressed (JPEG); grey images and maps are"
              + " exact. File names and images are inside this page: share it as you would share"
              + " them.")));
}

/** An argument as a shell takes it. */
function quoted(argument) {
  return /^[\w@%+=:,./-]+$/.test(argument)
      ? argument : "'" + argument.replaceAll("'", "'\\''") + "'";
}
