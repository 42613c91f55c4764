// The page: state in the address, controls, drawing, downloads. Text is set as text, never as markup.
const T = DATA.text, MAX_PINS = 4, SERIES = ["run", "control", "pin0", "pin1", "pin2", "pin3"];
const DAYS_PER_WEEK = 7, SUN = "sunscreen";
const $ = id => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const made = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name === "on") for (const [event, f] of Object.entries(value)) made.addEventListener(event, f);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function shown(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const size = Math.abs(value);
  if (size < 5e-4) return "0";
  if (size >= 1e6) return value.toExponential(1);
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(places, size >= 1 ? 1 : size >= 0.1 ? 2 : 3)).replace(/^-(0(\.0+)?)$/, "$1").replace("-", "\u2212");
}

// -- state --

const SLIDERS = {
  depth: { setting: "depth_mm", step: 0.1 }, energy: { setting: "energy_mj", step: 1 },
  density: { setting: "density_per_cm2", step: 10 }, dose: { low: 0, high: 4, step: 0.1, plain: 1 },
  sessions: { low: 1, high: 5, step: 1, plain: 3 }, spacing: { low: 7, high: 56, step: 1, plain: 28 },
  phototype: { low: 1, high: 6, step: 1 }, spf: { low: 1, high: 100, step: 1 },
};
const MORE = { weeks: { low: 1, high: 52, step: 1 }, uv: { low: 0, high: 8, step: 0.1 } };
const has = (entry, name) => Object.hasOwn(entry.settings, name);
const holder = (preset, name) => preset.entries.find(entry => has(entry, name));
const doses = preset => preset.entries.some(entry => has(entry, "particles_per_ml") && entry.settings.particles_per_ml > 0);
const movable = preset => preset.entries.some(entry => entry.first);

function limits(name, preset) {
  const s = SLIDERS[name] ?? MORE[name], entry = s.setting && holder(preset, s.setting);
  if (s.setting && !entry) return null;
  if (name === "dose" && !doses(preset)) return null;
  if ((name === "sessions" || name === "spacing") && !movable(preset)) return null;
  const range = entry ? DATA.settings[entry.kind][s.setting] : s;
  return { low: range.low, high: range.high, step: s.step };
}

function plain(name, preset) {
  const s = SLIDERS[name] ?? MORE[name], sun = preset.entries.find(entry => entry.kind === SUN);
  if (s.setting) return holder(preset, s.setting)?.settings[s.setting] ?? null;
  if (name === "phototype") return preset.skin.phototype;
  if (name === "uv") return preset.skin.uv_dose_per_day;
  if (name === "weeks") return preset.weeks;
  if (name === "spf") return sun ? sun.settings.spf : 1;
  return s.plain;
}

function fresh(name) {
  const preset = DATA.presets[name], s = { preset: name, off: [], scar: preset.skin.scar, severity: preset.skin.severity };
  for (const slider of [...Object.keys(SLIDERS), ...Object.keys(MORE)]) s[slider] = plain(slider, preset);
  return s;
}

const FIRST = "fractional_co2_exosome";
const start = () => ({ ...fresh(Object.hasOwn(DATA.presets, FIRST) ? FIRST : Object.keys(DATA.presets)[0]), set: "article", day: 84, pins: [], lesson: "", step: 0 });

function rounded(value, range) {
  const steps = Math.round((Math.min(Math.max(value, range.low), range.high) - range.low) / range.step);
  return Math.min(range.high, Number((range.low + steps * range.step).toFixed(6)));
}

const number = text => /^-?\d+(\.\d+)?$/.test(text ?? "") ? Number(text) : NaN;

function parsed(query, whole = true) {
  const q = new URLSearchParams(String(query).slice(0, 6000)), s = start();
  const preset = q.get("preset");
  if (Object.hasOwn(DATA.presets, preset ?? "")) Object.assign(s, fresh(preset));
  if (Object.hasOwn(DATA.sets, q.get("set") ?? "")) s.set = q.get("set");
  for (const name of [...Object.keys(SLIDERS), ...Object.keys(MORE)]) {
    const range = limits(name, DATA.presets[s.preset]), value = number(q.get(name));
    if (range && Number.isFinite(value)) s[name] = rounded(value, range);
  }
  if (Object.hasOwn(DATA.skins, q.get("scar") ?? "")) s.scar = q.get("scar");
  if (DATA.severities.includes(q.get("severity"))) s.severity = q.get("severity");
  const off = (q.get("off") ?? "").split(" ");
  s.off = DATA.switches.map(x => x.name).filter(name => off.includes(name));
  if (!whole) return s;
  if (Number.isFinite(number(q.get("day")))) s.day = number(q.get("day"));
  s.day = rounded(s.day, { low: 0, high: DAYS_PER_WEEK * s.weeks, step: 1 });
  s.pins = q.getAll("pin").slice(0, MAX_PINS).map(text => written(parsed(text, false), false));
  const lesson = DATA.lessons.find(x => x.id === q.get("lesson"));
  if (lesson) {
    s.lesson = lesson.id;
    s.step = rounded(number(q.get("step")) || 0, { low: 0, high: lesson.steps.length - 1, step: 1 });
  }
  return s;
}

