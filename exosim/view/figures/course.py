"""One state or observable of some arms, on axes of its own or of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exosim.problems import BadInput, Problem, shown
from exosim.results.course import followed
from exosim.results.result import Record
from exosim.view.figures.courses import time_courses
from exosim.view.figures.style import arm_lines, flatten, sign, style
from exosim.view.text import short, unit


def plot(arms: Sequence[Record], name: str = "", ax: Any = None) -> Any:
    """Return the figure of the course called `name`, drawn on `ax` where there are any, or of the main time courses.

    A name is that of an observable or of a state, as `Record.course` takes it; raise `BadInput` for another.
    """
    if not name and ax is not None:
        raise BadInput([Problem("the main time courses need a figure of their own", remedy="name one to draw on `ax`")])
    check_axes(ax)
    if not name:
        return time_courses(arms).figure
    courses = [arm.course(name) for arm in arms]
    if ax is not None:
        _draw(ax, arms, courses, name)
        return ax.figure
    with style() as canvas:
        figure, axes = canvas.subplots(figsize=(7, 4), layout="constrained")
        _draw(axes, arms, courses, name)
        sign(figure)
    return figure


def check_axes(ax: Any) -> None:
    """Raise `BadInput` where `ax` is given and is no axes object of matplotlib."""
    if ax is not None and not hasattr(ax, "set_xlabel"):
        found = f"an array of {ax.size}" if hasattr(ax, "size") else shown(ax)
        remedy = "take one from an array, as in ax=axes.flat[0]"
        raise BadInput([Problem(f"`ax` is one axes object of matplotlib, not {found}", remedy=remedy)])


def _draw(axes: Any, arms: Sequence[Record], courses: Sequence[tuple[Any, Any]], name: str) -> None:
    """Draw a line per arm, with its band where there is one."""
    for arm, (days, values), (color, dash) in zip(arms, courses, arm_lines(len(arms)), strict=True):
        axes.plot(days / 7, values, color=color, linestyle=dash, label=short(arm.scenario.name))
        if f"band_{name}" in arm.recorded:
            axes.fill_between(days / 7, *arm.recorded[f"band_{name}"], color=color, alpha=0.15, linewidth=0)
            axes.set_title("band: 90 % interval of the ensemble", fontsize=8, fontweight="normal")
    flatten(axes)
    of = unit(followed()[name][0])
    axes.set_xlabel("week")
    axes.set_ylabel(f"{name} [{of}]" if of else name)
    if len(arms) > 1:
        axes.legend()
