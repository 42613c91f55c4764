// What is seen first: both sides of the skin, or many trials; in a lesson also the cards and small charts below.
const CARDS = ["improvement_percent", "downtime_days", "melanin_index_peak_percent"],
  CELLS = 3;
const skins = {};
let speakingOfSkin = 0,
  cells = [];

// Return the names of both sides. They follow the controls: {energy} in a name is the energy of its side, and a name
// without such a word says when its side alone was changed.
function sideNames() {
  const step = stepOf(state);
  if (!step?.sides.length) return [T.without, DATA.presets[state.preset].name];
  const [control, run] = step.sides.length > 1 ? step.sides : ["", ...step.sides],
    other = step.against ? parsed(step.against, false) : state,
    usual = parsed(step.state, false),
    changed = name => name !== "weeks" && state[name] !== usual[name] && !run.includes(`{${name}}`);
  return [
    filled(control, other),
    filled(run, state) + (step.against && step.controls.some(changed) ? T.changed : ""),
  ];
}

function buildStage() {
  $("skin-key").addEventListener("toggle", () => {
    if ($("skin-key").children.length < 2) $("skin-key").append(skins.run.key());
  });
}

// Each step gets new drawings, so that none moves from the skin of one step to that of another.
function nameSides() {
  const key = state.lesson ? answerId(state) : state.preset,
    anew = $("skins").dataset.key !== key;
  $("skins").dataset.key = key;
  ["control", "run"].forEach((side, i) => {
    if (anew) {
      const host = el("div", { id: `skin-${side}` });
      $(`skin-${side}`).replaceWith(host);
      skins[side] = createSkin(host, { arm: side === "run" ? "treated" : "control" });
    }
    skins[side].call(sideNames()[i]);
  });
}

function drawStage() {
  const step = stepOf(state),
    trials = Boolean(step?.show.includes("trials"));
  $("trials").hidden = !trials;
  $("skins").hidden = $("skin-key").hidden = $("clock").hidden = trials;
  clearTimeout(speakingOfSkin);
  if (trials) {
    $("skin-spoken").textContent = "";
    return;
  }
  nameSides();
  const day = concealed() ? BEFORE : state.day;
  $("skin-control").hidden = !current.control;
  $("skins").classList.toggle("one", !current.control);
  for (const side of ["control", "run"]) if (current[side]) skins[side].show(current[side], day);
  if (!playing) speakingOfSkin = setTimeout(sayStage, 700, day);
}

function sayStage(day) {
  const sides = ["control", "run"].filter(side => current[side]);
  $("skin-spoken").textContent = sides.map(side => skins[side].spoken(current[side], day)).join(" ");
}

// -- below the skin, in a lesson --

function buildCells(step) {
  const shown = step.show.slice(1).filter(name => name !== "trials");
  cells = shown.map(name => Object.assign(makeChart(name, 280, 118), { quiet: false }));
  const cards = step.show.includes("trials") ? [] : CARDS.slice(0, CELLS - cells.length);
  $("cells").replaceChildren(...cells.map(c => c.figure), ...cards.map(card));
}

function card(name) {
  return el("div", { class: "card", id: `card-${name}` }, el("h3", {}, cardTitle(name)), el("div"));
}

const weekOf = run => (run.end / DAYS_PER_WEEK).toFixed(0);
const cardTitle = name => filled(T[`card_${name}`], { week: current ? weekOf(current.run) : "12" });

function drawCells() {
  for (const c of cells) {
    c.quiet = concealed();
    if (c.quiet) conceal(c);
    else drawChart(c);
  }
  const names = sideNames();
  for (const name of CARDS) {
    const box = $(`card-${name}`);
    if (!box) continue;
    box.firstChild.textContent = cardTitle(name);
    const sides = ["control", "run"].filter(side => current[side]),
      values = sides.map(side => current[side].outcomes[name] ?? 0),
      most = Math.max(...values.map(Math.abs), FULL_BAR[name]);
    box.lastChild.replaceChildren(
      ...sides.map((side, i) => bar(side, values[i], most, name, names[side === "run" ? 1 : 0])),
    );
  }
}

function bar(side, value, most, name, words) {
  const hidden = concealed(),
    line = el("span", { class: `bar-line ${side}${hidden ? " unknown" : ""}` });
  line.style.width = hidden ? "100%" : `${Math.max(1, (100 * Math.max(0, value)) / most)}%`;
  return el(
    "p",
    {},
    el("span", { class: "bar-room" }, line),
    el(
      "span",
      { class: "bar-words" },
      el("b", {}, hidden ? "?" : `${shown(value)} ${UNIT_WORDS[name]}`),
      ` ${words}`,
    ),
  );
}
const FULL_BAR = { improvement_percent: 40, downtime_days: 12, melanin_index_peak_percent: 15 };
const UNIT_WORDS = { improvement_percent: "%", downtime_days: T.days, melanin_index_peak_percent: "%" };