function written(s, whole = true) {
  const q = new URLSearchParams({ preset: s.preset, set: s.set }), usual = fresh(s.preset);
  for (const name of [...Object.keys(SLIDERS), ...Object.keys(MORE), "scar", "severity"])
    if (s[name] !== null && s[name] !== usual[name]) q.set(name, s[name]);
  if (s.off.length) q.set("off", s.off.join(" "));
  if (whole) {
    if (s.day !== 84) q.set("day", s.day);
    for (const pin of s.pins) q.append("pin", pin);
    if (s.lesson) { q.set("lesson", s.lesson); q.set("step", s.step); }
  }
  return q.toString();
}

// -- from state to scenario --

function scenarioOf(s) {
  const preset = DATA.presets[s.preset], end = DAYS_PER_WEEK * s.weeks, treatments = [];
  const sunscreen = { kind: SUN, settings: { spf: s.spf }, first: null, daily: true };
  const entries = preset.entries.filter(entry => entry.kind !== SUN).concat(s.spf > 1 ? [sunscreen] : []);
  let late = false;
  for (const entry of entries) {
    const settings = { ...entry.settings };
    for (const name of ["depth", "energy", "density"])
      if (has(entry, SLIDERS[name].setting)) settings[SLIDERS[name].setting] = s[name];
    if (has(entry, "particles_per_ml")) settings.particles_per_ml *= s.dose;
    let days = entry.days;
    if (entry.daily) days = Array.from({ length: Math.ceil(end) }, (_, day) => day);
    else if (entry.first) days = Array.from({ length: s.sessions }, (_, i) => entry.first.map(day => i * s.spacing + day)).flat();
    const inside = days.filter(day => day < end);
    late ||= inside.length < days.length;
    if (inside.length) treatments.push({ kind: entry.kind, settings, days: inside, daily: entry.daily });
  }
  return { name: preset.name, weeks: s.weeks, end, treatments, late, skin: { scar: s.scar, severity: s.severity, phototype: s.phototype, uv_dose_per_day: s.uv } };
}

function valuesOf(s) {
  const assumed = { ...DATA.presets[s.preset].assume };
  for (const name of s.off) assumed[name] = 0;
  return { ...DATA.sets[s.set].values, phototype_response: DATA.phototypes[s.phototype], uv_dose: s.uv, ...assumed, ...DATA.skins[s.scar][s.severity] };
}

function computed(s, withControl) {
  const scenario = scenarioOf(s), values = valuesOf(s), run = finished(simulate(values, scenario.treatments, scenario.end));
  const fewer = scenario.treatments.filter(x => !DATA.adjuncts.includes(x.kind));
  const control = withControl && fewer.length < scenario.treatments.length ? finished(simulate(values, fewer, scenario.end)) : null;
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

// -- drawing --

const W = 250, H = 150, BOX = { left: 34, right: 6, top: 8, bottom: 28 };
const charts = {}, cache = new Map();
const REST = { tnf_alpha: run => run.series.tnf_alpha[0], erythema: () => 1, collagen_ratio_1_3: () => 4, improvement: () => 0, melanin: () => 0 };
const LEAST = { improvement: [0, 10], tnf_alpha: [0, 50], erythema: [1, 1.5], exosome_signal: [0, 0.1], myofibroblast: [0, 100], collagen_ratio_1_3: [3.4, 4.2], melanin: [-2, 5], wound_area: [0, 5] };

function buildCharts() {
  for (const [name, { title, unit }] of Object.entries(DATA.charts)) {
    const value = el("span"), svg = el("svg:svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": title });
    const c = charts[name] = { value, svg, grid: el("svg:path", { class: "gridline" }), rest: el("svg:path", { class: "rest" }),
      ticks: el("svg:path", { class: "ticks" }), doses: el("svg:path", { class: "doses" }), cursor: el("svg:path", { class: "cursor" }),
      labels: el("svg:g"), lines: Object.fromEntries(SERIES.map(s => [s, el("svg:path", { class: `line ${s}` })])), range: null, title, unit };
    svg.append(c.grid, c.rest, c.cursor, ...SERIES.slice().reverse().map(s => c.lines[s]), c.doses, c.ticks, c.labels);
    $("charts").append(el("figure", {}, el("figcaption", {}, el("h3", {}, title), value), svg));
  }
}

