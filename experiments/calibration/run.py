"""Fit both parameter sets: `article` to its figures, `trials` to all studies.

Run: ``python experiments/calibration/run.py`` (ten minutes); keeps its studies in ``runs`` and goes on from them,
writes ``table.md`` and a picture of profiles. ``--quick`` makes a small ensemble of one set and writes nothing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from exosim.studies.conduct import conduct
from exosim.studies.fit.posterior import Posterior
from exosim.studies.fit.study import Fit
from exosim.view.figures.fit import profiles
from exosim.view.figures.style import style
from exosim.view.text import number, percent, span

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import markdown, publish, show, start

HERE = Path(__file__).parent
STUDIES = HERE / "runs"


def table(results: dict[str, Any]) -> list[str]:
    """Figures and parameters of a fit as Markdown."""
    lines = [f"## {results['set']}", "", "| figure | target of the fit | published | fitted |", "|---|---|---|---|"]
    lines += [
        f"| {row['figure']} | {row['asked']:g} | {row['published']} | {row['fitted']:.3g} |"
        for row in results["figures"]
    ]
    lines += ["", "| parameter | fitted | unit | 90 % interval | range | identified |", "|---|---|---|---|---|---|"]
    for row in results["parameters"]:
        low, high = ("open" if end is None else f"{end:.3g}" for end in (row["low"], row["high"]))
        known = "yes" if row["identified"] else "no"
        allowed = " to ".join(f"{end:g}" for end in row["range"])
        lines.append(
            f"| {row['parameter']} | {row['value']:.4g} | {row['unit']} | {low} to {high} | {allowed} | {known} |"
        )
    agree = f"{results['draws_agreeing']} of {results['members']} draws agree with the published figures."
    starts = ", ".join(f"{cost:.4f}" for cost in results["starts_cost"])
    return [*lines, "", f"{agree} Half sums of squares of the searches: {starts}."]


def posterior(results: dict[str, Any]) -> list[str]:
    """Parameters and scales of a posterior as Markdown, those of which the studies say most first."""
    known = sorted((row for row in results["parameters"] if row["identified"]), key=lambda row: -row["told"])
    rows = [
        [
            row["parameter"],
            number(row["median"]),
            row["unit"],
            span(row["low"], row["high"]),
            span(*row["range"]),
            percent(row["told"]),
        ]
        for row in known
    ]
    head = ["parameter", "median", "unit", "90 % interval", "range", "share of the prior's variance gone"]
    scales = [[name, number(row["median"]), span(row["low"], row["high"])] for name, row in results["scales"].items()]
    rest = len(results["parameters"]) - len(known)
    return [
        f"## {results['set']}",
        *markdown(head, rows),
        "",
        f"Of {rest} other parameters the studies say next to nothing.",
        *markdown(["clinical scale or spread", "median", "90 % interval"], scales),
        "",
        f"{percent(results['moves_taken'])} of the moves in the exact rounds were taken.",
    ]


def main(quick: bool) -> None:
    if quick:
        with tempfile.TemporaryDirectory() as folder:
            publish(table(conduct(Fit("article", starts=1, members=200), Path(folder))), HERE, quick)
        return
    results = conduct(Fit("article"), STUDIES / "article", resume=True, progress=show)
    with style():
        profiles(results).figure.savefig(HERE / "profiles_article.png", dpi=110)
    lines = [
        *table(results),
        "",
        *posterior(conduct(Posterior("trials"), STUDIES / "trials", resume=True, progress=show)),
    ]
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
