// One sample: its maps over its image, and what is known of them.

const settings = {
  opacity: 0.75, threshold: 0, colormap: "inferno", chosen: false, fade: true, cross: true,
  together: false, method: null, label: null, plane: 0,
};

class Viewer {
  constructor(sample) {
    this.sample = sample;
    this.media = { maps: {} };
    this.decoded = new Map();
    this.state = { settings, position: null };
    this.stage = element("div", { class: "stage" }, element("p", { class: "note" }, "Loading …"));
    this.legend = element("div", { class: "legend" });
    this.readout = element("p", { class: "readout" }, this.hint());
    this.caption = element("p", { class: "on-paper" });
    this.panel = element("div", { class: "panel" });
    this.panes = [];
    this.chooseMap();
  }

  hint() {
    return this.sample.entries.some((entry) => (entry.maps || []).length)
        ? "Point at the image to read values, right to 1/255 of the range." : "";
  }

  /** Entries with maps; the method and class shown last stay where this sample has them. */
  chooseMap() {
    this.explained = this.sample.entries.filter((entry) => (entry.maps || []).length);
    this.labels = [...new Set(this.explained.flatMap((e) => e.maps.map((map) => map.label)))];
    const keys = this.explained.map((entry) => entry.method);
    this.method = keys.includes(settings.method) ? settings.method : keys[0];
    const own = this.entryOf(this.method);
    const labels = own ? own.maps.map((map) => map.label) : [];
    this.label = labels.includes(settings.label) ? settings.label
        : labels.includes(this.sample.label) ? this.sample.label : labels[0];
  }

  entryOf(method) {
    return this.explained.find((entry) => entry.method === method);
  }

  mapOf(method, label) {
    const entry = this.entryOf(method);
    return entry && entry.maps.find((map) => map.label === label);
  }

  mediaOfMap(method, label) {
    const entry = this.entryOf(method);
    const map = entry && entry.maps.findIndex((each) => each.label === label);
    return entry && map >= 0
        ? this.media.maps[this.sample.entries.indexOf(entry) + "/" + map]
        : null;
  }

  async decoding(picture) {
    if (!picture || !picture.src) {
      return null;
    }
    if (!this.decoded.has(picture)) {
      this.decoded.set(picture, await decode(picture));
    }
    return this.decoded.get(picture);
  }

  make() {
    const { sample } = this;
    const neighbour = (step, text, key) => {
      const other = SAMPLES[sample.index + step];
      return other
          ? element("a", { class: "button", href: linkOf(other), title: key }, text)
          : element("span", { class: "button disabled", "aria-disabled": "true" }, text);
    };
    this.element = element("main", { class: "sample", "data-ready": "false" },
        element("header", { class: "sample-head" },
            element("a", { class: "button", href: "#", title: "Esc" }, "← All images"),
            element("div", { class: "sample-title" },
                element("h1", { tabindex: -1 }, nameOf(sample.name)),
                element("p", {},
                    sample.label ? className(sample.label) + " " + score(sample.score) + " · " : "",
                    "image " + sample.id
                        + (DATA.part ? "" : " of " + SAMPLES.length.toLocaleString("en")))),
            element("nav", { class: "pair", "aria-label": "Other images" },
                neighbour(-1, "Previous", "left arrow"), neighbour(1, "Next", "right arrow"))),
        this.notices(),
        element("div", { class: "workspace" },
            element("section", { class: "viewing", "aria-label": "Maps" },
                this.stage, element("div", { class: "below" }, this.legend, this.readout, this.caption)),
            this.panel));
    mediaOf(sample).then((media) => {
      this.media = media;
      this.show();
    });
    return this.element;
  }

  /** What went wrong with this sample. */
  notices() {
    const failures = this.sample.entries.filter((entry) => entry.failure).map((entry) =>
        element("div", { class: "notice bad", role: "note" },
            element("strong", {}, methodName(entry.method) + " failed. "),
            element("bdi", {}, entry.failure.reason || "The reason is not known.")));
    const without = this.sample.entries.filter((entry) => entry.status === "unexplained");
    return element("div", { class: "notices" }, failures,
        without.length === 0 ? [] : element("div", { class: "notice", role: "note" },
            "No map by " + without.map((entry) => methodName(entry.method)).join(", ")
                + ": what was to be explained names no class of this image."));
  }

