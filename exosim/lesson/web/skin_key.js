// The key of the drawing of skin: what is drawn, and how much one symbol is.
function skinKey() {
  const colours = skinColours();
  const swatch = (draw, wide = 44) => {
    const canvas = el("canvas", { width: 2 * wide, height: 48, "aria-hidden": "true" }),
      pen = canvas.getContext("2d");
    canvas.style.width = `${wide}px`;
    pen.translate(wide, 24);
    draw(pen);
    return canvas;
  };
  const entry = (picture, words) => el("li", {}, picture, el("span", {}, words));
  const patch =
    (colour, alpha = 0.9) =>
    pen => {
      pen.fillStyle = colour;
      pen.globalAlpha = alpha;
      pen.beginPath();
      pen.roundRect(-30, -13, 60, 26, 8);
      pen.fill();
      pen.globalAlpha = 1;
    };
  const symbol = (name, shape) => pen => {
    if (shape === "grain") patch(colours.epidermis)(pen);
    drawSymbol(pen, shape, KEY_RADIUS[shape] ?? 13, colours[name], colours.outline);
  };
  const symbols = Object.entries(SKIN.symbols).map(([name, { shape, key }]) =>
    entry(swatch(symbol(name, shape)), key),
  );
  const line = (colour, width) => pen => {
    Object.assign(pen, { strokeStyle: colour, lineWidth: width, lineCap: "round" });
    pen.beginPath();
    pen.moveTo(-34, 4);
    pen.bezierCurveTo(-14, -16, 12, 18, 34, -4);
    pen.stroke();
  };
  const dashes = pen => {
    pen.setLineDash([9, 7]);
    line(colours.ink, 2)(pen);
  };
  const stages = pen =>
    SKIN.stages.forEach((stage, i) => {
      const looks = CHANNEL_LOOKS[stage],
        channel = { x: -33 + 22 * i, top: -18, bottom: 20, radius: 7, mode: "ablation" };
      traceChannel(pen, channel, looks.wide);
      Object.assign(pen, { fillStyle: colours[looks.fill], strokeStyle: colours.wall, lineWidth: 2 });
      pen.globalAlpha = looks.alpha;
      pen.fill();
      pen.globalAlpha = Math.max(0.5, looks.line);
      pen.setLineDash(looks.dash.map(length => length * 130));
      pen.stroke();
      pen.setLineDash([]);
      pen.globalAlpha = 1;
    });
  return el(
    "ul",
    { class: "skin-key" },
    entry(swatch(line(colours.thick[1], 5)), SKIN.fibres.thick.key),
    entry(swatch(line(colours.thin, 2)), SKIN.fibres.thin.key),
    ...symbols,
    entry(swatch(stages), SKIN.channels.key),
    entry(swatch(patch(colours.zone)), SKIN.channels.zone_key),
    ...Object.entries(SKIN.films).map(([kind, { key }]) => entry(swatch(patch(colours[kind])), key)),
    entry(swatch(patch(colours.flush, 0.5)), SKIN.flush.key),
    entry(swatch(dashes), SKIN.before.key),
  );
}

// The key of the lines of the charts in a lesson, drawn as they are drawn there.
function lineKey() {
  const lines = [
    ["line run", "M1 6H33", T.line_run],
    ["line control", "M1 6H33", T.line_control],
    ["guess", "M1 6H33", T.your_line],
    ["rest", "M1 6H33", T.rest_line],
    ["ticks", "M17 2v8", T.ticks_injury],
    ["doses", "M17 2v8", T.ticks_dose],
  ];
  return el(
    "ul",
    { class: "skin-key", id: "line-key" },
    ...lines.map(([kind, d, words]) => el("li", {}, sample(kind, d), el("span", {}, words))),
  );
}
const KEY_RADIUS = { spindle: 28, ring: 9, dot: 8, grain: 8, spark: 14 };
