"""Figures of a sweep of every draw: lines with bands for an axis, heat maps of medians and shares for two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exosim.studies.ensemble_sweep import EnsembleSweep
from exosim.studies.store import Store
from exosim.view.figures.panels import LEAST, against, label_along, over, scale
from exosim.view.figures.style import MUTED, Drawing, sign, style
from exosim.view.figures.sweep import by_design
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
    rows = _rows(table)
    spread = "bar" if isinstance(table[path].iloc[0], str) or len(study.axes) > 1 else "band"
    with style() as canvas:
        size = {"figsize": (12, 2.7 * len(rows) + 0.3), "layout": "constrained", "sharex": True, "squeeze": False}
        figure, axes = canvas.subplots(len(rows), len(LEAST), **size)
        for of, across in zip(rows, axes, strict=True):
            for axis, outcome in zip(across, LEAST, strict=True):
                against(axis, study, table, path, f"{outcome}{of}")
                if of:
                    axis.axhline(0, color=MUTED, linewidth=0.8)
                else:
                    axis.set_title(wrapped(measured(outcome)))
            told = f"{spread}: 5 to 95 % of draws"
            across[0].set_ylabel(f"minus reference\n{told}" if of else told, fontsize=8)
        for axis in axes[-1]:
            label_along(axis, study, table, path)
        sign(figure)
    alt = (
        f"Outcomes of {short(study.scenario.name)} against {path}, {len(table)} cases: the parameter set, and 5 to "
        f"95 % of its draws; below, paired differences from {short(study.base.name)}."
    )
    return Drawing(f"response_{path.replace('.', '_')}", figure, lambda: _shown(table, study), alt)


def _maps(study: EnsembleSweep, table: Any) -> Drawing:
    """Draw the median of each outcome over two axes, and in what share of draws it is above the reference."""
    paths, rows = study.paths, len(_rows(table))
    with style() as canvas:
        size = {"figsize": (14, 3 * rows), "layout": "constrained", "sharex": True, "sharey": True, "squeeze": False}
        figure, axes = canvas.subplots(rows, len(LEAST), **size)
        for column, outcome in enumerate(LEAST):
            over(axes[0, column], study, table, f"{outcome}_p50", scale(outcome, table[f"{outcome}_p50"]))
            axes[0, column].set_title(wrapped(f"{measured(outcome)}, median"), fontsize=8.5)
            if rows > 1:
                over(axes[1, column], study, table, f"{outcome}_share_above", (0, 1), "cividis")
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


def _shown(table: Any, study: EnsembleSweep) -> Any:
    """Return the columns of what is drawn."""
    return table[["case", *study.paths, *(x for x in table if any(x.startswith(name) for name in LEAST))]]
