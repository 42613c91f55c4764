// The tissue film: daily frames of the patch with agents. Python simulates them when it writes the page.
const STAGES = DATA.film.stages,
  NEVER = 255,
  unpacked = new Map(),
  panels = [];
let section = null,
  frameShown = "";

function frames(name) {
  if (!unpacked.has(name)) unpacked.set(name, unpack(DATA.film.presets[name]));
  return unpacked.get(name);
}

async function unpack({ seed, days, channels, low, high, packed }) {
  const bytes = Uint8Array.from(atob(packed), c => c.charCodeAt(0)),
    { maps, layers, columns, side } = DATA.film;
  const all = new Uint8Array(
    await new Response(
      new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")),
    ).arrayBuffer(),
  );
  let from = 0;
  const take = length => all.subarray(from, (from += length)),
    mm = most => Float32Array.from(take(channels), byte => (byte / NEVER) * most);
  return {
    seed,
    days,
    low,
    high,
    maps: maps.map(() => take(columns * columns * days)),
    layers: layers.map(() => take(days)),
    x: mm(side),
    y: mm(side),
    depth: mm(layers.at(-1).bottom),
    since: STAGES.map(() => take(channels)),
  };
}

// Return the stage of a channel, or -1.
function stageOf(film, channel, day) {
  let stage = -1;
  while (
    stage + 1 < STAGES.length &&
    film.since[stage + 1][channel] !== NEVER &&
    film.since[stage + 1][channel] <= day
  )
    stage++;
  return stage;
}

// -- what does not move --

