"""Do exosomes calm more than PRP (A10)? Both with needles and with laser, in both sets, and which route decides it.

Run: ``python experiments/exosome_or_prp/run.py`` (ten seconds); writes ``table.md`` and ``exosome_or_prp.png``.
``--quick`` takes eight draws and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.evidence.claims import claims
from exosim.evidence.verdicts import readings
from exosim.results.intervals import between
from exosim.view.figures.style import COLOURS, MUTED

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
SPACING = {"article": "", "trials": "_21"}  # sessions of lasers as in the figures each set was fitted to
AREA, DAYS, GAIN = "tnf_auc", "downtime_days", "improvement_percent"
READ = {AREA: "TNF-alpha area, pg/mL*d", DAYS: "downtime, d", GAIN: "improvement, week 12, %"}
ADDED = {"": "alone", "_prp": "+ PRP", "_exosome": "+ exosomes"}
OFF = {
    "as fitted": (),
    "il10_signal off": ("il10_signal",),
    "closing_signal off": ("closing_signal",),
    "both off: switch and fibroblasts only, as PRP": ("il10_signal", "closing_signal"),
}


def arms(name: str) -> dict[tuple[str, str], str]:
    """Name of the arm of every procedure and addition."""
    tails = {"needles": "", "laser": SPACING[name]}
    return {(base, added): f"{base}{added}{tail}" for base, tail in tails.items() for added in ADDED}


def fitted(name: str, arm: str, read: str) -> str:
    """A mark on figures that the set was fitted to, directly or as a ratio."""
    checks = [check for claim in claims().values() for check in claim.checks if name in check.fit]
    marks = {check.over for check in checks if (check.arm, check.read) == (arm, read)}
    return " (fitted)" if None in marks else f" (fitted over {', '.join(filter(None, marks))})" if marks else ""


def table(name: str, parameters: dict[str, Any], results: dict[str, Any]) -> list[str]:
    """Every arm, exosomes beside PRP, and the routes of the signal, as Markdown."""
    rows = [
        [f"{base} {ADDED[added]}", *(text(results[arm][read]) + fitted(name, arm, read) for read in READ)]
        for (base, added), arm in arms(name).items()
    ]
    lines, rows = markdown(["arm", *READ.values()], rows), []
    pairs = {base: (arms(name)[base, "_exosome"], arms(name)[base, "_prp"]) for base in ("needles", "laser")}
    for base, (exosome, prp) in pairs.items():
        ratio = results[exosome][AREA] / results[prp][AREA]
        days, gain = (results[exosome][read] - results[prp][read] for read in (DAYS, GAIN))
        calm, short = (f"{100 * np.mean(x[1:] < bound):.0f}" for x, bound in ((ratio, 1), (days, 0)))
        rows.append([base, text(ratio, 2), calm, text(days), short, text(gain)])
    head = ["exosomes beside PRP", "TNF-alpha area, ratio", "below 1 in draws, %", "downtime, difference, d"]
    lines += markdown([*head, "shorter in draws, %", "improvement, difference, points"], rows)
    rows = []
    for route, off in OFF.items():
        without = readings((exosome for exosome, _ in pairs.values()), parameters | dict.fromkeys(off, 0.0))
        rows.append([route, *(text(without[ex][AREA] / results[prp][AREA], 2) for ex, prp in pairs.values())])
    return lines + markdown(["effects of exosome signal", "needles: area over that with PRP", "laser"], rows)


def draw(results: dict[str, Any]) -> None:
    """A panel per reading: every arm, both sets."""
    with picture(HERE / "exosome_or_prp.png", 1, 3, figsize=(11, 3.6), sharey=True) as (figure, axes):
        ring = {"color": MUTED, "markersize": 10, "fillstyle": "none", "linestyle": ""}
        labels = [f"{base} {ADDED[added]}" for base, added in arms("article")]
        for axis, (read, title) in zip(axes, READ.items(), strict=True):
            for (name, parameters), shift, color, marker in zip(
                results.items(), (-0.15, 0.15), COLOURS, "os", strict=False
            ):
                for i, arm in enumerate(arms(name).values()):
                    x = parameters[arm][read]
                    axis.plot(between(x[1:]), (i + shift,) * 2, color=color, linewidth=5, alpha=0.3)
                    axis.plot(x[0], i + shift, marker, color=color, markersize=5, label=f"set {name}")
                    if fitted(name, arm, read):
                        axis.plot(x[0], i + shift, "o", label="fitted", **ring)
            axis.set(xlabel=title, xlim=(0, None))
            axis.set_yticks(range(len(labels)), labels)
        axes[0].set_ylim(len(labels) - 0.5, -0.5)
        handles = {label: handle for handle, label in zip(*axes[1].get_legend_handles_labels(), strict=True)}
        figure.legend(handles.values(), handles.keys(), loc="outside upper right", ncols=3)


def main(quick: bool) -> None:
    lines, everything = ["Best fit and 90 % of the ensemble; three sessions."], {}
    for name in SPACING:
        parameters = with_draws(name, quick)
        everything[name] = readings(arms(name).values(), parameters)
        lines += ["", f"## {name}", *table(name, parameters, everything[name])]
    publish(lines, HERE, quick)
    if not quick:
        draw(everything)


if __name__ == "__main__":
    start(main, __doc__)
