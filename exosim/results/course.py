"""What is read from the course of a run: the same six readings in Python and on the command line.

A course is followed densely after every event and at least once a day (`observation_times`); between two records it is
taken as a straight line. So days above a level, crossings and values at a time are interpolated, an area is that of the
line, and a highest or lowest value is that of a record. Where an event makes a course jump, both sides are records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from exosim.biology.system import STATES
from exosim.engine.tissue import Array
from exosim.problems import BadInput, Problem, suggest
from exosim.results import outcomes
from exosim.scenario.model import Scenario
from exosim.simulation.history import COURSES, History


@cache
def followed() -> dict[str, tuple[str, str]]:
    """Return the unit and meaning of all that is followed: observables, and states layer by layer.

    >>> followed()["macrophage_m1_upper"][0]
    'cell/mm^3'
    """
    observables = {name: (x.unit, x.definition) for name, x in COURSES.items()}
    return observables | {e: (x.unit, x.meaning) for x in STATES for e in x.entries if e not in observables}


def unfollowed(name: str, source: str = "") -> Problem:
    """Return what is wrong with the name of a course that is none."""
    layered = next((x.entries for x in STATES if x.name == name), ())
    if layered:
        return Problem(f"{name} differs between layers", source=source, remedy=f"one of {', '.join(layered)}")
    remedy = suggest(name, followed())
    return Problem(f'there is no observable or state "{name}"', source=source, remedy=remedy)


def first_day(times: Array, values: Array, threshold: float) -> Array:
    """Return when each column of `values` is first above `threshold`; nan where it never is.

    >>> float(first_day(np.array([0.0, 1.0, 2.0]), np.array([[0.0], [0.0], [2.0]]), 0.5)[0])
    1.25
    """
    above = values > threshold
    i = np.maximum(above.argmax(axis=0), 1)
    before, now = (np.take_along_axis(values, (i - k)[None], axis=0)[0] for k in (1, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.nan_to_num(np.clip((now - threshold) / (now - before), 0, 1))
    days = np.where(above[0], times[0], times[i] - left * (times[i] - times[i - 1]))
    return np.where(above.any(axis=0) & ~np.isnan(values).any(axis=0), days, np.nan)


def value_at(times: Array, values: Array, day: float) -> Array:
    """Return each column of `values` on a day: on day 0 before anything is done, on others after what happens on them.

    There is no value, nan, before the first and after the last record.
    """
    if not times[0] <= day <= times[-1]:
        return np.full(values.shape[1], np.nan)
    i = 0 if day == times[0] else int(np.searchsorted(times, day, side="right")) - 1
    if times[i] == day:
        return np.asarray(values[i])
    share = (day - times[i]) / (times[i + 1] - times[i])
    return np.asarray(values[i] + share * (values[i + 1] - values[i]))


def area(times: Array, values: Array) -> Array:
    """Return the area under each column of `values`, from 0."""
    return np.asarray(np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(times)[:, None], axis=0)[-1])


def _days_above(times: Array, values: Array, threshold: float) -> Array:
    return outcomes.days_above(times, values, threshold, times[0], times[-1])


@dataclass(frozen=True)
class Reading:
    """One way to read a course: `compute` takes times, values (times, subjects) and the number, if it takes one."""

    compute: Callable[..., Array]
    number: str  # what its number is, empty where it takes none
    unit: str  # its unit; "" is that of the course
    words: str

    def unit_of(self, course: str) -> str:
        """Return the unit of the reading of a course.

        >>> READINGS["auc"].unit_of("tnf_alpha"), READINGS["auc"].unit_of("erythema")
        ('pg/mL*d', 'd')
        """
        own = followed()[course][0]
        return self.unit.replace("COURSE*", "" if own == "1" else f"{own}*") or own

    def meaning(self, course: str, numbers: Sequence[float]) -> str:
        """Return what it is, in words."""
        return self.words.format(course, *(f"{x:g}" for x in numbers))


READINGS: Mapping[str, Reading] = {
    "days_above": Reading(_days_above, "threshold", "d", "days of the run with {} above {}"),
    "first_day": Reading(first_day, "threshold", "d", "first day with {} above {}"),
    "max": Reading(lambda times, values: np.asarray(values.max(axis=0)), "", "", "highest {} of the run"),
    "min": Reading(lambda times, values: np.asarray(values.min(axis=0)), "", "", "lowest {} of the run"),
    "auc": Reading(area, "", "COURSE*d", "{}, integrated over the run"),
    "at": Reading(value_at, "day", "", "{} on day {}"),
}
"""Name -> reading: the functions of ``--outcome``, and the methods of a run."""


class Readable:
    """What can be read from one run; days count from its first."""

    def course(self, name: str) -> tuple[Array, Array]:
        """Return when a state or observable is recorded, and its values then; raise `BadInput` when there is none."""
        raise NotImplementedError

    def days_above(self, name: str, threshold: float) -> float:
        """Return the days on which a state or observable is above a threshold; crossings are interpolated."""
        return self._read("days_above", name, threshold)

    def first_day(self, name: str, threshold: float) -> float:
        """Return the first day on which it is above a threshold, interpolated; nan when it never is."""
        return self._read("first_day", name, threshold)

    def max(self, name: str) -> float:
        """Return the highest record of it."""
        return self._read("max", name)

    def min(self, name: str) -> float:
        """Return the lowest record of it."""
        return self._read("min", name)

    def auc(self, name: str) -> float:
        """Return the area under it, from 0, in its unit times days."""
        return self._read("auc", name)

    def at(self, name: str, day: float) -> float:
        """Return it on a day, interpolated; on day 0 before anything is done, on others after what happens on them."""
        value, end = self._read("at", name, day), float(self.course(name)[0][-1])
        if not 0 <= day <= end:
            raise BadInput([Problem(f"day {day:g} is not within the run", remedy=f"0 to {end:g}")])
        return value

    def _read(self, reading: str, name: str, *numbers: float) -> float:
        for number in numbers:
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                raise BadInput([Problem(f"{reading} of {name} takes a number, not {number!r}")])
        times, values = self.course(name)
        return float(READINGS[reading].compute(times, values[:, None], *numbers)[0])


@dataclass(frozen=True)
class Subject(Readable):
    """One subject of a simulation, as an outcome of one's own sees it.

    Attributes
    ----------
    scenario : Scenario
    states : tuple of str
        Which states may be read, besides all observables.
    """

    history: History
    scenario: Scenario
    number: int = 0
    states: tuple[str, ...] = ()

    def course(self, name: str) -> tuple[Array, Array]:
        """Return when a state or observable is recorded, and its values then."""
        if name in followed() and name not in (*COURSES, *self.states):
            remedy = f'say that it is read: @ex.outcome(unit=..., states=["{name}"])'
            raise BadInput([Problem(f"the state {name} is not followed", remedy=remedy)])
        return self.history.times, course_of(self.history, name)[:, self.number]


def course_of(h: History, name: str) -> Array:
    """Return the course of a state or observable, (times, subjects)."""
    if name in COURSES:
        found: Array = getattr(h.observed, name)
    elif name in h.followed:
        found = h.followed[name]
    else:
        raise BadInput([absent(name) if name in followed() else unfollowed(name)])
    return found


def absent(name: str) -> Problem:
    """Return what is wrong with reading a state that is none of this run."""
    remedy = 'agents replace channels on a patch; it is in a run with `resolution` "column"'
    return Problem(f"{name} is not followed in this run", remedy=remedy)
