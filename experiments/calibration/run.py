"""Fit both parameter sets: best fit, profiles, ensemble.

Run: ``python experiments/calibration/run.py`` (four minutes); keeps its studies in ``runs`` and goes on from them,
writes ``table.md`` and a picture of the profiles of each set. ``--quick`` makes a small ensemble of one set and
writes nothing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from exosim.studies.conduct import conduct
from exosim.studies.fit.study import Fit
from exosim.view.figures.fit import profiles
from exosim.view.figures.style import style

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, publish, start

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


def show(share: float, failures: int) -> None:
    """Print how far a fit is."""
    print(f"{share:.0%}", end="\r")


def main(quick: bool) -> None:
    if quick:
        with tempfile.TemporaryDirectory() as folder:
            publish(table(conduct(Fit("article", starts=1, members=200), Path(folder))), HERE, quick)
        return
    lines: list[str] = []
    for name in SETS:
        results = conduct(Fit(name), STUDIES / name, resume=True, progress=show)
        lines += ["", *table(results)]
        with style():
            profiles(results).figure.savefig(HERE / f"profiles_{name}.png", dpi=110)
    publish(lines[1:], HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
