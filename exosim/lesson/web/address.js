// The state in an address: written so that mail programs leave it whole, read back whatever they did to it.
const FIRST_DAY = 1;
const DESIGNS = { people: 12, design: "groups", effect: "gel" },
  CHOICES = { design: ["groups", "faces"], effect: ["gel", "none"] },
  PEOPLE = { low: 4, high: 100, step: 1 };
const FLAGS = ["embed", "explore"],
  WHOLE = ["pin", "day", "lesson", "step", "lang", ...FLAGS];

const start = () => ({
  ...fresh(DATA.first),
  ...DESIGNS,
  set: "article",
  day: FIRST_DAY,
  pins: [],
  lesson: "",
  step: 0,
  embed: false,
});

function rounded(value, range, whole = Math.round) {
  const steps = whole((Math.min(Math.max(value, range.low), range.high) - range.low) / range.step);
  return Math.min(range.high, Number((range.low + steps * range.step).toFixed(6)));
}

const number = text => (/^-?\d+(\.\d+)?$/.test(text ?? "") ? Number(text) : NaN);
const settable = () => [...Object.keys(SLIDERS), ...Object.keys(MORE)];

// What a mail program or a word processor may have made of a link.
function mended(query) {
  let text = String(query)
    .slice(0, 6000)
    .replace(/\s|=\r?\n/g, "")
    .replaceAll("&amp;", "&");
  if (!text.includes("=") && /%3D/i.test(text)) text = text.replace(/%(3D|26)/gi, decodeURIComponent);
  return text.replace(/^.*#/, "").replace(/[.,;:!?)\]}>"']+$/, "");
}

// Return the state of an address. `unread` gets what could not be read.
function parsed(query, whole = true, unread = []) {
  const q = new URLSearchParams(mended(query)),
    lesson = whole && DATA.lessons.find(x => x.id === q.get("lesson"));
  let s = start();
  if (lesson) {
    const step = rounded(number(q.get("step")) || 0, { low: 0, high: lesson.steps.length - 1, step: 1 });
    s = { ...parsed(lesson.steps[step].state, false), lesson: lesson.id, step };
  }
  if (Object.hasOwn(DATA.presets, q.get("preset") ?? "")) Object.assign(s, fresh(q.get("preset")));
  for (const [name, value] of q) if (!readOne(s, name, value, whole)) unread.push(name);
  if (!whole) return s;
  s.day = Math.min(Math.max(s.day, BEFORE), DAYS_PER_WEEK * s.weeks);
  s.pins = q.getAll("pin").slice(0, MAX_PINS).map(text => written(parsed(text, false), false)); // prettier-ignore
  if (!lesson && !q.has("preset") && !q.has("explore")) Object.assign(s, firstStep(), { embed: s.embed });
  return s;
}

const firstStep = () => {
  const { id, steps } = DATA.lessons[0];
  return { ...parsed(steps[0].state, false), lesson: id, step: 0 };
};

// Set what one name of an address says; return whether it could be read.
function readOne(s, name, value, whole) {
  const range = settable().includes(name) && limits(name, DATA.presets[s.preset]);
  if (name === "off") {
    const off = value.split(/[ ,.]/).filter(Boolean),
      known = DATA.switches.map(x => x.name);
    s.off = known.filter(x => off.includes(x));
    return off.every(x => known.includes(x));
  }
  if (name === "set" || name === "scar" || name === "severity") {
    const known = {
      set: DATA.sets,
      scar: DATA.skins,
      severity: Object.fromEntries(DATA.severities.map(x => [x, x])),
    };
    if (!Object.hasOwn(known[name], value)) return false;
    s[name] = value;
  } else if (name === "preset") return Object.hasOwn(DATA.presets, value);
  else if (Object.hasOwn(CHOICES, name)) {
    if (!CHOICES[name].includes(value)) return false;
    s[name] = value;
  } else if (name === "people" || range) {
    if (!Number.isFinite(number(value))) return false;
    s[name] = rounded(number(value), range || PEOPLE);
  } else if (name === "lesson") return DATA.lessons.some(x => x.id === value);
  else if (name === "embed" && whole) s.embed = true;
  else if (name === "day" && whole) {
    if (!Number.isFinite(number(value))) return false;
    s.day = number(value);
  } else return whole && WHOLE.includes(name);
  return true;
}

function written(s, whole = true) {
  const lesson = whole && DATA.lessons.find(x => x.id === s.lesson),
    usual = lesson
      ? parsed(lesson.steps[s.step].state, false)
      : { ...start(), ...fresh(s.preset), preset: "", set: "" },
    q = [];
  const put = (name, value) => q.push(`${name}=${encodeURIComponent(value)}`);
  if (lesson) {
    put("lesson", s.lesson);
    put("step", s.step);
  }
  for (const name of ["preset", "set", ...settable(), "scar", "severity", ...Object.keys(DESIGNS)])
    if (s[name] !== null && s[name] !== usual[name]) put(name, s[name]);
  if (s.off.join() !== usual.off.join()) put("off", s.off.join("."));
  if (whole) {
    if (s.day !== FIRST_DAY && !lesson) put("day", Number(s.day.toFixed(3)));
    for (const pin of s.pins) put("pin", pin);
    if (s.embed) put("embed", 1);
    if (LANGUAGE !== LANGUAGES[0]) put("lang", LANGUAGE);
  }
  return q.join("&");
}
