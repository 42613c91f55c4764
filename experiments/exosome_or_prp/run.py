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
from exosim.parameters import draws, parameter_set
from exosim.results.intervals import between
from exosim.view.figures.style import COLOURS, MUTED, sign, style

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


def values(name: str, quick: bool) -> dict[str, Any]:
    """The best fit of a set, followed by its draws."""
    base = parameter_set(name).values()
    return base | {key: np.append(base[key], x[: 8 if quick else None]) for key, x in draws(name).items()}


def arms(name: str) -> dict[tuple[str, str], str]:
    """Name of the arm of every procedure and addition."""
    tails = {"needles": "", "laser": SPACING[name]}
    return {(base, added): f"{base}{added}{tail}" for base, tail in tails.items() for added in ADDED}


def fitted(name: str, arm: str, read: str) -> str:
    """A mark on figures that the set was fitted to, directly or as a ratio."""
    checks = [check for claim in claims().values() for check in claim.checks if name in check.fit]
    marks = {check.over for check in checks if (check.arm, check.read) == (arm, read)}
    return (
        " (fitted)" if None in marks else f" (fitted over {', '.join(filter(None, marks))})" if marks else ""
    )


def text(x: Any, digits: int = 1) -> str:
    """Best fit and 90 % interval."""
    low, high = between(x[1:])
    return f"{x[0]:z.{digits}f} ({low:z.{digits}f} to {high:z.{digits}f})"


def markdown(head: list[str], rows: Any) -> list[str]:
    """A table as Markdown."""
    return ["", *("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))]


def table(name: str, of: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Every arm, exosomes beside PRP, and the routes of the signal, as Markdown."""
    rows = [
        [f"{base} {ADDED[added]}", *(text(found[arm][read]) + fitted(name, arm, read) for read in READ)]
        for (base, added), arm in arms(name).items()
    ]
    lines, rows = markdown(["arm", *READ.values()], rows), []
    pairs = {base: (arms(name)[base, "_exosome"], arms(name)[base, "_prp"]) for base in ("needles", "laser")}
    for base, (exosome, prp) in pairs.items():
        ratio = found[exosome][AREA] / found[prp][AREA]
        days, gain = (found[exosome][read] - found[prp][read] for read in (DAYS, GAIN))
        calm, short = (f"{100 * np.mean(x[1:] < bound):.0f}" for x, bound in ((ratio, 1), (days, 0)))
        rows.append([base, text(ratio, 2), calm, text(days), short, text(gain)])
    head = ["exosomes beside PRP", "TNF-alpha area, ratio", "below 1 in draws, %", "downtime, difference, d"]
    lines += markdown([*head, "shorter in draws, %", "improvement, difference, points"], rows)
    rows = []
    for route, off in OFF.items():
        without = readings((exosome for exosome, _ in pairs.values()), of | dict.fromkeys(off, 0.0))
        rows.append([route, *(text(without[ex][AREA] / found[prp][AREA], 2) for ex, prp in pairs.values())])
    return lines + markdown(["effects of exosome signal", "needles: area over that with PRP", "laser"], rows)


def draw(found: dict[str, Any]) -> None:
    """A panel per reading: every arm, both sets."""
    with style() as pyplot:
        figure, axes = pyplot.subplots(1, 3, figsize=(11, 3.6), sharey=True, layout="constrained")
        ring = {"color": MUTED, "markersize": 10, "fillstyle": "none", "linestyle": ""}
        labels = [f"{base} {ADDED[added]}" for base, added in arms("article")]
        for axis, (read, title) in zip(axes, READ.items(), strict=True):
            for (name, of), shift, color, marker in zip(
                found.items(), (-0.15, 0.15), COLOURS, "os", strict=False
            ):
                for i, arm in enumerate(arms(name).values()):
                    x = of[arm][read]
                    axis.plot(between(x[1:]), (i + shift,) * 2, color=color, linewidth=5, alpha=0.3)
                    axis.plot(x[0], i + shift, marker, color=color, markersize=5, label=f"set {name}")
                    if fitted(name, arm, read):
                        axis.plot(x[0], i + shift, "o", label="fitted", **ring)
            axis.set(xlabel=title, xlim=(0, None))
            axis.set_yticks(range(len(labels)), labels)
        axes[0].set_ylim(len(labels) - 0.5, -0.5)
        handles = {label: handle for handle, label in zip(*axes[1].get_legend_handles_labels(), strict=True)}
        figure.legend(handles.values(), handles.keys(), loc="outside upper right", ncols=3)
        sign(figure)
        figure.savefig(HERE / "exosome_or_prp.png", dpi=120)


def main(quick: bool) -> None:
    lines, everything = ["Best fit and 90 % of the ensemble; three sessions."], {}
    for name in SPACING:
        of = values(name, quick)
        everything[name] = readings(arms(name).values(), of)
        lines += ["", f"## {name}", *table(name, of, everything[name])]
    print("\n".join(lines))
    if not quick:
        (HERE / "table.md").write_text("\n".join(lines) + "\n", "utf-8")
        draw(everything)


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
