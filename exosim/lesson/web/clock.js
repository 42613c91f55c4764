// The moment that charts, film and diagram show. It moves by hand or plays: by hours after a procedure, then by days.
const BEAT = 125,
  SLOW_BEAT = 500;
let playing = 0;

function momentsOf(run) {
  const starts = run.events.filter(e => e.rank === 1).map(e => e.day);
  return [...new Set(run.times)].filter(
    t => Number.isInteger(t) || starts.some(day => day < t && t < day + 1),
  );
}

function buildClock() {
  $("day").addEventListener("input", () => {
    stop();
    show(Number($("day").value));
  });
  $("play").addEventListener("click", () => (playing ? stop() : play()));
}

function play() {
  if (moment() === current.moments.length - 1) show(0);
  else step();
  playing = setInterval(step, matchMedia("(prefers-reduced-motion: reduce)").matches ? SLOW_BEAT : BEAT);
  $("play").textContent = T.pause;
}

function stop() {
  clearInterval(playing);
  playing = 0;
  $("play").textContent = T.play;
}

const moment = () =>
  Math.max(
    0,
    current.moments.findLastIndex(t => t <= state.day + 1e-6),
  );

function step() {
  if (moment() >= current.moments.length - 2) stop();
  show(Math.min(moment() + 1, current.moments.length - 1));
}

function show(i) {
  state.day = current.moments[i];
  drawDay();
}

function drawDay() {
  const i = moment(),
    day = Math.floor(current.moments[i]),
    hours = 24 * (current.moments[i] - day);
  state.day = current.moments[i];
  moveCursors();
  drawSkins();
  drawFilm();
  drawDiagram();
  Object.assign($("day"), { max: current.moments.length - 1, value: i });
  $("day-value").textContent = clockText(day, hours);
  $("day").setAttribute("aria-valuetext", $("day-value").textContent);
}

function clockText(day, hours) {
  return hours
    ? `${T.day} ${day} + ${shown(hours, 2)} ${T.hours}`
    : `${T.day} ${day}, ${T.week} ${(day / DAYS_PER_WEEK).toFixed(1)}`;
}
