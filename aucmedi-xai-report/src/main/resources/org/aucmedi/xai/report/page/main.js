// The frame of the page, its places, and the keyboard.

const app = document.getElementById("app");

function runTitle() {
  const path = (RUN.model && RUN.model.path) || "";
  const model = path.split(/[/\\]/).filter(Boolean).pop() || "model";
  return model + " · " + METHODS.map((method) => method.name || method.key).join(", ");
}

function tabs(place) {
  const tab = (href, name, text, count) => element("a", {
    href, "aria-current": place === name ? "page" : null,
  }, text, count === null ? [] : element("span", { class: "badge" }, count.toLocaleString("en")));
  const wrong = caveatCount() + SAMPLES.filter((sample) => sample.failed).length;
  return element("nav", { class: "tabs", "aria-label": "Parts of the report" },
      tab("#", "table", "Images", SAMPLES.length),
      tab("#trust", "trust", "Maps not to trust", wrong),
      tab("#about", "about", "About this run", null));
}

/** The theme of the system, until the reader chooses. */
const theme = {
  set(name) {
    document.documentElement.dataset.theme = name;
    try {
      localStorage.setItem("aucmedi-xai-theme", name);
    } catch (error) {
      // Pages from a disk may have no storage; then the choice lasts as long as the page.
    }
  },
  restore() {
    try {
      const name = localStorage.getItem("aucmedi-xai-theme");
      if (name === "light" || name === "dark") {
        document.documentElement.dataset.theme = name;
      }
    } catch (error) {
      // As above.
    }
  },
  toggle() {
    const now = document.documentElement.dataset.theme
        || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    theme.set(now === "dark" ? "light" : "dark");
  },
};

function pageHeader(place) {
  const summary = [
    plural(SAMPLES.length, "image"),
    METHODS.length > 1 ? plural(METHODS.length, "method") : null,
    time(RUN.ended || RUN.started),
  ].filter(Boolean).join(" · ");
  const unfinished = RUN.status && RUN.status !== "finished";
  return element("header", { class: "page-head" },
      element("div", { class: "title" },
          element("p", { class: "kicker" }, "AUCMEDI-XAI report",
              DATA.part ? ", part " + DATA.part : ""),
          element("p", { class: "run" }, nameOf(runTitle())),
          element("p", { class: "muted" }, summary)),
      element("div", { class: "actions" },
          DATA.home ? element("a", { class: "button", href: DATA.home }, "All parts") : [],
          button("Light or dark", theme.toggle, { class: "button", id: "theme" }),
          button("Print", () => print(), { class: "button" })),
      tabs(place),
      unfinished ? element("div", { class: "notice warn", role: "note" },
          element("strong", {}, "This run is " + (RUN.status === "running"
              ? "still going on, or was ended by force. " : RUN.status + ". ")),
          "The page shows what was done until it was made.") : []);
}

let table = null;
let scrolled = 0;
let shown = null;

/** Shows the place that the address names, unless it is shown. */
function route() {
  const hash = location.hash;
  if (hash === shown) {
    return;
  }
  shown = hash;
  const wanted = /^#sample=(\d+)$/.exec(hash);
  const sample = wanted && SAMPLES.find((each) => String(each.id) === wanted[1]);
  if (table && app.contains(table.element)) {
    scrolled = scrollY;
  }
  if (sample) {
    replaceChildren(app, new Viewer(sample).make());
    document.title = visible(sample.name) + " – AUCMEDI-XAI report";
  } else if (hash === "#trust" || hash === "#about") {
    replaceChildren(app, pageHeader(hash.slice(1)),
        element("main", {}, hash === "#trust" ? trustSection() : aboutSection()));
    document.title = "AUCMEDI-XAI report";
  } else {
    table = table || new Table();
    replaceChildren(app, pageHeader("table"), table.element, appendix());
    document.title = "AUCMEDI-XAI report";
  }
  const showsTable = table && app.contains(table.element);
  scrollTo(0, showsTable ? scrolled : 0);
  const title = app.querySelector("main h1");
  if (title) {
    title.focus({ preventScroll: true });
  }
}

/** Arrow keys belong to sliders, lists and texts first. */
function isTyping(target) {
  return target instanceof Element && target.closest("input, select, textarea") !== null;
}

addEventListener("keydown", (event) => {
  const inSample = app.querySelector("main.sample");
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !inSample) {
    return;
  }
  if (event.key === "Escape") {
    location.hash = "";
  } else if (!isTyping(event.target) && /^Arrow(Left|Right)$/.test(event.key)) {
    const link = inSample.querySelector(
        event.key === "ArrowLeft" ? "a[title='left arrow']" : "a[title='right arrow']");
    if (link) {
      event.preventDefault();
      // At once, since the event of a changed address comes later than a quick second key.
      location.hash = link.hash;
      route();
    }
  }
});

addEventListener("hashchange", route);
theme.restore();
route();
