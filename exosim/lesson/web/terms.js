// Words that the glossary explains. A text of a lesson marks each where it first stands in a step; a mark shows what it
// means in place. Marks are no stops of the Tab key: a button below the text leads to them, arrow keys along them.
const TERM_OF = new Map(
  Object.entries(DATA.glossary).flatMap(([name, { term, forms }]) =>
    [term, ...forms].map(form => [form.toLowerCase(), name]),
  ),
);
const TERMS = new RegExp(
  `(?<![\\p{L}\\d])(${[...TERM_OF.keys()]
    .sort((a, b) => b.length - a.length)
    .map(form => form.replace(/[.*+?^$()|[\]\\{}]/g, "\\$&"))
    .join("|")})(?![\\p{L}\\d])`,
  "giu",
);
let marks = [];

// Return the parts of a text, with words marked that no text before it has marked since `forgetMarks`.
function marked(text) {
  const parts = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(TERMS)) {
    const name = TERM_OF.get(word.toLowerCase());
    if (marks.some(mark => mark.dataset.term === name)) continue;
    parts.push(text.slice(end, index), mark(name, word));
    end = index + word.length;
  }
  return [...parts, text.slice(end)];
}

function forgetMarks() {
  hideTerm();
  marks = [];
}

function mark(name, word) {
  const button = el(
    "span", // a button element would not break between its words
    {
      role: "button",
      class: "term",
      tabindex: "-1",
      "data-term": name,
      "aria-expanded": "false",
      "aria-controls": "term",
      on: {
        click: () => (button.ariaExpanded === "true" ? hideTerm() : showTerm(button)),
        keydown: event => alongMarks(event, button),
      },
    },
    word,
  );
  marks.push(button);
  return button;
}

function alongMarks(event, button) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    button.click();
  }
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const next = marks[(marks.indexOf(button) + by + marks.length) % marks.length];
  next.focus();
  showTerm(next);
}

// What stands below a text with marks: the way to them by keyboard.
function toMarks() {
  const first = () => {
    marks[0].focus();
    showTerm(marks[0]);
  };
  return marks.length
    ? [el("button", { type: "button", id: "to-terms", on: { click: first } }, T.glossary)]
    : [];
}

// Show below a mark what it means, inside the window.
function showTerm(button) {
  hideTerm();
  button.ariaExpanded = "true";
  const { term, meaning } = DATA.glossary[button.dataset.term],
    at = button.getBoundingClientRect(),
    box = $("term");
  box.replaceChildren(el("b", {}, term), ` ${meaning}`);
  const { width, height } = box.getBoundingClientRect(),
    room = document.documentElement.clientWidth - width - TERM_GAP,
    below = at.bottom + TERM_GAP,
    fits = below + height < innerHeight;
  box.style.left = `${Math.max(TERM_GAP, Math.min(at.left, room)) + scrollX}px`;
  box.style.top = `${(fits ? below : at.top - height - TERM_GAP) + scrollY}px`;
}
const TERM_GAP = 6;

function hideTerm() {
  for (const button of marks) button.ariaExpanded = "false";
  $("term").replaceChildren();
}

document.addEventListener("keydown", event => event.key === "Escape" && hideTerm());
document.addEventListener("click", event => event.target.closest(".term, #to-terms") ?? hideTerm());
