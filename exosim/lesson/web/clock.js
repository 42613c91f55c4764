// The moment that all views show. It moves by hand or plays: by hours after a procedure, then by days. Before the first
// day lies the moment before any treatment.
const BEFORE = -1, // the day of what was before day 0
  BEAT = 110,
  HOUR_BEAT = 250,
  THUMB = 16; // px, of the slider
let playing = 0; // the timer of the next step, or WAITING while nobody sees the page
const WAITING = -1;

const inFirstDay = (run, t) => run.events.some(e => e.rank === 1 && e.day <= t && t < e.day + 1);
const doneAtOnce = run => run.events.some(e => e.rank && e.day === 0);

function momentsOf(run) {
  const times = [...new Set(run.times)].filter(t => Number.isInteger(t) || inFirstDay(run, t));
  return [BEFORE, ...times];
}

function buildClock() {
  const day = $("day");
  for (const folded of ["film", "causes"]) $(folded).addEventListener("toggle", () => current && drawDay());
  document.addEventListener("visibilitychange", () => {
    if (!playing) return;
    clearTimeout(playing);
    playing = document.hidden ? WAITING : setTimeout(step, beat());
  });
  day.addEventListener("input", () => {
    stop();
    show(nearestMoment(Number(day.value)));
  });
  day.addEventListener("keydown", event => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 7, PageDown: -7 }[
      event.key
    ];
    if (!by) return;
    event.preventDefault();
    stop();
    show(moment() + by);
  });
  $("play").addEventListener("click", () => {
    if (!playing) return play();
    stop();
    drawStage(); // what is seen now is spoken
  });
}

function nearestMoment(day) {
  const gaps = current.moments.map(t => Math.abs(t - day));
  return gaps.indexOf(Math.min(...gaps));
}

function play() {
  const over = moment() === current.moments.length - 1;
  if (over) show(0);
  playing = setTimeout(step, over ? beat() : 0);
  $("play").textContent = T.pause;
}

function stop() {
  clearTimeout(playing);
  playing = 0;
  $("play").textContent = T.play;
}

const moment = () =>
  Math.max(
    0,
    current.moments.findLastIndex(t => t <= state.day + 1e-6),
  );

function step() {
  const next = moment() + 1;
  if (next >= current.moments.length - 1) stop(); // before the last picture, which is spoken
  show(next);
  if (playing) playing = setTimeout(step, beat());
}

const beat = () => (inFirstDay(current.run, state.day) || state.day === BEFORE ? HOUR_BEAT : BEAT);

function show(i) {
  state.day = current.moments[Math.min(Math.max(i, 0), current.moments.length - 1)];
  drawDay();
}

function drawDay() {
  state.day = current.moments[moment()];
  drawStage();
  if (state.lesson) drawStepDay();
  else {
    for (const c of Object.values(charts)) moveCursor(c);
    if ($("film").open) drawFilm();
    if ($("causes").open) drawDiagram();
  }
  Object.assign($("day"), { min: BEFORE, max: current.moments.at(-1), value: state.day });
  for (const id of ["play", "day"])
    Object.assign($(id), { disabled: concealed(), title: concealed() ? T.play_later : "" });
  $("day-value").textContent = clockText(current.run, state.day);
  $("day").setAttribute("aria-valuetext", $("day-value").textContent);
}

// Sessions and weeks under the slider.
function drawTicks() {
  const { end, run } = { end: current.moments.at(-1), run: current.run },
    weeks = end / DAYS_PER_WEEK,
    every = weeksApart(weeks),
    mark = (day, kind, words) => {
      const part = el("span", { class: kind }, words);
      part.style.left = `calc(${THUMB / 2}px + ${(day - BEFORE) / (end - BEFORE)} * (100% - ${THUMB}px))`;
      return part;
    };
  const marks = [...new Set(run.events.filter(e => e.rank === 1).map(e => e.day))].map(d =>
    mark(d, "session", ""),
  );
  for (let week = 0; week <= weeks; week += every)
    marks.push(mark(week * DAYS_PER_WEEK, "week", week ? String(week) : `${T.week} 0`));
  $("ticks").replaceChildren(...marks);
}

function clockText(run, moment) {
  const day = Math.floor(moment + 1e-9),
    hours = 24 * (moment - day);
  if (moment < 0) return `${T.day} 0, ${WORDS.before}`;
  if (!moment && doneAtOnce(run)) return `${T.day} 0, ${WORDS.just_after}`;
  return hours > 1e-6
    ? `${T.day} ${day} + ${shown(hours, 2)} ${T.hours}`
    : `${T.day} ${day}, ${T.week} ${spelled((day / DAYS_PER_WEEK).toFixed(1))}`;
}
