"""One state or observable of some arms, on axes of its own or of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exosim.biology.notation import LAYERS
from exosim.problems import BadInput, Problem, suggest
from exosim.results import table
from exosim.results.result import Record
from exosim.simulation.history import COURSES
from exosim.view.figures.courses import time_courses
from exosim.view.figures.style import LINES, sign, style
from exosim.view.text import short, unit


def plot(arms: Sequence[Record], name: str = "", ax: Any = None) -> Any:
    """Return the figure of the course called `name`, drawn on `ax` where there are any, or of the main time courses.

    A name is that of an observable or, as in ``to_dataframe(daily=True)``, of a state; raise `BadInput` for another.
    """
    if not name and ax is not None:
        raise BadInput([Problem("the main time courses need a figure of their own", remedy="name one to draw on `ax`")])
    if not name:
        return time_courses(arms).figure
    tables = [table.recorded(arm.recorded) if name in COURSES else table.daily(arm.recorded) for arm in arms]
    known = [x for x in tables[0] if x not in ("time", "day", "side")]
    if name not in known:
        layers = [x for x in known if x in {f"{name}_{layer}" for layer in LAYERS}]
        remedy = f"it differs between layers: {', '.join(layers)}" if layers else suggest(name, known)
        raise BadInput([Problem(f'there is no course "{name}"', remedy=remedy)])
    if ax is not None:
        _draw(ax, arms, tables, name)
        return ax.figure
    with style() as canvas:
        figure, axes = canvas.subplots(figsize=(7, 4), layout="constrained")
        _draw(axes, arms, tables, name)
        sign(figure)
    return figure


def _draw(axes: Any, arms: Sequence[Record], tables: Sequence[table.Table], name: str) -> None:
    """Draw a line per arm, with its band where there is one."""
    for arm, values, (color, dash) in zip(arms, tables, LINES, strict=False):
        weeks = values["time"].values / 7
        axes.plot(weeks, values[name].values, color=color, linestyle=dash, label=short(arm.scenario.name))
        if f"band_{name}" in arm.recorded:
            axes.fill_between(weeks, *arm.recorded[f"band_{name}"], color=color, alpha=0.15, linewidth=0)
    axes.set_xlabel("week")
    of = unit(tables[0][name].attrs.get("units", ""))
    axes.set_ylabel(f"{name} [{of}]" if of else name)
    if len(arms) > 1:
        axes.legend()
