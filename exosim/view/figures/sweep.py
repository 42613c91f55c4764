"""Figures of a sweep: dose-response for one axis, heat maps for two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from exosim.studies.store import Store
from exosim.studies.sweep import Sweep
from exosim.view.figures.panels import LEAST, against, label_along, over, scale
from exosim.view.figures.style import Drawing, sign, style
from exosim.view.labels import axis_label, measured, wrapped
from exosim.view.text import short


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


def response(study: Sweep, table: Any, path: str) -> Drawing:
    """Draw four outcomes against one axis; points where other axes vary too, or where the axis is no number."""
    with style() as canvas:
        figure, axes = canvas.subplots(1, len(LEAST), figsize=(12, 2.9), layout="constrained")
        for axis, outcome in zip(axes, LEAST, strict=True):
            against(axis, study, table, path, outcome)
            label_along(axis, study, table, path)
            axis.set_title(wrapped(measured(outcome)))
        sign(figure)
    alt = f"Outcomes of {short(study.scenario.name)} against {path}, {len(table)} cases."
    return Drawing(f"response_{path.replace('.', '_')}", figure, lambda: table[["case", path, *LEAST]], alt)


def heat_maps(study: Sweep, table: Any) -> Drawing:
    """Draw four outcomes over a grid of two axes."""
    paths = study.paths
    with style() as canvas:
        figure, axes = canvas.subplots(1, len(LEAST), figsize=(14, 3.2), layout="constrained", sharey=True)
        for axis, outcome in zip(axes, LEAST, strict=True):
            over(axis, study, table, outcome, scale(outcome, table[outcome]))
            axis.set_title(wrapped(measured(outcome)))
            axis.set_xlabel(wrapped(axis_label(paths[0], study.scenario)), fontsize=8)
        axes[0].set_ylabel(wrapped(axis_label(paths[1], study.scenario)), fontsize=8)
        sign(figure)
    alt = f"Outcomes of {short(study.scenario.name)} over {paths[0]} and {paths[1]}, {len(table)} cases."
    return Drawing("heat_maps", figure, lambda: table[["case", *paths, *LEAST]], alt)
