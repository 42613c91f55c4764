"""Which mechanisms does the evidence need, and which measurement would tell rivals apart?

Run: ``python experiments/rival_hypotheses/run.py`` (fifteen minutes, from the fit of ``calibration``);
writes ``table.md`` and a picture. ``--quick`` looks at the shipped draws alone, and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from exosim.evidence.claims import Check
from exosim.evidence.predict import Forecast, coverage, log_score
from exosim.evidence.verdicts import readings
from exosim.parameters import draws, parameter_set
from exosim.results.intervals import between
from exosim.skin import scars
from exosim.studies.conduct import conduct
from exosim.studies.fit.posterior import Posterior
from exosim.view.figures.style import COLOURS
from exosim.view.text import number, percent

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import against, markdown, picture, publish, show, start

HERE = Path(__file__).parent
FIT = HERE.parent / "calibration/runs/trials"
MEMBERS, EXACT = 640, 2  # draws of a rival, and rounds in which the model decides
CALM = ("il10_signal", "switch_signal", "closing_signal")
LASER, BOTH = "laser_21", "laser_exosome_21"
DEEP = (0.05, 0.15, 0.65)  # an icepick scar that is deep rather than narrow


@dataclass(frozen=True)
class Rival:
    """What is held that the set `trials` leaves open; `deep`: scar types differ by depth alone."""

    held: Mapping[str, float] = field(default_factory=dict)
    deep: bool = False


RIVALS = {
    "all mechanisms": Rival(),
    "no effect on fibroblasts": Rival({"activation_signal": 0.0}),
    "no effect on inflammation": Rival(dict.fromkeys(CALM, 0.0)),
    "no harm": Rival({"harm": 0.0, "harm_inflammation": 0.0}),
    "scar types differ by depth alone": Rival({"scar_hold": 0.0}, deep=True),
    "exosomes do nothing": Rival(dict.fromkeys(("activation_signal", *CALM, "cargo_melanin"), 0.0)),
}
MEASURES = {
    "TNF-alpha over 12 weeks, ratio": Check("tnf_auc", BOTH, over=LASER, at_most=1),
    "redness after the first session, difference, d": Check("downtime_days", BOTH, minus=LASER, at_most=0),
    "half of the wound closed, difference, d": Check("wound_half_day", BOTH, minus=LASER, at_most=0),
    "collagen III, difference, % of rest": Check("collagen_3_gain_percent", BOTH, minus=LASER, at_least=0),
    "highest melanin index, difference, %": Check("melanin_index_peak_percent", BOTH, minus=LASER, at_most=0),
}
DISTINCT = ("all mechanisms", "no effect on fibroblasts", "no effect on inflammation", "exosomes do nothing")


@contextmanager
def geometry(deep: bool) -> Iterator[None]:
    """Make icepick scars deep rather than narrow for a while."""
    shipped = dict(scars.SCARS)
    if deep:
        for name, kind in shipped.items():
            lesions = tuple(replace(x, missing=DEEP) if x.walled and x.radius < 1 else x for x in kind.lesions)
            scars.SCARS[name] = replace(kind, lesions=lesions)
    scars.fields.cache_clear()
    try:
        yield
    finally:
        scars.SCARS.update(shipped)
        scars.fields.cache_clear()


def fitted(name: str) -> tuple[list[Forecast], dict[str, tuple[float, float]]]:
    """Return every study as a rival predicts it from the others, and its 90 % intervals of the measurements."""
    rival = RIVALS[name]
    study = (
        Posterior("trials", members=MEMBERS, held=dict(rival.held), exact=EXACT) if rival.held else Posterior("trials")
    )
    folder = HERE / "runs" / name.replace(" ", "_") if rival.held else FIT
    print(name, flush=True)
    with geometry(rival.deep):
        summary = conduct(study, folder, resume=True, progress=show)
        drawn = np.genfromtxt(folder / "trials.draws.csv", delimiter=",", names=True)
        assert drawn.dtype.names
        values = study.unknowns.targets.fixed | {key: drawn[key] for key in drawn.dtype.names}
        spans = measured(values)
    return [Forecast(**row) for row in summary["left_out"]["figures"]], spans


def measured(values: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return 90 % intervals of the measurements."""
    found = readings({arm for check in MEASURES.values() for arm in check.arms}, values)
    return {name: between(check.simulated(found)) for name, check in MEASURES.items()}


def scores(found: Mapping[str, list[Forecast]]) -> list[str]:
    """Each rival with its cross-validated score, and how far it is from that of all mechanisms."""
    first, *_ = found
    differences = dict(against(found, first))
    rows = [
        [name, percent(coverage(rows) or 0.0), number(log_score(rows)), *differences.get(name, ("", ""))]
        for name, rows in found.items()
    ]
    return markdown(["rival", "inside", "mean log score", "difference", "standard error between studies"], rows)


def predicted(spans: Mapping[str, Mapping[str, tuple[float, float]]]) -> list[str]:
    """Intervals of the measurements."""
    rows = [[measure, *(f"{x[measure][0]:.2g} to {x[measure][1]:.2g}" for x in spans.values())] for measure in MEASURES]
    return markdown(["measurement", *spans], rows)


def draw(spans: Mapping[str, Mapping[str, tuple[float, float]]], path: Path) -> None:
    """A panel per measurement: 90 % interval of every rival."""
    with picture(path, 1, len(MEASURES), figsize=(14, 3), sharey=True) as (_, axes):
        for axis, measure in zip(axes, MEASURES, strict=True):
            for i, x in enumerate(spans.values()):
                axis.plot(x[measure], (i, i), color=COLOURS[i], linewidth=5, alpha=0.6, marker="|", markersize=11)
            axis.set_yticks(range(len(spans)), list(spans))
            axis.set_ylim(len(spans) - 0.5, -0.5)
            axis.set_xlabel(measure.replace(", ", ",\n", 1), fontsize=8)
            axis.axvline(1 if "ratio" in measure else 0, color="#767676", linewidth=0.8, linestyle=(0, (2, 2)))


def main(quick: bool) -> None:
    if quick:
        values = parameter_set("trials").values() | draws("trials")
        publish(predicted({"all mechanisms": measured(values)}), HERE, quick)
        return
    results = {name: fitted(name) for name in RIVALS}
    spans = {name: results[name][1] for name in DISTINCT}
    lines = ["## Every study predicted from the others", *scores({name: rows for name, (rows, _) in results.items()})]
    publish([*lines, "", "## What would tell them apart (90 % intervals)", *predicted(spans)], HERE, quick)
    draw(spans, HERE / "rival_hypotheses.png")


if __name__ == "__main__":
    start(main, __doc__)
