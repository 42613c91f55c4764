// The drawing of skin: channels and zones, open, closing, covered, healed.
function paintChannels(pen, scene, colours) {
  const gel = within(scene.films[0].height / 0.02, 0, 1),
    other = within(scene.films[1].height / 0.02, 0, 1);
  for (const zone of scene.zones) paintZone(pen, zone, scene, colours);
  for (const channel of scene.channels) {
    pen.globalAlpha = channel.alpha;
    const looks = CHANNEL_LOOKS[channel.stage];
    traceChannel(pen, channel, looks.wide, scene.surface.at);
    pen.fillStyle = colours[looks.fill];
    pen.globalAlpha = channel.alpha * looks.alpha;
    pen.fill();
    for (const [kind, amount] of channel.stage === "open"
      ? [
          ["gel", gel],
          ["platelets", other],
        ]
      : []) {
      pen.globalAlpha = channel.alpha * amount;
      pen.fillStyle = colours[kind];
      pen.fill();
    }
    pen.globalAlpha = channel.alpha * looks.line;
    Object.assign(pen, { strokeStyle: colours.wall, lineWidth: 0.009 });
    pen.setLineDash(looks.dash);
    pen.stroke();
    pen.setLineDash([]);
    if (looks.cap) paintCap(pen, channel, looks.cap * scene.layers[0].height, scene.surface.at, colours);
  }
  pen.globalAlpha = 1;
}
const CHANNEL_LOOKS = {
  open: { fill: "hole", alpha: 1, line: 0.95, dash: [], wide: 1, cap: 0 },
  closing: { fill: "clot", alpha: 0.9, line: 0.7, dash: [], wide: 0.9, cap: 0.3 },
  stratifying: { fill: "clot", alpha: 0.45, line: 0.55, dash: [0.03, 0.025], wide: 0.7, cap: 0.8 },
  sealed: { fill: "clot", alpha: 0, line: 0.28, dash: [0.012, 0.04], wide: 0.12, cap: 0 },
};

function traceChannel(pen, { x, top, bottom, radius, mode }, wide, surface = () => top) {
  const high = radius * wide,
    low = high * (mode === "puncture" ? 0.12 : 0.5);
  pen.beginPath();
  pen.moveTo(x - high, surface(x - high) - 0.008);
  pen.lineTo(x - low, bottom - low);
  pen.quadraticCurveTo(x, bottom + 0.4 * low, x + low, bottom - low);
  pen.lineTo(x + high, surface(x + high) - 0.008);
}

function paintCap(pen, { x, radius, alpha }, thickness, surface, colours) {
  const [left, right] = [x - radius, x + radius],
    [a, b] = [surface(left), surface(right)];
  pen.globalAlpha = alpha;
  pen.beginPath();
  pen.moveTo(left, a);
  pen.lineTo(right, b);
  pen.lineTo(right, b + thickness);
  pen.lineTo(left, a + thickness);
  pen.fillStyle = colours.epidermis;
  pen.fill();
  Object.assign(pen, { strokeStyle: colours.corneum, lineWidth: 0.008 });
  pen.beginPath();
  pen.moveTo(left, a + 0.002);
  pen.lineTo(right, b + 0.002);
  pen.stroke();
}

function paintZone(pen, { x, bottom, radius, alpha }, { surface, layers }, colours) {
  const top = surface.y(x, layers[0].height) + 0.01;
  pen.beginPath();
  pen.roundRect(x - radius, top, 2 * radius, Math.max(0.02, bottom - top), radius);
  pen.globalAlpha = 0.42 * alpha;
  pen.fillStyle = colours.zone;
  pen.fill();
  Object.assign(pen, { globalAlpha: 0.8 * alpha, strokeStyle: colours.wall, lineWidth: 0.007 });
  pen.setLineDash([0.022, 0.022]);
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}
