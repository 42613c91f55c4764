// The right-hand side of a step: predict, then observe and test, then compare one's reason with the answer.
let stepChart = null;

function buildPanel() {
  const step = stepOf(state),
    answer = answerOf(state),
    trials = step.show.includes("trials");
  stepChart = trials ? null : makeChart(step.show[0], 360, 145);
  if (stepChart && step.predict.line) {
    letDraw(stepChart, answer.line, values => {
      drawGuess(stepChart, values);
      allowRun();
    });
  }
  buildCells(step);
  $("panel").dataset.phase = answer.phase || "predict";
  const parts = { "": predictParts, run: observeParts, compared: compareParts }[answer.phase];
  $("panel").replaceChildren(...parts(step, answer));
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
    el("p", { class: "what" }, step.text),
    el("h2", { id: "lesson-title", tabindex: "-1" }, step.predict.question),
    ...(options.length
      ? [el("fieldset", { class: "options" }, el("legend", { class: "hidden" }, T.predict), ...options)]
      : []),
    ...draw,
    ...(stepChart ? [stepChart.figure] : []),
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "submit", class: "main", id: "onward" }, runWords()),
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
  answerOf(state).phase = "run";
  keepAnswers();
  buildPanel();
  refit();
  if (stepChart && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    show(0);
    play();
  } else show(current.moments.length - 1);
  $("onward").focus({ preventScroll: true });
}

// -- observe and test --

function observeParts(step, answer) {
  const chosen = step.predict.options[answer.option];
  const feedback = chosen
    ? [
        el(
          "p",
          { class: chosen.right ? "feedback right" : "feedback" },
          el("b", {}, `${T.you_said} `),
          `${chosen.text}. `,
          el("span", {}, chosen.feedback),
        ),
      ]
    : [];
  const area = el("textarea", { id: "words", rows: 1, placeholder: T.write, "aria-labelledby": "why" });
  area.value = answer.words;
  area.addEventListener("input", () => {
    answer.words = area.value.slice(0, 600);
    keepAnswers();
  });
  return [
    kicker(T.observe),
    el("h2", { id: "lesson-title", tabindex: "-1", "aria-live": "polite" }),
    ...feedback,
    ...(stepChart ? [stepChart.figure, chartKey(step)] : []),
    kicker(T.test),
    ...testParts(step),
    kicker(T.explain_why),
    el("p", { id: "why" }, step.explain),
    area,
    el(
      "div",
      { class: "buttons" },
      main(T.compare, compared),
      el("button", { type: "button", on: { click: again } }, T.again),
    ),
  ];
}

function chartKey(step) {
  const names = sideNames(),
    key = (kind, words) => el("span", {}, sample(kind), words);
  return el(
    "p",
    { class: "chart-key" },
    ...(step.predict.line ? [key("guess", T.your_line)] : []),
    ...(current?.control || names[0] ? [key("line control", names[0])] : []),
    key("line run", names.at(-1)),
  );
}

function testParts(step) {
  const designs = { groups: ["design", "faces", "groups"], nothing: ["effect", "gel", "none"] };
  const switches = step.test.map(name => {
    const known = DATA.switch_words[name],
      words = known ?? T[`test_${name}`],
      on = () => (known ? !state.off.includes(name) : state[designs[name][0]] === designs[name][2]);
    const button = el(
      "button",
      { type: "button", class: "toggle", role: "switch" },
      el("span", {}, words),
      el("b"),
    );
    const draw = () => {
      button.setAttribute("aria-checked", String(on()));
      button.lastChild.textContent = on() ? T.on : T.off;
    };
    button.addEventListener("click", () => {
      if (known) state.off = on() ? [...state.off, name] : state.off.filter(x => x !== name);
      else state[designs[name][0]] = designs[name][on() ? 1 : 2];
      draw();
      render();
    });
    draw();
    return button;
  });
  return [...step.controls.map(stepSlider), ...switches];
}

function stepSlider(name) {
  const range = name === "people" ? PEOPLE : limits(name, DATA.presets[state.preset]);
  if (!range) return el("p", { class: "note" }, `${DATA.sliders[name].label}: ${T.not_here}`);
  const { label, unit } = DATA.sliders[name] ?? { label: T.people, unit: "" },
    id = `step-${name}`,
    output = el("output", { for: id }),
    input = el("input", { type: "range", id, min: range.low, max: range.high, step: range.step });
  const draw = () => (output.textContent = settingWords(name, unit));
  input.value = state[name];
  input.addEventListener("input", () => {
    state[name] = rounded(Number(input.value), range);
    draw();
    render();
  });
  draw();
  return el("div", { class: "slider" }, el("label", { for: id }, label), output, input);
}

// -- compare --

function compared() {
  answerOf(state).phase = "compared";
  keepAnswers();
  buildPanel();
  drawSteps();
  render();
  $("onward").focus({ preventScroll: true });
}

function compareParts(step, answer) {
  const steps = lessonOf(state).steps,
    next = DATA.lessons[DATA.lessons.indexOf(lessonOf(state)) + 1],
    last = state.step === steps.length - 1;
  const onward = last
    ? next
      ? main(filled(T.next_lesson, { title: next.title }), () => forward(next.id, 0))
      : main(T.explore_freely, () => $("to-explore").click())
    : main(T.lesson_next, () => forward(state.lesson, state.step + 1));
  return [
    kicker(T.the_answer),
    el("h2", { id: "lesson-title", tabindex: "-1" }),
    ...(stepChart ? [stepChart.figure, chartKey(step)] : []),
    ...(answer.words ? [el("p", { class: "yours" }, el("b", {}, `${T.you_wrote} `), answer.words)] : []),
    el("p", { class: "answer" }, step.answer),
    ...testParts(step),
    el(
      "div",
      { class: "buttons" },
      onward,
      el("button", { type: "button", on: { click: again } }, T.again),
      el("button", { type: "button", on: { click: saveAnswers } }, T.save_answers),
    ),
  ];
}

function forward(lesson, step) {
  enter(lesson, step);
  const first = $("panel").querySelector("input, [tabindex='0'], button");
  first.focus({ preventScroll: true });
}

// Forget the prediction of this step and set its controls again.
function again() {
  answers.delete(answerId(state));
  keepAnswers();
  enter(state.lesson, state.step);
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
  stepChart.range ??= step.predict.line ? ROOM[step.show[0]]?.slice() : null;
  drawChart(stepChart, drawing ? ["run"] : []);
  drawGuess(stepChart, step.predict.line ? answer.line : []);
  const keys = { tabindex: 0, role: "application", "aria-label": T.draw_keys };
  if (drawing) for (const [name, value] of Object.entries(keys)) svg.setAttribute(name, value);
}
const ROOM = { improvement: [-12, 48], melanin: [-25, 25], tnf_alpha: [0, 600], erythema: [0.8, 2.4] };

function drawStepDay() {
  const step = stepOf(state);
  if (step.show.includes("trials")) return;
  for (const c of [stepChart, ...cells]) {
    if (!concealed()) moveCursor(c);
  }
  if (concealed()) stepChart.value.textContent = stepChart.open ? stepChart.unit : "?";
  else $("lesson-title").textContent = observed(step);
}

function observed(step) {
  const answer = answerOf(state),
    name = step.show[0],
    { title, unit } = DATA.charts[name],
    model = shown(current.run.series[name].at(-1));
  if (!step.predict.line) return step.title;
  return filled(T.observed_line, { title, unit, drawn: shown(answer.line.at(-1)), model });
}
