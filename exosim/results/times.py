"""Days on which courses are wanted, as in ``times=[0, 1, 3, 7]`` and ``--times 0,1,3,7``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from exosim.engine.tissue import Array
from exosim.problems import BadInput, Problem, brief, flags
from exosim.results.course import value_at
from exosim.simulation.history import COURSES, History

if TYPE_CHECKING:
    import pandas as pd


def days_of(
    times: Sequence[float] | str | None, end: float | None = None, source: str = "`times`"
) -> tuple[float, ...]:
    """Return days in order, checked against the `end` of a run; raise `BadInput` with every one that is none.

    >>> days_of("0, 1,7"), days_of([7, 3.5])
    ((0.0, 1.0, 7.0), (3.5, 7.0))
    """
    given = [] if times is None else times.split(",") if isinstance(times, str) else [*times]
    days, problems = [], []
    for item in given:
        day = _number(item)
        if not 0 <= day < math.inf:
            remedy = "numbers from 0, as in 0,1,3,7"
            problems.append(Problem(f"{brief(str(item).strip())!r} is no day", source=source, remedy=remedy))
        elif end is not None and day > end:
            problems.append(Problem(f"day {day:g} is after the end of the run, day {end:g}", source=source))
        days.append(day)
    if not problems and len({*days}) < len(days):
        problems.append(Problem("a day is given twice", source=source))
    if times is not None and not given:
        problems.append(Problem("there is no day", source=source, remedy="as in 0,1,3,7"))
    if problems:
        raise BadInput(problems)
    return tuple(sorted(days))


def rows(daily: bool, times: Sequence[float] | str | None, end: float) -> tuple[float, ...]:
    """Return the days that the table of a run has rows for, none where it has all; raise `BadInput` for both ways."""
    flags(daily=daily)
    if daily and times is not None:
        raise BadInput([Problem("`daily` and `times` are two ways to say which rows", remedy="leave one out")])
    return days_of(times, end)


def _number(item: object) -> float:
    if isinstance(item, bool):
        return math.nan
    try:
        return float(item)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


class Column(NamedTuple):
    """A column of a table: a course on one day."""

    course: str  # the array that holds it, (cases, days)
    place: int  # of the day
    unit: str


def courses_at(h: History | None, days: Sequence[float]) -> dict[str, Array]:
    """Return every observable on these days, (subjects, days); nan after the end, and of one subject without a run."""
    if not days:
        return {}
    if h is None:
        return {f"course_{name}": np.full((1, len(days)), np.nan) for name in COURSES}
    courses = {name: getattr(h.observed, name) for name in COURSES}
    return {f"course_{name}": np.array([value_at(h.times, x, day) for day in days]).T for name, x in courses.items()}


def columns_at(days: Sequence[float]) -> dict[str, Column]:
    """Return the columns of a table of courses on these days, by name.

    >>> [*columns_at((0, 3.5))][:2]
    ['erythema_day_0', 'erythema_day_3.5']
    """
    return {
        f"{name}_day_{day:g}": Column(f"course_{name}", i, about.unit)
        for name, about in COURSES.items()
        for i, day in enumerate(days)
    }


def variables_at(days: Sequence[float], table: pd.DataFrame, cases: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return courses as variables of a dataset, (cases, days) with attributes, and the coordinate of their days."""
    if not days:
        return {}, {}
    found: dict[str, Any] = {}
    for name, about in COURSES.items():
        values = np.full((cases, len(days)), np.nan)
        values[table["case"]] = table[[f"{name}_day_{day:g}" for day in days]]
        found[f"course_{name}"] = values, {"units": about.unit, "long_name": about.definition}
    return found, {"time": ("time", [*days], DAYS)}


DAYS = {"units": "d", "long_name": "time since the first day"}
