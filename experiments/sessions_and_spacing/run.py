"""Are three or four sessions, four weeks apart, optimal (A13)? One to six sessions, two to eight weeks apart.

Run: ``python experiments/sessions_and_spacing/run.py`` (a quarter of a minute); writes ``table.md`` and
``sessions_and_spacing.png``. ``--quick`` takes four schedules and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from exosim.results.intervals import between
from exosim.results.outcomes import outcomes
from exosim.scenario.file import load
from exosim.simulation.loop import simulate
from exosim.view.figures.style import BAND, LINES

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
ARM = "fractional_co2_exosome"
WEEK, AFTER = 26, 84  # looked at in this week, and so many days after the last session
READ = {"week": "week 26", "after": "12 weeks after the last session", "red": "days of redness in all"}
SPACINGS, USUAL = (14, 21, 28, 42, 56), 28  # days between sessions, and in shipped scenarios


def looked_at(sessions: int, spacing: int, parameters: dict[str, Any]) -> dict[str, Any]:
    """Improvement at both moments, and days of redness, one value per draw."""
    last = (sessions - 1) * spacing
    weeks = max(7 * WEEK, last + AFTER) / 7
    scenario = load(ARM, {"weeks": weeks, "sessions.every_days": spacing, "sessions.number": sessions})
    history = simulate(scenario, parameters, "column", states=False)
    course = dict(zip(history.times, history.observed.improvement_percent, strict=True))
    week = course[7.0 * WEEK] if last < 7 * WEEK else np.full_like(course[0.0], np.nan)
    red = outcomes(history, scenario)["erythema_days"]
    return {"week": week, "after": course[float(last + AFTER)], "red": red}


def table(results: dict[Any, Any]) -> list[str]:
    """Every schedule, what a further session adds, and 28 d beside other spacings, as Markdown."""
    numbers, spacings = (sorted({key[i] for key in results}) for i in (0, 1))
    lines = []
    for read, title in READ.items():
        cells = {key: text(x[read]).replace("nan (nan to nan)", "-") for key, x in results.items()}
        rows = ([f"{n}", *(cells[n, d] for d in spacings)] for n in numbers)
        lines += markdown([f"{title}: sessions", *(f"{d} d apart" for d in spacings)], rows)
    rows, before = [], {"after": 0.0, "red": 0.0}
    for n in numbers:
        now = results[n, USUAL]
        gain = now["after"] - before["after"]
        rows.append([f"{n}", *map(text, (gain, 100 * gain / (100 - before["after"]), now["red"] - before["red"]))])
        before = now
    lines += markdown(["session", "adds, points", "closes of what was left, %", "adds days of redness"], rows)
    others = [d for d in spacings if d != USUAL]
    rows = [[f"{d} d", *(text(results[3, USUAL][r] - results[3, d][r]) for r in ("week", "after"))] for d in others]
    lines += markdown(["three sessions, 28 d minus", *(f"{READ[r]}, points" for r in ("week", "after"))], rows)
    best = np.argmax([results[3, d]["week"][1:] for d in spacings], axis=0) == spacings.index(USUAL)
    return [*lines, "", f"Three sessions 28 d apart close most by week 26 in {100 * best.mean():.0f} % of the draws."]


def draw(results: dict[Any, Any], path: Path) -> None:
    """A panel per reading: sessions along, a line per spacing, the 90 % band of four weeks."""
    with picture(path, 1, 3, figsize=(11, 3.4)) as (_, axes):
        for axis, (read, title) in zip(axes, READ.items(), strict=True):
            for (color, dash), d in zip(LINES, SPACINGS, strict=False):
                best = {n: x[read][0] for (n, other), x in results.items() if other == d}
                look = {"color": color, "linestyle": dash, "marker": "o", "markersize": 3}
                axis.plot(best.keys(), best.values(), label=f"{d} d apart", **look)
            ends = np.array([between(results[n, d][read][1:]) for n, d in results if d == USUAL]).T
            axis.fill_between(range(1, ends.shape[1] + 1), *ends, color=BAND, alpha=0.25, linewidth=0)
            axis.set(title=title, xlabel="sessions", ylabel="d" if read == "red" else "improvement, %", ylim=(0, None))
        axes[0].legend(title="band: 90 % at 28 d", loc="lower right")


def main(quick: bool) -> None:
    schedules = list(product((1, 3), (14, USUAL)) if quick else product(range(1, 7), SPACINGS))
    lines = ["Best fit and 90 % of the ensemble; laser with exosome gel."]
    for name in SETS:
        parameters = with_draws(name, quick)
        results = {(n, d): looked_at(n, d, parameters) for n, d in schedules}
        lines += ["", f"## {name}", *table(results)]
        if name == SETS[0] and not quick:
            draw(results, HERE / "sessions_and_spacing.png")
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
