// Labelled controls that change settings.

let controls = 0;

/** A slider in per cent. */
function percentSlider(label, hint, value, changed) {
  const id = "control-" + controls++;
  const shownValue = element("output", { for: id }, Math.round(value * 100) + " %");
  const input = element("input", {
    id, type: "range", min: 0, max: 100, step: 1, value: Math.round(value * 100), title: hint,
    oninput: () => {
      shownValue.textContent = input.value + " %";
      changed(Number(input.value) / 100);
    },
  });
  return element("div", { class: "control" },
      element("label", { for: id }, label), shownValue, input);
}

/** A list to choose from: [[value, label]...]. */
function selection(label, choices, value, changed, attributes) {
  const id = "control-" + controls++;
  const select = element("select", { id, onchange: () => changed(select.value), ...attributes },
      choices.map(([key, text]) => {
        const option = element("option", {}, text);
        option.value = key;
        return option;
      }));
  select.value = value;
  return element("div", { class: "control" }, element("label", { for: id }, label), select);
}

/** Buttons of which one is pressed, or a list where there are many. */
function choice(label, choices, value, changed) {
  if (choices.length > 4) {
    return selection(label, choices, value, changed);
  }
  const name = "control-" + controls++;
  return element("fieldset", { class: "control choice" }, element("legend", {}, label),
      choices.map(([key, text]) => {
        const input = element("input", { type: "radio", name, onchange: () => changed(key) });
        input.value = key;
        input.checked = key === value;
        return element("label", {}, input, element("span", {}, text));
      }));
}

function checkbox(label, value, changed) {
  const input = element("input", { type: "checkbox", onchange: () => changed(input.checked) });
  input.checked = value;
  return element("label", { class: "control check" }, input, label);
}
