// Time courses.
const W = 250,
  H = 150,
  BOX = { left: 34, right: 6, top: 8, bottom: 28 };
const FIRST_LABEL = 58; // width of "week 0"
const charts = {};
const REST = {
  tnf_alpha: run => run.series.tnf_alpha[0],
  erythema: () => 1,
  collagen_ratio_1_3: () => 4,
  improvement: () => 0,
  melanin: () => 0,
};
const LEAST = {
  improvement: [0, 10],
  tnf_alpha: [0, 50],
  erythema: [1, 1.5],
  exosome_signal: [0, 0.1],
  myofibroblast: [0, 100],
  collagen_ratio_1_3: [3.4, 4.2],
  melanin: [-2, 5],
  wound_area: [0, 5],
};

// Return a chart of one course, not yet drawn.
function makeChart(name, width = W, height = H) {
  const { title, unit } = DATA.charts[name],
    svg = el("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  const line = kind => el("svg:path", { class: kind }),
    value = el("span"),
    c = {
      name,
      title,
      unit,
      width,
      height,
      svg,
      value,
      range: null,
      hover: null,
      labels: el("svg:g", { class: "labels" }),
    };
  for (const part of ["gridline", "rest", "ticks", "doses", "cursor", "ghost", "guess"]) c[part] = line(part);
  c.lines = Object.fromEntries(SERIES.map(s => [s, line(`line ${s}`)]));
  c.figure = el("figure", {}, el("figcaption", {}, el("h3", {}, title), value), svg);
  const lines = SERIES.slice().reverse().map(s => c.lines[s]); // prettier-ignore
  svg.append(c.gridline, c.rest, c.cursor, c.ghost, ...lines, c.guess, c.doses, c.ticks, c.labels);
  svg.addEventListener("pointermove", event => readAt(c, dayAt(c, event)));
  svg.addEventListener("pointerleave", () => readAt(c, null));
  return c;
}

function buildCharts() {
  for (const name in DATA.charts) {
    charts[name] = makeChart(name);
    $("charts").append(charts[name].figure);
  }
}

function dayAt(c, event) {
  const box = c.svg.getBoundingClientRect(),
    x = ((event.clientX - box.left) / box.width) * c.width;
  return ((x - BOX.left) / (c.width - BOX.left - BOX.right)) * current.end;
}

function nice(low, high, number = 4) {
  const rough = (high - low) / number,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(m => m * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function place(c, end) {
  const [low, high] = c.range,
    width = c.width - BOX.left - BOX.right,
    height = c.height - BOX.top - BOX.bottom;
  return { x: t => BOX.left + (t / end) * width, y: v => BOX.top + ((high - v) / (high - low)) * height };
}

function path(times, values, at) {
  let d = "M";
  for (let i = 0; i < times.length; i++)
    d += `${i ? "L" : ""}${at.x(times[i]).toFixed(1)} ${at.y(values[i]).toFixed(1)}`;
  return d;
}

// Show nothing of a chart yet.
function conceal(c) {
  c.value.textContent = "";
  if (!c.svg.classList.contains("concealed")) {
    c.svg.append(el("svg:text", { x: "50%", y: "60%", "text-anchor": "middle", class: "unknown-mark" }, "?"));
  }
  c.svg.classList.add("concealed");
  for (const part of [...Object.values(c.lines), c.cursor, c.guess]) part.setAttribute("d", "M0 0");
}

// Draw the arms but those that are `hidden`.
function drawChart(c, hidden = []) {
  const { end, run: first } = current,
    arms = current.arms.filter(arm => !hidden.includes(arm.series)),
    at = place(widened(c, arms), end);
  c.svg.classList.remove("concealed");
  c.svg.querySelector(".unknown-mark")?.remove();
  drawAxes(c, at, end);
  const rest = REST[c.name]?.(first),
    inside = rest >= c.range[0] && rest <= c.range[1];
  c.rest.setAttribute("d", inside ? `M${BOX.left} ${at.y(rest)}H${c.width - BOX.right}` : "M0 0");
  const course = run =>
    run && run.series[c.name].every(v => v === v) ? path(run.times, run.series[c.name], at) : "M0 0";
  for (const s of SERIES) c.lines[s].setAttribute("d", course(arms.find(arm => arm.series === s)?.run));
  c.ghost.setAttribute("d", course(current.ghost));
  const tick = (rank, top) =>
    [...new Set(first.events.filter(rank).map(e => e.day))]
      .map(day => `M${at.x(day).toFixed(1)} ${top}v6`)
      .join("") || "M0 0";
  c.ticks.setAttribute("d", tick(e => e.rank === 1, c.height - BOX.bottom - 6)); // prettier-ignore
  c.doses.setAttribute("d", tick(e => e.rank > 1, c.height - BOX.bottom + 1)); // prettier-ignore
}

// Widen the range of a chart to all that it shows.
function widened(c, arms) {
  const range = c.range ?? LEAST[c.name].slice();
  for (const { run } of [...arms, ...(current.ghost ? [{ run: current.ghost }] : [])])
    for (const v of run.series[c.name])
      if (v === v) {
        if (v < range[0]) range[0] = v - 0.04 * (range[1] - v);
        if (v > range[1]) range[1] = v + 0.04 * (v - range[0]);
      }
  c.range = range;
  return c;
}

// Weeks between the numbers of an axis of time.
const weeksApart = weeks => DATA.weeks_apart.find(([most]) => weeks <= most)[1];

function drawAxes(c, at, end) {
  const key = `${c.range} ${end}`,
    ys = nice(...c.range),
    weeks = end / DAYS_PER_WEEK;
  if (c.key === key) return;
  c.key = key;
  const step = weeksApart(weeks),
    marks = [];
  for (let week = 0; week <= weeks; week += step)
    if (!week || at.x(week * DAYS_PER_WEEK) - BOX.left > FIRST_LABEL) marks.push(week);
  c.gridline.setAttribute("d", ys.map(v => `M${BOX.left} ${at.y(v)}H${c.width - BOX.right}`).join(""));
  const text = (words, x, y, anchor) => el("svg:text", { x, y, "text-anchor": anchor }, words);
  c.labels.replaceChildren(
    ...ys.map(v => text(spelled(v), BOX.left - 5, at.y(v) + 4, "end")),
    ...marks.map(w =>
      text(w ? String(w) : `${T.week} 0`, at.x(w * DAYS_PER_WEEK), c.height - 8, w ? "middle" : "start"),
    ),
  );
}

// The place in a run of a day; a day below 0 is before anything is done, a day of treatment just after it.
const momentOf = (run, day) => (day < 0 ? 0 : run.times.findLastIndex(t => t <= day + 1e-9));
const at = (run, name, day) => run.series[name][momentOf(run, day)];

function readAt(c, day) {
  c.hover = day === null ? null : Math.min(Math.max(day, 0), current.end);
  if (!c.quiet) moveCursor(c);
}

function moveCursor(c) {
  const day = c.hover ?? state.day,
    x = place(c, current.end).x(Math.max(day, 0));
  c.cursor.setAttribute("d", `M${x.toFixed(1)} ${BOX.top}V${c.height - BOX.bottom}`);
  const [left, right] = [current.control, current.run].map(run => run && shown(at(run, c.name, day))),
    values = left ? filled(T.both_sides, { left, right }) : right;
  c.value.textContent =
    c.hover === null
      ? `${values} ${c.unit}`
      : `${T.week} ${spelled((day / DAYS_PER_WEEK).toFixed(1))}: ${values}`;
}