  /** Decodes what is looked at, then draws. */
  async show() {
    const turn = this.turn = {};
    this.element.dataset.ready = "false";
    this.showPanel();
    try {
      const image = await this.decoding(this.media.image);
      const frames = settings.together && this.explained.length > 1
          ? await this.framesOfMethods(image)
          : await this.framesOfMap(image);
      if (turn === this.turn) {
        this.showFrames(frames);
        this.element.dataset.ready = "true";
      }
    } catch (error) {
      replaceChildren(this.stage,
          element("p", { class: "note" }, "The pictures of this image cannot be shown."));
      this.element.dataset.ready = "true";
    }
  }

  async framesOfMap(image) {
    const picture = this.mediaOfMap(this.method, this.label);
    const map = await this.decoding(picture);
    const grid = image || map;
    if (!map && picture && picture.drawn) {
      return [{ drawn: picture.drawn, title: methodName(this.method) }];
    }
    const notes = picture && picture.note ? [{ note: "No map: " + picture.note + "." }] : [];
    if (!grid) {
      return notes;
    }
    const label = (view) => this.describe(this.method, view, map);
    return [
      ...planesOf(grid).map((view) =>
          ({ grid, image, map, view, title: view.title, label: label(view) })),
      ...notes,
    ];
  }

  /** The image and the maps of all methods, of a volume in one plane. */
  async framesOfMethods(image) {
    const frames = [];
    for (const entry of this.explained) {
      const picture = this.mediaOfMap(entry.method, this.label);
      const map = await this.decoding(picture);
      const grid = image || map;
      const title = methodName(entry.method);
      if (map) {
        const planes = planesOf(grid);
        const view = planes[Math.min(settings.plane, planes.length - 1)];
        frames.push({
          grid, image, map, view,
          title: title + rangeOf(map) + caveatOf(this.mapOf(entry.method, this.label)),
          label: this.describe(entry.method, view, map),
        });
      } else if (picture && picture.drawn) {
        frames.push({ drawn: picture.drawn, title });
      } else {
        frames.push({ title, note: title + " has no map of " + className(this.label) + "." });
      }
    }
    if (image) {
      const planes = planesOf(image);
      const view = planes[Math.min(settings.plane, planes.length - 1)];
      frames.unshift({
        grid: image, image, map: null, view, title: "Image", label: "the image alone",
      });
    }
    return frames;
  }

  describe(method, view, map) {
    return (view.title ? view.title + " plane: " : "")
        + (map ? methodName(method) + " for " + className(this.label) + " over " : "")
        + this.sample.name;
  }

  showFrames(frames) {
    const grids = frames.filter((frame) => frame.grid);
    const grid = grids.length ? grids[0].grid : null;
    const position = this.state.position;
    if (grid && (!position || position.some((at, axis) => at >= grid.size[axis]))) {
      const map = grids.find((frame) => frame.map);
      this.state.position = map ? peak(map.map, grid) : grid.size.map((n) => Math.floor(n / 2));
    }
    const signed = grids.find((frame) => frame.map && isSigned(frame.map));
    if (!settings.chosen) {
      settings.colormap = signed ? "coolwarm" : "inferno";
      this.showPanel();
    }
    const events = {
      moved: () => this.draw(),
      hovered: (frame, voxel) => this.tell(frame, voxel),
    };
    const made = frames.map((frame) => frame.grid ? new Pane(frame, this.state, events) : frame);
    this.panes = made.filter((pane) => pane instanceof Pane);
    this.shown = grids.find((frame) => frame.map);
    this.stage.dataset.panes = frames.length;
    this.stage.dataset.layout = this.panes.length === 3 && !settings.together ? "planes" : "even";
    replaceChildren(this.stage, made.map((pane) =>
        pane instanceof Pane ? pane.element
        : pane.drawn ? drawnPicture(pane)
        : element("p", { class: "note" }, pane.note)));
    if (!made.length) {
      replaceChildren(this.stage, element("p", { class: "note" }, "There is no map to show."));
    }
    this.draw();
  }

