// What happens when, as in exosim.events, and when to observe, as in exosim.simulation.history.
const MINUTES = 1440;
const toMinute = day => Math.round(day * MINUTES) / MINUTES;

// Equal passes at one moment are one of their summed density; doses add. The sum is in the last place but one of a
// pass (reach, density, radius), the only one of a dose.
function together(events) {
  const sums = new Map();
  for (const e of events) {
    const [reach, density, radius] = e.numbers,
      pass = e.what.startsWith("injury");
    const key = JSON.stringify(pass ? [e.what, reach, radius] : [e.what]),
      before = sums.get(key);
    if (!before) sums.set(key, e);
    else {
      const numbers = pass ? [reach, before.numbers[1] + density, radius] : [before.numbers[0] + reach];
      sums.set(key, { ...before, numbers });
    }
  }
  return [...sums.values()];
}

// Windows of one treatment that meet are one.
function renewed(events) {
  const last = new Map(),
    windows = [];
  for (const e of events.filter(x => x.rank === 0)) {
    const key = JSON.stringify([e.kind, e.parameter, e.factor]),
      before = last.get(key);
    if (before && e.day <= before.until) before.until = Math.max(before.until, e.until);
    else {
      last.set(key, { ...e });
      windows.push(last.get(key));
    }
  }
  return windows;
}

function expanded(entries) {
  const events = [];
  for (const entry of entries)
    for (const day of entry.days)
      for (const e of SESSIONS[entry.kind](entry.settings, day))
        events.push({ ...e, day: toMinute(day), until: toMinute(e.until ?? day), kind: entry.kind });
  return events.sort(
    (a, b) => a.day - b.day || a.rank - b.rank || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0),
  );
}

const size = factor => Math.abs(Math.log(factor));

// The product over treatments; of one treatment with several factors that which changes most.
function factorsOn(windows, day) {
  const strongest = {},
    active = {};
  for (const e of windows)
    if (e.day <= day && day < e.until) {
      const own = (strongest[e.parameter] ??= {});
      if (!(size(own[e.kind] ?? 1) > size(e.factor))) own[e.kind] = e.factor;
    }
  for (const [parameter, kinds] of Object.entries(strongest))
    active[parameter] = Object.values(kinds).reduce((a, b) => a * b, 1);
  return active;
}

const same = (a, b) => {
  const x = Object.keys(a),
    y = Object.keys(b);
  return x.length === y.length && x.every(name => a[name] === b[name]);
};

function moments(events, end) {
  const windows = renewed(events),
    instant = events.filter(e => e.rank),
    kept = [];
  const days = new Set([0, end, ...instant.map(e => e.day), ...windows.flatMap(e => [e.day, e.until])]);
  for (const day of [...days].filter(d => d >= 0 && d <= end).sort((a, b) => a - b)) {
    const factors = factorsOn(windows, day),
      happening = together(instant.filter(e => e.day === day));
    const before = kept.at(-1)?.factors;
    if (!before || day === end || !same(factors, before) || happening.length)
      kept.push({ day, factors, happening });
  }
  return kept;
}

function observationTimes(start, stop) {
  const times = new Set([stop]);
  for (const after of SOON) if (after < stop - start - 1e-9) times.add(start + after);
  for (let day = Math.floor(start) + 1; day < Math.ceil(stop); day++) times.add(day);
  return [...times].sort((a, b) => a - b);
}
