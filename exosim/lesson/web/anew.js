// Start a lesson over: its answers are forgotten, after one question.
const answered = () => [...answers.keys()].filter(id => id.startsWith(`${state.lesson}/`));

function buildStartOver() {
  const button = (words, click, kind = "") =>
    el("button", { type: "button", class: kind, on: { click } }, words);
  $("start-over").addEventListener("click", () => $("ask").showModal());
  $("ask").append(
    el("p", { id: "ask-words" }, T.start_over_ask),
    el(
      "div",
      { class: "buttons" },
      button(T.keep_answers, () => $("ask").close()),
      button(T.clear_answers, startOver, "main"),
    ),
  );
}

function startOver() {
  $("ask").close();
  for (const id of answered()) answers.delete(id);
  keepAnswers();
  enter(state.lesson, 0);
  $("lesson").focus({ preventScroll: true });
}

// There is something to forget where a step has been predicted.
function drawStartOver() {
  $("start-over").hidden = !answered().some(id => answers.get(id).phase);
}
