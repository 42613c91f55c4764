"""Which mechanisms can explain the same trial, and what would tell them apart?

Run: ``python experiments/rival_hypotheses/run.py`` (six minutes); writes ``table.md`` and ``rival_hypotheses.png``.
``--quick`` takes one start and a small ensemble, and writes nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from exosim.evidence.claims import Check
from exosim.evidence.verdicts import readings
from exosim.results.intervals import between
from exosim.studies.fit import best, ensemble
from exosim.studies.fit.targets import Targets
from exosim.view.figures.style import COLOURS

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import picture, publish, start

HERE = Path(__file__).parent
SET = "trials"
CALM = ("il10_signal", "switch_signal", "closing_signal")
LASER, BOTH = "laser_21", "laser_exosome_21"


@dataclass(frozen=True)
class Hypothesis:
    """What the exosome signal does: parameters held, and fitted besides those of the set."""

    name: str
    held: dict[str, float] = field(default_factory=dict)
    extra: tuple[str, ...] = ()


HYPOTHESES = (
    Hypothesis("matrix and anti-inflammatory"),
    Hypothesis("matrix alone", dict.fromkeys(CALM, 0.0)),
    Hypothesis("anti-inflammatory alone", {"activation_signal": 0.0}, (*CALM, "mmp_tnf", "tnf_half")),
    Hypothesis("both, microRNA lowers pigment", {"cargo_melanin": -0.2}),
)
FITTED = (
    Check("improvement_percent", LASER, target=19.9, tolerance=4),
    Check("improvement_percent", BOTH, target=32.5, tolerance=5),
)
MEASURES = {
    "TNF-alpha over 12 weeks, ratio": Check("tnf_auc", BOTH, over=LASER, at_most=1),
    "redness after the first session, difference, d": Check("downtime_days", BOTH, minus=LASER, at_most=0),
    "half of the wound closed, difference, d": Check("wound_half_day", BOTH, minus=LASER, at_most=0),
    "collagen III, difference, % of rest": Check("collagen_3_gain_percent", BOTH, minus=LASER, at_least=0),
    "highest melanin index, difference, %": Check("melanin_index_peak_percent", BOTH, minus=LASER, at_most=0),
}


@dataclass(frozen=True)
class Found:
    """The best fit of a hypothesis, and what it and its ensemble predict."""

    cost: float
    fitted: list[float]
    predicted: dict[str, float]
    ends: dict[str, tuple[float, float]]
    draws: int


def examine(hypothesis: Hypothesis, starts: int, members: int) -> Found:
    """Fit a hypothesis to the figures of the set and see what it predicts."""
    sharp = Targets(SET, held=hypothesis.held, extra=hypothesis.extra)
    searches = [best.search(sharp, best.start(sharp, 0, n)) for n in range(starts)]
    z, cost = min(searches, key=lambda found: found[1])
    arms = {arm for check in (*FITTED, *MEASURES.values()) for arm in check.arms}
    point = readings(arms, {name: np.atleast_1d(x) for name, x in sharp.values(z).items()})
    believed = Targets(SET, sharp=False, held=hypothesis.held)
    draws = ensemble.prior(believed, members, 0)
    for i in range(ensemble.ITERATIONS):
        draws = ensemble.updated(believed, draws, 0, i)
    draws = draws[:, ensemble.agreeing(believed, draws)]
    ends: dict[str, tuple[float, float]] = dict.fromkeys(MEASURES, (np.nan, np.nan))
    if draws.shape[1]:
        spread = readings(arms, believed.fixed | ensemble.parameters(ensemble.uncertain(believed), draws))
        for name, check in MEASURES.items():
            low, high = between(check.simulated(spread))
            ends[name] = float(low), float(high)
    return Found(
        cost,
        [float(check.simulated(point)[0]) for check in FITTED],
        {name: float(check.simulated(point)[0]) for name, check in MEASURES.items()},
        ends,
        draws.shape[1],
    )


def table(found: dict[str, Found], members: int) -> list[str]:
    """Fits and predictions as Markdown."""
    lines = [
        "| hypothesis | half sum of squares | laser, % | laser + exosome, % | draws that agree |",
        "|" + "---|" * 5,
    ]
    for name, x in found.items():
        lines.append(f"| {name} | {x.cost:.2f} | {x.fitted[0]:.1f} | {x.fitted[1]:.1f} | {x.draws} of {members} |")
    lines += ["", "| measurement | " + " | ".join(found) + " |", "|" + "---|" * (len(found) + 1)]
    for measure in MEASURES:
        cells = [
            f"{x.predicted[measure]:.2g} ({x.ends[measure][0]:.2g} to {x.ends[measure][1]:.2g})" for x in found.values()
        ]
        lines.append(f"| {measure} | " + " | ".join(cells) + " |")
    return lines


def draw(found: dict[str, Found], path: Path) -> None:
    """A panel per measurement: best fit and 90 % interval of every hypothesis."""
    with picture(path, 1, len(MEASURES), figsize=(14, 3), sharey=True) as (_, axes):
        for axis, measure in zip(axes, MEASURES, strict=True):
            for i, x in enumerate(found.values()):
                axis.plot(x.ends[measure], (i, i), color=COLOURS[i], linewidth=5, alpha=0.35, solid_capstyle="butt")
                axis.plot(x.predicted[measure], i, "o", color=COLOURS[i], markersize=6)
            axis.set_yticks(range(len(found)), list(found))
            axis.set_ylim(len(found) - 0.5, -0.5)
            axis.set_xlabel(measure, fontsize=8)
            axis.axvline(1 if "ratio" in measure else 0, color="#767676", linewidth=0.8, linestyle=(0, (2, 2)))


def main(quick: bool) -> None:
    starts, members = (1, 100) if quick else (3, 4000)
    found: dict[str, Any] = {}
    for hypothesis in HYPOTHESES:
        print(hypothesis.name, flush=True)
        found[hypothesis.name] = examine(hypothesis, starts, members)
    publish(table(found, members), HERE, quick)
    if not quick:
        draw(found, HERE / "rival_hypotheses.png")


if __name__ == "__main__":
    start(main, __doc__)
