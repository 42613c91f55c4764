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
    current = computed(state, true);
    timing.kernel.push(performance.now() - began);
    current.arms = arms();
    current.end = Math.max(...current.arms.map(arm => arm.run.end), current.scenario.end);
    current.moments = momentsOf(current.run);
    for (const name in charts) drawChart(name);
    drawDay();
    drawHeadline();
    drawLegend();
    drawBars();
    drawTable();
    drawExplanations();
    $("message").textContent = current.scenario.late ? T.late : "";
  } catch (error) {
    $("message").textContent = T.failed;
    if (!current) throw error;
  }
  syncControls();
  timing.total.push(performance.now() - began);
  clearTimeout(timer);
  timer = setTimeout(() => history.replaceState(null, "", "#" + written(state)), 350);
  clearTimeout(speaking);
  speaking = setTimeout(speak, 700);
}

function go(query) {
  state = parsed(query);
  drawLesson();
  refit();
}

const open = () => go(location.hash.slice(1));

buildControls();
buildClock();
buildSkins();
buildCharts();
buildFilm();
buildDiagram();
buildLessons();
buildExplanations();
buildMeanings();
$("page").hidden = $("lesson-choice").hidden = false;
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
  skins,
  skinMoment,
  skinScene,
};
