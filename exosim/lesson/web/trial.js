// Trials on a virtual cohort: people whom exosim simulated, drawn by lot, scored with an error, judged by a t test.
const DRAWN_TRIALS = 100;

// A random number generator that gives the same numbers for the same seed (mulberry32).
function lottery(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const mean = values => values.reduce((a, b) => a + b, 0) / values.length;
const squares = (values, middle) => values.reduce((sum, v) => sum + (v - middle) ** 2, 0);

// Return a trial: the difference that it reports, half its 95 % interval, and whether it finds an effect.
function oneTrial({ people, design, effect }, cohort, random) {
  const noise = () =>
      cohort.error * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
    someone = () => Math.floor(random() * cohort.control.length),
    other = effect === "none" ? cohort.control : cohort.run;
  let middle, error, free;
  if (design === "faces") {
    const differences = Array.from({ length: people }, () => {
      const i = someone();
      return other[i] + noise() - cohort.control[i] - noise();
    });
    middle = mean(differences);
    free = people - 1;
    error = Math.sqrt(squares(differences, middle) / free / people);
  } else {
    const half = Math.floor(people / 2),
      rest = people - half,
      a = Array.from({ length: half }, () => cohort.control[someone()] + noise()),
      b = Array.from({ length: rest }, () => other[someone()] + noise());
    middle = mean(b) - mean(a);
    free = people - 2;
    error = Math.sqrt(((squares(a, mean(a)) + squares(b, mean(b))) / free) * (1 / half + 1 / rest));
  }
  const half = cohort.critical[free - 1] * error;
  return { middle, half, found: Math.abs(middle) > half };
}

function trialsOf(s, number, seed = 1) {
  const random = lottery(seed);
  return Array.from({ length: number }, () =>
    oneTrial(s, DATA.cohort[s.set] ?? Object.values(DATA.cohort)[0], random),
  );
}

const AXIS = { left: 14, right: 14, top: 26, bottom: 24, low: -15, high: 40 };

// Before the prediction: the people of one trial; after it: a hundred trials.
function drawTrials() {
  const known = !concealed(),
    cohort = DATA.cohort[state.set],
    truth = state.effect === "none" ? 0 : mean(cohort.run) - mean(cohort.control),
    trials = known ? trialsOf(state, DRAWN_TRIALS).sort((a, b) => a.middle - b.middle) : [],
    cut = trials.filter(t => t.middle - t.half < AXIS.low || t.middle + t.half > AXIS.high).length,
    found = trials.filter(t => t.found),
    [title, picture, axis, note] = $("trials").children,
    [width, height] = [picture.clientWidth, picture.clientHeight].map(size => (size || 500) / letters());
  title.textContent = filled(T.trials_title, {
    people: state.people,
    design: T[`design_${state.design}`],
    effect: T[`effect_${state.effect}`],
  });
  const words = known ? trialWords(found, truth) : T.trials_hidden,
    drawn = known ? drawIntervals(trials, truth, width, height) : drawPeople(state, width, height);
  picture.replaceChildren(
    el("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words }, ...drawn),
  );
  note.textContent = known ? filled(T.trials_key, { set: T[`set_${state.set}`] ?? state.set }) : words;
  if (cut) note.append(` ${filled(T.trials_cut, { number: cut })}`);
  axis.hidden = !known;
  if (known) $("lesson-title").textContent = words;
}

const wordsAt = (words, x, y, kind = "", anchor = "middle") =>
  el("svg:text", { x, y, class: kind, "text-anchor": anchor }, words);

function drawIntervals(trials, truth, width, height) {
  const { left, right, top, bottom, low, high } = AXIS,
    x = v => left + ((Math.min(Math.max(v, low), high) - low) / (high - low)) * (width - left - right),
    y = i => top + ((i + 0.5) / DRAWN_TRIALS) * (height - top - bottom),
    upright = (kind, v) => el("svg:path", { class: kind, d: `M${x(v)} ${top - 8}V${height - bottom}` });
  return [
    upright("rest", 0),
    ...trials.map((t, i) => drawInterval(t, x, y(i))),
    upright("truth", truth),
    wordsAt(filled(T.truth, { truth: shown(truth) }), x(truth) + 6, top - 10, "truth-words", "start"),
    ...[-10, 0, 10, 20, 30].map(v => wordsAt(spelled(v), x(v), height - 6)),
  ];
}

// Two blocks of people, or one of which each has two sides.
function drawPeople({ people, design, effect }, width, height) {
  const sides = [T.side_laser, T[`side_${effect}`]],
    faces = design === "faces",
    blocks = faces ? [people] : [Math.floor(people / 2), Math.ceil(people / 2)],
    wide = width / blocks.length,
    high = height - 50,
    most = blocks.at(-1),
    rows = Math.ceil(most / Math.ceil(Math.sqrt((most * wide) / high))),
    columns = Math.ceil(most / rows),
    size = Math.min(wide / (columns + 0.5), high / (rows + 0.5));
  const person = (block, i) => {
    const x = block * wide + wide / 2 + ((i % columns) - (columns - 1) / 2) * size,
      y = 46 + (Math.floor(i / columns) + 0.5) * size + (high - rows * size) / 2;
    const half = (side, way) =>
      el("svg:path", {
        class: side,
        transform: `translate(${x} ${y}) scale(${size / 2.4})`,
        d: `M0 -0.95A0.42 0.42 0 0 ${way} 0 -0.11ZM0 0A0.8 0.95 0 0 ${way} ${way ? 0.8 : -0.8} 0.95H0Z`,
      });
    const [a, b] = faces ? ["control", "run"] : Array(2).fill(["control", "run"][block]);
    return [half(a, 0), half(b, 1)];
  };
  const all = blocks.flatMap((number, block) =>
      Array.from({ length: number }, (_, i) => person(block, i)).flat(),
    ),
    names = sides.map((words, i) =>
      wordsAt(words, ((i + 0.5) * width) / 2, 28, `big ${["control", "run"][i]}`),
    );
  return [el("svg:g", { class: "people" }, ...names, ...all)];
}

// One trial: its interval and the middle of it. An end beyond the axis, which is the same for all trials so that they can
// be compared, is an arrow.
function drawInterval({ middle, half, found }, x, y) {
  const { low, high } = AXIS,
    [from, to] = [middle - half, middle + half];
  const arrow = (end, way) => `M${x(end) - 5 * way} ${y - 2.5}L${x(end)} ${y}L${x(end) - 5 * way} ${y + 2.5}`;
  const parts = [
    `M${x(from).toFixed(1)} ${y.toFixed(1)}H${x(to).toFixed(1)}`,
    middle > low && middle < high ? `M${x(middle).toFixed(1)} ${y.toFixed(1)}m-1.5 0h3` : "",
    from < low ? arrow(low, -1) : "",
    to > high ? arrow(high, 1) : "",
  ];
  return el("svg:path", { class: found ? "trial found" : "trial", d: parts.join("") });
}

// False alarms cancel in a mean, so their sizes are told. What trials report on average is told in the last step of a
// lesson only: it is what that step asks for.
function trialWords(found, truth) {
  const sizes = found.map(t => (truth ? t.middle : Math.abs(t.middle))),
    last = state.step === lessonOf(state).steps.length - 1,
    words = { found: found.length, above: found.filter(t => t.middle > 0).length, truth: shown(truth) };
  words.below = found.length - words.above;
  words.gain = found.length ? shown(mean(sizes)) : "\u2013";
  return filled(!truth ? T.trials_false : last ? T.trials_found : T.trials_counted, words);
}
