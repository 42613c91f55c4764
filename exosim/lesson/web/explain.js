// Equations, evidence and claims.
function parameterTable(parameters) {
  const head = [T.parameter, T.value, T.range, T.grade, T.source].map(x => el("th", { scope: "col" }, x));
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...head)),
    el(
      "tbody",
      {},
      ...parameters.map(p =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, p.name, el("br"), el("small", {}, p.meaning)),
          el("td", {}, `${spelled(p[state.set])} ${UNITS[p.unit] ?? p.unit}`),
          el("td", {}, `${spelled(p.low)} \u2013 ${spelled(p.high)}`),
          el("td", { class: p.evidence }, native(p.evidence)),
          el("td", {}, p.source),
        ),
      ),
    ),
  );
}

// Return what is said of a state: its equation, its parameters, its neighbours.
function explanation(s) {
  const note = (words, text) => el("p", { class: "note" }, `${words}: ${text}`),
    listed = names => names.map(plainly).join(", ");
  return [
    el("p", { class: "note" }, `${T.equation}, ${s.unit}`),
    el(
      "div",
      { class: "wide equation", tabindex: "0", role: "region", "aria-label": T.equation },
      typeset(s.equation),
    ),
    ...(s.exchange ? [note(T.exchange, s.exchange.replaceAll("_", " "))] : []),
    el(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": `${T.parameter}: ${plainly(s.name)}` },
      parameterTable(s.parameters),
    ),
    ...(s.driven_by.length ? [note(T.driven_by, listed(s.driven_by))] : []),
    ...(s.drives.length ? [note(T.drives, listed(s.drives))] : []),
  ];
}

function explainState(s) {
  const box = el(
    "details",
    { class: "state", id: `state-${s.name}` },
    el("summary", {}, `${plainly(s.name)}: ${s.meaning}`),
  );
  box.addEventListener("toggle", () => {
    box.dataset.set = state.set;
    while (box.children.length > 1) box.lastChild.remove();
    if (box.open) box.append(...explanation(s));
  });
  return box;
}

// What is said of a state of the diagram, next to it.
function showState(name) {
  const s = DATA.states.find(x => x.name === name),
    panel = $("node"),
    from = document.activeElement;
  if (!s) return;
  const close = () => {
    panel.hidden = true;
    from?.focus({ preventScroll: true });
  };
  panel.dataset.name = name;
  panel.replaceChildren(
    el("button", { type: "button", on: { click: close } }, T.close),
    el("h3", {}, DATA.node_words[name]),
    el("p", {}, s.meaning),
    ...explanation(s),
  );
  panel.onkeydown = event => event.key === "Escape" && close();
  panel.hidden = false;
  panel.focus({ preventScroll: true });
}

// Open explanations show the values of the chosen set.
function drawExplanations() {
  for (const box of document.querySelectorAll(".state[open]"))
    if (box.dataset.set !== state.set) box.dispatchEvent(new Event("toggle"));
}

function buildExplanations() {
  $("explain").append(...DATA.states.map(explainState));
  tabulate("claims", [T.key, T.claim, T.kind, "n", T.source], DATA.claims, c => [
    [c.id],
    [c.text, ...(c.note ? [el("br"), el("small", {}, c.note)] : [])],
    [c.kind],
    [c.n ?? "\u2013"],
    [c.source],
  ]);
  const heads = [T.source, "n", T.study_design, T.study_seen, T.study_results];
  tabulate("studies", heads, DATA.studies, x => [
    [x.source],
    [x.n],
    [x.paired ? T.study_paired : T.study_apart],
    [x.seen],
    [x.reads.map(name => DATA.outcome_names[name] ?? T[`read_${name}`]).join("; ")],
  ]);
}

// Fill the table of a section; `cells` gives what stands in each cell of a row, its head first.
function tabulate(section, heads, rows, cells) {
  const one = row => {
    const [head, ...rest] = cells(row);
    return el("tr", {}, el("th", { scope: "row" }, ...head), ...rest.map(parts => el("td", {}, ...parts)));
  };
  document
    .querySelector(`#${section} > .wide`)
    .append(
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...heads.map(x => el("th", { scope: "col" }, x)))),
        el("tbody", {}, ...rows.map(one)),
      ),
    );
}
