"""How much do the dose of exosome gel and its delay after the procedure matter? Needles and laser.

Run: ``python experiments/dose_and_timing/run.py`` (a quarter of a minute); writes ``table.md`` and
``dose_and_timing.png``. ``--quick`` takes two doses, two delays and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.parameters import draws, parameter_set
from exosim.results.intervals import between
from exosim.results.ledger import balance
from exosim.results.outcomes import outcomes
from exosim.results.subjects import outcomes_of
from exosim.scenario.file import load, validate
from exosim.simulation.loop import simulate
from exosim.view.figures.style import LINES, sign, style

HERE = Path(__file__).parent
SETS = ("article", "trials")
ARMS = {"needles": "microneedling", "laser": "fractional_co2"}
DOSES = {"x0.1": 0.1, "x0.3": 0.3, "x1": 1, "x3": 3, "x10": 10}
DELAYS = {"0": 0, "1 min": 1 / 1440, "1 h": 1 / 24, "2 h": 2 / 24, "6 h": 0.25, "24 h": 1, "3 d": 3}
GAIN = "improvement_percent"
READ = {GAIN: "improvement, %", "downtime_days": "downtime, d", "taken_up": "taken up, % of applied"}
KINDS = ("all gels", "session's gel alone")  # with and without those of the two days after it


def values(name: str, quick: bool) -> dict[str, Any]:
    """The best fit of a set, followed by its draws."""
    base = parameter_set(name).values()
    return base | {key: np.append(base[key], x[: 8 if quick else None]) for key, x in draws(name).items()}


def treated(
    base: str, of: dict[str, Any], dose: float = 1, delay: float = 0, home: bool = True
) -> dict[str, Any]:
    """Outcomes of a procedure with gel, its dose multiplied and its course moved by `delay` days."""
    data = load(f"{base}_exosome").to_dict()
    for gel in data["treatments"][1:]:
        gel["particles_per_ml"] *= dose
        gel["days"] = [day + delay for day in gel["days"]]
    if not home:
        del data["treatments"][2]
    scenario, problems = validate(data)
    assert scenario, problems
    history = simulate(scenario, of, "column", states=False)
    books, _ = balance(history)
    return outcomes(history, scenario) | {"taken_up": 100 * books["taken_up"] / books["applied"]}


def text(x: Any) -> str:
    """Best fit and 90 % interval."""
    return "{:z.1f} ({:z.1f} to {:z.1f})".format(x[0], *between(x[1:]))


def markdown(head: list[str], rows: Any) -> list[str]:
    """A table as Markdown."""
    return ["", *("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))]


def table(doses: dict[Any, Any], delays: dict[Any, Any], alone: dict[str, Any]) -> list[str]:
    """Readings by dose and by delay, and what a delay leaves of the points that gel adds, as Markdown."""
    lines = []
    for head, found in (("dose", doses), ("delay", delays)):
        rows = ([", ".join(key), *(text(x[read]) for read in READ)] for key, x in found.items())
        lines += markdown([head, *READ.values()], rows)
    added = {key: x[GAIN] - alone[key[0]] for key, x in delays.items()}
    rows = (
        [f"{arm}, {delay}", *(text(100 * added[arm, delay, kind] / added[arm, "0", kind]) for kind in KINDS)]
        for arm, delay in dict.fromkeys(key[:2] for key in delays)
    )
    return lines + markdown(["of the points added without delay, %", *KINDS], rows)


def draw(doses: Any, delays: Any, alone: Any) -> None:
    """Improvement and downtime by dose, points added by the session's gel by delay."""
    with style() as pyplot:
        figure, axes = pyplot.subplots(1, 3, figsize=(11.5, 3.6), layout="constrained")
        for (color, dash), arm in zip(LINES, ARMS, strict=False):
            courses = [[doses[arm, dose][read] for dose in DOSES] for read in list(READ)[:2]]
            courses.append([delays[arm, delay, KINDS[1]][GAIN] - alone[arm] for delay in DELAYS])
            for axis, of in zip(axes, courses, strict=True):
                look = {"color": color, "linestyle": dash, "marker": "o", "markersize": 3}
                axis.plot([x[0] for x in of], label=arm, **look)
                ends = np.array([between(x[1:]) for x in of]).T
                axis.fill_between(range(len(of)), *ends, color=color, alpha=0.15, linewidth=0)
        titles = (*list(READ.values())[:2], "added by the session's gel, points")
        for axis, title, along in zip(axes, titles, (DOSES, DOSES, DELAYS), strict=True):
            axis.set_xticks(range(len(along)), list(along))
            about = "dose of every gel" if along is DOSES else "delay after the procedure"
            axis.set(title=title, xlabel=about, ylim=(0, None))
        axes[2].legend(title="bands: 90 %")
        sign(figure)
        figure.savefig(HERE / "dose_and_timing.png", dpi=120)


def main(quick: bool) -> None:
    doses, waits = (list(DOSES)[::4], ("0", "2 h")) if quick else (DOSES, DELAYS)
    lines = [
        "Best fit and 90 % of the ensemble; three sessions, week 12; dose x1 is that of the shipped scenarios."
    ]
    for name in SETS:
        of = values(name, quick)
        alone = {arm: outcomes_of(load(base), of)[GAIN] for arm, base in ARMS.items()}
        dosed = {(arm, dose): treated(ARMS[arm], of, DOSES[dose]) for arm in ARMS for dose in doses}
        keys = [(arm, wait, kind) for arm in ARMS for kind in KINDS for wait in waits]
        delayed = {key: treated(ARMS[key[0]], of, 1, DELAYS[key[1]], key[2] == KINDS[0]) for key in keys}
        lines += ["", f"## {name}", *table(dosed, delayed, alone)]
        if name == SETS[0] and not quick:
            draw(dosed, delayed, alone)
    print("\n".join(lines))
    if not quick:
        (HERE / "table.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
