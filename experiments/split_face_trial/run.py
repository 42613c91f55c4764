"""What would the published split-face trial have found, had it been run a thousand times?

Run: ``python experiments/split_face_trial/run.py`` (a minute); writes ``table.md`` and ``split_face_trial.png``.
``--quick`` takes 200 people and writes nothing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.scenario.file import load
from exosim.studies import trial
from exosim.studies.cohort import Cohort
from exosim.studies.conduct import conduct
from exosim.studies.store import existing
from exosim.view.figures.style import COLOURS, MUTED

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, picture, publish, start

HERE = Path(__file__).parent
ARMS = ("fractional_co2", "fractional_co2_exosome")
PEOPLE, PUBLISHED = 25, 32.5 - 19.9
ERRORS = (0.0, 5.0, 10.0, 20.0)  # standard deviation of the score about its true value, points
SIZES = (5, 10, 15, 25, 40)


def differences(name: str, people: int) -> tuple[Array, Array]:
    """Difference between sides of every person, and the error of both scores in standard deviations."""
    arms = tuple(load(arm, {"sessions.every_days": 21}) for arm in ARMS)
    study = Cohort(arms, people, parameters=name)
    with tempfile.TemporaryDirectory() as folder:
        conduct(study, Path(folder))
        results = study.results(existing(Path(folder)))
        sides = [results.outcome(i, "improvement_percent") for i in range(2)]
        noise = [results.column(f"subject.noise_{i}") for i in range(2)]
    return sides[1] - sides[0], noise[1] - noise[0]


def table(results: dict[str, tuple[Array, Array]]) -> list[str]:
    """Spread and power as Markdown."""
    lines = [
        "| set | score error, points | mean difference of 25 people, 95 % of trials | power | median p |",
        "|" + "---|" * 5,
    ]
    for name, (true, noise) in results.items():
        for error in ERRORS:
            x: dict[str, Any] = trial.trial(true + error * noise, PEOPLE, 0)
            ends = x["difference"]
            spread = f"{ends['median']:.1f} ({ends['low']:.1f} to {ends['high']:.1f})"
            lines.append(f"| {name} | {error:g} | {spread} | {100 * x['power']:.0f} % | {x['median_p']:.1g} |")
    lines += [
        "",
        "| set | score error | " + " | ".join(f"n = {n}" for n in SIZES) + " |",
        "|" + "---|" * (len(SIZES) + 2),
    ]
    for name, (true, noise) in results.items():
        for error in ERRORS[1:]:
            cells = [f"{100 * trial.trial(true + error * noise, n, 0)['power']:.0f} %" for n in SIZES]
            lines.append(f"| {name} | {error:g} | " + " | ".join(cells) + " |")
    between = [f"{name} {np.std(true):.1f}" for name, (true, _) in results.items()]
    return [*lines, "", f"Standard deviation of the true difference between people, points: {', '.join(between)}."]


def draw(results: dict[str, tuple[Array, Array]], path: Path) -> None:
    """What a thousand trials of 25 would report."""
    with picture(path, 1, 2, figsize=(9.5, 3.2), sharey=True) as (_, axes):
        random = np.random.default_rng(0)
        for axis, (name, (true, noise)) in zip(axes, results.items(), strict=True):
            for error, color in zip((5.0, 20.0), COLOURS, strict=False):
                people = random.integers(len(true), size=(trial.REPLICATES, PEOPLE))
                means = (true + error * noise)[people].mean(axis=1)
                axis.hist(means, bins=30, histtype="step", color=color, label=f"score error {error:g}",
                          linestyle="-" if error < 10 else "--", linewidth=1.5)  # fmt: skip
            axis.axvline(PUBLISHED, color=MUTED, linewidth=1)
            axis.annotate("published", (PUBLISHED, 0.97), xycoords=("data", "axes fraction"), fontsize=8, color=MUTED,
                          xytext=(3, 0), textcoords="offset points", va="top")  # fmt: skip
            axis.set(title=f"set {name}", xlabel="mean difference of 25 people, points")
            axis.legend(fontsize=8)
        axes[0].set_ylabel(f"of {trial.REPLICATES} trials")


def main(quick: bool) -> None:
    results = {name: differences(name, 200 if quick else 10_000) for name in SETS}
    publish(table(results), HERE, quick)
    if not quick:
        draw(results, HERE / "split_face_trial.png")


if __name__ == "__main__":
    start(main, __doc__)
