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
          el("td", {}, `${p[state.set]} ${UNITS[p.unit] ?? p.unit}`),
          el("td", {}, `${p.low} \u2013 ${p.high}`),
          el("td", { class: p.evidence }, p.evidence),
          el("td", {}, p.source),
        ),
      ),
    ),
  );
}

function explainState(s) {
  const box = el(
    "details",
    { class: "state", id: `state-${s.name}` },
    el("summary", {}, `${s.name.replaceAll("_", " ")}: ${s.meaning}`),
  );
  box.addEventListener("toggle", () => {
    box.dataset.set = state.set;
    while (box.children.length > 1) box.lastChild.remove();
    if (!box.open) return;
    box.append(
      el("p", { class: "note" }, `${T.equation}, ${s.unit}, ${s.file}`),
      el("p", {}, el("code", {}, s.equation)),
      el(
        "div",
        { class: "wide", tabindex: "0", role: "region", "aria-label": `${T.parameter}: ${s.name}` },
        parameterTable(s.parameters),
      ),
    );
    for (const [words, names] of [
      [T.driven_by, s.driven_by],
      [T.drives, s.drives],
    ])
      if (names.length)
        box.append(el("p", { class: "note" }, `${words}: ${names.join(", ").replaceAll("_", " ")}`));
    if (s.exchange) box.children[2].after(el("p", { class: "note" }, `${T.exchange}: ${s.exchange}`));
  });
  return box;
}

// Open explanations show the values of the chosen set.
function drawExplanations() {
  for (const box of document.querySelectorAll(".state[open]"))
    if (box.dataset.set !== state.set) box.dispatchEvent(new Event("toggle"));
}

function buildExplanations() {
  $("explain").append(...DATA.states.map(explainState));
  $("claims").lastElementChild.append(
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el("tr", {}, ...[T.key, T.claim, T.kind, "n", T.source].map(x => el("th", { scope: "col" }, x))),
      ),
      el(
        "tbody",
        {},
        ...DATA.claims.map(c =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, c.id),
            el("td", {}, c.text, ...(c.note ? [el("br"), el("small", {}, c.note)] : [])),
            el("td", {}, c.kind),
            el("td", {}, c.n ?? "\u2013"),
            el("td", {}, c.source),
          ),
        ),
      ),
    ),
  );
}