  draw() {
    this.panes.forEach((pane) => pane.draw());
    this.showLegend();
    this.caption.textContent = this.captionText();
  }

  /** What the controls are set to, which paper does not have. */
  captionText() {
    if (!this.explained.length) {
      return "";
    }
    const percent = (share) => Math.round(share * 100) + " %";
    return visible([
      (settings.together ? "All methods" : methodName(this.method)) + ", explaining "
          + className(this.label),
      "opacity " + percent(settings.opacity),
      settings.threshold ? "values below " + percent(settings.threshold) + " hidden" : "",
      settings.fade ? "weak values faded out" : "",
    ].filter(Boolean).join("; "));
  }

  showLegend() {
    const map = this.shown && this.shown.map;
    replaceChildren(this.legend, map ? colorBar(map, settings, this.panes.length > 1
        && settings.together ? null : map) : []);
  }

  /** Tells the value under the pointer. */
  tell(frame, voxel) {
    if (!voxel) {
      this.readout.textContent = this.hint();
      return;
    }
    const { grid, map } = frame;
    const names = grid.flat ? ["", "row", "column"] : ["slice", "row", "column"];
    const place = voxel.map((at, axis) => names[axis]
        ? names[axis] + " " + voxelIn(grid.shape[axis], grid.size[axis], at) : "")
        .filter(Boolean).join(", ");
    this.readout.textContent = map ? place + ": " + valueText(valueAt(map, grid, voxel), map)
        : place;
  }

  showPanel() {
    const entry = this.entryOf(this.method);
    const map = this.mapOf(this.method, this.label);
    const inputs = () => [...this.panel.querySelectorAll("input, select")];
    const focused = inputs().indexOf(document.activeElement);
    replaceChildren(this.panel,
        this.explained.length ? this.mapChoices(entry) : [],
        this.explained.length ? this.displayControls() : [],
        map ? mapFacts(map) : [], predictionFacts(this.sample), imageFacts(this.sample));
    if (focused >= 0 && inputs()[focused]) {
      inputs()[focused].focus();
    }
  }

  mapChoices(entry) {
    const changed = () => {
      settings.method = this.method;
      settings.label = this.label;
      this.chooseMap();
      this.show();
    };
    const labels = settings.together ? this.labels : entry.maps.map((map) => map.label);
    return element("section", {}, element("h2", {}, "Map"),
        choice("Method", this.explained.map((e) => [e.method, methodName(e.method)]), this.method,
            (method) => { this.method = method; changed(); }),
        choice("Explains", labels.map((label) => [label, className(label)]), this.label,
            (label) => { this.label = label; changed(); }));
  }

  displayControls() {
    const change = (name, again) => (value) => {
      settings[name] = value;
      if (name === "colormap") {
        settings.chosen = true;
      }
      if (again) {
        this.show();
      } else {
        this.draw();
      }
    };
    const first = this.media.image || Object.values(this.media.maps).find((map) => map.src);
    const isVolume = Boolean(first && first.shape.length === 3);
    return element("section", {}, element("h2", {}, "Display"),
        percentSlider("Opacity", "how much of the map is seen", settings.opacity,
            change("opacity")),
        percentSlider("Threshold", "hides the weaker part of the map", settings.threshold,
            change("threshold")),
        selection("Colours", Object.keys(COLORMAPS).map((name) => [name, name]),
            settings.colormap, change("colormap")),
        checkbox("Fade out weak values", settings.fade, change("fade")),
        isVolume ? checkbox("Cross-hair", settings.cross, change("cross")) : [],
        this.explained.length > 1
            ? checkbox("All methods side by side", settings.together, change("together", true))
            : [],
        isVolume && settings.together && this.explained.length > 1
            ? choice("Plane", this.planeChoices(first), String(settings.plane),
                (plane) => { settings.plane = Number(plane); this.show(); })
            : []);
  }

  planeChoices(picture) {
    const axes = picture.axes || "";
    return planesOf({ axes, flat: false }).map((view, i) => [String(i), view.title]);
  }
}
