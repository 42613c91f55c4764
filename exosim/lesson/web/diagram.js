// The causal diagram: arrows from the traced equations.
const NODE = { width: 116, height: 28 },
  NO_FLUX = 1e-6,
  LEAST_FLUX = 0.01,
  arrows = [];

function buildDiagram() {
  const { nodes, edges } = DATA.diagram,
    svg = el("svg:svg", { viewBox: "0 0 884 300", role: "group", "aria-label": T.diagram });
  for (const [from, to, sign] of edges) {
    const line = el("svg:path", { class: `arrow ${["lowers", "either", "raises"][sign + 1]}` }),
      head = el("svg:path", { class: "head" });
    const group = el("svg:g", {}, line, head);
    arrows.push({ from, to, group, line, head, sign, ...between(nodes[from], nodes[to]) });
    svg.append(group);
  }
  for (const [name, { x, y }] of Object.entries(nodes)) {
    const label = DATA.node_words[name];
    const says = edges
      .filter(e => e[0] === name)
      .map(e => `${[T.lowers, T.either, T.raises][e[2] + 1]} ${DATA.node_words[e[1]]}`)
      .join(", ");
    const show = () => showState(name);
    svg.append(
      el(
        "svg:g",
        {
          class: "node",
          tabindex: "0",
          role: "button",
          "aria-label": says ? `${label}: ${says}` : label,
          on: {
            click: show,
            keydown: event => {
              if (event.key === "Enter" || event.key === " ") {
                event.preventDefault();
                show();
              }
            },
          },
        },
        el("svg:rect", {
          x: x - NODE.width / 2,
          y: y - NODE.height / 2,
          width: NODE.width,
          height: NODE.height,
          rx: 6,
        }),
        el("svg:text", { x, y: y + 4, "text-anchor": "middle" }, label),
      ),
    );
  }
  $("diagram").append(svg);
}

function between(a, b) {
  const dx = b.x - a.x,
    dy = b.y - a.y,
    length = Math.hypot(dx, dy),
    ux = dx / length,
    uy = dy / length;
  const out = Math.min(
    (NODE.width / 2 + 3) / Math.max(Math.abs(ux), 1e-9),
    (NODE.height / 2 + 3) / Math.max(Math.abs(uy), 1e-9),
  );
  return {
    x1: a.x + ux * out,
    y1: a.y + uy * out,
    x2: b.x - ux * (out + 2),
    y2: b.y - uy * (out + 2),
    ux,
    uy,
  };
}

// The flux of every arrow at every moment, as a share (-1 to 1) of the largest flux into the same state in this run.
function shares(run) {
  const { nodes, edges } = DATA.diagram,
    rowsOf = name => nodes[name].entries.map(entry => ENTRIES.indexOf(entry));
  const causes = Object.keys(nodes)
    .map(name => ({ name, rows: rowsOf(name), edges: edges.filter(e => e[0] === name) }))
    .filter(c => c.edges.length);
  const found = influences(
    run,
    causes.map(c => ({ rows: c.rows, effects: c.edges.map(e => rowsOf(e[1])) })),
  );
  const most = {},
    fluxes = {};
  causes.forEach((c, i) =>
    c.edges.forEach(([, to], j) => {
      fluxes[`${c.name} ${to}`] = found[i][j];
      for (const flux of found[i][j]) most[to] = Math.max(most[to] ?? 0, Math.abs(flux));
    }),
  );
  for (const [name, flux] of Object.entries(fluxes)) {
    const largest = most[name.split(" ")[1]];
    fluxes[name] = flux.map(value => (largest > NO_FLUX ? value / largest : 0));
  }
  return fluxes;
}

function drawDiagram() {
  const run = current.run,
    now = momentOf(run, state.day);
  run.shares ??= shares(run);
  for (const a of arrows) {
    const share = Math.abs(run.shares[`${a.from} ${a.to}`][now]),
      width = 0.8 + 6 * share,
      size = 4 + width,
      { x2, y2, ux, uy } = a;
    const bx = x2 - ux * size,
      by = y2 - uy * size,
      w = size * 0.6;
    a.group.classList.toggle("still", share < LEAST_FLUX);
    a.line.setAttribute(
      "d",
      `M${a.x1.toFixed(1)} ${a.y1.toFixed(1)}L${(a.sign < 0 ? x2 : bx).toFixed(1)} ${(a.sign < 0 ? y2 : by).toFixed(1)}`,
    );
    a.line.setAttribute("stroke-width", width.toFixed(2));
    a.head.setAttribute(
      "d",
      a.sign < 0
        ? `M${x2 - uy * 8} ${y2 + ux * 8}L${x2 + uy * 8} ${y2 - ux * 8}l${ux * 2.5} ${uy * 2.5}L${x2 - uy * 8 + ux * 2.5} ${y2 + ux * 8 + uy * 2.5}z`
        : `M${x2} ${y2}L${bx - uy * w} ${by + ux * w}L${bx + uy * w} ${by - ux * w}z`,
    );
  }
  drawStrongest(now);
}

function drawStrongest(now) {
  const found = arrows
    .map(a => ({ ...a, share: current.run.shares[`${a.from} ${a.to}`][now] }))
    .filter(a => Math.abs(a.share) >= LEAST_FLUX);
  found.sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  $("strongest").textContent =
    `${T.strongest} ${Math.max(0, Math.floor(state.day))}: ${found.slice(0, 4).map(strength).join("; ") || T.nothing}.`;
}

function strength({ from, to, sign, share }) {
  const nodes = DATA.node_words,
    lack = sign * share < 0 ? `${T.lack} ` : "";
  return `${nodes[to]} ${share < 0 ? T.lowered_by : T.raised_by} ${lack}${nodes[from]} (${Math.round(100 * Math.abs(share))} %)`;
}

function showState(name) {
  const box = $(`state-${name}`);
  if (!box) return;
  $("explain").open = box.open = true;
  box.firstElementChild.focus();
  box.scrollIntoView({ block: "start" });
}
