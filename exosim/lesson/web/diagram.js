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
    arrows.push({ from, to, group, line, head, sign, ...between(from, to) });
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

// Return where an arrow runs: straight, or bent just enough to pass every state that it does not touch.
function between(from, to) {
  const { nodes } = DATA.diagram,
    [a, b] = [nodes[from], nodes[to]],
    others = Object.entries(nodes).filter(([name]) => name !== from && name !== to);
  const free = room => bend => {
    const arrow = bent(a, b, bend);
    return others.every(([, node]) => ALONG.every(t => !covers(pointOf(arrow, t), node, room)));
  };
  const bend = ROOMS.map(room => BENDS.find(free(room))).find(x => x !== undefined);
  return bent(a, b, bend ?? 0);
}
const BENDS = Array.from({ length: 81 }, (_, i) => (i % 2 ? -5 : 5) * Math.ceil(i / 2)),
  ALONG = Array.from({ length: 61 }, (_, i) => i / 60),
  ROOMS = [8, 6, 4, 2]; // px between an arrow and a state that it passes
const covers = (p, node, room) =>
  Math.abs(p.x - node.x) < NODE.width / 2 + room && Math.abs(p.y - node.y) < NODE.height / 2 + room;

// A quadratic curve from the border of one state to that of another; `bend` is how far its middle is off the straight.
function bent(a, b, bend) {
  const length = Math.hypot(b.x - a.x, b.y - a.y),
    middle = {
      x: (a.x + b.x) / 2 - (2 * bend * (b.y - a.y)) / length,
      y: (a.y + b.y) / 2 + (2 * bend * (b.x - a.x)) / length,
    };
  const start = border(a, middle, 3),
    end = border(b, middle, 5),
    way = Math.hypot(end.x - middle.x, end.y - middle.y);
  return { start, middle, end, ux: (end.x - middle.x) / way, uy: (end.y - middle.y) / way };
}

function border(node, toward, room) {
  const dx = toward.x - node.x,
    dy = toward.y - node.y,
    out = Math.min(
      (NODE.width / 2 + room) / Math.max(Math.abs(dx), 1e-9),
      (NODE.height / 2 + room) / Math.max(Math.abs(dy), 1e-9),
    );
  return { x: node.x + dx * out, y: node.y + dy * out };
}

function pointOf({ start, middle, end }, t) {
  const at = axis => (1 - t) ** 2 * start[axis] + 2 * t * (1 - t) * middle[axis] + t * t * end[axis];
  return { x: at("x"), y: at("y") };
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
      { start, middle, end, ux, uy } = a;
    const bx = end.x - ux * size,
      by = end.y - uy * size,
      w = size * 0.6,
      tip = a.sign < 0 ? end : { x: bx, y: by };
    a.group.classList.toggle("still", share < LEAST_FLUX);
    a.line.setAttribute("d", `M${spot(start)}Q${spot(middle)} ${spot(tip)}`);
    a.line.setAttribute("stroke-width", width.toFixed(2));
    a.head.setAttribute(
      "d",
      a.sign < 0
        ? `M${end.x - uy * 8} ${end.y + ux * 8}L${end.x + uy * 8} ${end.y - ux * 8}l${ux * 2.5} ${uy * 2.5}L${end.x - uy * 8 + ux * 2.5} ${end.y + ux * 8 + uy * 2.5}z`
        : `M${end.x} ${end.y}L${bx - uy * w} ${by + ux * w}L${bx + uy * w} ${by - ux * w}z`,
    );
  }
  drawStrongest(now);
}
const spot = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;

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
