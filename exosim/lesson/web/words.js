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

// The key of skin comes in English with the table of what is drawn.
for (const [name, words] of Object.entries(DATA.skin_key)) {
  const { symbols, fibres, films, channels } = DATA.skin,
    part = [symbols, fibres, films, DATA.skin].find(x => x[name]);
  if (name === "zone") channels.zone_key = words;
  else part[name].key = words;
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
  for (const [term, meaning] of Object.entries(DATA.glossary))
    $("glossary").lastElementChild.append(el("dt", {}, term), el("dd", {}, meaning));
}

function speakIn(name) {
  store.set(LANGUAGE_KEPT, name);
  const query = written(state).replace(/(^|&)lang=\w+/, "");
  history.replaceState(null, "", `#${query}&lang=${name}`);
  location.reload();
}

// Fill {names} of a sentence.
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
