"""Figures of a sweep: dose-response for one axis, heat maps for two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from exosim.studies.store import Store
from exosim.studies.sweep import Sweep
from exosim.view.figures.style import COLOURS, Drawing, sign, style
from exosim.view.labels import axis_label, measured, wrapped
from exosim.view.text import short

LEAST = {"improvement_percent": 5.0, "downtime_days": 2.0, "tnf_auc": 200.0, "melanin_index_peak_percent": 5.0}
"""What is shown, and the least span of its scale: a smaller one would make noise look like an effect."""


def drawings(study: Sweep, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield the figures that suit the design."""
    return by_design(study, store, heat_maps, response)


Draw = Callable[..., Drawing]


def by_design(study: Any, store: Store, maps: Draw, line: Draw) -> Iterator[Drawing]:
    """Yield maps of a grid over two axes, else a figure for every axis; nothing where no case is done."""
    table = study.table(store)
    if not len(table):
        return
    if len(study.paths) == 2 and study.design == "grid":
        yield maps(study, table)
    else:
        for path in study.paths:
            yield line(study, table, path)


def scale(outcome: str, values: Any) -> tuple[float, float]:
    """Return the ends of the scale of an outcome: those of `values`, or a least span round them that keeps the sign."""
    known = np.asarray(values, float)[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    span = max(high - low, LEAST[outcome])
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


def response(study: Sweep, table: Any, path: str) -> Drawing:
    """Draw four outcomes against one axis; points where other axes vary too, or where the axis is no number."""
    names = [*dict.fromkeys(table[path])] if isinstance(table[path].iloc[0], str) else []
    log = next(axis.log for axis in study.axes if axis.path == path)
    with style() as canvas:
        figure, axes = canvas.subplots(1, len(LEAST), figsize=(12, 2.9), layout="constrained")
        ordered = table if names else table.sort_values(path)
        places = [names.index(x) for x in ordered[path]] if names else ordered[path]
        mark = {"marker": "o", "markersize": 4} | ({"linestyle": "none"} if len(study.axes) > 1 or names else {})
        for axis, outcome in zip(axes, LEAST, strict=True):
            axis.plot(places, ordered[outcome], color=COLOURS[0], **mark)
            axis.update_datalim([(0, end) for end in scale(outcome, ordered[outcome])], updatex=False)
            axis.autoscale_view()
            if names:
                axis.set_xticks(*ticks(names, 6))
            elif log:
                axis.set_xscale("log")
                axis.xaxis.set_major_formatter("{x:g}")
                axis.xaxis.set_minor_formatter("")
            axis.set_title(wrapped(measured(outcome)))
            axis.set_xlabel(wrapped(axis_label(path, study.scenario)), fontsize=8)
        sign(figure)
    alt = f"Outcomes of {short(study.scenario.name)} against {path}, {len(table)} cases."
    return Drawing(f"response_{path.replace('.', '_')}", figure, lambda: table[["case", path, *LEAST]], alt)


def heat_maps(study: Sweep, table: Any) -> Drawing:
    """Draw four outcomes over a grid of two axes."""
    paths = study.paths
    with style() as canvas:
        figure, axes = canvas.subplots(1, len(LEAST), figsize=(14, 3.2), layout="constrained", sharey=True)
        for axis, outcome in zip(axes, LEAST, strict=True):
            grid = table.pivot_table(index=paths[1], columns=paths[0], values=outcome, dropna=False, sort=False)
            low, high = scale(outcome, grid.values)
            values = np.ma.masked_invalid(grid.values)
            look = {"cmap": "viridis", "shading": "nearest", "vmin": low, "vmax": high}
            image = axis.pcolormesh(range(grid.shape[1]), range(grid.shape[0]), values, **look)
            axis.set_xticks(*ticks(grid.columns))
            axis.set_yticks(*ticks(grid.index))
            figure.colorbar(image, ax=axis)
            axis.set_title(wrapped(measured(outcome)))
            axis.set_xlabel(wrapped(axis_label(paths[0], study.scenario)), fontsize=8)
            axis.grid(visible=False)
        axes[0].set_ylabel(wrapped(axis_label(paths[1], study.scenario)), fontsize=8)
        sign(figure)
    alt = f"Outcomes of {short(study.scenario.name)} over {paths[0]} and {paths[1]}, {len(table)} cases."
    return Drawing("heat_maps", figure, lambda: table[["case", *paths, *LEAST]], alt)
