// Dormand-Prince 5(4) with dense output, restarted at every event. All biology is generated from the Python equations.
const N = ENTRIES.length,
  RTOL = 2e-7,
  ATOL = 1e-2 * RTOL;
const D = [
  -12715105075 / 11282082432,
  0,
  87487479700 / 32700410799,
  -10690763975 / 1880347072,
  701980252875 / 199316789632,
  -1453857185 / 822651844,
  69997945 / 29380423,
];
const INDEX = Object.fromEntries(GIVEN.map((name, i) => [name, i]));
const K = Array.from({ length: 7 }, () => new Float64Array(N));
const Y1 = new Float64Array(N),
  AT = new Float64Array(N),
  C = new Float64Array(Math.max(CONSTANTS, 1));
const [
  [A21],
  [A31, A32],
  [A41, A42, A43],
  [A51, A52, A53, A54],
  [A61, A62, A63, A64, A65],
  [A71, , A73, A74, A75, A76],
] = A;
const [E1, , E3, E4, E5, E6, E7] = E,
  [D1, , D3, D4, D5, D6, D7] = D;

function stages(y, g, h) {
  const [k1, k2, k3, k4, k5, k6, k7] = K;
  for (let i = 0; i < N; i++) AT[i] = y[i] + h * A21 * k1[i];
  rates(AT, g, C, k2);
  for (let i = 0; i < N; i++) AT[i] = y[i] + h * (A31 * k1[i] + A32 * k2[i]);
  rates(AT, g, C, k3);
  for (let i = 0; i < N; i++) AT[i] = y[i] + h * (A41 * k1[i] + A42 * k2[i] + A43 * k3[i]);
  rates(AT, g, C, k4);
  for (let i = 0; i < N; i++) AT[i] = y[i] + h * (A51 * k1[i] + A52 * k2[i] + A53 * k3[i] + A54 * k4[i]);
  rates(AT, g, C, k5);
  for (let i = 0; i < N; i++)
    AT[i] = y[i] + h * (A61 * k1[i] + A62 * k2[i] + A63 * k3[i] + A64 * k4[i] + A65 * k5[i]);
  rates(AT, g, C, k6);
  for (let i = 0; i < N; i++)
    Y1[i] = y[i] + h * (A71 * k1[i] + A73 * k3[i] + A74 * k4[i] + A75 * k5[i] + A76 * k6[i]);
  rates(Y1, g, C, k7);
}

function largestError(y, h) {
  const [k1, , k3, k4, k5, k6, k7] = K;
  let worst = 0;
  for (let i = 0; i < N; i++) {
    const error = h * (E1 * k1[i] + E3 * k3[i] + E4 * k4[i] + E5 * k5[i] + E6 * k6[i] + E7 * k7[i]);
    const ratio = Math.abs(error) / (ATOL * SCALES[i] + RTOL * Math.max(Math.abs(y[i]), Math.abs(Y1[i])));
    if (!(ratio <= worst)) worst = ratio;
  }
  return worst;
}

function advance(y, g, start, stop, times, seen) {
  let t = start,
    wish = 1e-3,
    next = 0;
  constants(g, C);
  rates(y, g, C, K[0]);
  for (let tries = 0; t < stop; tries++) {
    if (tries > 200000) throw new Error("the step size collapsed");
    const h = Math.min(wish, stop - t);
    stages(y, g, h);
    const worst = largestError(y, h);
    if (worst <= 1) {
      const reached = h === stop - t ? stop : t + h;
      for (; next < times.length && times[next] <= reached; next++)
        seen(times[next], dense(y, h, (times[next] - t) / h));
      t = reached;
      y.set(Y1);
      [K[0], K[6]] = [K[6], K[0]];
    }
    const factor = worst === worst ? 0.9 * Math.max(worst, 1e-10) ** -0.2 : 0.1;
    const grown = h * Math.min(5, Math.max(0.1, factor));
    wish = worst <= 1 && h < wish ? Math.max(wish, grown) : grown;
    if (wish < 1e-12) throw new Error("the step size collapsed");
  }
}

function dense(y, h, a) {
  if (a >= 1) return Y1;
  const [k1, , k3, k4, k5, k6, k7] = K;
  for (let i = 0; i < N; i++) {
    const rise = Y1[i] - y[i],
      bend = h * k1[i] - rise;
    const last = h * (D1 * k1[i] + D3 * k3[i] + D4 * k4[i] + D5 * k5[i] + D6 * k6[i] + D7 * k7[i]);
    AT[i] = y[i] + a * (rise + (1 - a) * (bend + a * (rise - h * k7[i] - bend + (1 - a) * last)));
  }
  return AT;
}

function simulate(values, entries, end) {
  const events = expanded(entries),
    cuts = moments(events, end);
  const base = Float64Array.from(GIVEN, name => values[name]),
    g = base.slice(),
    y = new Float64Array(N);
  const times = [],
    states = [],
    observed = OBSERVABLES.map(() => []),
    one = new Float64Array(OBSERVABLES.length);
  const seen = (time, at) => {
    observe(at, g, one);
    times.push(time);
    states.push(at.slice());
    one.forEach((value, i) => observed[i].push(value));
  };
  rest(g, y);
  seen(0, y);
  for (let n = 0; n + 1 < cuts.length; n++) {
    const { day, factors, happening } = cuts[n];
    g.set(base);
    for (const name in factors) g[INDEX[name]] *= factors[name];
    if (happening.length) {
      const jump = JUMPS[happening.map(e => e.what).join("+")];
      if (!jump) throw new Error("no jump for " + happening.map(e => e.what).join("+"));
      jump(
        y,
        g,
        happening.flatMap(e => e.numbers),
        y,
      );
      seen(day, y);
    }
    advance(y, g, day, cuts[n + 1].day, observationTimes(day, cuts[n + 1].day), seen);
  }
  return { times, states, observed, events, end, base };
}

// The change of an effect's rates, summed over all layers, because a cause is not at rest.
function influences(run, causes) {
  const [now, without] = K,
    g = run.base.slice(),
    found = causes.map(({ effects }) => effects.map(() => new Float64Array(run.times.length)));
  const windows = renewed(run.events),
    resting = run.states[0];
  run.times.forEach((time, t) => {
    const y = run.states[t],
      factors = factorsOn(windows, time);
    g.set(run.base);
    for (const name in factors) g[INDEX[name]] *= factors[name];
    constants(g, C);
    rates(y, g, C, now);
    causes.forEach(({ rows, effects }, c) => {
      AT.set(y);
      for (const i of rows) AT[i] = resting[i];
      rates(AT, g, C, without);
      effects.forEach((its, e) => {
        for (const i of its) found[c][e][t] += now[i] - without[i];
      });
    });
  });
  return found;
}
