// The drawing of skin: the numbers of a moment of a run, which skin_scene.js turns into shapes.
const ROW = Object.fromEntries(ENTRIES.map((name, i) => [name, i]));

// All states and observables of a run on a day; below 0 those before anything is done, on a day of treatment those after.
function skinNumbers(run, day) {
  const { times, states, observed } = run,
    i = Math.max(
      0,
      times.findLastIndex(t => t <= day),
    ),
    j = Math.min(i + 1, times.length - 1),
    part = day > times[i] && times[j] > times[i] ? (day - times[i]) / (times[j] - times[i]) : 0;
  const between = (a, b) => a + part * (b - a),
    numbers = {};
  for (const name in ROW) numbers[name] = between(states[i][ROW[name]], states[j][ROW[name]]);
  OBSERVABLES.forEach((name, k) => (numbers[name] = between(observed[k][i], observed[k][j])));
  return numbers;
}

// The last passes of needles and lasers until a day, with the depth of their zones.
function passesUntil(run, day) {
  const done = run.events.filter(e => e.rank === 1 && e.day <= day),
    last = {};
  for (const e of done) last[modeOf(e)] = e.day;
  return done
    .filter(e => e.day === last[modeOf(e)])
    .map(e => {
      const [reach, density, radius] = e.numbers;
      return {
        mode: modeOf(e),
        depth: DEPTHS[modeOf(e)](run.base, [reach, radius]),
        density: density / 100,
        radius,
      };
    })
    .sort((a, b) => (a.mode < b.mode ? -1 : a.mode > b.mode ? 1 : b.depth - a.depth));
}
const modeOf = event => event.what.split(":")[1];

function skinMoment(run, day) {
  const given = {};
  for (const name of SKIN.given) given[name] = run.base[INDEX[name]];
  const before = run.observed[OBSERVABLES.indexOf("missing_collagen")][0];
  return { numbers: skinNumbers(run, day), given, passes: passesUntil(run, day), scar: run.scar, before };
}
