// Time courses.
const W = 250,
  H = 150,
  BOX = { left: 34, right: 6, top: 8, bottom: 28 };
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

function buildCharts() {
  for (const [name, { title, unit }] of Object.entries(DATA.charts)) {
    const value = el("span"),
      svg = el("svg:svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": title });
    const c = (charts[name] = {
      value,
      svg,
      grid: el("svg:path", { class: "gridline" }),
      rest: el("svg:path", { class: "rest" }),
      ticks: el("svg:path", { class: "ticks" }),
      doses: el("svg:path", { class: "doses" }),
      cursor: el("svg:path", { class: "cursor" }),
      labels: el("svg:g"),
      lines: Object.fromEntries(SERIES.map(s => [s, el("svg:path", { class: `line ${s}` })])),
      range: null,
      title,
      unit,
    });
    svg.append(
      c.grid,
      c.rest,
      c.cursor,
      ...SERIES.slice()
        .reverse()
        .map(s => c.lines[s]),
      c.doses,
      c.ticks,
      c.labels,
    );
    $("charts").append(el("figure", {}, el("figcaption", {}, el("h3", {}, title), value), svg));
  }
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
    width = W - BOX.left - BOX.right,
    height = H - BOX.top - BOX.bottom;
  return { x: t => BOX.left + (t / end) * width, y: v => BOX.top + ((high - v) / (high - low)) * height };
}

function path(times, values, at) {
  let d = "M";
  for (let i = 0; i < times.length; i++)
    d += `${i ? "L" : ""}${at.x(times[i]).toFixed(1)} ${at.y(values[i]).toFixed(1)}`;
  return d;
}

function drawChart(name) {
  const c = charts[name],
    { arms, end, run: first } = current;
  const range = c.range ?? LEAST[name].slice();
  for (const { run } of arms)
    for (const v of run.series[name])
      if (v === v) {
        if (v < range[0]) range[0] = v - 0.04 * (range[1] - v);
        if (v > range[1]) range[1] = v + 0.04 * (v - range[0]);
      }
  c.range = range;
  const at = place(c, end),
    ys = nice(...range),
    weeks = end / DAYS_PER_WEEK;
  const key = `${range} ${end}`;
  if (c.key !== key) {
    c.key = key;
    const step = weeks <= 4 ? 1 : weeks <= 16 ? 4 : weeks <= 30 ? 8 : 13,
      marks = [];
    for (let week = 0; week <= weeks; week += step) marks.push(week);
    c.grid.setAttribute("d", ys.map(v => `M${BOX.left} ${at.y(v)}H${W - BOX.right}`).join(""));
    c.labels.replaceChildren(
      ...ys.map(v =>
        el(
          "svg:text",
          { x: BOX.left - 5, y: at.y(v) + 4, "text-anchor": "end" },
          String(v).replace("-", "\u2212"),
        ),
      ),
      ...marks.map(w =>
        el(
          "svg:text",
          { x: at.x(w * DAYS_PER_WEEK), y: H - 8, "text-anchor": w ? "middle" : "start" },
          w ? String(w) : `${T.week} 0`,
        ),
      ),
    );
  }
  const rest = REST[name]?.(first);
  c.rest.setAttribute(
    "d",
    rest >= range[0] && rest <= range[1] ? `M${BOX.left} ${at.y(rest)}H${W - BOX.right}` : "M0 0",
  );
  for (const s of SERIES) {
    const run = arms.find(arm => arm.series === s)?.run,
      good = run && run.series[name].every(v => v === v);
    c.lines[s].setAttribute("d", good ? path(run.times, run.series[name], at) : "M0 0");
  }
  const tick = (rank, top) =>
    [...new Set(first.events.filter(rank).map(e => e.day))]
      .map(day => `M${at.x(day).toFixed(1)} ${top}v6`)
      .join("") || "M0 0";
  c.ticks.setAttribute(
    "d",
    tick(e => e.rank === 1, H - BOX.bottom - 6),
  );
  c.doses.setAttribute(
    "d",
    tick(e => e.rank > 1, H - BOX.bottom + 1),
  );
}

function at(run, name, day) {
  const i = Math.max(
    0,
    run.times.findLastIndex(t => t <= day),
  );
  return run.series[name][i];
}

function moveCursors() {
  for (const [name, c] of Object.entries(charts)) {
    const x = place(c, current.end).x(Math.max(0, state.day));
    c.cursor.setAttribute("d", `M${x.toFixed(1)} ${BOX.top}V${H - BOX.bottom}`);
    c.value.textContent = `${shown(at(current.run, name, state.day))} ${c.unit}`;
  }
}
