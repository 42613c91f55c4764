// Both sides of a face: what each is called, how the other one is computed, and which of them a control moves.

// Return the names of both sides. They follow the controls: {energy} in a name is the energy of its side, and a name
// without such a word says when its side alone was changed.
function sideNames() {
  const step = stepOf(state);
  if (!step?.sides.length) return [T.without, DATA.presets[state.preset].name];
  const [control, run] = step.sides.length > 1 ? step.sides : ["", ...step.sides],
    other = otherState(state, step) ?? state,
    usual = parsed(step.state, false),
    changed = name => name !== "weeks" && state[name] !== usual[name] && !run.includes(`{${name}}`);
  return [
    filled(control, other),
    filled(run, state) + (step.against && step.controls.some(changed) ? T.changed : ""),
  ];
}

// The state of the left side where a step names one. Switches and weeks are those of the right side.
const otherState = (s, step) =>
  step?.against ? { ...parsed(step.against, false), off: s.off, weeks: s.weeks } : null;

// The other side: that which a step names, or the same without exosomes and PRP. It is kept, because what moves the right
// side alone leaves it as it is.
let kept = { key: null, run: null };
function sidesOf(s) {
  const other = otherState(s, stepOf(s)),
    key = otherSide(s),
    found = computed(s, !other && key !== kept.key);
  if (!key) return found;
  if (key !== kept.key) kept = { key, run: other ? computed(other, false).run : found.control };
  return { ...found, control: kept.run };
}

// Everything that decides what happens on the other side of a state; nothing where there is no other side.
function otherSide(s) {
  const other = otherState(s, stepOf(s)),
    { treatments, skin, weeks } = scenarioOf(other ?? s),
    fewer = treatments.filter(x => other || !DATA.adjuncts.includes(x.kind));
  if (!other && fewer.length === treatments.length) return null;
  return JSON.stringify([fewer, skin, weeks, (other ?? s).off, (other ?? s).set, (other ?? s).preset]);
}

// Say which sides a control moves: another value of it is tried.
function sidesMoved(name) {
  const here = otherSide(state);
  if (!here) return "";
  if (!settable().includes(name)) return sidesSwitched(name);
  const range = limits(name, DATA.presets[state.preset]);
  if (!range) return "";
  const there = otherSide({ ...state, [name]: state[name] === range.low ? range.high : range.low });
  return here === there ? T.moves_right : T.moves_both;
}

// A switch moves a side on which its effect takes place.
function sidesSwitched(name) {
  const rest = state.off.filter(x => x !== name),
    off = [...rest, name];
  if (!alike(observedWith(rest, true), observedWith(off, true))) return T.moves_both;
  return alike(observedWith(rest, false), observedWith(off, false)) ? T.not_here : T.moves_right;
}

const alike = (a, b) => a.every((row, i) => row.every((x, j) => x === b[i][j]));

// What is observed on a side with these switches off. It is kept while the marks are drawn: most switches share one of two.
const seenWith = new Map();
function observedWith(off, left) {
  const key = `${off} ${left}`;
  if (!seenWith.has(key)) {
    const other = left && otherState(state, stepOf(state)),
      s = { ...(other || state), off },
      { treatments, end } = scenarioOf(s),
      done = treatments.filter(x => !left || other || !DATA.adjuncts.includes(x.kind));
    seenWith.set(key, simulate(valuesOf(s), done, end).observed);
  }
  return seenWith.get(key);
}

// A place at a control for these words, and what fills all of them when they may have changed.
const sidesMark = name => el("small", { class: "sides", "data-moves": name });
function markSides() {
  const key = [state.preset, state.lesson, state.step, Boolean(current.control)].join();
  for (const mark of (state.lesson ? $("panel") : $("controls")).querySelectorAll(".sides")) {
    if (mark.dataset.key === key) continue;
    mark.dataset.key = key;
    mark.textContent = sidesMoved(mark.dataset.moves);
  }
  seenWith.clear();
}
