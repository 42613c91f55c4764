// The symbols of the drawing of skin: each a shape of its own, drawn once and then stamped.
const star = (points, inner) => (pen, r) => {
  for (let i = 0; i < 2 * points; i++) {
    const reach = i % 2 ? inner * r : r,
      angle = (i * Math.PI) / points;
    pen.lineTo(reach * Math.cos(angle), reach * Math.sin(angle));
  }
  pen.closePath();
};
const OUTLINES = {
  spark: star(4, 0.36),
  burr: star(9, 0.68),
  round: (pen, r) => pen.arc(0, 0, 0.86 * r, 0, 7),
  ring: (pen, r) => pen.arc(0, 0, 0.72 * r, 0, 7),
  dot: (pen, r) => pen.arc(0, 0, 0.8 * r, 0, 7),
  grain: (pen, r) => pen.ellipse(0, 0, r, 0.62 * r, 0.5, 0, 7),
  spindle(pen, r) {
    pen.moveTo(-r, 0.05 * r);
    pen.bezierCurveTo(-0.45 * r, -0.02 * r, -0.3 * r, -0.3 * r, 0.02 * r, -0.27 * r);
    pen.bezierCurveTo(0.35 * r, -0.25 * r, 0.5 * r, -0.02 * r, r, -0.05 * r);
    pen.bezierCurveTo(0.5 * r, 0.08 * r, 0.3 * r, 0.28 * r, -0.02 * r, 0.26 * r);
    pen.bezierCurveTo(-0.35 * r, 0.24 * r, -0.5 * r, 0.1 * r, -r, 0.05 * r);
  },
};
// Where the nucleus of a cell lies, as shares of its radius: x, y, half axes.
const NUCLEUS = { burr: [0, 0, 0.3, 0.3], round: [0.12, -0.08, 0.42, 0.3], spindle: [0, 0, 0.2, 0.11] };

// Draw one symbol of radius `r` round the origin.
function drawSymbol(pen, shape, r, colour, outline) {
  pen.beginPath();
  OUTLINES[shape](pen, r);
  pen.lineJoin = "round";
  if (shape === "ring") {
    pen.fillStyle = outline;
    pen.fill();
    pen.lineWidth = 0.5 * r;
    pen.strokeStyle = colour;
    pen.stroke();
    return;
  }
  if (shape !== "grain") {
    pen.lineWidth = 0.34 * r * (shape === "spindle" ? 0.45 : 1);
    pen.strokeStyle = outline;
    pen.stroke();
  }
  pen.fillStyle = colour;
  pen.fill();
  if (!NUCLEUS[shape]) return;
  const [x, y, a, b] = NUCLEUS[shape];
  pen.beginPath();
  pen.ellipse(x * r, y * r, a * r, b * r, -0.4, 0, 7);
  pen.fillStyle = outline;
  pen.globalAlpha = 0.82;
  pen.fill();
  pen.globalAlpha = 1;
}

// A symbol as a small picture; `scale` is pixels of the device per mm.
const stamps = new Map();
function stamp(name, scale, colours) {
  const key = `${name} ${scale.toFixed(2)} ${colours.outline}`;
  if (!stamps.has(key)) {
    if (stamps.size > 120) stamps.clear();
    const { shape, size } = SKIN.symbols[name],
      r = Math.max(size * scale, LEAST_RADIUS[shape] ?? 1.6),
      canvas = el("canvas", { width: Math.ceil(2.6 * r), height: Math.ceil(2.6 * r) }),
      pen = canvas.getContext("2d");
    pen.translate(canvas.width / 2, canvas.height / 2);
    drawSymbol(pen, shape, r, colours[name], colours.outline);
    stamps.set(key, canvas);
  }
  return stamps.get(key);
}
const LEAST_RADIUS = { spindle: 7, burr: 4, round: 4, spark: 3, ring: 1.9, dot: 1.2, grain: 1.1 };
