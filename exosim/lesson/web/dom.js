// Elements, and numbers for people. Text is set as text, never as markup.
const MAX_PINS = 4,
  SERIES = ["run", "control", "pin0", "pin1", "pin2", "pin3"];
const DAYS_PER_WEEK = 7,
  SUN = DATA.sunscreen;
const $ = id => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const made = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name === "on") for (const [event, f] of Object.entries(value)) made.addEventListener(event, f);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function shown(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const size = Math.abs(value);
  if (size < 5e-4) return "0";
  if (size >= 1e6) return value.toExponential(1);
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value
    .toFixed(Math.min(places, size >= 1 ? 1 : size >= 0.1 ? 2 : 3))
    .replace(/^-(0(\.0+)?)$/, "$1")
    .replace(/.+/, spelled);
}

// A number as it is written in the language of the page.
const spelled = number => String(number).replace("-", "\u2212").replace(".", T.decimal);
