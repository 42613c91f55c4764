// The drawing of skin on the page. One arm in one host element:
//   const skin = createSkin(host, { arm: "treated" | "control" })
//   skin.call(name): what the arm is called
//   skin.show(run, day): draw a run on a day; a day below 0 is before anything is done (BEFORE)
//   skin.key(): an element that says what is drawn and how much one symbol is
//   skin.spoken(run, day): the same in a sentence, for a live region
//   skin.forget(): before it goes; it hears and paints nothing any more
//   skin.resize(): after the host has changed its size (its own ResizeObserver calls it too)
const EASE = 220, // ms in which the drawing follows the numbers
  LIVELY = 1600, // ms for which symbols drift after a change
  SETTLED = 400, // ms without a change, after which the picture is named anew
  WORDS = DATA.skin_text;
const still = matchMedia("(prefers-reduced-motion: reduce)"),
  night = matchMedia("screen and (prefers-color-scheme: dark)");
const skinColours = () => SKIN.colours[night.matches ? "dark" : "light"];

// In one frame of the screen one skin is painted; those that wait take turns.
const waiting = new Set();
let turn = 0;
function paintSoon(paint) {
  waiting.add(paint);
  turn ||= requestAnimationFrame(now => {
    turn = 0;
    const [next] = waiting;
    waiting.delete(next);
    next?.(now);
    for (const other of waiting) paintSoon(other);
  });
}

// Before, hours and days after the first procedure or dose, and the end.
function fourMoments(run) {
  const first = run.events.find(e => e.rank)?.day ?? 0;
  return [BEFORE, ...PIECE.moments.map(days => Math.min(first + days, run.end)), run.end];
}

function eased(from, to, part) {
  if (!from || part >= 1) return to;
  const numbers = {};
  for (const name in to.numbers)
    numbers[name] = from.numbers[name] + part * (to.numbers[name] - from.numbers[name]);
  return { ...to, numbers };
}

function createSkin(host, { arm }) {
  const title = el("strong"),
    filled = el("span"),
    pictures = [];
  let from = null,
    to = null,
    seen = null,
    began = 0,
    naming = 0,
    asked = null;
  const box = el("div", { class: `skin ${arm}` });
  host.replaceChildren(box);

  function build() {
    const number = still.matches ? 4 : 1;
    if (pictures.length === number) return;
    pictures.splice(0);
    for (let i = 0; i < number; i++) {
      const canvas = el("canvas", { role: "img" });
      pictures.push({
        canvas,
        pen: canvas.getContext("2d", { alpha: false }),
        when: el("figcaption"),
        kept: {},
      });
    }
    const caption = el("div", { class: "skin-title" }, title, filled);
    box.classList.toggle("four", number > 1);
    box.replaceChildren(
      caption,
      ...pictures.map(({ canvas, when }) => el("figure", {}, canvas, ...(number > 1 ? [when] : []))),
    );
    resize();
  }

  function resize() {
    for (const { canvas, pen } of pictures) {
      const wide = Math.round((canvas.clientWidth || 300) * Math.min(2, devicePixelRatio || 1));
      canvas.style.aspectRatio = `${PIECE.width} / ${skinHeight()}`;
      const high = Math.round((wide * skinHeight()) / PIECE.width);
      if (canvas.width === wide && canvas.height === high) continue;
      Object.assign(canvas, { width: wide, height: high });
      pen.setTransform(1, 0, 0, 1, 0, 0);
    }
    if (asked) paintAll(performance.now());
  }
  const skinHeight = () => HEIGHT_MM + (to ? surfaceOf(to).deepest : 1.28);

  function paintAll(now) {
    if (pictures.length > 1)
      fourMoments(asked.run).forEach((day, i) => paint(pictures[i], skinMoment(asked.run, day), 0));
    else {
      seen = eased(from, to, Math.max(0, now - began) / EASE);
      paint(pictures[0], seen, now / 1000);
    }
  }

  function paint({ canvas, pen, kept }, moment, seconds) {
    if (kept.moment !== moment) Object.assign(kept, { moment, scene: skinScene(moment) });
    paintScene(pen, kept.scene, skinColours(), canvas.width / PIECE.width, seconds, kept);
  }

  function frame(now) {
    if (!box.isConnected || !asked) return;
    paintAll(now);
    if (now - began < LIVELY && !still.matches) paintSoon(frame);
  }

  function show(run, day) {
    const next = skinMoment(run, day),
      news = !asked || asked.run !== run || asked.day !== day;
    if (!news) return;
    from = seen && seen.scar === next.scar ? seen : null;
    to = next;
    asked = { run, day };
    began = performance.now();
    build();
    filled.textContent = filledWords(run, day);
    fourMoments(run).forEach((when, i) => {
      if (pictures[i]) pictures[i].when.textContent = clockText(run, when);
    });
    clearTimeout(naming);
    if (!pictures[0].canvas.hasAttribute("aria-label")) name();
    else naming = setTimeout(name, SETTLED);
    paintSoon(frame);
  }

  function name() {
    for (const { canvas } of pictures) canvas.setAttribute("aria-label", spoken(asked.run, asked.day));
  }

  function filledWords(run, day) {
    const percent = at(run, "improvement", Math.max(0, day));
    if (percent !== percent) return WORDS.no_scar;
    const words = run.series.missing_collagen[0] < 0 ? WORDS.flattened : WORDS.filled;
    return words.replace("{filled}", String(day < 0 ? 0 : Math.round(percent)).replace("-", "\u2212"));
  }

  function spoken(run, day) {
    const moment = skinMoment(run, day),
      scene = skinScene(moment),
      total = list => Math.round(list.reduce((sum, x) => sum + x.alpha, 0)),
      staged = SKIN.stages.map(stage => [stage, total(scene.channels.filter(x => x.stage === stage))]);
    const words = {
      arm: title.textContent,
      when: clockText(run, day),
      depth: shown(Math.abs(scene.surface.dip), 2),
      filled: filledWords(run, day),
      redness: shown(moment.numbers.erythema, 2),
      channels:
        staged
          .filter(([, n]) => n)
          .map(([stage, n]) => `${n} ${WORDS[stage]}`)
          .join(", ") || T.none,
      symbols:
        Object.entries(scene.symbols)
          .filter(([kind, list]) => WORDS[kind] && total(list))
          .map(([kind, list]) => `${WORDS[kind]} ${total(list)}`)
          .join(", ") || T.none,
    };
    const sentence = scene.surface.dip < 0 ? WORDS.spoken_raised : WORDS.spoken;
    return sentence.replace(/\{(\w+)\}/g, (_, key) => words[key]);
  }

  const size = new ResizeObserver(resize),
    looks = [still, night],
    relook = () => {
      build();
      resize();
    };
  size.observe(box);
  for (const media of looks) media.addEventListener("change", relook);
  function forget() {
    for (const media of looks) media.removeEventListener("change", relook);
    size.disconnect();
    clearTimeout(naming);
    waiting.delete(frame);
  }
  const call = name => (title.textContent = name);
  return { call, show, forget, key: skinKey, spoken, resize, scene: () => skinScene(to) };
}
