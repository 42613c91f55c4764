// What is seen first: both sides of the skin, or many trials; in a lesson also the cards and small charts below.
const CARDS = ["improvement_percent", "downtime_days", "melanin_index_peak_percent"],
  CELLS = 3;
const skins = {};
let speakingOfSkin = 0,
  cells = [];

function buildStage() {
  new ResizeObserver(() => state.lesson && !stepChart && drawTrials()).observe($("trials-picture"));
  $("skin-key").addEventListener("toggle", () => {
    if ($("skin-key").children.length < 2) $("skin-key").append(el("div", {}, lineKey(), skins.run.key()));
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
      skins[side]?.forget();
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
  cells = shown.map(name => fitted(makeChart(name)));
  const room = CELLS - (state.embed ? 1 : 0) - cells.length,
    cards = step.show.includes("trials") ? [] : CARDS.slice(0, room);
  $("cells").replaceChildren(...cells.map(c => c.figure), ...cards.map(card));
}

// Charts of a step are drawn to the size that the page gives them, in units that follow the size of its letters.
const letters = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16,
  fitting = new WeakMap(),
  sizes = new ResizeObserver(entries => {
    for (const { target, contentRect } of entries) {
      const c = fitting.get(target),
        [width, height] = [contentRect.width, contentRect.height].map(size => Math.round(size / letters()));
      if (!width || (c.width === width && c.height === height)) continue;
      Object.assign(c, { width, height, key: "" });
      c.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
    if (state.lesson && stepChart) drawStep();
  });

function fitted(c) {
  fitting.set(c.svg, c);
  sizes.observe(c.svg);
  return c;
}

// In a frame the chart of a step lies below the skin, so that the panel fits.
function chartBelow() {
  $("cells").prepend(el("div", { id: "chart-below" }, stepChart.figure, $("chart-key") ?? ""));
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
      most = Math.max(...values.map(Math.abs), concealed() ? 0 : longest(name));
    box.lastChild.replaceChildren(
      ...sides.map((side, i) => bar(side, values[i], most, name, names[side === "run" ? 1 : 0])),
    );
  }
}

// The largest value of an outcome in any step of the lesson as it begins: bars of all its steps have one scale.
const longestOf = new Map();
function longest(name) {
  const lesson = lessonOf(state);
  if (!longestOf.has(lesson))
    longestOf.set(
      lesson,
      lesson.steps
        .filter(step => !step.show.includes("trials"))
        .map(step => ({ ...parsed(step.state, false), lesson: lesson.id, step: lesson.steps.indexOf(step) }))
        .flatMap(s => Object.values(sidesOf(s)).flatMap(run => run?.outcomes ?? [])),
    );
  return Math.max(1e-9, ...longestOf.get(lesson).map(outcomes => Math.abs(outcomes[name] ?? 0)));
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
const UNIT_WORDS = { improvement_percent: "%", downtime_days: T.days, melanin_index_peak_percent: "%" };
