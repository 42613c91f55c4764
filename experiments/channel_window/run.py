"""How long do channels let exosomes in? Share of one gel that enters, by delay and dressing, beside closing rates.

Run: ``python experiments/channel_window/run.py`` (ten seconds); writes ``table.md`` and ``channel_window.png``.
``--quick`` takes two delays and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.notation import LAYERS
from exosim.parameters import draws, parameter_set
from exosim.results.intervals import between
from exosim.results.ledger import balance
from exosim.scenario.file import load, validate
from exosim.simulation.loop import simulate
from exosim.treatments.occlusion import FACTORS
from exosim.view.figures.style import LINES, sign, style

HERE = Path(__file__).parent
SETS = ("article", "trials")
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


def values(name: str, quick: bool) -> dict[str, Any]:
    """The best fit of a set, followed by its draws."""
    base = parameter_set(name).values()
    return base | {key: np.append(base[key], x[: 8 if quick else None]) for key, x in draws(name).items()}


def entered(base: str, also: list[dict[str, Any]], delay: float, of: dict[str, Any]) -> dict[str, Any]:
    """Percent of one gel that entered each layer, all of them, and that cells took up."""
    data = load(base).to_dict() | {"weeks": 2}
    for treatment in data["treatments"]:
        treatment["days"] = [0.0]
    data["treatments"] += [*also, {"kind": "exosome_gel", "days": [delay]}]
    scenario, problems = validate(data)
    assert scenario, problems
    books, _ = balance(simulate(scenario, of, "column", states=False))
    share = {layer: 100 * x / books["applied"] for layer, x in books["delivered"].items()}
    return share | {"all": sum(share.values()), "taken up": 100 * books["taken_up"] / books["applied"]}


def closing(arm: str, of: dict[str, Any]) -> Any:
    """Closing rate of an arm's channels, 1/d, before exosome signal speeds it."""
    rate = f"{arm.split(',')[0].removesuffix('s')}_closing_rate"
    return of[rate] * (FACTORS[rate] if "dressing" in arm else 1)


def half(found: dict[Any, Any], arm: str) -> Any:
    """Hours of delay that halve what enters above the leak of intact skin, from two hours' delay."""
    keys = ((arm, "1 min"), (arm, "2 h"), ("intact skin", "1 min"))
    first, later, leak = (found[key]["all"] for key in keys)
    return log(2) / np.log((first - leak) / (later - leak)) * (MINUTES["2 h"] - MINUTES["1 min"]) / 60


def text(x: Any) -> str:
    """Best fit and 90 % interval."""
    return "{:z.1f} ({:z.1f} to {:z.1f})".format(x[0], *between(x[1:]))


def markdown(head: list[str], rows: Any) -> list[str]:
    """A table as Markdown."""
    return ["", *("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))]


def table(found: dict[Any, Any], delays: Any, of: dict[str, Any]) -> list[str]:
    """What enters by delay, in which layer, and the windows, as Markdown."""
    rows = ([delay, *(text(found[arm, delay]["all"]) for arm in ARMS)] for delay in delays)
    lines = markdown(["of the gel enters, %: delay", *ARMS], rows)
    keys = (("needles", "0"), *((arm, "1 min") for arm in ARMS))
    rows = ([", ".join(key), *(text(found[key][part]) for part in (*LAYERS, "taken up"))] for key in keys)
    lines += markdown(["gel, % of it", *LAYERS, "taken up"], rows)
    rates = {arm: closing(arm, of) / 24 for arm in list(ARMS)[:-1]}
    rows = ([arm, *map(text, (log(2) / x, log(10) / x, half(found, arm)))] for arm, x in rates.items())
    head = ["channels", "half closed after, h", "nine in ten closed after, h", "entry halves per delay of, h"]
    return lines + markdown(head, rows)


def draw(found: dict[Any, Any], of: dict[str, Any]) -> None:
    """Channels still open, and share of the gel that enters, over the delay."""
    names = list(MINUTES)[1:]
    hours, fine = np.array([MINUTES[name] / 60 for name in names]), np.geomspace(1 / 60, 72, 60)
    with style() as pyplot:
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
        for (color, dash), arm in zip(LINES, ARMS, strict=False):
            courses = [(right, hours, [found[arm, name]["all"] for name in names])]
            if arm != "intact skin":
                courses.append((left, fine, [100 * np.exp(-closing(arm, of) * hour / 24) for hour in fine]))
            for axis, at, course in courses:
                axis.plot(at, [x[0] for x in course], color=color, linestyle=dash, label=arm)
                ends = np.array([between(x[1:]) for x in course]).T
                axis.fill_between(at, *ends, color=color, alpha=0.12, linewidth=0)
        during = hours[0], found["needles", "0"]["all"][0]
        right.plot(*during, "*", color=LINES[0][0], markersize=10)
        right.annotate("gel on while needles pass", during, (8, 6), textcoords="offset points", fontsize=8)
        for axis in (left, right):
            axis.set_xscale("log")
            axis.set_xticks(hours[::2], names[::2])
            axis.minorticks_off()
        left.set(title="channels open, by closing rate (bands: 90 %)", xlabel="time", ylabel="%")
        right.set(title="of one gel enters the skin", xlabel="delay of the gel", ylabel="%", ylim=(0, None))
        left.legend(handles=right.get_legend_handles_labels()[0], loc="lower left")
        sign(figure)
        figure.savefig(HERE / "channel_window.png", dpi=120)


def main(quick: bool) -> None:
    delays = ("0", "1 min", "2 h") if quick else MINUTES
    lines = ["Best fit and 90 % of the ensemble; one procedure on day 0, one gel, followed for two weeks."]
    for name in SETS:
        of = values(name, quick)
        keys = [(arm, delay) for arm in ARMS for delay in delays]
        found = {(arm, delay): entered(*ARMS[arm], MINUTES[delay] / 1440, of) for arm, delay in keys}
        lines += ["", f"## {name}", *table(found, delays, of)]
        if name == SETS[0] and not quick:
            draw(found, of)
    print("\n".join(lines))
    if not quick:
        (HERE / "table.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
