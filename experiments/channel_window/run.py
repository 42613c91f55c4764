"""How long do channels let exosomes in? Share of one gel that enters, by delay and dressing, with closing rates.

Run: ``python experiments/channel_window/run.py`` (ten seconds); writes ``table.md`` and ``channel_window.png``.
``--quick`` takes two delays and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from functools import reduce
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.notation import LAYERS
from exosim.results.intervals import between
from exosim.results.ledger import balance
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.treatments.occlusion import FACTORS
from exosim.view.figures.style import LINES

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
MINUTES = {"0": 0, "1 min": 1, "15 min": 15, "1 h": 60, "2 h": 120, "6 h": 360, "12 h": 720}
MINUTES |= {"1 d": 1440, "2 d": 2880, "3 d": 4320}
DRESSING = {"kind": "occlusion", "hours": 168}  # from day 0, lifted for the gel and put back
ARMS = {
    "needles": ("microneedling", []),
    "needles, dressing": ("microneedling", [DRESSING]),
    "laser": ("fractional_co2", []),
    "laser, dressing": ("fractional_co2", [DRESSING]),
    "intact skin": ("untreated", []),
}


def entered(base: str, extra: list[dict[str, Any]], delay: float, parameters: dict[str, Any]) -> dict[str, Any]:
    """Percent of one gel that entered each layer, all of them, and that cells took up."""
    once = {f"treatments.{i}.days": [0] for i, _ in enumerate(load(base).treatments)}
    gel = {"kind": "exosome_gel", "days": [delay]}
    scenario = reduce(Scenario.plus, [*extra, gel], load(base, once | {"weeks": 2}))
    books, _ = balance(simulate(scenario, parameters, "column", states=False))
    share = {layer: 100 * x / books["applied"] for layer, x in books["delivered"].items()}
    return share | {"all": sum(share.values()), "taken up": 100 * books["taken_up"] / books["applied"]}


def closing(arm: str, parameters: dict[str, Any]) -> Any:
    """Closing rate of an arm's channels, 1/d, before exosome signal speeds it."""
    rate = f"{arm.split(',')[0].removesuffix('s')}_closing_rate"
    return parameters[rate] * (FACTORS[rate] if "dressing" in arm else 1)


def half(results: dict[Any, Any], arm: str) -> Any:
    """Hours of delay that halve what enters above the leak of intact skin, from two hours' delay."""
    keys = ((arm, "1 min"), (arm, "2 h"), ("intact skin", "1 min"))
    first, later, leak = (results[key]["all"] for key in keys)
    return log(2) / np.log((first - leak) / (later - leak)) * (MINUTES["2 h"] - MINUTES["1 min"]) / 60


def table(results: dict[Any, Any], delays: Any, parameters: dict[str, Any]) -> list[str]:
    """What enters by delay, in which layer, and the windows, as Markdown."""
    rows = ([delay, *(text(results[arm, delay]["all"]) for arm in ARMS)] for delay in delays)
    lines = markdown(["of the gel enters, %: delay", *ARMS], rows)
    keys = (("needles", "0"), *((arm, "1 min") for arm in ARMS))
    rows = ([", ".join(key), *(text(results[key][part]) for part in (*LAYERS, "taken up"))] for key in keys)
    lines += markdown(["gel, % of it", *LAYERS, "taken up"], rows)
    rates = {arm: closing(arm, parameters) / 24 for arm in list(ARMS)[:-1]}
    rows = ([arm, *map(text, (log(2) / x, log(10) / x, half(results, arm)))] for arm, x in rates.items())
    head = ["channels", "half closed after, h", "nine in ten closed after, h", "entry halves per delay of, h"]
    return lines + markdown(head, rows)


def draw(results: dict[Any, Any], parameters: dict[str, Any]) -> None:
    """Channels still open, and share of the gel that enters, over the delay."""
    names = list(MINUTES)[1:]
    hours, fine = np.array([MINUTES[name] / 60 for name in names]), np.geomspace(1 / 60, 72, 60)
    with picture(HERE / "channel_window.png", 1, 2, figsize=(11, 4)) as (_, (left, right)):
        for (color, dash), arm in zip(LINES, ARMS, strict=False):
            courses = [(right, hours, [results[arm, name]["all"] for name in names])]
            if arm != "intact skin":
                courses.append((left, fine, [100 * np.exp(-closing(arm, parameters) * hour / 24) for hour in fine]))
            for axis, at, course in courses:
                axis.plot(at, [x[0] for x in course], color=color, linestyle=dash, label=arm)
                ends = np.array([between(x[1:]) for x in course]).T
                axis.fill_between(at, *ends, color=color, alpha=0.12, linewidth=0)
        during = hours[0], results["needles", "0"]["all"][0]
        right.plot(*during, "*", color=LINES[0][0], markersize=10)
        right.annotate("gel on while needles pass", during, (8, 6), textcoords="offset points", fontsize=8)
        for axis in (left, right):
            axis.set_xscale("log")
            axis.set_xticks(hours[::2], names[::2])
            axis.minorticks_off()
        left.set(title="channels open, by closing rate (bands: 90 %)", xlabel="time", ylabel="%")
        right.set(title="of one gel enters the skin", xlabel="delay of the gel", ylabel="%", ylim=(0, None))
        left.legend(handles=right.get_legend_handles_labels()[0], loc="lower left")


def main(quick: bool) -> None:
    delays = ("0", "1 min", "2 h") if quick else MINUTES
    lines = ["Best fit and 90 % of the ensemble; one procedure on day 0, one gel, followed for two weeks."]
    for name in SETS:
        parameters = with_draws(name, quick)
        keys = [(arm, delay) for arm in ARMS for delay in delays]
        results = {(arm, delay): entered(*ARMS[arm], MINUTES[delay] / 1440, parameters) for arm, delay in keys}
        lines += ["", f"## {name}", *table(results, delays, parameters)]
        if name == SETS[0] and not quick:
            draw(results, parameters)
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