function buildFilm() {
  const { maps, layers, columns, side, colours } = DATA.film;
  $("film").hidden = !Object.keys(DATA.film.presets).length;
  for (const { name, palette, channels } of maps) {
    const { label, unit } = DATA.maps[name];
    const picture = el("canvas", { width: columns, height: columns }),
      marks = STAGES.slice(0, -1).map(name => el("svg:path", { class: `channel ${name}` }));
    const panel = { ...scale(palette), pen: picture.getContext("2d"), marks: channels ? marks : [] };
    const over = el("svg:svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" }, ...panel.marks);
    panel.box = el("div", { class: "map", role: "img", "aria-label": label }, picture, over);
    $("maps").append(
      el("figure", {}, el("figcaption", {}, el("h3", {}, label), el("span", {}, unit)), panel.box, panel.key),
    );
    panels.push(panel);
  }
  const deepest = layers.at(-1).bottom,
    lines = STAGES.slice(0, 2).map(name => el("svg:path", { class: `shaft ${name}` }));
  const bands = layers.map(({ top, bottom }) =>
    el("svg:rect", { x: 0, y: top, width: side, height: bottom - top }),
  );
  const names = layers.map(({ name, top, bottom }) =>
    el("div", {}, `${native(name)} ${T.layer_to} ${spelled(bottom.toFixed(2))} mm`),
  );
  names.forEach((box, i) => {
    box.style.flexGrow = layers[i].bottom - layers[i].top;
  });
  section = { ...scale("viridis"), bands, lines, colours: colours.viridis };
  $("section").append(
    el("div", { class: "depths", "aria-hidden": "true" }, ...names),
    el(
      "svg:svg",
      {
        viewBox: `0 0 ${side} ${deepest}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": T.section,
      },
      ...bands,
      ...lines,
    ),
  );
  $("section-key").append(section.key);
}

const rgb = colours => colours.map(hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16)));

function scale(palette) {
  const colours = rgb(DATA.film.colours[palette]),
    bar = el("canvas", { width: colours.length, height: 1, "aria-hidden": "true" });
  paint(bar.getContext("2d"), colours.length, 1, i => colours[i]);
  const low = el("span"),
    high = el("span");
  return { low, high, colours, key: el("div", { class: "key" }, low, bar, high) };
}

function paint(pen, width, height, colour) {
  const image = pen.createImageData(width, height);
  for (let i = 0; i < width * height; i++) image.data.set([...colour(i), 255], 4 * i);
  pen.putImageData(image, 0, 0);
}

// -- what moves --

const sameSkin = (a, b) =>
  [...settable(), "set", "scar", "severity", "off"].every(name => String(a[name]) === String(b[name]));

async function drawFilm() {
  const name = state.preset;
  $("film-moved").hidden = sameSkin(state, parsed(`preset=${name}&set=${DATA.film.parameters}`, false));
  if (!DATA.film.presets[name]) return;
  try {
    const film = await frames(name),
      before = state.day < 0,
      day = Math.max(0, Math.min(Math.floor(state.day), film.days - 1)),
      shownNow = `${name} ${day} ${before}`;
    if (name !== state.preset || frameShown === shownNow) return;
    frameShown = shownNow;
    drawFrame(film, day, before);
  } catch {
    $("film-day").textContent = T.film_failed;
  }
}

function drawFrame(film, day, before) {
  const { columns, side } = DATA.film,
    stages = Array.from(film.x, (_, i) => (before ? -1 : stageOf(film, i, day))),
    last = columns - 1;
  const dots = STAGES.slice(0, -1).map((_, s) =>
    drawnWhere(
      i => stages[i] === s,
      stages,
      i => `M${film.x[i].toFixed(2)} ${(side - film.y[i]).toFixed(2)}h0`,
    ),
  );
  panels.forEach((panel, m) => {
    const cell = i => ((i % columns) * columns + last - Math.floor(i / columns)) * film.days + day;
    paint(panel.pen, columns, columns, i => panel.colours[film.maps[m][cell(i)]]);
    panel.marks.forEach((path, s) => path.setAttribute("d", dots[s]));
    ends(panel, film, m);
  });
  drawSection(film, day, stages);
  showExosomes(doses(DATA.presets[state.preset]));
  $("film-about").textContent = T.film_note
    .replaceAll("{side}", side)
    .replace("{set}", T[`set_${DATA.film.parameters}`]);
  const counts = STAGES.map(
    (name, s) => `${stages.filter(stage => stage === s).length} ${DATA.stages[name]}`,
  ).join(", ");
  const when = day ? "" : before ? `, ${WORDS.before}` : `, ${WORDS.just_after} (${T.film_just_after})`;
  $("film-day").textContent =
    `${T.day} ${day}${when}. ${T.channels}: ${film.x.length && !before ? counts : T.none}.`;
}

// Without exosomes there is nothing to show of them.
function showExosomes(some) {
  const number = DATA.film.maps.findIndex(x => x.name === "exosome"),
    place = panels[number].box.parentNode;
  place.classList.toggle("empty", !some);
  place.dataset.says = T.no_exosomes;
  for (const part of document.querySelectorAll("#section-title, #section, #section-key")) part.hidden = !some;
}

// Return a path with one piece for every channel that is `shown`, or a point that cannot be seen.
function drawnWhere(shown, channels, piece) {
  return channels.map((_, i) => (shown(i) ? piece(i) : "")).join("") || "M0 0";
}

function ends(panel, film, i) {
  panel.low.textContent = shown(film.low[i]);
  panel.high.textContent = shown(film.high[i]);
}

function drawSection(film, day, stages) {
  const { bands, lines, colours } = section,
    { side, slab } = DATA.film,
    cut = i => Math.abs(film.y[i] - side / 2) < slab;
  bands.forEach((band, i) => band.setAttribute("fill", colours[film.layers[i][day]]));
  lines.forEach((path, s) =>
    path.setAttribute(
      "d",
      drawnWhere(
        i => stages[i] === s && cut(i),
        stages,
        i => `M${film.x[i].toFixed(2)} 0V${film.depth[i].toFixed(2)}`,
      ),
    ),
  );
  ends(section, film, panels.length);
}
