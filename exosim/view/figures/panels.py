"""One panel of a figure of a sweep: a column of its table against one axis, or over two."""

from __future__ import annotations

from typing import Any

import numpy as np

from exosim.studies.sweep import Sweep
from exosim.view.figures.style import COLOURS, MUTED, flatten
from exosim.view.labels import axis_label, wrapped

LEAST = {"improvement_percent": 5.0, "downtime_days": 2.0, "tnf_auc": 200.0, "melanin_index_peak_percent": 5.0}
"""What is shown, and the least span of its scale: a smaller one would make noise look like an effect."""


def scale(outcome: str, values: Any) -> tuple[float, float]:
    """Return the ends of the scale of an outcome: those of `values`, or a least span round them that keeps the sign."""
    known = np.asarray(values, float)[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    span = max(high - low, LEAST.get(outcome, 0.0))
    start = (low + high - span) / 2
    start = max(start, 0.0) if low >= 0 else start
    return start, start + span


def ticks(values: Any, most: int = 9) -> tuple[list[int], list[str]]:
    """Return where ticks of the values of an axis are, and what they say.

    >>> ticks([0.5, 1.0, 2.0], 2), ticks(["icepick", "rolling"])
    (([0, 2], ['0.5', '2']), ([0, 1], ['icepick', 'rolling']))
    """
    places = sorted({round(x) for x in np.linspace(0, len(values) - 1, min(most, len(values)))})
    return places, [x if isinstance(x, str) else f"{x:.4g}" for x in (values[i] for i in places)]


def against(axis: Any, study: Sweep, table: Any, path: str, column: str) -> None:
    """Draw a column against an axis of a sweep: a line, or points where more varies or the axis is no number.

    Where there are draws, 5 to 95 % of them are a band, or a bar for every point.
    """
    names = _names(table, path)
    ordered = table if names else table.sort_values(path)
    places = [names.index(x) for x in ordered[path]] if names else ordered[path]
    alone = len(study.axes) == 1 and not names
    axis.plot(places, ordered[column], color=COLOURS[0], marker="o", markersize=4, linestyle="-" if alone else "none")
    axis.update_datalim([(x, end) for x in (min(places), max(places)) for end in scale(column, ordered[column])])
    axis.autoscale_view()
    if f"{column}_p05" in table:
        ends = ordered[f"{column}_p05"], ordered[f"{column}_p95"]
        if alone:
            axis.fill_between(places, *ends, color=COLOURS[0], alpha=0.18, linewidth=0)
        else:
            axis.vlines(places, *ends, color=COLOURS[0], alpha=0.5, linewidth=1.2)
    flatten(axis)
    _say_none(axis, table[column])


def label_along(axis: Any, study: Sweep, table: Any, path: str) -> None:
    """Label the horizontal axis of what `against` draws."""
    if names := _names(table, path):
        axis.set_xticks(*ticks(names, 6))
    elif next(x.log for x in study.axes if x.path == path):
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter("")
    axis.set_xlabel(wrapped(axis_label(path, study.scenario)), fontsize=8)


def over(axis: Any, study: Sweep, table: Any, column: str, ends: tuple[float, float], palette: str = "viridis") -> None:
    """Draw a column over the two axes of a grid as a map, with its key."""
    across, up = study.paths
    grid = table.pivot_table(index=up, columns=across, values=column, dropna=False, sort=False)
    look = {"cmap": palette, "shading": "nearest", "vmin": ends[0], "vmax": ends[1]}
    places = range(grid.shape[1]), range(grid.shape[0])
    image = axis.pcolormesh(*places, np.ma.masked_invalid(grid.values), **look)
    axis.set_xticks(*ticks(grid.columns))
    axis.set_yticks(*ticks(grid.index))
    axis.figure.colorbar(image, ax=axis)
    axis.grid(visible=False)
    _say_none(axis, table[column])


def _names(table: Any, path: str) -> list[str]:
    """Return the values of an axis that are texts, each once."""
    return [*dict.fromkeys(table[path])] if isinstance(table[path].iloc[0], str) else []


def _say_none(axis: Any, values: Any) -> None:
    """Say it where a column has no value at all, as an onset that is never reached."""
    if not np.isfinite(values).any():
        axis.annotate("in no case", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
