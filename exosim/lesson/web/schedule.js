// What happens when, as in exosim.events, and when to observe, as in exosim.simulation.history.
function expanded(entries) {
  const events = [];
  for (const entry of entries)
    for (const day of entry.days)
      for (const event of SESSIONS[entry.kind](entry.settings, day))
        events.push({ ...event, day, kind: entry.kind });
  return events.sort(
    (a, b) => a.day - b.day || a.rank - b.rank || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0),
  );
}

function factorsOn(events, day) {
  const active = {};
  for (const e of events)
    if (e.rank === 0 && e.day <= day && day < e.until)
      active[e.parameter] = (active[e.parameter] ?? 1) * e.factor;
  return active;
}

const same = (a, b) => {
  const x = Object.keys(a),
    y = Object.keys(b);
  return x.length === y.length && x.every(name => a[name] === b[name]);
};

function moments(events, end) {
  const days = new Set([0, end]);
  for (const e of events) {
    days.add(e.day);
    if (e.rank === 0) days.add(e.until);
  }
  const windows = events.filter(e => e.rank === 0),
    kept = [];
  let before = null;
  for (const day of [...days].filter(d => d >= 0 && d <= end).sort((a, b) => a - b)) {
    const factors = factorsOn(windows, day),
      happening = events.filter(e => e.rank && e.day === day);
    if (day === 0 || day === end || !same(factors, before) || happening.length)
      kept.push({ day, factors, happening });
    before = factors;
  }
  return kept;
}

function observationTimes(start, stop) {
  const times = new Set([stop]);
  for (const after of SOON) if (after < stop - start - 1e-9) times.add(start + after);
  for (let day = Math.floor(start) + 1; day < Math.ceil(stop); day++) times.add(day);
  return [...times].sort((a, b) => a - b);
}
