// The drawing of skin, second step: a scene on a canvas. Everything is drawn in mm from the healthy surface down.
const HEIGHT_MM = PIECE.sky + PIECE.fat, // and the dermis
  STEPS = 72;
const wave = (x, length, phase = 0) => Math.sin((6.283185307179586 * x) / length + phase);
const uneven = x => 0.004 * wave(x, 0.83, 1) + 0.003 * wave(x, 0.31, 2), // the hand that draws
  ridge = x => 0.012 * wave(x, 0.15) + 0.006 * wave(x, 0.37, 1);

// Trace a line across the picture: the place of a depth, which may depend on x.
function traceAcross(pen, y, back = false) {
  for (let i = 0; i <= STEPS; i++) {
    const x = (PIECE.width * (back ? STEPS - i : i)) / STEPS;
    if (i || back) pen.lineTo(x, y(x));
    else pen.moveTo(x, y(x));
  }
}

function band(pen, upper, lower, colour, alpha = 1) {
  pen.beginPath();
  traceAcross(pen, upper);
  traceAcross(pen, lower, true);
  pen.closePath();
  pen.globalAlpha = alpha;
  pen.fillStyle = colour;
  pen.fill();
  pen.globalAlpha = 1;
}

function lineAcross(pen, y, colour, width, alpha = 1) {
  pen.beginPath();
  traceAcross(pen, y);
  Object.assign(pen, { globalAlpha: alpha, strokeStyle: colour, lineWidth: width });
  pen.stroke();
  pen.globalAlpha = 1;
}

function paintGround(pen, { surface, layers }, colours) {
  const sky = pen.createLinearGradient(0, -PIECE.sky, 0, 0.4),
    bottom = surface.deepest + PIECE.fat;
  colours.sky.forEach((colour, i) => sky.addColorStop(i, colour));
  pen.fillStyle = sky;
  pen.fillRect(0, -PIECE.sky, PIECE.width, HEIGHT_MM + surface.deepest);
  const edge = depth => x => surface.y(x, depth) + uneven(x) * (1 - depth / surface.deepest);
  const body = pen.createLinearGradient(0, 0, 0, surface.deepest);
  colours.dermis.forEach((colour, i) => body.addColorStop(i / 2, colour));
  band(pen, edge(0), () => bottom, body);
  for (const { top } of layers.slice(2)) lineAcross(pen, edge(top), colours.thick[0], 0.005, 0.16);
  paintFat(pen, surface.deepest, bottom, colours);
}

function paintFat(pen, top, bottom, colours) {
  const edge = x => top + 0.012 * wave(x, 0.9, 1);
  band(pen, edge, () => bottom + 0.05, colours.fat);
  pen.save();
  pen.beginPath();
  traceAcross(pen, edge);
  traceAcross(pen, () => bottom + 0.05, true);
  pen.clip();
  Object.assign(pen, { strokeStyle: colours.fat_line, lineWidth: 0.007 });
  pen.beginPath();
  for (let row = 0; row < 3; row++)
    for (let i = -1; i < 15; i++) {
      const x = (i + (row % 2) / 2 + 0.25 * hashed(40 * row + i + 2)) * 0.17,
        y = top + 0.075 + 0.105 * row;
      pen.moveTo(x + 0.08, y);
      pen.ellipse(x, y, 0.08, 0.056, 0, 0, 7);
    }
  pen.stroke();
  pen.restore();
}

