// Which published values may be shown with a run: the one rule, over the data of exosim.evidence.
// Return what requirements of published regimens are about, as exosim.evidence.particulars does.
function particularsOf(treatments, run) {
  const injuries = run.events.filter(e => e.rank === 1),
    days = [...new Set(injuries.map(e => e.day))];
  const found = {
    sessions: [days.length],
    every_days: days.slice(1).map((day, i) => day - days[i]),
    week: [(run.end - (days[0] ?? 0)) / DAYS_PER_WEEK],
  };
  for (const { kind, settings } of treatments)
    for (const name in settings) (found[`${kind}.${name}`] ??= []).push(settings[name]);
  for (const { kind } of injuries)
    found[`${kind}.zones_per_cm2`] = days.map(day =>
      injuries.reduce((sum, e) => sum + (e.kind === kind && e.day === day ? e.numbers[1] : 0), 0),
    );
  for (const { kind, day, numbers } of run.events.filter(e => e.rank > 1)) {
    (found[`${kind}.after_days`] ??= []).push(day - (days.findLast(d => d <= day) ?? -Infinity));
    (found[`${kind}.per_session`] ??= [0])[0] += numbers[0] / Math.max(days.length, 1);
  }
  return found;
}

// Return whether the chosen set is fitted to a published value: alone, or to all studies at once.
function fittedWords({ fitted }) {
  if (!fitted.includes(state.set)) return T.not_fitted;
  return state.set === "trials" ? filled(T.fitted_together, { n: DATA.studies.length }) : T.fitted;
}

function publishedFor(treatments, run, scar) {
  const regimen = [...new Set(treatments.map(x => x.kind))]
      .filter(kind => !DATA.ignored.includes(kind))
      .sort()
      .join(),
    found = particularsOf(treatments, run);
  const within = x => (found[x.name] ?? []).every(value => x.low <= value && value <= x.high);
  return DATA.published
    .filter(x => DATA.atrophic.includes(scar) && x.treatments.join() === regimen)
    .map(x => ({ ...x, differs: x.regimen.filter(required => !within(required)).map(r => r.says) }));
}
