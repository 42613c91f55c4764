"""Figures of a sweep of every draw: lines with bands for an axis, heat maps of medians and shares for two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from exosim.studies.ensemble_sweep import EnsembleSweep
from exosim.studies.store import Store
from exosim.view.figures.style import COLOURS, MUTED, Drawing, sign, style
from exosim.view.figures.sweep import LEAST, by_design, scale, ticks
from exosim.view.labels import axis_label, measured, wrapped
from exosim.view.text import short


def drawings(study: EnsembleSweep, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield the figures that suit the design."""
    return by_design(study, store, _maps, _response)


def _rows(table: Any) -> list[str]:
    """Return what is added to the name of an outcome in each row: the outcome, and where it is known the difference."""
    return ["", "_difference"] if f"{next(iter(LEAST))}_difference" in table else [""]


def _response(study: EnsembleSweep, table: Any, path: str) -> Drawing:
    """Draw outcomes and their differences against one axis: a line and a band, or a bar for every case."""
    names = [*dict.fromkeys(table[path])] if isinstance(table[path].iloc[0], str) else []
    log = next(axis.log for axis in study.axes if axis.path == path)
    ordered, rows = (table if names else table.sort_values(path)), _rows(table)
    places = [names.index(x) for x in ordered[path]] if names else ordered[path]
    bars = bool(names) or len(study.axes) > 1
    with style() as canvas:
        size = {"figsize": (12, 2.7 * len(rows) + 0.3), "layout": "constrained", "sharex": True, "squeeze": False}
        figure, axes = canvas.subplots(len(rows), len(LEAST), **size)
        for of, across in zip(rows, axes, strict=True):
            for axis, outcome in zip(across, LEAST, strict=True):
                _spread(axis, places, ordered, f"{outcome}{of}", bars)
                if of:
                    axis.axhline(0, color=MUTED, linewidth=0.8)
                else:
                    axis.set_title(wrapped(measured(outcome)))
                    axis.update_datalim([(0, end) for end in scale(outcome, ordered[outcome])], updatex=False)
                    axis.autoscale_view()
            spread = "bar" if bars else "band"
            told = f"{spread}: 5 to 95 % of draws"
            across[0].set_ylabel(f"minus reference\n{told}" if of else told, fontsize=8)
        for axis in axes[-1]:
            if names:
                axis.set_xticks(*ticks(names, 6))
            elif log:
                axis.set_xscale("log")
                axis.xaxis.set_major_formatter("{x:g}")
                axis.xaxis.set_minor_formatter("")
            axis.set_xlabel(wrapped(axis_label(path, study.scenario)), fontsize=8)
        sign(figure)
    alt = (
        f"Outcomes of {short(study.scenario.name)} against {path}, {len(table)} cases: the parameter set, and 5 to "
        f"95 % of its draws; below, paired differences from {short(study.base.name)}."
    )
    return Drawing(f"response_{path.replace('.', '_')}", figure, lambda: _shown(table, study), alt)


def _spread(axis: Any, places: Any, table: Any, name: str, bars: bool) -> None:
    """Draw what the set says, and 5 to 95 % of the draws."""
    low, high = table[f"{name}_p05"], table[f"{name}_p95"]
    axis.plot(places, table[name], color=COLOURS[0], marker="o", markersize=4, linestyle="none" if bars else "-")
    if bars:
        axis.vlines(places, low, high, color=COLOURS[0], alpha=0.5, linewidth=1.2)
    else:
        axis.fill_between(places, low, high, color=COLOURS[0], alpha=0.18, linewidth=0)


def _maps(study: EnsembleSweep, table: Any) -> Drawing:
    """Draw the median of each outcome over two axes, and in what share of draws it is above the reference."""
    paths, rows = study.paths, len(_rows(table))
    with style() as canvas:
        size = {"figsize": (14, 3 * rows), "layout": "constrained", "sharex": True, "sharey": True, "squeeze": False}
        figure, axes = canvas.subplots(rows, len(LEAST), **size)
        for column, outcome in enumerate(LEAST):
            _map(axes[0, column], table, paths, f"{outcome}_p50", *scale(outcome, table[f"{outcome}_p50"]), "viridis")
            axes[0, column].set_title(wrapped(f"{measured(outcome)}, median"), fontsize=8.5)
            if rows > 1:
                _map(axes[1, column], table, paths, f"{outcome}_share_above", 0, 1, "cividis")
                axes[1, column].set_title("share of draws above reference", fontsize=8.5)
            axes[-1, column].set_xlabel(wrapped(axis_label(paths[0], study.scenario)), fontsize=8)
        for axis in axes[:, 0]:
            axis.set_ylabel(wrapped(axis_label(paths[1], study.scenario)), fontsize=8)
        sign(figure)
    alt = (
        f"Outcomes of {short(study.scenario.name)} over {paths[0]} and {paths[1]}, {len(table)} cases: medians of the "
        f"draws, and the share of draws in which a case is above {short(study.base.name)}."
    )
    return Drawing("heat_maps", figure, lambda: _shown(table, study), alt)


def _map(axis: Any, table: Any, paths: Any, name: str, low: float, high: float, palette: str) -> None:
    grid = table.pivot_table(index=paths[1], columns=paths[0], values=name, dropna=False, sort=False)
    look = {"cmap": palette, "shading": "nearest", "vmin": low, "vmax": high}
    image = axis.pcolormesh(range(grid.shape[1]), range(grid.shape[0]), np.ma.masked_invalid(grid.values), **look)
    axis.set_xticks(*ticks(grid.columns))
    axis.set_yticks(*ticks(grid.index))
    axis.figure.colorbar(image, ax=axis)
    axis.grid(visible=False)


def _shown(table: Any, study: EnsembleSweep) -> Any:
    """Return the columns of what is drawn."""
    return table[["case", *study.paths, *(x for x in table if any(x.startswith(name) for name in LEAST))]]
