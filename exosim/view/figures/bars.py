"""Simulated outcomes next to published ones."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from exosim.evidence import Match
from exosim.parameters import parameter_set
from exosim.results.result import Record
from exosim.view.figures.style import MUTED, Drawing, arm_lines, rows_of, sign, style
from exosim.view.text import improvement, short, told


def bars(arms: Sequence[Record], published: Sequence[Sequence[Match]]) -> Drawing:
    """Draw improvement and downtime of every arm next to the published values of its regimen."""
    outcomes = {"improvement_percent": "Scar filled at the end, %", "downtime_days": "Red for, first session, d"}
    with style() as canvas:
        figure, axes = canvas.subplots(1, 2, figsize=(9.5, 1.7 + 0.75 * len(arms)), layout="constrained", sharey=True)
        rows: list[dict[str, Any]] = []
        for axis, (outcome, title) in zip(axes, outcomes.items(), strict=True):
            axis.set_title(title)
            for i, arm in enumerate(arms):
                value = arm.outcomes[outcome]
                size = value if value is not None and np.isfinite(value) else 0.0
                axis.barh(i, size, height=0.42, color=arm_lines(len(arms))[i][0], alpha=0.85)
                low, high = (arm.intervals or {}).get(outcome) or (None, None)
                if low is not None and high is not None:
                    axis.plot((low, high), (i, i), color="#000000", linewidth=1, marker="|", markersize=6)
                _label(axis, told(outcome, value), max(size, 0.0, high or 0.0), i)
                rows.append(
                    {"outcome": outcome, "arm": arm.scenario.name, "simulated": value, "low": low, "high": high}
                )
            notes = _published_marks(axis, arms, outcome, published, rows)
            axis.set_yticks(range(len(arms)), ["\n".join(textwrap.wrap(short(a.scenario.name, 70), 24)) for a in arms])
            axis.set_ylim(len(arms) - 0.4, -0.6)
            axis.margins(x=0.3)
            axis.grid(axis="y", visible=False)
            axis.set_xlabel("\n".join(notes) or "no published value of these regimens", fontsize=7, color=MUTED)
        sign(figure)
    alt = "; ".join(
        f"{short(arm.scenario.name, 70)}: scar filled {improvement(arm.outcomes['improvement_percent'])}"
        for arm in arms
    )
    return Drawing("split_face", figure, rows_of(rows), f"Simulated next to published values. {alt}.")


def _label(axis: Any, text: str, x: float, y: float) -> None:
    axis.annotate(text, (x, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)


def _published_marks(
    axis: Any, arms: Sequence[Record], outcome: str, published: Sequence[Sequence[Match]], rows: list[dict[str, Any]]
) -> list[str]:
    """Draw diamonds below the bars of the same regimen, and return what they are, or why there are none."""
    notes: dict[str, None] = {}
    for i, (arm, matches) in enumerate(zip(arms, published, strict=False)):
        for match in (x for x in matches if x.published.outcome == outcome):
            value, fitted = match.published, parameter_set(arm.setup.parameters).comes_from(match.published.fitted)
            trial = textwrap.wrap(f"trial: {value.schedule}", 70)
            about = {"outcome": outcome, "arm": arm.scenario.name, "n": value.n, "fitted": fitted}
            if match.differs:
                notes["\n".join([value.citation, *textwrap.wrap(match.text, 70), *trial])] = None
            else:
                face, mark = ("white", "open diamonds: published, FITTED by this parameter set") if fitted else (
                    "#000000", "diamonds: published, not fitted")  # fmt: skip
                axis.plot(value.value, i + 0.33, "D", color="#000000", markersize=5, markerfacecolor=face)
                _label(axis, f"{value.value:g} published", value.value, i + 0.33)
                notes["\n".join([f"{mark}; {value.measure}", value.citation, *trial])] = None
                about |= {"published": value.value}
            rows.append(about | {"source": value.citation, "differs": ", ".join(match.differs)})
    return list(notes)