function nice(low, high, number = 4) {
  const rough = (high - low) / number, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(m => m * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function place(c, end) {
  const [low, high] = c.range, width = W - BOX.left - BOX.right, height = H - BOX.top - BOX.bottom;
  return { x: t => BOX.left + t / end * width, y: v => BOX.top + (high - v) / (high - low) * height };
}

function path(times, values, at) {
  let d = "M";
  for (let i = 0; i < times.length; i++) d += `${i ? "L" : ""}${at.x(times[i]).toFixed(1)} ${at.y(values[i]).toFixed(1)}`;
  return d;
}

function drawChart(name, shownRuns, end) {
  const c = charts[name], first = shownRuns.run;
  const range = c.range ?? LEAST[name].slice();
  for (const run of Object.values(shownRuns))
    for (const v of run.series[name]) if (v === v) { if (v < range[0]) range[0] = v - 0.04 * (range[1] - v); if (v > range[1]) range[1] = v + 0.04 * (v - range[0]); }
  c.range = range;
  const at = place(c, end), ys = nice(...range), weeks = end / DAYS_PER_WEEK;
  const key = `${range} ${end}`;
  if (c.key !== key) {
    c.key = key;
    const step = weeks <= 4 ? 1 : weeks <= 16 ? 4 : weeks <= 30 ? 8 : 13, marks = [];
    for (let week = 0; week <= weeks; week += step) marks.push(week);
    c.grid.setAttribute("d", ys.map(v => `M${BOX.left} ${at.y(v)}H${W - BOX.right}`).join(""));
    c.labels.replaceChildren(...ys.map(v => el("svg:text", { x: BOX.left - 5, y: at.y(v) + 4, "text-anchor": "end" }, String(v).replace("-", "\u2212"))),
      ...marks.map(w => el("svg:text", { x: at.x(w * DAYS_PER_WEEK), y: H - 8, "text-anchor": w ? "middle" : "start" }, w ? String(w) : `${T.week} 0`)));
  }
  const rest = REST[name]?.(first);
  c.rest.setAttribute("d", rest >= range[0] && rest <= range[1] ? `M${BOX.left} ${at.y(rest)}H${W - BOX.right}` : "M0 0");
  for (const s of SERIES) {
    const run = shownRuns[s], good = run && run.series[name].every(v => v === v);
    c.lines[s].setAttribute("d", good ? path(run.times, run.series[name], at) : "M0 0");
  }
  const tick = (rank, top) => [...new Set(first.events.filter(rank).map(e => e.day))].map(day => `M${at.x(day).toFixed(1)} ${top}v6`).join("") || "M0 0";
  c.ticks.setAttribute("d", tick(e => e.rank === 1, H - BOX.bottom - 6));
  c.doses.setAttribute("d", tick(e => e.rank > 1, H - BOX.bottom + 1));
}

function at(run, name, day) {
  const i = run.times.findLastIndex(t => t <= day);
  return run.series[name][i];
}

function drawDay() {
  const run = current.run, end = current.scenario.shownDays;
  for (const [name, c] of Object.entries(charts)) {
    const x = place(c, end).x(state.day);
    c.cursor.setAttribute("d", `M${x.toFixed(1)} ${BOX.top}V${H - BOX.bottom}`);
    c.value.textContent = `${shown(at(run, name, state.day))} ${c.unit}`;
  }
  drawDiagram();
  $("day").max = current.scenario.end;
  $("day").value = state.day;
  $("day-value").textContent = `${state.day} (${T.week} ${(state.day / DAYS_PER_WEEK).toFixed(1)})`;
  $("day").setAttribute("aria-valuetext", `${T.day} ${state.day}`);
}

// -- causal diagram: arrows from the traced equations --

const NODE = { width: 116, height: 28 }, arrows = [];

function buildDiagram() {
  const { nodes, edges } = DATA.diagram, svg = el("svg:svg", { viewBox: "0 0 884 300", role: "group", "aria-label": T.diagram });
  for (const [from, to, sign] of edges) {
    const line = el("svg:path", { class: `arrow ${["lowers", "either", "raises"][sign + 1]}` }), head = el("svg:path", { class: "head" });
    arrows.push({ from, line, head, sign, ...between(nodes[from], nodes[to]) });
    svg.append(line, head);
  }
  for (const [name, { label, x, y }] of Object.entries(nodes)) {
    const says = edges.filter(e => e[0] === name).map(e => `${[T.lowers, T.either, T.raises][e[2] + 1]} ${nodes[e[1]].label}`).join(", ");
    const show = () => showState(name);
    svg.append(el("svg:g", { class: "node", tabindex: "0", role: "button", "aria-label": says ? `${label}: ${says}` : label,
      on: { click: show, keydown: event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); } } } },
      el("svg:rect", { x: x - NODE.width / 2, y: y - NODE.height / 2, width: NODE.width, height: NODE.height, rx: 6 }),
      el("svg:text", { x, y: y + 4, "text-anchor": "middle" }, label)));
  }
  $("diagram").append(svg);
}

