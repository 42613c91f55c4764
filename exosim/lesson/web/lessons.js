// Lessons: which one, which step, and what has been answered.
const ANSWERS_KEPT = "scar-lab-answers";
const answers = new Map(Object.entries(keptAnswers()));

function keptAnswers() {
  try {
    return JSON.parse(store.get(ANSWERS_KEPT)) ?? {};
  } catch {
    return {};
  }
}

const lessonOf = s => DATA.lessons.find(x => x.id === s.lesson);
const stepOf = s => lessonOf(s)?.steps[s.step];
const answerId = s => `${s.lesson}/${s.step}`;
// What an answer is to, in whatever language it was given: lessons that were changed begin anew.
const askedOf = s =>
  DATA.languages[LANGUAGES[0]].lessons.find(x => x.id === s.lesson).steps[s.step].predict.question;

// The answer of a step: option, line, what the model gave on which day, sentence, and how far it is: "" (not run), "run" or
// "compared".
function answerOf(s) {
  const id = answerId(s);
  const kept = answers.get(id);
  if (!kept || kept.asked !== askedOf(s))
    answers.set(id, {
      asked: askedOf(s),
      option: null,
      line: Array(GRID + 1).fill(null),
      model: null,
      end: null,
      words: "",
      phase: "",
    });
  return answers.get(id);
}

function keepAnswers() {
  const done = [...answers].filter(([, x]) => x.phase);
  store.set(ANSWERS_KEPT, JSON.stringify(Object.fromEntries(done)));
}

// In a lesson nothing is shown before a prediction is made.
const concealed = () => Boolean(state.lesson) && !answerOf(state).phase;

function enter(lesson, step) {
  stop();
  const query = `lesson=${lesson}&step=${step}`;
  state = { ...parsed(query), embed: state.embed, pins: state.pins };
  arrive();
}

// Show where the state is: a step of a lesson, or everything.
function arrive() {
  document.body.dataset.mode = state.lesson ? "lesson" : "explore";
  document.body.classList.toggle("embed", state.embed);
  $("lesson").hidden = !state.lesson;
  $("explore").hidden = Boolean(state.lesson);
  $("skip").href = state.lesson ? "#lesson" : "#main";
  if (state.lesson) {
    $("play-area").prepend($("stage"));
    state.day = concealed() ? BEFORE : DAYS_PER_WEEK * state.weeks;
  } else $("stage-place").append($("stage"));
  (state.lesson ? $("play-area") : $("top")).append($("message"));
  drawSteps();
  if (state.lesson) buildPanel();
  refit();
}

function buildLessons() {
  $("lesson-pick").append(
    ...DATA.lessons.map(x => el("option", { value: x.id }, `${x.title} (${x.minutes} ${T.lesson_minutes})`)),
    el("option", { value: "" }, T.lesson_none),
  );
  $("lesson-pick").addEventListener("change", () => {
    const chosen = $("lesson-pick").value;
    if (chosen) enter(chosen, 0);
    else go("explore=1");
  });
  $("to-explore").addEventListener("click", () => {
    if (!state.lesson) return enter(DATA.lessons[0].id, 0);
    go(written({ ...state, lesson: "", day: FIRST_DAY }));
    $("main").focus();
  });
  $("skip").addEventListener("click", event => {
    event.preventDefault();
    (state.lesson ? $("lesson") : $("main")).focus();
  });
}

// One stop of the Tab key for all steps; arrow keys move between them.
function drawSteps() {
  const lesson = lessonOf(state);
  $("lesson-pick").value = state.lesson;
  $("to-explore").textContent = state.lesson ? T.explore_freely : T.to_lessons;
  $("steps").hidden = !lesson;
  $("steps").replaceChildren(
    ...(lesson?.steps ?? []).map((step, i) => {
      const here = i === state.step,
        done = answers.get(`${state.lesson}/${i}`)?.phase === "compared";
      return el(
        "button",
        {
          type: "button",
          role: "radio",
          "aria-checked": String(here),
          tabindex: here ? "0" : "-1",
          class: done ? "done" : "",
          title: step.title,
          "aria-label": `${i + 1}: ${step.title}`,
          on: { click: () => toStep(i), keydown: event => alongSteps(event, i) },
        },
        String(i + 1),
      );
    }),
  );
}

function toStep(i) {
  enter(state.lesson, i);
  $("steps").children[i].focus();
}

function alongSteps(event, i) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key],
    number = lessonOf(state).steps.length;
  if (!by) return;
  event.preventDefault();
  toStep((i + by + number) % number);
}
