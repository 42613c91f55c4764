"""Addresses, input and names that nobody meant."""

import os
import random
import time

import pytest

from exosim.lesson import data
from tests.browser.watched import SLIDERS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
RANDOM_SECONDS = float(os.environ.get("EXOSIM_RANDOM_SECONDS", "20"))


def mutated(seed, number):
    """Addresses that nobody meant: bits of good ones, shuffled, cut, and with nonsense put in."""
    draw = random.Random(seed)
    names = [
        *SLIDERS,
        "preset",
        "set",
        "off",
        "pin",
        "day",
        "lesson",
        "step",
        "people",
        "design",
        "effect",
        "embed",
        "lang",
        "explore",
        "scar",
        "severity",
        "__proto__",
    ]
    values = [
        *data.presets(), "article", "trials", "NaN", "Infinity", "-1", "1e309", "0", "999999", "0.30000001", "%", "%ff",
        "<img src=x onerror=alert(1)>", "constructor", "toString", "", "\u202eevil", "x" * 3000, "repair", "icepick",
        "none", "il10_signal activation_signal", "preset%3Duntreated", "2", "7", "50",
    ]  # fmt: skip
    for _ in range(number):
        text = "&".join(f"{draw.choice(names)}={draw.choice(values)}" for _ in range(draw.randrange(8)))
        if draw.random() < 0.3 and text:
            at = draw.randrange(len(text))
            text = text[:at] + chr(draw.randrange(33, 0x2FFF)) + text[at + draw.randrange(3) :]
        yield text


CHECKED = """queries => {
  const wrong = [];
  for (const query of queries) {
    try {
      exosim.go(query);
      const drawn = [...document.querySelectorAll('svg *')].flatMap(x => [...x.attributes].map(a => a.value)).join(' ');
      if (/NaN|Infinity|undefined/.test(drawn + document.body.innerText)) wrong.push([query, 'NaN shown']);
      if (document.querySelector('img')) wrong.push([query, 'markup']);
      for (const name of ['tnf_alpha', 'erythema', 'wound_area', 'exosome_signal', 'myofibroblast', 'melanin_index'])
        if (!exosim.current.run.series[name].every(v => v >= -1e-6)) wrong.push([query, 'negative ' + name]);
    } catch (error) { wrong.push([query, String(error)]); }
  }
  return wrong;
}"""


def test_a_thousand_mutated_addresses_do_no_harm(opened):
    queries = list(mutated(6, 1000))
    wrong = []
    for first in range(0, len(queries), 50):
        wrong += opened.page.evaluate(CHECKED, queries[first : first + 50])
    assert not wrong


KEYS = [
    "Tab", "Shift+Tab", "ArrowRight", "ArrowLeft", "ArrowDown", "Home", "End", "Enter", "Space", "PageUp", "a",
]  # fmt: skip


def test_random_input_does_no_harm(opened):
    page, draw, end = opened.page, random.Random(8), time.monotonic() + RANDOM_SECONDS
    actions = 0
    while time.monotonic() < end:
        for _ in range(200):
            if draw.random() < 0.3:
                page.mouse.click(draw.randrange(1366), draw.randrange(768))
            elif draw.random() < 0.1:
                page.mouse.move(draw.randrange(1366), draw.randrange(768))
                page.mouse.down()
                page.mouse.move(draw.randrange(1366), draw.randrange(768), steps=3)
                page.mouse.up()
            elif draw.random() < 0.1:
                page.mouse.wheel(0, draw.choice([-600, 600]))
            else:
                page.keyboard.press(draw.choice(KEYS))
            page.wait_for_timeout(draw.choice([0, 0, 0, 100]))  # for what comes later: the clock, the address
        actions += 200
        opened.check()
        assert not page.evaluate(CHECKED, [page.evaluate("exosim.written()")])
    print(f"{actions} random actions in {RANDOM_SECONDS:.0f} s")
