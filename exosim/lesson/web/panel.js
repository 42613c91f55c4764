// The right-hand side of a step: what is predicted, and what follows the run (observe.js).
let stepChart = null;

function buildPanel() {
  const step = stepOf(state),
    answer = answerOf(state),
    trials = step.show.includes("trials");
  stepChart = trials ? null : fitted(makeChart(step.show[0]));
  if (stepChart && step.predict.line) {
    letDraw(stepChart, answer.line, values => {
      drawGuess(stepChart, values, current.end);
      allowRun();
    });
  }
  buildCells(step);
  forgetMarks();
  $("panel").dataset.phase = answer.phase || "predict";
  const parts = { "": predictParts, run: observeParts, compared: compareParts }[answer.phase];
  $("panel").replaceChildren(...parts(step, answer));
  if (state.embed && stepChart) chartBelow();
  allowRun();
}

const kicker = words => el("p", { class: "kicker" }, words);
const main = (words, click) =>
  el("button", { type: "button", class: "main", id: "onward", on: { click } }, words);

// -- predict --

function predictParts(step, answer) {
  const options = step.predict.options.map((option, i) =>
    el(
      "label",
      { class: "option" },
      el("input", {
        type: "radio",
        name: "option",
        value: i,
        checked: answer.option === i,
        on: {
          change: () => {
            answer.option = i;
            allowRun();
          },
        },
      }),
      el("span", {}, option.text),
    ),
  );
  const draw = step.predict.line ? [el("p", { class: "note" }, current_given() ? T.draw_given : T.draw)] : [];
  return [
    kicker(T.predict),
    el("p", { class: "what" }, ...marked(step.text)),
    el("h2", { id: "lesson-title", tabindex: "-1" }, ...marked(step.predict.question)),
    ...(options.length
      ? [el("fieldset", { class: "options" }, el("legend", { class: "hidden" }, T.predict), ...options)]
      : []),
    ...draw,
    ...(stepChart ? [stepChart.figure, ...(step.predict.line ? [el("p", { id: "chart-key" })] : [])] : []),
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "submit", class: "main", id: "onward" }, runWords()),
      ...toMarks(),
    ),
    el("p", { id: "need", class: "note", "aria-live": "polite" }),
  ];
}

const current_given = () =>
  Boolean(stepOf(state).against || scenarioOf(state).treatments.some(x => DATA.adjuncts.includes(x.kind)));
const runWords = () =>
  stepOf(state).show.includes("trials") ? T.run_trials : filled(T.run_weeks, { weeks: state.weeks });

// A prediction is whole when an option is chosen and the line is drawn to its end.
function missing() {
  const { predict } = stepOf(state),
    answer = answerOf(state);
  if (predict.options.length && answer.option === null) return T.need_option;
  return predict.line && !drawnWhole(answer.line) ? T.need_line : "";
}

function allowRun() {
  if (!concealed() || !$("need")) return;
  $("onward").setAttribute("aria-disabled", String(Boolean(missing())));
  if (!missing()) $("need").textContent = "";
}

function predicted() {
  if (!concealed()) return;
  if (missing()) {
    $("need").textContent = missing();
    return;
  }
  Object.assign(answerOf(state), { phase: "run", model: modelEnd(stepOf(state)), end: current.end });
  keepAnswers();
  buildPanel();
  refit();
  if (stepChart && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    show(0);
    play();
  } else show(current.moments.length - 1);
  $("onward").focus({ preventScroll: true });
  if ($("stage").getBoundingClientRect().top < 0) $("stage").scrollIntoView();
}

// -- what follows the run --

function drawStep() {
  const step = stepOf(state),
    answer = answerOf(state);
  if (step.show.includes("trials")) {
    drawTrials();
    return;
  }
  drawCells();
  drawStepChart(step, answer);
  drawChartKey(step);
  drawStepDay();
}

// Where a line is to be drawn, there is room above for wrong ones, and the left side is given.
function drawStepChart(step, answer) {
  const { svg } = stepChart,
    drawing = Boolean(step.predict.line) && concealed();
  stepChart.open = drawing;
  stepChart.quiet = concealed();
  stepChart.figure.hidden = concealed() && !drawing;
  if (concealed() && !drawing) {
    conceal(stepChart);
    return;
  }
  stepChart.range ??= step.predict.line ? DATA.room[step.show[0]]?.slice() : null;
  drawChart(stepChart, drawing ? ["run"] : []);
  drawGuess(stepChart, step.predict.line ? answer.line : [], answer.end ?? current.end);
  const keys = { tabindex: 0, role: "application", "aria-label": T.draw_keys };
  if (drawing) for (const [name, value] of Object.entries(keys)) svg.setAttribute(name, value);
}

function drawStepDay() {
  const step = stepOf(state);
  if (step.show.includes("trials")) return;
  for (const c of [stepChart, ...cells]) {
    if (!concealed()) moveCursor(c);
  }
  if (concealed()) stepChart.value.textContent = stepChart.open ? stepChart.unit : "?";
  else $("lesson-title").textContent = observed(step);
}

// What the model gave when the prediction was made; a later test of the step does not rewrite it.
const modelEnd = step => (step.predict.line ? current.run.series[step.show[0]].at(-1) : null);

function observed(step) {
  const { line, model } = answerOf(state),
    { title, unit } = DATA.charts[step.show[0]];
  if (!step.predict.line) return step.title;
  const changed = shown(modelEnd(step)) !== shown(model);
  const words = changed ? T.observed_before : T.observed_line;
  return filled(words, { title, unit, drawn: shown(line.at(-1)), model: shown(model) });
}
