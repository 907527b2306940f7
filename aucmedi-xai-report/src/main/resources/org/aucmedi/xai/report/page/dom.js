// Builds the page. Whatever comes from outside becomes text, never markup.

/** Characters that control a terminal, end a line or turn the direction of writing. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text in which hidden characters can be seen, so that no name looks like another. */
function visible(text) {
  return String(text).replace(
      HIDDEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

/**
 * Makes an element. Attributes that start with "on" are listeners, those that are false or null are
 * left out; children are elements or text.
 */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (value === true) {
      made.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, key === "src" || key === "href" ? value : visible(value));
    }
  }
  append(made, children);
  return made;
}

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child instanceof Node) {
      parent.append(child);
    } else if (child !== null && child !== undefined && child !== false) {
      parent.append(visible(child));
    }
  }
}

function replaceChildren(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/** A name from outside: its direction of writing ends where it ends. */
function nameOf(text) {
  return element("bdi", { class: "name" }, text);
}

function button(label, action, attributes) {
  return element("button", { type: "button", onclick: action, ...attributes }, label);
}
