"""Simulated outcomes beside published ones."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from exosim.evidence import Published
from exosim.result import Record
from exosim.view.style import LINES, MUTED, Drawing, percent, short, sign, style


def bars(arms: Sequence[Record], published: Sequence[Mapping[int, Published]]) -> Drawing:
    """Improvement and downtime of every arm beside the published values of its regimen."""
    outcomes = {
        "improvement_percent": "Improvement at the end, %",
        "downtime_days": "Downtime after the first procedure, d",
    }
    with style() as pyplot:
        figure, axes = pyplot.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
        rows: list[dict[str, Any]] = []
        for axis, (outcome, title) in zip(axes, outcomes.items(), strict=True):
            axis.set_title(title)
            for i, arm in enumerate(arms):
                value = arm.outcomes[outcome]
                height = 0.0 if value is None else value
                axis.bar(i, height, width=0.5, color=LINES[i % len(LINES)][0], alpha=0.85)
                axis.annotate(
                    "-" if value is None else f"{value:.1f}",
                    (i, height),
                    xytext=(0, 3),
                    textcoords="offset points",
                    ha="center",
                    va="bottom",
                )
                rows.append({"outcome": outcome, "arm": arm.scenario.name, "simulated": value})
            notes = _published_marks(axis, arms, outcome, published, rows)
            axis.set_xticks(range(len(arms)), [_wrapped(arm.scenario.name) for arm in arms])
            axis.set_xlim(-0.6, len(arms) - 0.4)
            axis.margins(y=0.2)
            axis.grid(axis="x", visible=False)
            axis.set_xlabel(
                "\n".join(notes) or "no published value of these regimens", fontsize=7, color=MUTED
            )
        sign(figure)
    data = pd.DataFrame(rows)
    alt = "; ".join(
        f"{arm.scenario.name}: {percent(arm.outcomes['improvement_percent'])} improvement" for arm in arms
    )
    return Drawing("split_face", figure, data, f"Simulated beside published values. {alt}.")


def _published_marks(
    axis: Any,
    arms: Sequence[Record],
    outcome: str,
    published: Sequence[Mapping[int, Published]],
    rows: list[dict[str, Any]],
) -> list[str]:
    notes = []
    for match in published:
        mine = {i: value for i, value in match.items() if value.outcome == outcome}
        for i, value in mine.items():
            fitted = arms[i].parameters in value.fitted
            axis.errorbar(
                i + 0.36,
                value.value,
                value.tolerance,
                fmt="D",
                color="#000000",
                markersize=5,
                capsize=3,
                markerfacecolor="white" if fitted else "#000000",
                linewidth=1,
            )
            axis.annotate(
                f"{value.value:g}",
                (i + 0.36, value.value),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=7.5,
            )
            rows.append(
                {
                    "outcome": outcome,
                    "arm": arms[i].scenario.name,
                    "published": value.value,
                    "tolerance": value.tolerance,
                    "n": value.n,
                    "fitted": fitted,
                    "source": value.citation,
                }
            )
        for value in list(mine.values())[:1]:
            fitted = arms[0].parameters in value.fitted
            mark = (
                "open diamonds: published, FITTED by this parameter set"
                if fitted
                else "diamonds: published, not fitted"
            )
            notes.append(f"{mark}; {value.measure}\n{value.citation}")
    return notes


def _wrapped(name: str) -> str:
    return "\n".join(textwrap.wrap(short(name, 70), 24))
