"""How much do the dose of exosome gel and its delay after the procedure matter? Needles and laser.

Run: ``python experiments/dose_and_timing/run.py`` (a quarter of a minute); writes ``table.md`` and
``dose_and_timing.png``. ``--quick`` takes two doses, two delays and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.results.intervals import between
from exosim.results.ledger import balance
from exosim.results.outcomes import outcomes
from exosim.results.subjects import outcomes_of
from exosim.scenario.file import load
from exosim.simulation.loop import simulate
from exosim.view.figures.style import LINES

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
ARMS = {"needles": "microneedling", "laser": "fractional_co2"}
DOSES = {"x0.1": 0.1, "x0.3": 0.3, "x1": 1, "x3": 3, "x10": 10}
DELAYS = {"0": 0, "1 min": 1 / 1440, "1 h": 1 / 24, "2 h": 2 / 24, "6 h": 0.25, "24 h": 1, "3 d": 3}
GAIN = "improvement_percent"
READ = {GAIN: "improvement, %", "downtime_days": "downtime, d", "taken_up": "taken up, % of applied"}
KINDS = ("all gels", "session's gel alone")  # with and without those of the two days after it


def treated(
    base: str, parameters: dict[str, Any], dose: float = 1, delay: float = 0, home: bool = True
) -> dict[str, Any]:
    """Outcomes of a procedure with gel, its dose multiplied and its course moved by `delay` days."""
    shipped = load(f"{base}_exosome")
    gels = shipped.treatments[1:] if home else shipped.treatments[1:2]
    scenario = load(base)
    for gel in gels:
        after = [day + delay for day in gel.after_days or [0]]
        concentration = gel.particles_per_ml * dose
        scenario = scenario.plus(gel.to_dict() | {"after_days": after, "particles_per_ml": concentration})
    history = simulate(scenario, parameters, "column", states=False)
    books, _ = balance(history)
    return outcomes(history, scenario) | {"taken_up": 100 * books["taken_up"] / books["applied"]}


def table(doses: dict[Any, Any], delays: dict[Any, Any], alone: dict[str, Any]) -> list[str]:
    """Readings by dose and by delay, and what a delay leaves of the points that gel adds, as Markdown."""
    lines = []
    for head, results in (("dose", doses), ("delay", delays)):
        rows = ([", ".join(key), *(text(x[read]) for read in READ)] for key, x in results.items())
        lines += markdown([head, *READ.values()], rows)
    added = {key: x[GAIN] - alone[key[0]] for key, x in delays.items()}
    rows = (
        [f"{arm}, {delay}", *(text(100 * added[arm, delay, kind] / added[arm, "0", kind]) for kind in KINDS)]
        for arm, delay in dict.fromkeys(key[:2] for key in delays)
    )
    return lines + markdown(["of the points added without delay, %", *KINDS], rows)


def draw(doses: Any, delays: Any, alone: Any) -> None:
    """Improvement and downtime by dose, points added by the session's gel by delay."""
    with picture(HERE / "dose_and_timing.png", 1, 3, figsize=(11.5, 3.6)) as (_, axes):
        for (color, dash), arm in zip(LINES, ARMS, strict=False):
            courses = [[doses[arm, dose][read] for dose in DOSES] for read in list(READ)[:2]]
            courses.append([delays[arm, delay, KINDS[1]][GAIN] - alone[arm] for delay in DELAYS])
            for axis, course in zip(axes, courses, strict=True):
                look = {"color": color, "linestyle": dash, "marker": "o", "markersize": 3}
                axis.plot([x[0] for x in course], label=arm, **look)
                ends = np.array([between(x[1:]) for x in course]).T
                axis.fill_between(range(len(course)), *ends, color=color, alpha=0.15, linewidth=0)
        titles = (*list(READ.values())[:2], "added by the session's gel, points")
        for axis, title, along in zip(axes, titles, (DOSES, DOSES, DELAYS), strict=True):
            axis.set_xticks(range(len(along)), list(along))
            about = "dose of every gel" if along is DOSES else "delay after the procedure"
            axis.set(title=title, xlabel=about, ylim=(0, None))
        axes[2].legend(title="bands: 90 %")


def main(quick: bool) -> None:
    doses, waits = (list(DOSES)[::4], ("0", "2 h")) if quick else (DOSES, DELAYS)
    lines = ["Best fit and 90 % of the ensemble; three sessions, week 12; dose x1 is that of the shipped scenarios."]
    for name in SETS:
        parameters = with_draws(name, quick)
        alone = {arm: outcomes_of(load(base), parameters)[GAIN] for arm, base in ARMS.items()}
        dosed = {(arm, dose): treated(ARMS[arm], parameters, DOSES[dose]) for arm in ARMS for dose in doses}
        keys = [(arm, wait, kind) for arm in ARMS for kind in KINDS for wait in waits]
        delayed = {key: treated(ARMS[key[0]], parameters, 1, DELAYS[key[1]], key[2] == KINDS[0]) for key in keys}
        lines += ["", f"## {name}", *table(dosed, delayed, alone)]
        if name == SETS[0] and not quick:
            draw(dosed, delayed, alone)
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