function between(a, b) {
  const dx = b.x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy), ux = dx / length, uy = dy / length;
  const out = Math.min((NODE.width / 2 + 3) / Math.max(Math.abs(ux), 1e-9), (NODE.height / 2 + 3) / Math.max(Math.abs(uy), 1e-9));
  return { x1: a.x + ux * out, y1: a.y + uy * out, x2: b.x - ux * (out + 2), y2: b.y - uy * (out + 2), ux, uy };
}

function drawDiagram() {
  const run = current.run, now = run.times.findLastIndex(t => t <= state.day), levels = {};
  for (const a of arrows) {
    if (!(a.from in levels)) {
      const i = ENTRIES.indexOf(DATA.diagram.nodes[a.from].entry), first = run.states[0][i];
      let most = 1e-9;
      for (const y of run.states) most = Math.max(most, Math.abs(y[i] - first));
      levels[a.from] = Math.abs(run.states[now][i] - first) / most;
    }
    const width = 1 + 4 * levels[a.from], size = 4 + width, { x2, y2, ux, uy } = a;
    const bx = x2 - ux * size, by = y2 - uy * size, w = size * 0.6;
    a.line.setAttribute("d", `M${a.x1.toFixed(1)} ${a.y1.toFixed(1)}L${(a.sign < 0 ? x2 : bx).toFixed(1)} ${(a.sign < 0 ? y2 : by).toFixed(1)}`);
    a.line.setAttribute("stroke-width", width.toFixed(2));
    a.head.setAttribute("d", a.sign < 0 ? `M${x2 - uy * 8} ${y2 + ux * 8}L${x2 + uy * 8} ${y2 - ux * 8}l${ux * 2.5} ${uy * 2.5}L${x2 - uy * 8 + ux * 2.5} ${y2 + ux * 8 + uy * 2.5}z` : `M${x2} ${y2}L${bx - uy * w} ${by + ux * w}L${bx + uy * w} ${by - ux * w}z`);
  }
}

function showState(name) {
  const box = $(`state-${name}`);
  if (!box) return;
  $("explain").open = box.open = true;
  box.firstElementChild.focus();
  box.scrollIntoView({ block: "start" });
}

function sample(series) {
  return el("svg:svg", { viewBox: "0 0 34 12", "aria-hidden": "true" }, el("svg:path", { d: "M1 6H33", class: `line ${series}` }));
}

function drawLegend(pinned) {
  const items = [el("span", {}, sample("run"), `${T.this_run}: ${label(state)}`)];
  if (current.control) items.push(el("span", { title: T.control_note }, sample("control"), `${T.control}: ${T.control_note}`));
  pinned.forEach((pin, i) => items.push(el("span", {}, sample(`pin${i}`), label(parsed(pin, false)),
    el("button", { type: "button", "aria-label": `${T.unpin}: ${label(parsed(pin, false))}`, on: { click: () => { state.pins.splice(i, 1); render(); $("pin").focus(); } } }, T.unpin))));
  const key = [...items.map(x => x.textContent)].join("|");
  if ($("legend").dataset.key === key) return;
  $("legend").dataset.key = key;
  items.push(el("span", { class: "note" }, el("svg:svg", { viewBox: "0 0 34 12", "aria-hidden": "true" }, el("svg:path", { d: "M17 2v8", class: "ticks" })), T.ticks_injury),
    el("span", { class: "note" }, el("svg:svg", { viewBox: "0 0 34 12", "aria-hidden": "true" }, el("svg:path", { d: "M17 2v8", class: "doses" })), T.ticks_dose),
    el("span", { class: "note" }, el("svg:svg", { viewBox: "0 0 34 12", "aria-hidden": "true" }, el("svg:path", { d: "M1 6H33", class: "rest" })), T.rest_line));
  $("legend").replaceChildren(...items);
}

function label(s) {
  const usual = fresh(s.preset), changed = [];
  for (const name of [...Object.keys(SLIDERS), ...Object.keys(MORE)])
    if (s[name] !== null && s[name] !== usual[name]) changed.push(`${DATA.sliders[name].label.toLowerCase()} ${s[name]}`);
  for (const name of ["scar", "severity"]) if (s[name] !== usual[name]) changed.push(s[name]);
  for (const name of s.off) changed.push(`${T.no} ${name.replaceAll("_", " ")}`);
  return `${DATA.presets[s.preset].name} (${[s.set, ...changed].join(", ")})`;
}

const BARS = [["improvement_percent", "%"], ["downtime_days", "d"]];

function publishedFor(kinds, outcome) {
  const regimen = [...new Set(kinds)].filter(kind => !DATA.ignored.includes(kind)).sort().join();
  return DATA.atrophic.includes(state.scar) ? DATA.published.find(x => x.outcome === outcome && x.treatments.join() === regimen) : undefined;
}

