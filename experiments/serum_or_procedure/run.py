"""What does daily serum do that a procedure does not (A11)? Alone, as maintenance, and with one session.

Run: ``python experiments/serum_or_procedure/run.py`` (about a minute); writes ``table.md`` and
``serum_or_procedure.png``. ``--quick`` takes 26 weeks and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from exosim.results.intervals import between
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.view.figures.style import BAND, COLOURS, LINES

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
WEEKS = (12, 26, 52)
SERUM = {"kind": "exosome_serum"}
LATER = SERUM | {"start_day": 59.0}  # after the last gel of three sessions
NEEDLES, LASER = "microneedling", "fractional_co2"
COURSES = {
    "serum alone": ("exosome_serum", []),
    "needles": (NEEDLES, []),
    "needles, serum from day 59": (NEEDLES, [LATER]),
    "needles, serum every day": (NEEDLES, [SERUM]),
    "needles + gel": (f"{NEEDLES}_exosome", []),
    "needles + gel, serum from day 59": (f"{NEEDLES}_exosome", [LATER]),
}
SHOWN = ("serum alone", "needles", "needles + gel", "needles + gel, serum from day 59")
ONE = {"needles": NEEDLES, "needles + gel": f"{NEEDLES}_exosome"}
ONE |= {"CO2 laser": LASER, "CO2 laser + gel": f"{LASER}_exosome"}


def course(base: str, extra: Any, weeks: int, parameters: Any, scar: str = "mixed", sessions: int | None = None) -> Any:
    """Days and improvement of a shipped scenario with other treatments added."""
    number = {"sessions.number": sessions} if sessions else {}  # else as shipped: three
    alone = load(base, {"skin.scar": scar, "weeks": weeks} | number)
    history = simulate(reduce(Scenario.plus, extra, alone), parameters, "column", states=False)
    return history.times, history.observed.improvement_percent


def equal(serum: Any, target: Any) -> Any:
    """Days of serum until it has closed as much as `target`, nan where it never does."""
    times, closed = serum
    met = closed >= target
    return np.where(met.any(axis=0), times[met.argmax(axis=0)], np.nan)


def draw(courses: Any, days: Any, permeability: Any) -> None:
    """Courses, days of serum that equal one session, and what the leak of intact skin decides."""
    with picture(HERE / "serum_or_procedure.png", 1, 3, figsize=(12, 3.7)) as (_, (left, middle, right)):
        for (color, dash), name in zip(LINES, SHOWN, strict=False):
            times, closed = courses[name]
            left.plot(times / 7, closed[:, 0], color=color, linestyle=dash, label=name)
            if name in SHOWN[::2]:
                left.fill_between(times / 7, *between(closed[:, 1:]), color=color, alpha=0.15, linewidth=0)
        left.set(title="mixed scars, 90 % bands", xlabel="week", ylabel="improvement, %", ylim=(0, 100))
        left.legend(loc="upper left")
        for i, x in enumerate(days.values()):
            ends = np.nan_to_num(between(x[1:]), nan=728)
            middle.plot(ends, (i, i), color=COLOURS[1], linewidth=5, alpha=0.3, solid_capstyle="butt")
            middle.plot(x[0], i, "o", color=COLOURS[1], markersize=5)
        middle.set_yticks(range(len(days)), list(days))
        middle.set(title="days of serum that equal one session", xlabel="days (axis ends with the simulation)")
        middle.set(xlim=(0, 728), ylim=(len(days) - 0.5, -0.5), xticks=range(0, 729, 182))
        times, closed = courses["serum alone"]
        closed = closed[times == 84][0]
        right.plot(1000 * permeability[1:], closed[1:], ".", color=BAND, label="draws")
        right.plot(1000 * permeability[0], closed[0], "o", color=COLOURS[0], label="best fit")
        right.set(title="serum alone, week 12", xlabel="permeability of intact skin, um/d (assumed)")
        right.set(ylabel="improvement, %", ylim=(0, None))
        right.legend(loc="lower right")


def main(quick: bool) -> None:
    long, weeks = (26, WEEKS[:2]) if quick else (104, WEEKS)
    lines = ["Best fit and 90 % of the ensemble; improvement, %; sessions on days 0, 28 and 56."]
    head = ["scar", "one session", "closes by week 12, %", "days of serum that equal it", "draws that do, %"]
    for name in SETS:
        parameters = with_draws(name, quick)
        results = {key: course(*arm, max(weeks), parameters) for key, arm in COURSES.items()}
        rows = ([key, *(text(x[times == 7 * week][0]) for week in weeks)] for key, (times, x) in results.items())
        lines += ["", f"## {name}", *markdown(["course", *(f"week {week}" for week in weeks)], rows)]
        rows, days = [], {}
        for scar in ("mixed", "icepick", "boxcar"):
            serum = course("exosome_serum", [], long, parameters, scar)
            for label, arm in ONE.items():
                target = course(arm, [], 12, parameters, scar, sessions=1)[1][-1]
                x = days[scar, label] = equal(serum, target)
                rows.append(
                    [
                        scar,
                        label,
                        text(target),
                        text(x).replace("nan", "never"),
                        f"{100 * np.isfinite(x[1:]).mean():.0f}",
                    ]
                )
        lines += markdown(head, rows)
        if name == SETS[0] and not quick:
            draw(results, {label: days["mixed", label] for label in ONE}, parameters["intact_permeability"])
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
