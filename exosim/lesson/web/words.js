// The language of the page: that of the address, or the one chosen before, or English.
const store = {
  get(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      // a browser that keeps nothing: the page works without
    }
  },
};
const LANGUAGES = Object.keys(DATA.languages),
  LANGUAGE_KEPT = "scar-lab-language";
const LANGUAGE =
  [new URLSearchParams(location.hash.slice(1)).get("lang"), store.get(LANGUAGE_KEPT)].find(x =>
    LANGUAGES.includes(x),
  ) ?? LANGUAGES[0];
Object.assign(DATA, DATA.languages[LANGUAGE]);
const T = DATA.text;

// What the model says of itself comes in English with the data; a translation holds it by its English text.
const native = text => DATA.phrases[text] ?? text;
const plainly = name => native(name.replaceAll("_", " "));
for (const [table, fields] of Object.entries(DATA.prose)) retell(DATA[table], fields);

function retell(part, fields) {
  for (const [name, value] of Object.entries(part))
    if (typeof value === "string") part[name] = fields.includes(name) ? native(value) : value;
    else if (value) retell(value, fields);
}

// Put words into the parts of the page that never change.
function buildWords() {
  document.documentElement.lang = LANGUAGE;
  for (const part of document.querySelectorAll("[data-t]")) part.textContent = T[part.dataset.t];
  for (const part of document.querySelectorAll("[data-label]"))
    part.setAttribute("aria-label", T[part.dataset.label]);
  document.querySelector(".notice").textContent = T.notice;
  document.title = `${T.title}: ${T.subtitle}`;
  $("languages").append(
    ...LANGUAGES.map(name =>
      el(
        "button",
        {
          type: "button",
          lang: name,
          "aria-pressed": String(name === LANGUAGE),
          on: { click: () => speakIn(name) },
        },
        name.toUpperCase(),
      ),
    ),
  );
  const alike = (a, b) => a.term.localeCompare(b.term, LANGUAGE);
  for (const { term, meaning } of Object.values(DATA.glossary).sort(alike))
    $("glossary").lastElementChild.append(el("dt", {}, term), el("dd", {}, meaning));
}

function speakIn(name) {
  store.set(LANGUAGE_KEPT, name);
  const query = written(state).replace(/(^|&)lang=\w+/, "");
  history.replaceState(null, "", `#${query}&lang=${name}`);
  location.reload();
}

// Fill {names} of a sentence.
const filled = (words, values) =>
  words.replace(/\{(\w+)\}/g, (all, name) => {
    const value = values[name] ?? all;
    return typeof value === "number" ? spelled(value) : value;
  });