function drawBars() {
  const kinds = current.scenario.treatments.map(x => x.kind), notes = new Set();
  const sides = [["run", T.this_run, current.run, kinds]];
  if (current.control) sides.unshift(["control", T.control, current.control, kinds.filter(kind => !DATA.adjuncts.includes(kind))]);
  $("bars").replaceChildren(...BARS.map(([name, unit]) => {
    const rows = sides.map(([series, text, run, given]) => ({ series, text, value: run.outcomes[name], found: publishedFor(given, name) }));
    const most = Math.max(name === "improvement_percent" ? 45 : 15, ...rows.map(r => Math.abs(r.value ?? 0) * 1.15)), x = v => 86 + Math.max(0, v) / most * 170;
    const svg = el("svg:svg", { viewBox: `0 0 380 ${4 + 44 * rows.length}`, role: "img" }), said = [];
    rows.forEach((r, i) => {
      const y = 8 + 44 * i, value = r.value === null ? T.does_not_apply : `${shown(r.value)} ${unit}`;
      said.push(`${r.text}, ${T.model} ${value}`);
      svg.append(el("svg:text", { class: "name", x: 0, y: y + 16 }, r.text),
        el("svg:rect", { class: `bar${r.series === "control" ? " other" : ""}`, x: x(0), y, width: Math.max(0.5, x(r.value ?? 0) - x(0)), height: 20, rx: 2 }),
        el("svg:text", { class: "name", x: x(r.value ?? 0) + 6, y: y + 15 }, value));
      if (!r.found) return;
      const f = r.found, fit = f.fitted.includes(state.set) ? T.fitted : T.not_fitted, left = x(f.value - f.tolerance), right = x(f.value + f.tolerance);
      said.push(`${T.published} ${f.value} ${unit}, n = ${f.n}, ${fit}`);
      notes.add(`${f.measure}: ${f.citation}; ${fit}.`);
      svg.append(el("svg:path", { class: "whisker", d: `M${left} ${y + 28}H${right}M${left} ${y + 25}v6M${right} ${y + 25}v6` }),
        el("svg:path", { class: "mark", d: `M${x(f.value)} ${y + 22}l6 6l-6 6l-6-6z` }),
        el("svg:text", { x: right + 6, y: y + 32 }, `${T.published} ${f.value} (n = ${f.n})`));
    });
    svg.setAttribute("aria-label", `${DATA.outcome_names[name]}. ${said.join("; ")}`);
    return el("figure", {}, el("figcaption", {}, el("h3", {}, DATA.outcome_names[name])), svg);
  }));
  $("bars-note").textContent = notes.size ? [...notes, T.published_note].join(" ") : T.no_published;
}

const UNITS = { "1": "", flag: "", percent: "%" };
const unitOf = name => UNITS[DATA.outcomes[name].unit] ?? DATA.outcomes[name].unit;
const told = (name, value) => typeof value === "boolean" ? (value ? T.yes : T.no) : shown(value);

function drawTable(columns) {
  const head = el("tr", {}, el("th", { scope: "col" }, T.outcome), ...columns.map(([title]) => el("th", { scope: "col", class: "number" }, title)));
  const body = Object.keys(DATA.outcome_names).map(name => el("tr", {},
    el("th", { scope: "row", title: DATA.outcomes[name].meaning }, DATA.outcome_names[name], " ", el("small", {}, unitOf(name))),
    ...columns.map(([, run]) => el("td", { class: "number" }, told(name, run.outcomes[name])))));
  $("outcomes").replaceChildren(el("thead", {}, head), el("tbody", {}, ...body));
}

const HEADLINE = ["improvement_percent", "downtime_days", "melanin_index_peak_percent", "collagen_ratio_1_3"];
function drawHeadline() {
  $("headline").replaceChildren(...HEADLINE.map(name => el("div", {}, el("dt", {}, DATA.outcome_names[name]),
    el("dd", {}, shown(current.run.outcomes[name]), " ", el("small", {}, unitOf(name)),
      ...(current.control ? [el("span", {}, `${T.control} ${shown(current.control.outcomes[name])}`)] : [])))));
}

// -- one pass from state to screen --

let state = start(), current = null, timer = 0, speaking = 0;
const timing = { kernel: [], total: [] };

function pinned(query) {
  if (cache.size > 60) cache.clear();
  if (!cache.has(query)) cache.set(query, computed(parsed(query, false), false).run);
  return cache.get(query);
}

