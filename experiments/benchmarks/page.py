"""How smoothly does the lesson page play, and how soon does the skin follow a slider?

Run: ``python experiments/benchmarks/page.py`` (needs Playwright and Chromium); prints a table. The whole page is
measured, with the processor as it is and four times slower. ``--page FILE`` measures a page that was written before.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

BROWSER = os.environ.get("EXOSIM_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SIZE = {"width": 1366, "height": 768}
SLOWER = (1, 4)
SECONDS = 6
MOVES = 30

PLACES = {"lesson": "lesson=repair&step=2", "explore": "preset=fractional_co2_exosome"}
FRAMES = """([query, seconds]) => new Promise(done => {
  exosim.go(query);
  document.getElementById('day').value = -1;
  document.getElementById('day').dispatchEvent(new Event('input'));
  document.getElementById('play').click();
  const times = [];
  const frame = now => {
    times.push(now);
    if (now - times[0] < 1000 * seconds) requestAnimationFrame(frame);
    else done(times);
  };
  requestAnimationFrame(frame);
})"""
# From a move of a slider to the end of the frame in which the skin is drawn anew.
MOVED = """moves => new Promise(async done => {
  exosim.go('preset=fractional_co2_exosome&day=20');
  const slider = document.getElementById('slider-energy'), found = [];
  const after = () => new Promise(drawn => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = drawn;
    channel.port2.postMessage(0);
  }));
  for (let i = 0; i < moves; i++) {
    await new Promise(wait => setTimeout(wait, 120));
    slider.value = 12 + (i % 20);
    const began = performance.now();
    slider.dispatchEvent(new Event('input'));
    await after();
    found.push(performance.now() - began);
  }
  done(found);
})"""
PREDICT = """query => {
  exosim.go(query);
  document.querySelector('#panel input[name=option]').click();
  const drawn = document.querySelector('#panel svg.drawable');
  for (let i = 0; i < 13; i++) drawn.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
  drawn.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp' }));
  document.getElementById('onward').click();
}"""


def written(folder: str) -> Path:
    """Write the page with its films."""
    from exosim.lesson.data import presets
    from exosim.lesson.films import films
    from exosim.lesson.page import page

    file = Path(folder, "lesson.html")
    file.write_text(page(films(presets())), "utf-8")
    return file


def measured(page: Any, slower: int) -> list[tuple[str, ...]]:
    """The rows of the table for a processor that is `slower` times slower."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    rows = []
    for place, query in PLACES.items():
        if place == "lesson":
            page.evaluate(PREDICT, query)
        times = page.evaluate(FRAMES, [query, SECONDS])
        steps = [b - a for a, b in pairwise(times)]
        rate = 1000 * len(steps) / (times[-1] - times[0])
        late = quantiles(steps, n=20)[-1]
        rows.append((f"{slower} x", f"playing, {place}", f"{rate:.0f} frames/s", f"{median(steps):.1f}", f"{late:.1f}"))
    moves = page.evaluate(MOVED, MOVES)
    rows.append(
        (f"{slower} x", "slider to drawn skin", "", f"{median(moves):.1f}", f"{quantiles(moves, n=20)[-1]:.1f}")
    )
    return rows


def table(rows: list[tuple[str, ...]]) -> str:
    """The rows as Markdown."""
    head = ("processor slower", "what", "rate", "median, ms", "95 % within, ms")
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = options.page or written(folder)
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        rows = []
        for slower in SLOWER:
            page = browser.new_context(viewport=SIZE).new_page()
            page.goto(file.resolve().as_uri())
            rows += measured(page, slower)
            page.context.close()
        browser.close()
    print(table(rows))


if __name__ == "__main__":
    main()
