// One file with all answers, each with the state it is about.
function answersText() {
  const lines = [T.title, T.answers_note, ""];
  for (const lesson of DATA.lessons)
    lesson.steps.forEach((step, i) => {
      const at = { lesson: lesson.id, step: i },
        answer = answers.get(answerId(at));
      if (!answer?.phase || answer.asked !== askedOf(at)) return;
      const chosen = step.predict.options[answer.option]?.text,
        end = answer.line.at(-1),
        here = state.lesson === lesson.id && state.step === i;
      lines.push(`${lesson.title}, ${i + 1}: ${step.title}`, `  ${step.predict.question}`);
      if (chosen) lines.push(`  ${T.you_said} ${chosen}`);
      if (end !== null)
        lines.push(`  ${filled(T.drew, { drawn: shown(end), unit: DATA.charts[step.show[0]].unit })}`);
      if (answer.words) lines.push(`  ${T.you_wrote} ${answer.words}`);
      lines.push(`  ${link(written(here ? state : parsed(`lesson=${lesson.id}&step=${i}`)))}`, "");
    });
  return lines.join("\n");
}

const saveAnswers = () => save("scar-lab-answers.txt", "text/plain", answersText());

// A page that came from a file has no address for others; the part after # is the same in every copy.
const isFile = location.protocol === "file:";
const link = query => (isFile ? `#${query}` : `${location.href.split("#")[0]}#${query}`);
