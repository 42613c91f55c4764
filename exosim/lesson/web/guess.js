// A line that a student draws on a chart before the model's is shown: one value a step of a grid.
const GRID = 12;

// Let a line be drawn on a chart; `change` gets it when it has changed.
function letDraw(c, values, change) {
  let at = GRID,
    before = null;
  const set = (i, v) => {
    const [low, high] = c.range,
      known = values.findLastIndex((x, k) => k < i && x !== null);
    const from = before ?? Math.max(known, 0),
      start = values[from] ?? 0,
      value = Math.min(Math.max(v, low), high);
    const [a, b] = [Math.min(from, i), Math.max(from, i)];
    for (let k = a; k <= b; k++)
      values[k] = a === b ? value : start + ((value - start) * (k - from)) / (i - from);
    values[0] ??= 0;
    change(values);
  };
  const where = event => {
    const box = c.svg.getBoundingClientRect(),
      y = ((event.clientY - box.top) / box.height) * c.height,
      [low, high] = c.range;
    const i = Math.round((dayAt(c, event) / current.end) * GRID);
    return [
      Math.min(Math.max(i, 0), GRID),
      high - ((y - BOX.top) / (c.height - BOX.top - BOX.bottom)) * (high - low),
    ];
  };
  const move = event => {
    const [i, v] = where(event);
    set(i, v);
    before = i;
  };
  c.svg.classList.add("drawable");
  c.svg.addEventListener("pointerdown", event => {
    if (!c.open) return;
    event.preventDefault();
    c.svg.setPointerCapture(event.pointerId);
    before = null;
    move(event);
  });
  c.svg.addEventListener("pointermove", event => c.open && before !== null && move(event));
  c.svg.addEventListener("pointerup", () => (before = null));
  c.svg.addEventListener("keydown", event => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key],
      along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!c.open || !(by || along)) return;
    event.preventDefault();
    at = Math.min(Math.max(at + (along ?? 0), 1), GRID);
    if (by) set(at, (values[at] ?? 0) + (by * (c.range[1] - c.range[0])) / 40);
  });
}

const drawnWhole = values => values.every(v => v !== null);

// Draw a line on the days for which it was drawn, whatever the chart shows now.
function drawGuess(c, values, end) {
  const spot = place(c, current.end),
    known = values
      .map((v, i) => [(i / GRID) * end, v])
      .filter(([day, v]) => v !== null && day <= current.end);
  const points = known.map(([day, v]) => `${spot.x(day).toFixed(1)} ${spot.y(v).toFixed(1)}`);
  c.guess.setAttribute("d", points.length ? `M${points.join("L")}` : "M0 0");
}
