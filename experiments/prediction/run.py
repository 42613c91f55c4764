"""Does the model predict studies that it has not seen, better than someone who knows no model?

Run: ``python experiments/prediction/run.py`` (a minute); writes ``table.md``, ``calibration.png`` and
``predictions.png``. ``--quick`` takes one set and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from exosim.evidence.crossvalidation import NO_EXOSOMES, LeftOut, left_out, without_a_model
from exosim.evidence.predict import Forecast, by_kind, coverage, log_score
from exosim.view.figures.predictions import predictions
from exosim.view.figures.style import COLOURS, MUTED, style
from exosim.view.text import number, percent, span

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import markdown, picture, publish, start

HERE = Path(__file__).parent
LEVELS = (0.5, 0.8, 0.9)
POOLED = "mean of the class"
Rows = Sequence[Forecast]


def flat(studies: Sequence[LeftOut]) -> list[Forecast]:
    return [row for study in studies for row in study.forecasts]


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
        table.append([kind, str(len([row for row in rows if row.observed is not None])), *cells])
    return markdown(["class", "figures", *heads], table)


def shares(results: Mapping[str, Rows]) -> list[str]:
    """Share of figures with a value inside central intervals."""
    head = ["forecaster", *(f"inside {percent(level)}" for level in LEVELS)]
    return markdown(
        head, [[name, *(percent(inside(rows, level)) for level in LEVELS)] for name, rows in results.items()]
    )


def against(results: Mapping[str, Rows], base: str) -> list[str]:
    """Mean difference of the log score from one forecaster, figure by figure; its error counts studies, not figures."""
    table = []
    for name, rows in results.items():
        pairs = [
            (x.study, x.log_score - y.log_score)
            for x, y in zip(rows, results[base], strict=True)
            if x.log_score is not None and y.log_score is not None
        ]
        mean = float(np.mean([gain for _, gain in pairs]))
        studies = {study: sum(gain - mean for own, gain in pairs if own == study) for study, _ in pairs}
        number_of = len(studies)
        error = np.sqrt(sum(x**2 for x in studies.values()) * number_of / (number_of - 1)) / len(pairs)
        if name != base:
            table.append([name, f"{mean:+.2f}", f"{error:.2f}"])
    return markdown(["forecaster", f"log score minus that of the {base}", "standard error between studies"], table)


def pits(rows: Rows) -> np.ndarray:
    return np.array([row.pit for row in rows if row.pit is not None])


def inside(rows: Rows, level: float) -> float:
    return float(np.mean(np.abs(pits(rows) - 0.5) <= level / 2))


def misses(found: Rows) -> list[str]:
    """Every figure outside its interval, and every bound that is thought unlikely."""
    rows = [
        [x.study, x.compared, x.read, f"{x.bound} {number(x.observed)}".strip(), number(x.median), span(x.low, x.high)]
        for x in found
        if x.inside is False
    ]
    return markdown(["study", "figure", "read", "observed", "median", "90 % interval"], rows)


def weights(studies: Sequence[LeftOut]) -> list[str]:
    """Where studies were left out by weights: how far these can be trusted."""
    rows = [
        [x.study, number(x.shape), number(x.effective), "yes" if x.holds else "NO: fit again without it"]
        for x in studies
        if x.shape is not None
    ]
    if not rows:
        return ["", "The set was calibrated to none of these studies, so no draw needs a weight."]
    return markdown(["study", "shape of the tail", "effective draws", "holds"], rows)


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
    left = {"trials": left_out()}
    if not quick:
        left |= {"no exosome effect": left_out(held=NO_EXOSOMES), "article": left_out(parameters="article")}
    failed = {x.study for studies in left.values() for x in studies if not x.holds}
    every: dict[str, Rows] = {name: flat(studies) for name, studies in left.items()} | {POOLED: without_a_model()}
    results = {name: [row for row in rows if row.study not in failed] for name, rows in every.items()}
    if not quick:
        calibration(results)
        with style():
            predictions(results["trials"]).figure.savefig(HERE / "predictions.png", dpi=110)
    lines = ["## Scores", *scores(results), "", "## Calibration of figures with a value", *shares(results)]
    lines += ["", "## Against the mean of the class", *against(results, POOLED)]
    lines += [
        "",
        "## Misses of `trials`",
        *misses(results["trials"]),
        "",
        "## Weights of `trials`",
        *weights(left["trials"]),
    ]
    if failed:
        lines += ["", f"Not scored, for want of a fit without them: {', '.join(sorted(failed))}."]
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
