// The day that charts, film and diagram show: moved by hand, or played.
const BEAT = 125, SLOW_BEAT = 500;
let playing = 0;

function buildClock() {
  $("day").addEventListener("input", () => { stop(); state.day = Number($("day").value); drawDay(); });
  $("play").addEventListener("click", () => playing ? stop() : play());
}

function play() {
  if (state.day >= current.scenario.end) state.day = -1;
  playing = setInterval(tick, matchMedia("(prefers-reduced-motion: reduce)").matches ? SLOW_BEAT : BEAT);
  $("play").textContent = T.pause;
  tick();
}

function stop() {
  clearInterval(playing);
  playing = 0;
  $("play").textContent = T.play;
}

function tick() {
  state.day = Math.min(Math.floor(state.day) + 1, current.scenario.end);
  if (state.day === current.scenario.end) stop();
  drawDay();
}

function drawDay() {
  moveCursors();
  drawFilm();
  drawDiagram();
  $("day").max = current.scenario.end;
  $("day").value = state.day;
  $("day-value").textContent = `${T.day} ${state.day}, ${T.week} ${(state.day / DAYS_PER_WEEK).toFixed(1)}`;
  $("day").setAttribute("aria-valuetext", $("day-value").textContent);
}
