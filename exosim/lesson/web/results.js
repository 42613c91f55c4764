// Outcomes: legend, bars next to the trials, table, headline.
function sample(kind, d = "M1 6H33") {
  return el("svg:svg", { viewBox: "0 0 34 12", "aria-hidden": "true" }, el("svg:path", { d, class: kind }));
}

function drawLegend() {
  const key = current.arms.map(arm => arm.name + arm.detail).join("|") + Boolean(current.ghost);
  if ($("legend").dataset.key === key) return;
  $("legend").dataset.key = key;
  const items = current.arms.map(({ series, name, detail }) =>
    el(
      "span",
      {},
      sample(`line ${series}`),
      name + detail,
      ...(series.startsWith("pin") ? [remover(series, name)] : []),
    ),
  );
  const signs = [
    ["ticks", "M17 2v8", T.ticks_injury],
    ["doses", "M17 2v8", T.ticks_dose],
    ["rest", "M1 6H33", T.rest_line],
    ...(current.ghost ? [["ghost", "M1 6H33", T.ghost_line]] : []),
  ];
  $("legend").replaceChildren(
    ...items,
    ...signs.map(([kind, d, words]) => el("span", { class: "note" }, sample(kind, d), words)),
  );
}

function remover(series, name) {
  const remove = () => {
    state.pins.splice(Number(series.slice(3)), 1);
    render();
    $("pin").focus();
  };
  return el(
    "button",
    { type: "button", "aria-label": `${T.unpin}: ${name}`, on: { click: remove } },
    T.unpin,
  );
}

function label(s) {
  const usual = fresh(s.preset),
    changed = [];
  for (const name of [...Object.keys(SLIDERS), ...Object.keys(MORE)])
    if (s[name] !== null && s[name] !== usual[name])
      changed.push(`${DATA.sliders[name].label} ${spelled(s[name])}`);
  for (const name of ["scar", "severity"]) if (s[name] !== usual[name]) changed.push(native(s[name]));
  for (const name of s.off) changed.push(`${T.off}: ${DATA.switch_words[name]}`);
  return `${DATA.presets[s.preset].name} (${[T[`set_${s.set}`] ?? s.set, ...changed].join(", ")})`;
}

function told(name, value) {
  if (typeof value === "boolean") return value ? T.yes : T.no;
  const { low, high } = DATA.outcomes[name],
    odd = value !== null && (value < low || value > high);
  return odd ? `${shown(value)} ${T.implausible}` : shown(value);
}

const BARS = [
  ["improvement_percent", "%"],
  ["downtime_days", "d"],
];

