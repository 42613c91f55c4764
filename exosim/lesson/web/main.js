// One pass from state to screen.
let state = start(),
  current = null,
  timer = 0,
  speaking = 0;
const timing = { kernel: [], total: [] },
  pins = new Map();

function pinned(query) {
  if (pins.size > 60) pins.clear();
  if (!pins.has(query)) pins.set(query, computed(parsed(query, false), false).run);
  return pins.get(query);
}

// Return everything that is drawn: this run, its control side, the pinned runs.
function arms() {
  return [
    { series: "run", name: T.this_run, detail: `: ${label(state)}`, run: current.run },
    ...(current.control
      ? [{ series: "control", name: T.control, detail: `: ${T.control_note}`, run: current.control }]
      : []),
    ...state.pins.map((query, i) => ({
      series: `pin${i}`,
      name: label(parsed(query, false)),
      detail: "",
      run: pinned(query),
    })),
  ];
}

function render() {
  const began = performance.now();
  try {
    const ghost = state.lesson ? null : ghostOf();
    current = sidesOf(state);
    current.ghost = ghost;
    timing.kernel.push(performance.now() - began);
    current.arms = arms();
    current.end = Math.max(...current.arms.map(arm => arm.run.end), current.scenario.end);
    current.moments = momentsOf(current.run);
    drawTicks();
    if (state.lesson) drawStep();
    else drawEverything();
    drawDay();
    markSides();
    drawStartOver();
    $("message").textContent = current.scenario.late ? filled(T.late, { weeks: state.weeks }) : "";
  } catch (error) {
    $("message").textContent = T.failed;
    if (!current) throw error;
  }
  if (!state.lesson) syncControls();
  timing.total.push(performance.now() - began);
  clearTimeout(timer);
  timer = setTimeout(() => history.replaceState(null, "", "#" + written(state)), 350);
  clearTimeout(speaking);
  speaking = setTimeout(settle, 700);
}

function drawEverything() {
  for (const c of Object.values(charts)) drawChart(c);
  drawHeadline();
  drawLegend();
  drawBars();
  drawTable();
  drawExplanations();
}

// While controls move, the run before they moved stays as a ghost.
let settled = null,
  ghost = null;
function ghostOf() {
  if (settled && settled !== current) return ghost;
  return (ghost = settled?.run ?? null);
}

function settle() {
  settled = current;
  if (!state.lesson) speak();
}

function go(query) {
  const unread = [],
    next = parsed(query, true, unread),
    lost = unread.length > 0 && unread.length === new URLSearchParams(mended(query)).size;
  if (!lost || !current) {
    stop();
    state = next;
    settled = ghost = null;
    arrive();
  }
  $("notice").textContent = !unread.length
    ? ""
    : lost
      ? T.link_unread
      : filled(T.link_partly, { names: [...new Set(unread)].join(", ").slice(0, 200) });
}

const open = () => go(location.hash.slice(1));

buildWords();
buildControls();
buildClock();
buildStage();
buildCharts();
buildFilm();
buildDiagram();
buildLessons();
buildStartOver();
buildExplanations();
buildMeanings();
$("panel").addEventListener("submit", event => {
  event.preventDefault();
  predicted();
});
$("page").hidden = $("modes").hidden = false;
window.addEventListener("hashchange", open);
open();
window.exosim = {
  get state() {
    return state;
  },
  get current() {
    return current;
  },
  toml: () => toml(state),
  csv,
  written: () => written(state),
  go,
  timing,
  SLIDERS,
  limits: name => limits(name, DATA.presets[state.preset]),
  frames,
  arrows,
  nodes: Object.keys(DATA.diagram.nodes),
  answers,
  answersText,
  trialsOf,
  skins,
  skinMoment,
  skinScene,
};