function paintFlush(pen, { surface, layers, flush }, colours) {
  const [skin, papillary, upper] = layers,
    vessel = papillary.top + papillary.height;
  if (flush > 0.002)
    for (const depth of [skin.height + 0.1, vessel, vessel + 0.1, vessel + 0.4 * upper.height])
      band(
        pen,
        x => surface.y(x, 0),
        x => surface.y(x, depth),
        colours.flush,
        0.13 * Math.min(1, flush),
      );
  const width = 0.006 + 0.018 * flush;
  Object.assign(pen, {
    strokeStyle: colours.vessel,
    lineWidth: width,
    globalAlpha: 0.4 + 0.5 * Math.min(1, flush),
  });
  pen.lineCap = "round";
  pen.beginPath();
  traceAcross(pen, x => surface.y(x, vessel + 0.014 * wave(x, 0.6)));
  for (let i = 0; i < 11; i++) {
    const x = 0.12 + i * 0.216 + 0.05 * (hashed(300 + i) - 0.5),
      tip = skin.height + 0.03 + 0.03 * hashed(320 + i),
      put = (dx, depth) => [x + dx, surface.y(x + dx, depth)];
    pen.moveTo(...put(-0.05, vessel));
    pen.bezierCurveTo(...put(0, vessel - 0.03), ...put(-0.03, tip + 0.02), ...put(-0.012, tip));
    pen.bezierCurveTo(...put(0, tip - 0.022), ...put(0.03, tip - 0.01), ...put(0.016, tip + 0.05));
    pen.bezierCurveTo(...put(0, vessel - 0.09), ...put(0.03, vessel - 0.03), ...put(0.05, vessel));
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

// A fibre is a wave along its direction, four pieces long.
function traceFibre(pen, { x, depth, length, angle, phase }, surface) {
  const c = Math.cos(angle),
    s = 0.5 * Math.sin(angle);
  let before = null;
  for (let k = 0; k <= 5; k++) {
    const along = length * (k / 5 - 0.5),
      off = 0.085 * length * Math.sin(phase + k * 1.35),
      px = x + c * along - s * off,
      py = surface.y(px, Math.min(surface.deepest, depth + s * along + c * off));
    if (!before) pen.moveTo(px, py);
    else if (k === 5) pen.lineTo(px, py);
    else pen.quadraticCurveTo(...before, (before[0] + px) / 2, (before[1] + py) / 2);
    before = [px, py];
  }
}

const FIBRE_WIDTH = { thick: 0.013, thin: 0.006 };
function paintFibres(pen, { fibres, surface }, colours) {
  pen.lineCap = pen.lineJoin = "round";
  for (const kind of ["thin", "thick"])
    for (const tone of kind === "thin" ? [0] : [0, 1]) {
      const own = fibres.filter(f => f.kind === kind && (kind === "thin" || f.tone > 0.5 === (tone === 1))),
        strokeStyle = kind === "thin" ? colours.thin : colours.thick[tone];
      Object.assign(pen, { strokeStyle, lineWidth: FIBRE_WIDTH[kind] });
      pen.beginPath();
      for (const fibre of own) if (fibre.alpha === 1) traceFibre(pen, fibre, surface);
      pen.stroke();
      for (const fibre of own.filter(f => f.alpha < 1)) {
        pen.globalAlpha = fibre.alpha;
        pen.beginPath();
        traceFibre(pen, fibre, surface);
        pen.stroke();
      }
      pen.globalAlpha = 1;
    }
}

function paintSkin(pen, { surface, layers, flush, symbols }, colours) {
  const [skin] = layers,
    top = x => surface.y(x, 0) + uneven(x),
    base = x => surface.y(x, skin.height) + ridge(x),
    dark = symbols.granule.reduce((sum, grain) => sum + grain.alpha, 0) * SKIN.symbols.granule.per;
  band(pen, top, base, colours.epidermis);
  lineAcross(pen, x => base(x) - 0.013, colours.basal, 0.026, within(0.85 * dark, 0.1, 1));
  if (flush > 0.002) band(pen, top, base, colours.flush, 0.34 * Math.min(1, flush));
  lineAcross(pen, x => top(x) + 0.004, colours.corneum, 0.01);
}

// The healthy surface and that before anything was done, to see how far the scar has filled.
function paintBefore(pen, { surface }, colours) {
  pen.setLineDash([0.035, 0.03]);
  if (Math.abs(surface.before) > 1e-6) lineAcross(pen, x => surface.was(x) - 0.004, colours.ink, 0.007, 0.55);
  pen.setLineDash([]);
}

function paintFilms(pen, { surface, films }, colours) {
  const top = x => surface.y(x, 0) + uneven(x);
  let under = 0;
  for (const { kind, height } of films.filter(film => film.height > 1e-4)) {
    const low = under,
      high = (under += height);
    band(
      pen,
      x => top(x) - high - 0.1 * height * wave(x, 0.5),
      x => top(x) - low,
      colours[kind],
      0.8,
    );
    lineAcross(pen, x => top(x) - high - 0.1 * height * wave(x, 0.5), colours.hole, 0.006, 0.8);
  }
}

// Those that drift are painted in every frame; the others are part of what is kept.
const DRIFT = { vesicle: 0.012, signal: 0.006, tnf: 0.008, m1: 0.006, m2: 0.006, spindle: 0.003 };
const SETTLED_SYMBOLS = Object.keys(SKIN.symbols).filter(name => !DRIFT[name]);
function paintSymbols(pen, { symbols }, colours, scale, seconds, names) {
  for (const name of names) {
    const list = symbols[name];
    const picture = stamp(name, scale, colours),
      size = picture.width / scale,
      drift = DRIFT[name] ?? 0,
      turning = name === "spindle" || name === "tnf";
    for (const { x, y, alpha, turn } of list) {
      const px = x + drift * Math.sin(0.9 * seconds + 6.28 * turn),
        py = y + drift * Math.cos(0.7 * seconds + 9.4 * turn);
      pen.globalAlpha = alpha;
      if (!turning) pen.drawImage(picture, px - size / 2, py - size / 2, size, size);
      else {
        pen.save();
        pen.translate(px, py);
        pen.rotate(name === "tnf" ? turn * 3 + 0.4 * Math.sin(seconds + 6 * turn) : 1.1 * (turn - 0.5));
        pen.drawImage(picture, -size / 2, -size / 2, size, size);
        pen.restore();
      }
    }
  }
  pen.globalAlpha = 1;
}

// What changes slowly and takes long: painted again when somebody could see a difference, at most every REPAINT ms unless
// the surface moves, and kept.
const REPAINT = 250;
function deepPicture(kept, { width, height }, scene, colours, scale) {
  const { surface, flush, fibres } = scene,
    matter = kind => fibres.reduce((sum, f) => sum + (f.kind === kind ? f.alpha : 0), 0).toFixed(0),
    look = [width, colours.ink, surface.half].join(" "),
    key = [
      look,
      (surface.dip * scale).toFixed(0),
      flush.toFixed(2),
      matter("thick"),
      matter("thin"),
      ...SETTLED_SYMBOLS.map(name => scene.symbols[name].length),
    ].join(" "),
    now = performance.now();
  const moved = Math.abs(surface.dip - kept.dip) * scale > 1;
  if (kept.key === key || (kept.look === look && !moved && now - kept.at < REPAINT)) return kept.canvas;
  kept.canvas ??= document.createElement("canvas");
  Object.assign(kept, { key, look, dip: surface.dip, at: now });
  Object.assign(kept.canvas, { width, height });
  const pen = kept.canvas.getContext("2d", { alpha: false });
  pen.setTransform(scale, 0, 0, scale, 0, PIECE.sky * scale);
  for (const part of [paintGround, paintFlush, paintFibres, paintSkin]) part(pen, scene, colours);
  paintSymbols(pen, scene, colours, scale, 0, SETTLED_SYMBOLS);
  return kept.canvas;
}

function paintScene(pen, scene, colours, scale, seconds, kept) {
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(deepPicture(kept, pen.canvas, scene, colours, scale), 0, 0);
  pen.setTransform(scale, 0, 0, scale, 0, PIECE.sky * scale);
  paintChannels(pen, scene, colours);
  paintFilms(pen, scene, colours);
  paintBefore(pen, scene, colours);
  paintSymbols(pen, scene, colours, scale, seconds, Object.keys(DRIFT));
}
