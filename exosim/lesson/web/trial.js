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

const TRIAL_BOX = { width: 880, height: 520, left: 24, right: 16, top: 70, bottom: 46, low: -15, high: 40 };

function drawTrials() {
  const known = !concealed(),
    { width, height, left, right, top, bottom, low, high } = TRIAL_BOX,
    cohort = DATA.cohort[state.set],
    truth = state.effect === "none" ? 0 : mean(cohort.run) - mean(cohort.control);
  const x = v => left + ((Math.min(Math.max(v, low), high) - low) / (high - low)) * (width - left - right),
    y = i => top + ((i + 0.5) / DRAWN_TRIALS) * (height - top - bottom);
  const trials = known ? trialsOf(state, DRAWN_TRIALS).sort((a, b) => a.middle - b.middle) : [],
    found = trials.filter(t => t.found),
    text = (words, px, py, kind = "", anchor = "middle") =>
      el("svg:text", { x: px, y: py, class: kind, "text-anchor": anchor }, words);
  const axis = [-10, 0, 10, 20, 30].map(v => text(spelled(v), x(v), height - 22));
  const svg = el(
    "svg:svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": known ? trialWords(found, truth) : T.trials_hidden,
    },
    text(
      filled(T.trials_title, {
        people: state.people,
        design: T[`design_${state.design}`],
        effect: T[`effect_${state.effect}`],
      }),
      left,
      26,
      "name big",
      "start",
    ),
    el("svg:path", { class: "rest", d: `M${x(0)} ${top - 12}V${height - bottom}` }),
    el("svg:path", { class: "truth", d: `M${x(truth)} ${top - 12}V${height - bottom}` }),
    text(filled(T.truth, { truth: shown(truth) }), x(truth) + 6, top - 14, "truth-words", "start"),
    ...axis,
    text(T.trials_axis, (left + width - right) / 2, height - 4),
    ...trials.map((t, i) =>
      el("svg:path", {
        class: t.found ? "trial found" : "trial",
        d: `M${x(t.middle - t.half).toFixed(1)} ${y(i).toFixed(1)}H${x(t.middle + t.half).toFixed(1)}M${x(t.middle).toFixed(1)} ${y(i).toFixed(1)}m-1.5 0h3`,
      }),
    ),
    ...(known ? [] : [text("?", width / 2, height / 2, "unknown-mark")]),
  );
  $("trials").replaceChildren(
    svg,
    el(
      "p",
      { class: "note" },
      known ? filled(T.trials_key, { set: T[`set_${state.set}`] ?? state.set }) : T.trials_hidden,
    ),
  );
  if (known) $("lesson-title").textContent = trialWords(found, truth);
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
