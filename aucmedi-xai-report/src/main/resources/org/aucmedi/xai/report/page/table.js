// The table of all images, with filters.

/** Rows beyond these wait for a click. */
const ROWS_AT_ONCE = 500;

const COLUMNS = [
  { key: "name", title: "Image", of: (sample) => sample.name.toLowerCase() },
  { key: "label", title: "Predicted", of: (sample) => className(sample.label).toLowerCase() },
  { key: "score", title: "Score", of: (sample) => sample.score },
  { key: "status", title: "Status", of: (sample) => Object.keys(STATUS).indexOf(sample.status) },
];

const filters = { text: "", label: "", status: "", low: "", high: "", sort: "", down: false };

function matches(sample) {
  return (!filters.text || sample.text.includes(filters.text.toLowerCase()))
      && (!filters.label || sample.label === filters.label)
      && (!filters.status || sample.status === filters.status)
      && (filters.low === "" || sample.score >= Number(filters.low))
      && (filters.high === "" || sample.score <= Number(filters.high));
}

function sorted(samples) {
  const column = COLUMNS.find((each) => each.key === filters.sort);
  if (!column) {
    return samples;
  }
  const sign = filters.down ? -1 : 1;
  const missing = (value) => value === "" || Number.isNaN(value);
  return [...samples].sort((a, b) => {
    const [x, y] = [column.of(a), column.of(b)];
    return missing(x) - missing(y) || sign * (x < y ? -1 : x > y ? 1 : 0) || a.index - b.index;
  });
}

class Table {
  constructor() {
    this.body = element("tbody", {});
    this.count = element("p", { class: "count", role: "status" });
    this.more = element("div", { class: "more" });
    this.limit = ROWS_AT_ONCE;
    this.rows = new Map();
    this.head = element("tr", {});
    this.element = element("main", {}, this.filters(), this.count,
        element("div", { class: "table" }, element("table", {},
            element("thead", {}, this.head), this.body)), this.more);
    this.show();
  }

  filters() {
    const labels = [...new Set(SAMPLES.map((sample) => sample.label).filter(Boolean))]
        .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const states = Object.keys(STATUS).filter(
        (status) => SAMPLES.some((sample) => sample.status === status));
    const set = (name) => (value) => {
      filters[name] = value;
      this.limit = ROWS_AT_ONCE;
      this.show();
    };
    const field = (label, name, attributes) => {
      const id = "filter-" + name;
      const input = element("input",
          { id, oninput: () => set(name)(input.value), ...attributes });
      input.value = filters[name];
      return element("div", { class: "control" }, element("label", { for: id }, label), input);
    };
    const score = (label, name) => field(label, name,
        { type: "number", step: "any", inputmode: "decimal", placeholder: "any" });
    this.form = element("form", {
      class: "filters", role: "search", "aria-label": "Filters",
      onsubmit: (event) => event.preventDefault(),
    },
        field("Search", "text", { type: "search", placeholder: "name, folder or class" }),
        selection("Predicted", [["", "all classes"], ...labels.map((l) => [l, className(l)])],
            filters.label, set("label"), { id: "filter-label" }),
        selection("Status", [["", "any"], ...states.map((s) => [s, STATUS[s]])],
            filters.status, set("status"), { id: "filter-status" }),
        score("Score from", "low"), score("to", "high"),
        button("Clear", () => this.clear(), { class: "button" }));
    return this.form;
  }

  clear() {
    Object.assign(filters, { text: "", label: "", status: "", low: "", high: "" });
    const fresh = this.form;
    fresh.replaceWith(this.filters());
    this.show();
  }

  show() {
    replaceChildren(this.head, COLUMNS.map((column) => this.heading(column)));
    const found = sorted(SAMPLES.filter(matches));
    replaceChildren(this.body, found.slice(0, this.limit).map((sample) => this.row(sample)));
    this.count.textContent = found.length === SAMPLES.length
        ? plural(found.length, "image")
        : found.length.toLocaleString("en") + " of " + plural(SAMPLES.length, "image");
    const left = found.length - this.limit;
    replaceChildren(this.more, left > 0
        ? [button("Show " + Math.min(ROWS_AT_ONCE, left) + " more", () => {
          this.limit += ROWS_AT_ONCE;
          this.show();
        }, { class: "button" }),
        element("p", { class: "on-paper" }, "and " + plural(left, "more image", "more images")
            + ", which the page on the screen can show")]
        : found.length ? [] : element("p", { class: "muted" }, SAMPLES.length
            ? "No image matches the filters." : "The run has no images yet."));
  }

  heading(column) {
    const active = filters.sort === column.key;
    return element("th", {
      scope: "col", class: "col-" + column.key,
      "aria-sort": active ? (filters.down ? "descending" : "ascending") : "none",
    }, button(column.title + (active ? (filters.down ? " ↓" : " ↑") : ""), () => {
      filters.down = active && !filters.down;
      filters.sort = column.key;
      this.show();
      this.head.querySelector(".col-" + column.key + " button").focus();
    }, { class: "sort" }));
  }

  row(sample) {
    if (!this.rows.has(sample)) {
      this.rows.set(sample, this.makeRow(sample));
    }
    return this.rows.get(sample);
  }

  makeRow(sample) {
    const thumbnail = (url, alt) => url
        ? element("img", { src: url, alt, loading: "lazy", decoding: "async" })
        : element("span", { class: "blank", "aria-hidden": "true" });
    const unseen = () => element("span", { class: "blank unseen" }, "cannot be shown");
    const methods = new Set(sample.entries.map((entry) => entry.method)).size;
    const maps = sample.entries.reduce((sum, entry) => sum + (entry.maps || []).length, 0);
    return element("tr", { "data-status": sample.status, "data-id": sample.id },
        element("td", { class: "col-name" },
            element("a", { class: "open", href: linkOf(sample) },
                element("span", { class: "thumbs" },
                    sample.unseen ? unseen() : thumbnail(sample.thumb, "the image"),
                    thumbnail(sample.overlay, "a map over it")),
                element("span", { class: "names" }, nameOf(sample.name),
                    element("small", {}, maps ? plural(maps, "map")
                        + (methods > 1 ? " of " + methods + " methods" : "") : "")))),
        element("td", { class: "col-label" }, sample.label ? nameOf(className(sample.label)) : "–"),
        element("td", { class: "col-score" },
            Number.isNaN(sample.score) ? "–" : [score(sample.score), bar(sample.score)]),
        element("td", { class: "col-status" }, statusOf(sample)));
  }
}

function statusOf(sample) {
  const failure = sample.entries.find((entry) => entry.failure);
  const caveats = [...new Set(sample.entries.flatMap((entry) => entry.maps || [])
      .map((map) => map.status).filter((status) => status !== "OK"))]
      .map((status) => (DATA.caveats[status] || { title: status }).title.toLowerCase());
  const why = failure ? failure.failure.reason : caveats.join(", ");
  return [
    element("span", { class: "chip " + sample.status }, STATUS[sample.status]),
    why ? element("bdi", { class: "why" }, why) : [],
  ];
}
