// The drawing of skin, first step: the numbers of a moment become a scene, lists of shapes with places in mm, counts and
// depths. Nothing is painted here. exosim/view/skin/scene.py is the same step in Python; skin.toml says what is drawn.
const SKIN = DATA.skin,
  PIECE = SKIN.picture;
const STEP_X = 0.7548776662466927,
  STEP_Y = 0.5698402909980532,
  GOLDEN = 0.6180339887498949;
const share = x => x - Math.floor(x),
  within = (x, low, high) => Math.min(high, Math.max(low, x));

// A number from 0 to 1 that is always the same for `n`.
function hashed(n) {
  let h = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

// The i-th of any number of evenly scattered places in a unit square; more places never move earlier ones.
function scattered(seed, i) {
  const jitter = 0.04 * hashed(seed * 7919 + i);
  return [share(hashed(seed) + (i + 1) * STEP_X + jitter), share(hashed(seed + 500) + (i + 1) * STEP_Y)];
}

// -- geometry --

function layersOf(given) {
  let top = 0;
  return SKIN.layers.map(name => {
    const height = given[`${name}_thickness`];
    top += height;
    return { name, top: top - height, height };
  });
}

// How the surface runs, and where a place of flat skin (x, depth) lies in it. The lower edge of the dermis stays.
function surfaceOf({ numbers, given, scar, before }) {
  const { half, edge } = SKIN.scars[scar],
    middle = PIECE.width / 2,
    dip = numbers.missing_collagen;
  const foot = x => 1 / (1 + Math.exp((Math.abs(x - middle) - half) / edge)),
    floor = foot(middle);
  const deepest = layersOf(given).reduce((sum, layer) => sum + layer.height, 0),
    at = x => (dip * foot(x)) / floor;
  return {
    dip,
    half,
    middle,
    deepest,
    at,
    y: (x, depth) => depth + at(x) * (1 - depth / deepest),
    before,
    was: x => (before * foot(x)) / floor,
  };
}

// -- shapes --

// How visible each of `count` shapes is: all of them, and the last in part.
function faded(count, make) {
  const shapes = [];
  for (let i = 0; i < count - 1e-9; i++) shapes.push({ ...make(i), alpha: Math.min(1, count - i) });
  return shapes;
}

function fibresOf(kind, { numbers, given }, surface) {
  const { states, per, length, seed } = SKIN.fibres[kind],
    rest = kind === "thin" ? given.rest_collagen_3 : 1 - given.rest_collagen_3,
    wide = 2 * surface.half,
    found = [];
  layersOf(given)
    .slice(1)
    .forEach(({ name, top, height }, l) => {
      const amount = states.reduce((sum, state) => sum + numbers[`${state}_${name}`], 0),
        piece = (width, density) => (density * width * height * PIECE.slab) / per;
      const made = (number, place) => i => {
        const [u, v] = scattered(number, i),
          x = place(u),
          depth = top + height * (0.06 + 0.88 * v);
        return {
          kind,
          layer: name,
          x,
          depth,
          y: surface.y(x, depth),
          scar: number % 2 === 1,
          length: length * (0.7 + 0.6 * hashed(number * 31 + i)) * (0.75 + 0.25 * l),
          angle: 0.3 * Math.sin(3.1 * x + 7 * depth) + 0.4 * (hashed(number * 57 + i) - 0.5),
          phase: 8 * x + 15 * depth + 1.8 * hashed(number * 91 + i),
          tone: hashed(number * 77 + i),
        };
      };
      const number = 2 * (10 * seed + l),
        around = PIECE.width - wide,
        beside = u => (u < 0.5 ? u * around : u * around + wide);
      found.push(
        ...faded(
          piece(wide, amount),
          made(number + 1, u => surface.middle + wide * (u - 0.5)),
        ),
      );
      found.push(...faded(piece(around, rest), made(number, beside)));
    });
  return found;
}

function symbolsOf(name, { numbers, given, passes }, surface) {
  const { state, above, per, seed, place, near } = SKIN.symbols[name],
    channels = Math.round(piecesOf(passes)),
    amount = entry => Math.max(0, numbers[entry] - (above ? given[above] : 0)),
    put = (x, depth, turn, layer) => ({ kind: name, layer, x, depth, y: surface.y(x, depth), turn });
  const [skin, ...dermal] = layersOf(given);
  const scatter = (layer, count, number) =>
    faded(count, i => {
      const [u, v] = scattered(number, i),
        x = near && channels ? share(across(i % channels, 0) + 0.16 * (u - 0.5)) : u;
      return put(
        PIECE.width * x,
        layer.top + layer.height * (0.1 + 0.8 * v),
        hashed(number * 13 + i),
        layer.name,
      );
    });
  if (place === "basal")
    return faded(amount(state) / per, i =>
      put(
        PIECE.width * share((i + 1) * GOLDEN),
        skin.height * (0.78 + 0.12 * hashed(seed * 17 + i)),
        0,
        skin.name,
      ),
    );
  if (place) return scatter(dermal[0], amount(state) / per, seed);
  const own = ROW[`${state}_${skin.name}`] === undefined ? dermal : [skin, ...dermal];
  return own.flatMap((layer, l) => {
    const volume = PIECE.width * layer.height * PIECE.slab;
    return scatter(layer, (amount(`${state}_${layer.name}`) * volume) / per, 10 * seed + l);
  });
}

// Each channel in each stage that it is partly in: the first have come farthest.
function channelsOf({ numbers, passes }, surface) {
  return passes.flatMap((pass, p) => {
    const kind = SKIN.kinds[pass.mode];
    if (!kind) return [];
    const same = passes.filter(x => x.mode === pass.mode),
      piece = PIECE.width * PIECE.slab,
      hits = same.reduce((sum, x) => sum + x.density * x.radius ** 2, 0) * Math.PI;
    const stages = SKIN.stages.slice(0, -1).map(stage => ({
      stage,
      count: (Math.max(0, numbers[`${kind}_${stage}`]) / hits) * pass.density * piece,
    }));
    const alive = stages.reduce((sum, x) => sum + x.count, 0);
    let from = Math.max(0, pass.density * piece - alive);
    const spans = [{ stage: SKIN.stages.at(-1), low: 0, high: from }];
    for (const { stage, count } of stages.reverse()) spans.push({ stage, low: from, high: (from += count) });
    return spans.flatMap(({ stage, low, high }) => channelsIn(pass, p, stage, low, high, surface));
  });
}

// The place of the i-th channel of a pass, as a share of the width; the number of channels of the first pass.
const across = (i, p) => share(0.31 + 0.17 * p + (i + 1) * GOLDEN);
const piecesOf = passes => (SKIN.kinds[passes[0]?.mode] ? passes[0].density * PIECE.width * PIECE.slab : 0);

function channelsIn(pass, p, stage, low, high, surface) {
  const found = [];
  for (let i = Math.floor(low); i < high - 1e-9; i++) {
    const alpha = Math.min(high, i + 1) - Math.max(low, i),
      x = PIECE.width * across(i, p);
    const top = surface.at(x),
      bottom = Math.min(top + pass.depth, surface.deepest);
    found.push({ mode: pass.mode, stage, x, top, bottom, radius: pass.radius, alpha });
  }
  return found;
}

// Zones that a laser coagulated, as many as heat-damaged matrix is left.
function zonesOf({ numbers, given, passes }, surface) {
  const own = passes.filter(x => x.mode === "coagulation"),
    [skin, ...dermal] = layersOf(given),
    left = dermal.reduce((sum, layer) => sum + numbers[`heat_${layer.name}`] * layer.height, 0);
  const made = own.reduce(
    (sum, x) =>
      sum +
      x.density * Math.PI * x.radius ** 2 * Math.max(1e-9, Math.min(x.depth, surface.deepest) - skin.height),
    0,
  );
  return own.flatMap((pass, p) =>
    channelsIn(pass, p, "zone", 0, (left / made) * pass.density * PIECE.width * PIECE.slab, surface),
  );
}

function skinScene(moment) {
  const { numbers, given } = moment,
    surface = surfaceOf(moment),
    { observable, full } = SKIN.flush;
  const films = Object.entries(SKIN.films).map(([kind, { state, height }]) => ({
    kind,
    height: height * Math.max(0, numbers[state]),
  }));
  return {
    surface,
    layers: layersOf(given),
    flush: within((numbers[observable] - 1) / full, 0, 1.2),
    films,
    channels: channelsOf(moment, surface),
    zones: zonesOf(moment, surface),
    fibres: Object.keys(SKIN.fibres).flatMap(kind => fibresOf(kind, moment, surface)),
    symbols: Object.fromEntries(
      Object.keys(SKIN.symbols).map(name => [name, symbolsOf(name, moment, surface)]),
    ),
  };
}
