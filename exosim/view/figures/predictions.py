"""Observed figures against predicted ones, by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from exosim.evidence.predict import Forecast
from exosim.view.figures.style import COLOURS, MUTED, Drawing, sign, style
from exosim.view.text import percent, short

LOGARITHMIC = ("ratio", "odds", "course")  # classes of which logarithms are compared


def predictions(rows: Sequence[Forecast]) -> Drawing:
    """Draw a panel per class and a line per figure: median and 90 % interval, and what was read.

    Of bounds the probability is drawn that they hold.
    """
    classes: dict[str, list[Forecast]] = {}
    for row in rows:
        classes.setdefault(row.kind, []).append(row)
    left, right = _halves(classes)
    tall = max(sum(len(classes[kind]) + 3 for kind in side) for side in (left, right))
    with style() as canvas:
        figure = canvas.figure(figsize=(12, max(3.0, 0.24 * tall)), layout="constrained")
        for part, side in zip(figure.subfigures(1, 2), (left, right), strict=True):
            if side:
                ratios = [len(classes[kind]) + 1 for kind in side]
                axes = part.subplots(len(side), 1, squeeze=False, height_ratios=ratios)
                for axis, kind in zip(axes.flat, side, strict=True):
                    _panel(axis, kind, classes[kind])
        figure.suptitle("line and tick: 90 % interval and median of what is predicted; diamond: observed", fontsize=8)
        sign(figure)
    counted = [row for row in rows if row.inside is not None]
    share = sum(bool(row.inside) for row in counted) / len(counted) if counted else 0.0
    alt = (
        f"Observed against predicted in {len(classes)} classes; {percent(share)} of {len(counted)} figures lie inside."
    )
    return Drawing("predictions", figure, lambda: pd.DataFrame([asdict(row) for row in rows]), alt)


def _halves(classes: dict[str, list[Forecast]]) -> tuple[list[str], list[str]]:
    """Return the classes in two columns of about the same height."""
    left: list[str] = []
    right: list[str] = []
    heights = [0, 0]
    for kind, rows in classes.items():
        side = int(heights[1] < heights[0])
        (left, right)[side].append(kind)
        heights[side] += len(rows) + 3
    return left, right


def _panel(axis: Any, kind: str, rows: Sequence[Forecast]) -> None:
    """Draw one class."""
    from matplotlib.ticker import MaxNLocator, NullLocator

    bounds = kind == "direction"
    for y, row in enumerate(rows):
        missed = row.inside is False
        colour = COLOURS[1] if missed else COLOURS[0]
        if bounds:
            axis.barh(y, np.exp(row.log_score or 0.0), height=0.5, color=colour)
        elif row.median is not None:
            axis.plot((row.low, row.high), (y, y), color=colour, linewidth=1.4, linestyle="--" if missed else "-")
            axis.plot(row.median, y, "|", color=colour, markersize=9, markeredgewidth=1.6)
        if not bounds and row.observed is not None:
            axis.plot(
                row.observed, y, "D", color="#000000", markersize=4.5, markerfacecolor="white" if missed else "#000000"
            )
    if bounds:
        axis.set(xlim=(0, 1), xlabel="probability that the bound holds")
        axis.axvline(0.5, color=MUTED, linewidth=0.8)
    elif kind.startswith(LOGARITHMIC):
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(MaxNLocator(5))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter("{x:g}")
    axis.set_yticks(range(len(rows)), [short(f"{row.study}: {row.compared}", 46) for row in rows], fontsize=7)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    counted = [row for row in rows if row.inside is not None]
    inside = f", {sum(bool(x.inside) for x in counted)} of {len(counted)} inside" if counted else ""
    axis.set_title(f"{kind}{inside}", fontsize=8.5)
