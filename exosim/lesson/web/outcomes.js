// Outcomes, as in exosim.results.outcomes.
const row = name => OBSERVABLES.indexOf(name);

function improvement(run) {
  const missing = run.observed[row("missing_collagen")];
  return missing.map(m => (Math.abs(missing[0]) > 1e-9 ? 100 * (1 - m / missing[0]) : NaN));
}

function daysAbove(times, values, threshold, start, end) {
  let sum = 0;
  for (let i = 1; i < times.length; i++) {
    if (times[i - 1] < start || times[i] > end) continue;
    const a = values[i - 1] - threshold,
      b = values[i] - threshold,
      span = Math.abs(a - b) || 1;
    sum += (times[i] - times[i - 1]) * (a > 0 && b > 0 ? 1 : a <= 0 && b <= 0 ? 0 : Math.max(a, b) / span);
  }
  return sum;
}

function firstProcedure(run) {
  const days = [...new Set(run.events.filter(e => e.rank === 1).map(e => e.day))];
  return [days[0] ?? 0, days[1] ?? run.end];
}

function peakTime(times, values) {
  const highest = values.indexOf(Math.max(...values)),
    i = Math.min(Math.max(highest, 1), times.length - 2);
  const left = times[i] - times[i - 1],
    right = times[i + 1] - times[i];
  const rise = (values[i] - values[i - 1]) / left,
    fall = (values[i + 1] - values[i]) / right;
  const top = times[i] + (rise * right + fall * left) / (rise - fall) / 2;
  return top >= times[i - 1] && top <= times[i + 1] ? top : times[highest];
}

function tnfPeakDay(run, start, end) {
  const tnf = run.observed[row("tnf_alpha")],
    inside = run.times.map((t, i) => i).filter(i => run.times[i] >= start && run.times[i] <= end);
  const values = inside.map(i => tnf[i]);
  return Math.max(...values) > 1.01 * tnf[0]
    ? peakTime(
        inside.map(i => run.times[i]),
        values,
      ) - start
    : NaN;
}

function onsetWeek(run) {
  const percent = improvement(run),
    first = percent.findIndex(v => v >= VISIBLE_IMPROVEMENT);
  if (first < 0) return NaN;
  const i = Math.max(first, 1),
    share = (percent[i] - VISIBLE_IMPROVEMENT) / (percent[i] - percent[i - 1]);
  const left = Math.min(Math.max(share === share ? share : 0, 0), 1);
  return (run.times[i] - left * (run.times[i] - run.times[i - 1])) / 7;
}

function area(times, values) {
  let sum = 0;
  for (let i = 1; i < times.length; i++)
    sum += ((values[i] + values[i - 1] - 2 * values[0]) / 2) * (times[i] - times[i - 1]);
  return sum;
}

function outcomesOf(run) {
  const last = name => run.observed[row(name)].at(-1),
    [start, next] = firstProcedure(run);
  const redness = run.observed[row("erythema")],
    melanin = run.observed[row("melanin_index")];
  const rise = melanin.map(m => 100 * (m / melanin[0] - 1)),
    peak = Math.max(...rise);
  const found = {
    improvement_percent: improvement(run).at(-1),
    downtime_days: daysAbove(run.times, redness, VISIBLE_REDNESS, start, next),
    erythema_days: daysAbove(run.times, redness, VISIBLE_REDNESS, 0, run.end),
    tnf_auc: area(run.times, run.observed[row("tnf_alpha")]),
    tnf_peak_day: tnfPeakDay(run, start, next),
    melanin_index_change_percent: rise.at(-1),
    melanin_index_peak_percent: peak,
    pih: peak > PIH_RISE,
    onset_week: onsetWeek(run),
    collagen_ratio_1_3: last("collagen_ratio_1_3"),
    collagen_relative: last("collagen_relative"),
    scar_depth_um: 1000 * last("missing_collagen"),
  };
  for (const name in found) if (found[name] !== found[name]) found[name] = null;
  return found;
}
