// Lessons, step by step.
function drawLesson() {
  const lesson = DATA.lessons.find(x => x.id === state.lesson),
    body = $("lesson-body");
  $("lesson-pick").value = state.lesson;
  body.hidden = !lesson;
  if (!lesson) {
    body.replaceChildren();
    return;
  }
  const step = lesson.steps[state.step],
    last = lesson.steps.length - 1;
  const go = by => () => {
    state.step += by;
    enter();
    $("lesson-title").focus();
  };
  body.replaceChildren(
    el(
      "p",
      { class: "note" },
      `${lesson.title} (${lesson.minutes} ${T.lesson_minutes}). ${lesson.about} ${T.lesson_step} ${state.step + 1} ${T.lesson_of} ${last + 1}.`,
    ),
    el("h2", { id: "lesson-title", tabindex: "-1" }, step.title),
    el("p", {}, step.text),
    el("p", {}, el("strong", {}, `${T.lesson_question}: `), step.question),
    el("details", { class: "answer" }, el("summary", {}, T.lesson_reveal), el("p", {}, step.reveal)),
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", disabled: state.step === 0, on: { click: go(-1) } }, T.lesson_back),
      el(
        "button",
        { type: "button", class: "main", disabled: state.step === last, on: { click: go(1) } },
        T.lesson_next,
      ),
      el("button", { type: "button", on: { click: enter } }, T.lesson_again),
    ),
  );
}

function enter() {
  const { lesson, step, pins } = state,
    found = DATA.lessons.find(x => x.id === lesson);
  if (found) state = { ...parsed(found.steps[step].state), lesson, step, pins };
  drawLesson();
  refit();
}

function buildLessons() {
  $("lesson-pick").append(
    el("option", { value: "" }, T.lesson_none),
    ...DATA.lessons.map(x => el("option", { value: x.id }, `${x.title} (${x.minutes} ${T.lesson_minutes})`)),
  );
  $("lesson-pick").addEventListener("change", () => {
    state.lesson = $("lesson-pick").value;
    state.step = 0;
    enter();
  });
}
