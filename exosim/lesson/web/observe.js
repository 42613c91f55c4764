// After the run: observe, test one's reason, explain, compare with the answer.
function observeParts(step, answer) {
  const chosen = step.predict.options[answer.option];
  const feedback = chosen
    ? [
        el(
          "p",
          { class: chosen.right ? "feedback right" : "feedback" },
          el("b", {}, `${T.you_said} `),
          `${chosen.text}${/[.?!]$/.test(chosen.text) ? "" : "."} `,
          el("span", {}, ...marked(chosen.feedback)),
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
    ...(stepChart ? [stepChart.figure, el("p", { id: "chart-key" })] : []),
    kicker(T.test),
    ...testParts(step),
    kicker(T.explain_why),
    el("p", { id: "why" }, ...marked(step.explain)),
    area,
    el(
      "div",
      { class: "buttons" },
      main(T.compare, compared),
      el("button", { type: "button", on: { click: again } }, T.again),
      ...toMarks(),
    ),
  ];
}

function drawChartKey(step) {
  const names = sideNames(),
    key = (kind, words) => el("span", {}, sample(kind), words);
  $("chart-key")?.replaceChildren(
    ...(step.predict.line ? [key("guess", T.your_line)] : []),
    ...(current.control ? [key("line control", names[0])] : []),
    ...(concealed() ? [] : [key("line run", names[1])]),
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
      el("span", {}, words, ...(known ? [" ", sidesMark(name)] : [])),
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
  const mark = name === "people" ? [] : [" ", sidesMark(name)];
  return el("div", { class: "slider" }, el("label", { for: id }, label, ...mark), output, input);
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
    ...(stepChart ? [stepChart.figure, el("p", { id: "chart-key" })] : []),
    ...(answer.words ? [el("p", { class: "yours" }, el("b", {}, `${T.you_wrote} `), answer.words)] : []),
    el("p", { class: "answer" }, ...marked(step.answer)),
    ...testParts(step),
    el(
      "div",
      { class: "buttons" },
      onward,
      el("button", { type: "button", on: { click: again } }, T.again),
      el("button", { type: "button", on: { click: saveAnswers } }, T.save_answers),
      ...toMarks(),
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