function drawBars() {
  const given = current.scenario.treatments,
    notes = new Set();
  const sides = [["run", T.this_run, current.run, publishedFor(given, current.run, state.scar)]];
  if (current.control) {
    const fewer = given.filter(x => !DATA.adjuncts.includes(x.kind));
    sides.unshift(["control", T.control, current.control, publishedFor(fewer, current.control, state.scar)]);
  }
  $("bars").replaceChildren(
    ...BARS.map(([name, unit]) => {
      const rows = sides.map(([series, text, run, matches]) => ({
        series,
        text,
        value: run.outcomes[name],
        found: matches.find(x => x.outcome === name),
      }));
      const most = Math.max(
          name === "improvement_percent" ? 45 : 15,
          ...rows.map(r => Math.abs(r.value ?? 0) * 1.15),
        ),
        x = v => 86 + (Math.max(0, v) / most) * 150;
      const svg = el("svg:svg", { viewBox: `0 0 380 ${4 + 44 * rows.length}`, role: "img" }),
        said = [];
      rows.forEach((r, i) => {
        const y = 8 + 44 * i,
          value = r.value === null ? T.does_not_apply : `${told(name, r.value)} ${unit}`;
        said.push(`${r.text}, ${T.model} ${value}`);
        svg.append(
          el("svg:text", { class: "name", x: 0, y: y + 16 }, r.text),
          el("svg:rect", {
            class: `bar${r.series === "control" ? " other" : ""}`,
            x: x(0),
            y,
            width: Math.max(0.5, x(r.value ?? 0) - x(0)),
            height: 20,
            rx: 2,
          }),
          el("svg:text", { class: "name", x: x(r.value ?? 0) + 6, y: y + 15 }, value),
        );
        if (!r.found) return;
        if (r.found.differs.length) {
          notes.add(`${r.found.citation}: ${T.not_this_regimen}: ${r.found.differs.join(", ")}.`);
          return;
        }
        const f = r.found,
          fit = fittedWords(f),
          left = x(f.value - f.tolerance),
          right = x(f.value + f.tolerance);
        said.push(`${T.published} ${spelled(f.value)} ${unit}, n = ${f.n}, ${fit}`);
        notes.add(`${f.measure}: ${f.citation}; ${fit}.`);
        svg.append(
          el("svg:path", {
            class: "whisker",
            d: `M${left} ${y + 28}H${right}M${left} ${y + 25}v6M${right} ${y + 25}v6`,
          }),
          el("svg:path", { class: "mark", d: `M${x(f.value)} ${y + 22}l6 6l-6 6l-6-6z` }),
          el("svg:text", { x: right + 6, y: y + 32 }, `${T.published} ${spelled(f.value)} (n = ${f.n})`),
        );
      });
      svg.setAttribute("aria-label", `${DATA.outcome_names[name]}. ${said.join("; ")}`);
      return el("figure", {}, el("figcaption", {}, el("h3", {}, DATA.outcome_names[name])), svg);
    }),
  );
  $("bars-note").textContent = notes.size ? [...notes, T.published_note].join(" ") : T.no_published;
}

const UNITS = { 1: "", flag: "", percent: "%" };
const unitOf = name => UNITS[DATA.outcomes[name].unit] ?? DATA.outcomes[name].unit;

function drawTable() {
  const columns = current.arms;
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, T.outcome),
    ...columns.map(arm => el("th", { scope: "col", class: "number" }, arm.name)),
  );
  const body = Object.keys(DATA.outcome_names).map(name =>
    el(
      "tr",
      {},
      el(
        "th",
        { scope: "row", title: DATA.outcomes[name].meaning },
        DATA.outcome_names[name],
        " ",
        el("small", {}, unitOf(name)),
      ),
      ...columns.map(({ run }) => el("td", { class: "number" }, told(name, run.outcomes[name]))),
    ),
  );
  $("outcomes").replaceChildren(el("thead", {}, head), el("tbody", {}, ...body));
}

const HEADLINE = ["improvement_percent", "downtime_days", "melanin_index_peak_percent", "collagen_ratio_1_3"];
const headlineWords = name =>
  T[`card_${name}`] ? cardTitle(name) : `${DATA.outcome_names[name]}, ${T.week} ${weekOf(current.run)}`;
function drawHeadline() {
  $("headline").replaceChildren(
    ...HEADLINE.map(name =>
      el(
        "div",
        {},
        el("dt", {}, headlineWords(name)),
        el(
          "dd",
          {},
          told(name, current.run.outcomes[name]),
          " ",
          el("small", {}, unitOf(name)),
          ...(current.control
            ? [el("span", {}, `${T.control} ${told(name, current.control.outcomes[name])}`)]
            : []),
        ),
      ),
    ),
  );
}

function speak() {
  const o = current.run.outcomes,
    words = {
      improvement: o.improvement_percent,
      downtime: o.downtime_days,
      tnf: o.tnf_auc,
      pigment: o.melanin_index_peak_percent,
    };
  $("summary").textContent = T.summary.replace(/\{(\w+)\}/g, (_, name) => shown(words[name]));
}

function buildMeanings() {
  $("meanings").append(
    ...Object.entries(DATA.outcome_names).flatMap(([name, title]) => [
      el("dt", {}, title),
      el("dd", {}, DATA.outcomes[name].meaning),
    ]),
  );
}