function render() {
  const began = performance.now();
  try {
    current = computed(state, true);
    timing.kernel.push(performance.now() - began);
    const runs = { run: current.run };
    if (current.control) runs.control = current.control;
    state.pins.forEach((query, i) => { runs[`pin${i}`] = pinned(query); });
    state.day = Math.min(state.day, current.scenario.end);
    const end = Math.max(...Object.values(runs).map(run => run.end), current.scenario.end);
    for (const name in charts) drawChart(name, runs, end);
    current.scenario.shownDays = end;
    drawDay();
    drawHeadline();
    drawLegend(state.pins);
    drawBars();
    drawTable([[T.this_run, current.run], ...(current.control ? [[T.control, current.control]] : []), ...state.pins.map((q, i) => [label(parsed(q, false)), pinned(q)])]);
    $("message").textContent = current.scenario.late ? T.late : "";
  } catch (error) {
    $("message").textContent = T.failed;
    if (!current) throw error;
  }
  syncControls();
  timing.total.push(performance.now() - began);
  clearTimeout(timer);
  timer = setTimeout(() => history.replaceState(null, "", "#" + written(state)), 350);
  clearTimeout(speaking);
  speaking = setTimeout(speak, 700);
}

function speak() {
  const o = current.run.outcomes, words = { improvement: o.improvement_percent, downtime: o.downtime_days, tnf: o.tnf_auc, pigment: o.melanin_index_peak_percent };
  $("summary").textContent = T.summary.replace(/\{(\w+)\}/g, (_, name) => shown(words[name]));
}

// -- controls --

const inputs = {};

function slider(name) {
  const id = `slider-${name}`, { label, unit } = DATA.sliders[name];
  const input = el("input", { type: "range", id, on: { input: () => { state[name] = rounded(Number(input.value), limits(name, DATA.presets[state.preset])); render(); } } });
  const output = el("output", { for: id }), box = el("div", { class: "slider" }, el("label", { for: id }, label), output, input);
  inputs[name] = { input, output, box, unit };
  return box;
}

function choice(id, text, options, change) {
  const select = el("select", { id, on: { change: () => change(select.value) } }, ...options.map(([value, words]) => el("option", { value }, words)));
  return [el("label", { for: id }, text), select];
}

function buildControls() {
  $("preset").append(...Object.entries(DATA.presets).map(([value, p]) => el("option", { value }, p.name)));
  $("preset").addEventListener("change", () => { Object.assign(state, fresh($("preset").value)); refit(); });
  $("sets").append(...Object.keys(DATA.sets).map(name => el("label", { class: "check" },
    el("input", { type: "radio", name: "set", value: name, on: { change: () => { state.set = name; render(); } } }), name)));
  $("sliders").append(...Object.keys(SLIDERS).map(slider));
  $("switches").append(...DATA.switches.map(({ name, text, meaning, evidence, source }) => el("label", { class: "check", title: `${name}: ${meaning}. ${evidence}: ${source}` },
    el("input", { type: "checkbox", id: `switch-${name}`, on: { change: event => { state.off = DATA.switches.map(x => x.name).filter(x => x === name ? !event.target.checked : state.off.includes(x)); render(); } } }), text)));
  $("more").append(...Object.keys(MORE).map(slider),
    ...choice("scar", T.scar, Object.entries(DATA.scars).map(([name, meaning]) => [name, `${name}: ${meaning}`]), value => { state.scar = value; refit(); }),
    ...choice("severity", T.severity, DATA.severities.map(x => [x, x]), value => { state.severity = value; refit(); }));
  $("day").addEventListener("input", () => { state.day = Number($("day").value); drawDay(); });
  $("pin").addEventListener("click", pin);
  $("fit").addEventListener("click", refit);
  $("reset").addEventListener("click", () => { state = start(); refit(); drawLesson(); });
  $("copy").addEventListener("click", copy);
  $("save-csv").addEventListener("click", () => save("exosim.csv", "text/csv", csv()));
  $("save-toml").addEventListener("click", () => save("exosim.toml", "application/toml", toml(state)));
  $("save-png").addEventListener("click", png);
  $("controls").addEventListener("submit", event => event.preventDefault());
}

function refit() {
  for (const name in charts) charts[name].range = null;
  render();
}

function pin() {
  if (state.pins.length >= MAX_PINS) { $("message").textContent = T.pins_full; return; }
  state.pins.push(written(state, false));
  render();
}

function syncControls() {
  const preset = DATA.presets[state.preset];
  $("preset").value = state.preset;
  $("preset-note").textContent = preset.note;
  $("set-note").textContent = DATA.sets[state.set].meaning;
  for (const input of document.querySelectorAll("input[name=set]")) input.checked = input.value === state.set;
  for (const [name, { input, output, box, unit }] of Object.entries(inputs)) {
    const range = limits(name, preset);
    input.disabled = !range;
    box.classList.toggle("off", !range);
    if (range) {
      Object.assign(input, { min: range.low, max: range.high, step: range.step });
      input.value = state[name];
    }
    output.textContent = !range ? T.not_here : name === "spf" && state.spf === 1 ? T.none : `${state[name]} ${unit}`.trim();
  }
  for (const { name } of DATA.switches) $(`switch-${name}`).checked = !state.off.includes(name);
  $("scar").value = state.scar;
  $("severity").value = state.severity;
}

// -- what can be taken away --

