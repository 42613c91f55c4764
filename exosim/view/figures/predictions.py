"""Observed figures against predicted ones, by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from exosim.evidence.predict import Forecast
from exosim.view.figures.style import COLOURS, MUTED, Drawing, sign, style
from exosim.view.text import percent

ACROSS = 3  # panels side by side
MARKS = {"": "o", "at least": "^", "at most": "v"}


def predictions(rows: Sequence[Forecast]) -> Drawing:
    """Draw a panel per class: observed across, predicted median and 90 % interval up; a line where both are equal."""
    classes = list(dict.fromkeys(row.kind for row in rows))
    lines = -(-max(len(classes), 1) // ACROSS)
    with style() as pyplot:
        figure, axes = pyplot.subplots(lines, ACROSS, figsize=(10.5, 3.1 * lines), layout="constrained", squeeze=False)
        for axis in axes.flat[len(classes) :]:
            axis.set_visible(False)
        for axis, kind in zip(axes.flat, classes, strict=False):
            _panel(axis, kind, [row for row in rows if row.kind == kind])
        sign(figure)
    counted = [row for row in rows if row.inside is not None]
    share = sum(bool(row.inside) for row in counted) / len(counted) if counted else 0.0
    alt = (
        f"Observed against predicted in {len(classes)} classes; {percent(share)} of {len(counted)} figures lie inside."
    )
    return Drawing("predictions", figure, pd.DataFrame([asdict(row) for row in rows]), alt)


def _panel(axis: Any, kind: str, rows: Sequence[Forecast]) -> None:
    """Draw one class; a figure that nobody has read yet stands on the line at its median."""
    logs = kind.startswith(("ratio", "odds", "course"))
    for row in rows:
        if row.median is None:
            continue
        x = row.median if row.observed is None else row.observed
        missed = row.inside is False
        colour = MUTED if row.observed is None else COLOURS[1] if missed else COLOURS[0]
        axis.plot((x, x), (row.low, row.high), color=colour, linewidth=1.2, linestyle="--" if missed else "-")
        axis.plot(
            x, row.median, MARKS[row.bound], color=colour, markersize=5, markerfacecolor="white" if missed else colour
        )
    low, high = axis.get_xlim()
    axis.plot((low, high), (low, high), color=MUTED, linewidth=0.8, zorder=0)
    if logs:
        axis.set(xscale="log", yscale="log")
        for part in (axis.xaxis, axis.yaxis):
            part.set_major_formatter("{x:g}")
            part.set_minor_formatter("{x:g}")
    counted = [row for row in rows if row.inside is not None]
    axis.set_title(f"{kind} ({sum(bool(x.inside) for x in counted)} of {len(counted)} inside)")
    axis.set(xlabel="bound: up at least, down at most" if kind == "direction" else "observed", ylabel="predicted")
