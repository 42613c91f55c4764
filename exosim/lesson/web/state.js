// The state of the page: what can be set, how an address holds it, and the scenario that it describes.
const SLIDERS = {
  depth: { setting: "depth_mm", step: 0.1 },
  energy: { setting: "energy_mj", step: 1 },
  density: { setting: "density_per_cm2", step: 10 },
  dose: { low: 0, high: 4, step: 0.1, plain: 1 },
  sessions: { low: 1, high: 5, step: 1 },
  spacing: { low: 7, high: 56, step: 1 },
  phototype: { low: 1, high: 6, step: 1 },
  spf: { low: 1, high: 100, step: 1 },
};
const MORE = { weeks: { low: 1, high: 52, step: 1 }, uv: { low: 0, high: 8, step: 0.1 } };
const has = (entry, name) => Object.hasOwn(entry.settings, name);
const holder = (preset, name) => preset.entries.find(entry => has(entry, name));
const doses = preset =>
  preset.entries.some(entry => has(entry, "particles_per_ml") && entry.settings.particles_per_ml > 0);
const movable = preset => preset.entries.some(entry => entry.after);

// The range of a slider. It ends with the first step at which the model has stopped responding.
function limits(name, preset) {
  const s = SLIDERS[name] ?? MORE[name],
    entry = s.setting && holder(preset, s.setting);
  if (s.setting && !entry) return null;
  if (name === "dose" && !doses(preset)) return null;
  if ((name === "sessions" || name === "spacing") && !movable(preset)) return null;
  const { low, high } = entry ? DATA.settings[entry.kind][s.setting] : s,
    last = entry?.ends[s.setting] ?? high;
  return { low, high: rounded(last, { low, high, step: s.step }, Math.ceil), step: s.step };
}

function plain(name, preset) {
  const s = SLIDERS[name] ?? MORE[name],
    sun = preset.entries.find(entry => entry.kind === SUN);
  if (s.setting) return holder(preset, s.setting)?.settings[s.setting] ?? null;
  if (name === "phototype") return preset.skin.phototype;
  if (name === "uv") return preset.skin.uv_dose_per_day;
  if (name === "weeks") return preset.weeks;
  if (name === "spf") return sun ? sun.settings.spf : 1;
  if (name === "sessions") return preset.sessions.number;
  if (name === "spacing") return preset.sessions.every;
  return s.plain;
}

function fresh(name) {
  const preset = DATA.presets[name],
    s = { preset: name, off: [], scar: preset.skin.scar, severity: preset.skin.severity };
  for (const slider of [...Object.keys(SLIDERS), ...Object.keys(MORE)]) s[slider] = plain(slider, preset);
  return s;
}

function scenarioOf(s) {
  const preset = DATA.presets[s.preset],
    end = DAYS_PER_WEEK * s.weeks,
    treatments = [];
  const sunscreen = { kind: SUN, settings: { spf: s.spf }, after: null, daily: true };
  const entries = preset.entries.filter(entry => entry.kind !== SUN).concat(s.spf > 1 ? [sunscreen] : []);
  const sessions = Array.from({ length: s.sessions }, (_, i) => preset.sessions.start + i * s.spacing);
  let late = false;
  for (const entry of entries) {
    const settings = { ...entry.settings };
    for (const name of ["depth", "energy", "density"])
      if (has(entry, SLIDERS[name].setting)) settings[SLIDERS[name].setting] = s[name];
    if (has(entry, "particles_per_ml")) settings.particles_per_ml *= s.dose;
    let days = entry.days;
    if (entry.daily) days = Array.from({ length: Math.ceil(end) }, (_, day) => day);
    else if (entry.after)
      days = sessions.flatMap(day => entry.after.map(after => day + after)).sort((a, b) => a - b);
    const inside = days.filter(day => day < end);
    late ||= inside.length < days.length;
    if (inside.length)
      treatments.push({ kind: entry.kind, settings, days: inside, after: entry.after, daily: entry.daily });
  }
  return {
    name: preset.name,
    weeks: s.weeks,
    end,
    treatments,
    late,
    sessions: { start_day: preset.sessions.start, every_days: s.spacing, number: s.sessions },
    skin: { scar: s.scar, severity: s.severity, phototype: s.phototype, uv_dose_per_day: s.uv },
  };
}

function valuesOf(s) {
  const assumed = { ...DATA.presets[s.preset].assume };
  for (const name of s.off) assumed[name] = 0;
  return {
    ...DATA.sets[s.set].values,
    phototype_response: DATA.phototypes[s.phototype],
    uv_dose: s.uv,
    ...assumed,
    ...DATA.skins[s.scar][s.severity],
  };
}

function computed(s, withControl) {
  const scenario = scenarioOf(s),
    values = valuesOf(s),
    run = finished(simulate(values, scenario.treatments, scenario.end));
  const fewer = scenario.treatments.filter(x => !DATA.adjuncts.includes(x.kind));
  const control =
    withControl && fewer.length < scenario.treatments.length
      ? finished(simulate(values, fewer, scenario.end))
      : null;
  for (const side of [run, control]) if (side) side.scar = s.scar;
  return { scenario, run, control };
}

function finished(run) {
  const melanin = run.observed[row("melanin_index")];
  run.series = Object.fromEntries(OBSERVABLES.map((name, i) => [name, run.observed[i]]));
  run.series.improvement = improvement(run);
  run.series.melanin = melanin.map(m => 100 * (m / melanin[0] - 1));
  run.series.wound_area = run.series.wound_area.map(v => 100 * v);
  run.outcomes = outcomesOf(run);
  return run;
}
