// The moment that skin, charts, film and diagram show. It moves by hand or plays: by hours after a procedure, slowly, then
// by days. Where something is done on day 0, that day has two moments: before, and just after.
const BEFORE = -1, // the day of what was before day 0
  BEAT = 125,
  HOUR_BEAT = 250,
  STILL_BEAT = 500;
let playing = 0;

const inFirstDay = (run, t) => run.events.some(e => e.rank === 1 && e.day <= t && t < e.day + 1);
const doneAtOnce = run => run.events.some(e => e.rank && e.day === 0);

function momentsOf(run) {
  const times = [...new Set(run.times)].filter(t => Number.isInteger(t) || inFirstDay(run, t));
  return doneAtOnce(run) ? [BEFORE, ...times] : times;
}

function buildClock() {
  $("day").addEventListener("input", () => {
    stop();
    show(Number($("day").value));
  });
  $("play").addEventListener("click", () => (playing ? stop() : play()));
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
  show(Math.min(moment() + 1, current.moments.length - 1));
  if (moment() === current.moments.length - 1) stop();
  else playing = setTimeout(step, beat());
}

function beat() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return STILL_BEAT;
  return inFirstDay(current.run, state.day) || state.day === BEFORE ? HOUR_BEAT : BEAT;
}

function show(i) {
  state.day = current.moments[i];
  drawDay();
}

function drawDay() {
  const i = moment();
  state.day = current.moments[i];
  moveCursors();
  drawSkins();
  drawFilm();
  drawDiagram();
  Object.assign($("day"), { max: current.moments.length - 1, value: i });
  $("day-value").textContent = clockText(current.run, state.day);
  $("day").setAttribute("aria-valuetext", $("day-value").textContent);
}

function clockText(run, moment) {
  const day = Math.floor(moment),
    hours = 24 * (moment - day);
  if (moment < 0) return `${T.day} 0, ${WORDS.before}`;
  if (!moment && doneAtOnce(run)) return `${T.day} 0, ${WORDS.just_after}`;
  return hours
    ? `${T.day} ${day} + ${shown(hours, 2)} ${T.hours}`
    : `${T.day} ${day}, ${T.week} ${(day / DAYS_PER_WEEK).toFixed(1)}`;
}
