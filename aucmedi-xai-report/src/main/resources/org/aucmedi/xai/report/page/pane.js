// One dark pane: a plane of the image with a map over it, and for volumes a slider and a cross-hair.

/**
 * A pane.
 *
 * frame: {grid: the image, or the map where there is none, image, map, view, title, label}
 * state: {settings, position: voxel [z, y, x] of the grid}
 * events: {moved(): the position has changed, hovered(frame, voxel or null)}
 */
class Pane {
  constructor(frame, state, events) {
    this.frame = frame;
    this.state = state;
    this.events = events;
    const { grid, view } = frame;
    this.rows = grid.size[view.rows];
    this.columns = grid.size[view.columns];
    this.canvas = element("canvas", {
      role: "img",
      "aria-label": frame.label,
      onpointermove: (event) => this.events.hovered(frame, this.voxelAt(event)),
      onpointerleave: () => this.events.hovered(frame, null),
      onpointerdown: (event) => this.jump(event),
    });
    this.canvas.width = this.columns;
    this.canvas.height = this.rows;
    this.lines = ["x", "y"].map((way) =>
        element("div", { class: "cross cross-" + way, "aria-hidden": "true" }));
    const stage = element("div", { class: "plane" }, this.canvas, grid.flat ? [] : this.lines,
        [...view.letters].map((letter, i) =>
            element("span", { class: "edge edge-" + "lrtb"[i] }, letter)));
    const aspect = aspectOf(grid, view);
    stage.style.setProperty("--aspect", aspect);
    stage.classList.toggle("coarse", Math.max(this.rows, this.columns) < 24);
    if (!grid.flat) {
      stage.addEventListener("wheel", (event) => this.scroll(event), { passive: false });
    }
    this.element = element("figure", { class: "pane" },
        element("figcaption", {}, frame.title), stage, grid.flat ? [] : this.makeSlider());
    if (frame.image) {
      this.drawImage();
    }
  }

  makeSlider() {
    const { grid, view } = this.frame;
    this.count = element("output", {});
    this.slider = element("input", {
      type: "range", min: 0, max: grid.size[view.axis] - 1, step: 1,
      "aria-label": "Slice, " + (view.title || "").toLowerCase(),
      oninput: () => this.goTo(Number(this.slider.value)),
    });
    return element("div", { class: "slices" }, this.slider, this.count);
  }

  goTo(index) {
    const { grid, view } = this.frame;
    this.state.position[view.axis] = Math.min(grid.size[view.axis] - 1, Math.max(0, index));
    this.events.moved();
  }

  scroll(event) {
    event.preventDefault();
    this.goTo(this.state.position[this.frame.view.axis] + Math.sign(event.deltaY));
  }

  jump(event) {
    const voxel = this.voxelAt(event);
    if (!this.frame.grid.flat && voxel) {
      this.state.position.splice(0, 3, ...voxel);
      this.events.moved();
    }
  }

  /** The voxel of the grid under the pointer. */
  voxelAt(event) {
    const { view } = this.frame;
    const box = this.canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * this.columns);
    const y = Math.floor(((event.clientY - box.top) / box.height) * this.rows);
    if (x < 0 || y < 0 || x >= this.columns || y >= this.rows) {
      return null;
    }
    const voxel = [...this.state.position];
    voxel[view.rows] = view.flipRows ? this.rows - 1 - y : y;
    voxel[view.columns] = view.flipColumns ? this.columns - 1 - x : x;
    return voxel;
  }

  drawImage() {
    const { grid, image, view } = this.frame;
    const index = this.state.position[view.axis];
    if (this.drawn === index) {
      return;
    }
    this.drawn = index;
    const channel = (c) => plane(
        image, view, index, grid.size[view.axis], this.rows, this.columns, c);
    const red = channel(0);
    this.channels = image.channels === 1 ? [red, red, red] : [red, channel(1), channel(2)];
  }

  draw() {
    const { grid, image, map, view } = this.frame;
    const { settings, position } = this.state;
    const index = position[view.axis];
    if (image) {
      this.drawImage();
    } else {
      const black = new Uint8Array(this.rows * this.columns);
      this.channels = [black, black, black];
    }
    const heat = map
        && plane(map, view, index, grid.size[view.axis], this.rows, this.columns, 0);
    const rgba = blend(...this.channels, heat, image ? settings : { ...settings, fade: false });
    this.canvas.getContext("2d", { willReadFrequently: true }).putImageData(
        new ImageData(rgba, this.columns, this.rows), 0, 0);
    if (this.slider) {
      this.slider.value = index;
      this.count.textContent = index + 1 + " / " + grid.size[view.axis];
      this.placeCross();
    }
  }

  placeCross() {
    const { view } = this.frame;
    const { settings, position } = this.state;
    const place = (axis, size, flip) =>
        ((flip ? size - 1 - position[axis] : position[axis]) + 0.5) / size;
    this.lines[0].style.left = 100 * place(view.columns, this.columns, view.flipColumns) + "%";
    this.lines[1].style.top = 100 * place(view.rows, this.rows, view.flipRows) + "%";
    this.lines.forEach((line) => { line.hidden = !settings.cross; });
  }
}