const quoted = text => JSON.stringify(text).replace(/[\u007f-\uffff]/g, c => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const float = value => Number.isInteger(value) ? value.toFixed(1) : String(value);

function toml(s) {
  const { name, weeks, skin, treatments } = scenarioOf(s);
  const lines = ["# From the exosim lesson page. Hypothetical; not medical advice.", `# Parameter set: ${s.set}`, "schema = 1", `name = ${quoted(name)}`,
    `note = ${quoted("from the lesson page, parameter set " + s.set)}`, `weeks = ${float(weeks)}`, "", "[skin]", `scar = ${quoted(skin.scar)}`,
    `severity = ${quoted(skin.severity)}`, `phototype = ${skin.phototype}`, `uv_dose_per_day = ${float(skin.uv_dose_per_day)}`];
  for (const t of treatments) {
    lines.push("", "[[treatments]]", `kind = ${quoted(t.kind)}`);
    if (!t.daily) lines.push(`days = [${t.days.map(float).join(", ")}]`);
    for (const [key, value] of Object.entries(t.settings)) lines.push(`${key} = ${float(value)}`);
  }
  const assumed = { ...DATA.presets[s.preset].assume, ...Object.fromEntries(s.off.map(x => [x, 0])) };
  if (Object.keys(assumed).length) lines.push("", "[assume]", ...Object.entries(assumed).map(([x, v]) => `${x} = { value = ${float(v)}, why = "set on the lesson page" }`));
  return lines.join("\n") + "\n";
}

function csv() {
  const runs = [[T.this_run, current.run], ...(current.control ? [[T.control, current.control]] : []), ...state.pins.map(q => [label(parsed(q, false)), pinned(q)])];
  const lines = [["arm", "day", ...OBSERVABLES].join(",")];
  for (const [name, run] of runs)
    run.times.forEach((t, i) => lines.push([`"${name.replaceAll('"', '""')}"`, t, ...run.observed.map(values => values[i])].join(",")));
  return lines.join("\n") + "\n";
}

function save(name, type, content) {
  const link = el("a", { href: URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function copy() {
  history.replaceState(null, "", "#" + written(state));
  try { await navigator.clipboard.writeText(location.href); $("message").textContent = T.copied; } catch { $("message").textContent = T.not_copied; }
}

const DRAWN = ["stroke", "stroke-width", "stroke-dasharray", "fill", "font-family", "font-size"];
function frozen(svg, width, height) {
  const twin = svg.cloneNode(true), from = svg.querySelectorAll("*"), to = twin.querySelectorAll("*");
  from.forEach((node, i) => { const style = getComputedStyle(node); for (const name of DRAWN) to[i].setAttribute(name, style.getPropertyValue(name)); });
  twin.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  twin.setAttribute("width", width);
  twin.setAttribute("height", height);
  return "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(twin));
}

function loaded(address) {
  return new Promise((resolve, reject) => { const image = new Image(); image.onload = () => resolve(image); image.onerror = reject; image.src = address; });
}

async function png() {
  const scale = 2, columns = 4, w = 320, h = 225, all = Object.values(charts), rows = Math.ceil(all.length / columns);
  const names = [["run", `${T.this_run}: ${label(state)}`], ...(current.control ? [["control", `${T.control}: ${T.control_note}`]] : []), ...state.pins.map((q, i) => [`pin${i}`, label(parsed(q, false))])];
  const canvas = el("canvas", { width: scale * (columns * w + 30), height: scale * (rows * h + 60 + 20 * names.length) }), pen = canvas.getContext("2d"), style = getComputedStyle(document.body);
  pen.scale(scale, scale);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < names.length; i++) {
    const line = getComputedStyle(charts.improvement.lines[names[i][0]]);
    pen.strokeStyle = line.stroke;
    pen.lineWidth = 2;
    pen.setLineDash(line.strokeDasharray === "none" ? [] : line.strokeDasharray.split(",").map(parseFloat));
    pen.beginPath(); pen.moveTo(20, 24 + 20 * i); pen.lineTo(56, 24 + 20 * i); pen.stroke();
    pen.fillStyle = style.color;
    pen.font = `13px ${style.fontFamily}`;
    pen.fillText(names[i][1], 66, 28 + 20 * i);
  }
  const below = 30 + 20 * names.length;
  const images = await Promise.all(all.map(c => loaded(frozen(c.svg, W, H))));
  images.forEach((image, i) => {
    const x = 15 + (i % columns) * w, y = below + Math.floor(i / columns) * h;
    pen.fillStyle = style.color;
    pen.font = `600 13px ${style.fontFamily}`;
    pen.fillText(`${all[i].title}${all[i].unit.startsWith("(") ? " " + all[i].unit : ", " + all[i].unit}`, x + 6, y + 14);
    pen.drawImage(image, x, y + 20, w - 20, (w - 20) * H / W);
  });
  pen.font = `12px ${style.fontFamily}`;
  pen.fillText(T.watermark, 20, below + rows * h + 16);
  const blob = await new Promise(resolve => canvas.toBlob(resolve, "image/png"));
  save("exosim.png", "image/png", blob);
}

// -- lessons --

function drawLesson() {
  const lesson = DATA.lessons.find(x => x.id === state.lesson), body = $("lesson-body");
  $("lesson-pick").value = state.lesson;
  body.hidden = !lesson;
  if (!lesson) { body.replaceChildren(); return; }
  const step = lesson.steps[state.step], last = lesson.steps.length - 1;
  const go = by => () => { state.step += by; enter(); $("lesson-title").focus(); };
  body.replaceChildren(
    el("p", { class: "note" }, `${lesson.title} (${lesson.minutes} ${T.lesson_minutes}). ${lesson.about} ${T.lesson_step} ${state.step + 1} ${T.lesson_of} ${last + 1}.`),
    el("h2", { id: "lesson-title", tabindex: "-1" }, step.title), el("p", {}, step.text),
    el("p", {}, el("strong", {}, `${T.lesson_question}: `), step.question),
    el("details", { class: "answer" }, el("summary", {}, T.lesson_reveal), el("p", {}, step.reveal)),
    el("div", { class: "buttons" },
      el("button", { type: "button", disabled: state.step === 0, on: { click: go(-1) } }, T.lesson_back),
      el("button", { type: "button", class: "main", disabled: state.step === last, on: { click: go(1) } }, T.lesson_next),
      el("button", { type: "button", on: { click: enter } }, T.lesson_again)));
}

function enter() {
  const { lesson, step, pins } = state, found = DATA.lessons.find(x => x.id === lesson);
  if (found) state = { ...parsed(found.steps[step].state), lesson, step, pins };
  drawLesson();
  refit();
}

function buildLessons() {
  $("lesson-pick").append(el("option", { value: "" }, T.lesson_none), ...DATA.lessons.map(x => el("option", { value: x.id }, `${x.title} (${x.minutes} ${T.lesson_minutes})`)));
  $("lesson-pick").addEventListener("change", () => { state.lesson = $("lesson-pick").value; state.step = 0; enter(); });
}

// -- explanations --

function parameterTable(parameters) {
  const head = [T.parameter, T.value, T.range, T.grade, T.source].map(x => el("th", { scope: "col" }, x));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...parameters.map(p => el("tr", {},
    el("th", { scope: "row" }, p.name, el("br"), el("small", {}, p.meaning)), el("td", {}, `${p[state.set]} ${UNITS[p.unit] ?? p.unit}`),
    el("td", {}, `${p.low} \u2013 ${p.high}`), el("td", { class: p.evidence }, p.evidence), el("td", {}, p.source)))));
}

function explainState(s) {
  const box = el("details", { class: "state", id: `state-${s.name}` }, el("summary", {}, `${s.name.replaceAll("_", " ")}: ${s.meaning}`));
  box.addEventListener("toggle", () => {
    while (box.children.length > 1) box.lastChild.remove();
    if (!box.open) return;
    box.append(el("p", { class: "note" }, `${T.equation}, ${s.unit}, ${s.file}`), el("p", {}, el("code", {}, s.equation)),
      el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `${T.parameter}: ${s.name}` }, parameterTable(s.parameters)));
    for (const [words, names] of [[T.driven_by, s.driven_by], [T.drives, s.drives]])
      if (names.length) box.append(el("p", { class: "note" }, `${words}: ${names.join(", ").replaceAll("_", " ")}`));
    if (s.exchange) box.children[2].after(el("p", { class: "note" }, `${T.exchange}: ${s.exchange}`));
  });
  return box;
}

function buildExplanations() {
  $("explain").append(...DATA.states.map(explainState));
  $("claims").lastElementChild.append(el("table", {}, el("thead", {}, el("tr", {}, ...[T.key, T.claim, T.kind, "n", T.source].map(x => el("th", { scope: "col" }, x)))),
    el("tbody", {}, ...DATA.claims.map(c => el("tr", {}, el("th", { scope: "row" }, c.id), el("td", {}, c.text, ...(c.note ? [el("br"), el("small", {}, c.note)] : [])),
      el("td", {}, c.kind), el("td", {}, c.n ?? "\u2013"), el("td", {}, c.source))))));
}

function open() {
  state = parsed(location.hash.slice(1));
  drawLesson();
  refit();
}

buildControls();
buildCharts();
buildDiagram();
buildLessons();
buildExplanations();
$("page").hidden = $("lesson-choice").hidden = false;
window.addEventListener("hashchange", open);
open();
window.exosim = { get state() { return state; }, get current() { return current; }, toml: () => toml(state), csv, written: () => written(state), go(query) { state = parsed(query); drawLesson(); refit(); }, timing, SLIDERS, limits: name => limits(name, DATA.presets[state.preset]) };
