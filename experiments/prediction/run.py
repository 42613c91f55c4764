"""Does the model predict studies that it has not seen, better than someone who knows no model?

Run: ``python experiments/prediction/run.py`` (goes on from the fit of ``calibration``, or makes it in seven minutes);
writes ``table.md`` and two pictures. ``--quick`` takes the set `article` and writes nothing.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from exosim.evidence.pooled import without_a_model
from exosim.evidence.predict import Forecast, by_kind, coverage, log_score, predict
from exosim.studies.conduct import conduct
from exosim.studies.fit.posterior import Posterior
from exosim.view.figures.predictions import predictions
from exosim.view.figures.style import COLOURS, MUTED, style
from exosim.view.text import number, percent, span

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import against, markdown, picture, publish, show, start

HERE = Path(__file__).parent
FIT = HERE.parent / "calibration/runs/trials"
LEVELS = (0.5, 0.8, 0.9)
POOLED, ARTICLE, TRIALS = "mean of the class", "article", "trials, study left out"
Rows = Sequence[Forecast]


def scores(results: Mapping[str, Rows]) -> list[str]:
    """A row per class: how many figures, and for each forecaster the share inside and the mean log score."""
    classes = {name: {**by_kind(rows), "all": list(rows)} for name, rows in results.items()}
    first = next(iter(classes.values()))
    heads = [f"{name}: {what}" for name in results for what in ("inside", "log score")]
    table = []
    for kind, rows in first.items():
        cells = [
            cell
            for found in classes.values()
            for cell in (percent(coverage(found[kind]) or 0.0), number(log_score(found[kind])))
        ]
        table.append([kind, str(len(rows)), *cells])
    return markdown(["class", "figures", *heads], table)


def shares(results: Mapping[str, Rows]) -> list[str]:
    """Share of figures with a value inside central intervals."""
    head = ["forecaster", *(f"inside {percent(level)}" for level in LEVELS)]
    return markdown(
        head, [[name, *(percent(inside(rows, level)) for level in LEVELS)] for name, rows in results.items()]
    )


def pits(rows: Rows) -> np.ndarray:
    return np.array([row.pit for row in rows if row.pit is not None])


def inside(rows: Rows, level: float) -> float:
    return float(np.mean(np.abs(pits(rows) - 0.5) <= level / 2))


def misses(found: Rows) -> list[str]:
    """Every figure outside its interval, and every bound that is thought unlikely, with the reason."""
    why = tomllib.loads((HERE / "why.toml").read_text("utf-8"))
    rows = [
        [
            x.study, x.compared, x.read, f"{x.bound} {number(x.observed)}".strip(), number(x.median),
            span(x.low, x.high), why.get(x.study, "not known"),
        ]
        for x in found
        if x.inside is False
    ]  # fmt: skip
    return markdown(["study", "figure", "read", "observed", "median", "90 % interval", "why"], rows)


def calibration(results: Mapping[str, Rows]) -> None:
    """Draw the share inside central intervals, and where values lie in their distributions."""
    with picture(HERE / "calibration.png", 1, 2, figsize=(9, 3.6)) as (_, (left, right)):
        for i, (name, rows) in enumerate(results.items()):
            left.plot(LEVELS, [inside(rows, level) for level in LEVELS], color=COLOURS[i], marker="o", label=name)
        left.plot((0.4, 1), (0.4, 1), color=MUTED, linewidth=0.8)
        left.set(xlabel="central interval", ylabel="share of figures inside", title="Calibration", ylim=(0, 1.03))
        left.legend(fontsize=7)
        first, rows = next(iter(results.items()))
        right.hist(pits(rows), bins=np.linspace(0, 1, 11), color=COLOURS[0])
        right.axhline(len(pits(rows)) / 10, color=MUTED, linewidth=0.8)
        right.set(xlabel="share of the predictive distribution below the value", ylabel="figures", title=first)


def main(quick: bool) -> None:
    results: dict[str, Rows] = {ARTICLE: predict(parameters="article").figures, POOLED: without_a_model()}
    if not quick:
        summary = conduct(Posterior("trials"), FIT, resume=True, progress=show)
        results = {TRIALS: [Forecast(**row) for row in summary["left_out"]["figures"]], **results}
        calibration(results)
        with style():
            predictions(results[TRIALS]).figure.savefig(HERE / "predictions.png", dpi=110)
    head = ["forecaster", f"log score minus that of the {POOLED}", "standard error between studies"]
    differences = [[name, *row] for name, row in against(results, POOLED)]
    lines = ["## Scores", *scores(results), "", "## Calibration of figures with a value", *shares(results)]
    lines += ["", f"## Against the {POOLED}", *markdown(head, differences)]
    first = next(iter(results))
    lines += ["", f"## Misses of {first}", *misses(results[first])]
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
