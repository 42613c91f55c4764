"""When things are done: the sessions of a scenario, and the schedule of a single treatment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pydantic import Field, field_validator, model_validator

from exosim.events import MINUTE, moment
from exosim.problems import Checked

MOST_DAYS = 3000  # of a list: four a day for two years
LAST_DAY = 728  # of the longest scenario
TWICE = (
    "the same day twice\ndays that are equal to the minute are one moment; write a second treatment for a second dose"
)


def listed(days: list[float] | None) -> list[float] | None:
    """Check a list of days."""
    if days and min(days) < 0:
        raise ValueError("a day before day 0\nday 0 is the first day")
    if days and max(days) > LAST_DAY:
        raise ValueError(f"a day after day {LAST_DAY}\nno scenario is longer")
    if days and len(set(map(moment, days))) < len(days):
        raise ValueError(TWICE)
    return days


def every(start: float, step: float, number: int | None, end: float) -> list[float]:
    """Return days `step` apart from `start`: `number` of them, or all before `end` (the first one always).

    >>> every(0.1, 2.2, None, 7)
    [0.1, 2.3, 4.5, 6.7]
    """
    if number is not None:
        return [moment(start + i * step) for i in range(number)]
    first, *later = (moment(start + i * step) for i in range(max(0, int((end - start) / step)) + 2))
    return [first, *(day for day in later if day < end)]


def spacing(days: Sequence[float]) -> float | None:
    """Return the step of days that are evenly spaced; None where they are not, or there is only one."""
    steps = {round((b - a) * MINUTE) for a, b in pairwise(sorted(days))}
    return moment(sorted(days)[1] - min(days)) if len(steps) == 1 else None


class Sessions(Checked):
    """Days of the sessions of a scenario: a list, or a start, an interval and a number."""

    days: list[float] | None = Field(
        default=None, min_length=1, max_length=MOST_DAYS, description="days of all sessions"
    )
    start_day: float | None = Field(
        default=None, ge=0, le=LAST_DAY, description="day of the first session; 0 when left out"
    )
    every_days: float | None = Field(default=None, ge=0.25, le=365, description="days between sessions")
    number: int | None = Field(
        default=None, ge=1, le=1000,
        description="number of sessions; when left out, 1, or with every_days as many as fit before the end",
    )  # fmt: skip

    _listed = field_validator("days")(listed)

    @model_validator(mode="after")
    def _one_way(self) -> Sessions:
        one_way(self, self.number, "number")
        return self

    def days_until(self, end: float) -> list[float]:
        """Return the days of all sessions of a scenario of `end` days."""
        return given_days(self, self.every_days, self.number, end)


def one_way(table: Sessions | Schedule, number: int | None, name: str, daily: bool = False) -> None:
    """Raise `ValueError` when a table says in two ways, or not at all, when things are done."""
    others = [key for key in ("start_day", "every_days", name) if getattr(table, key) is not None]
    if table.days is not None and others:
        raise ValueError(f"days and {', '.join(others)} contradict each other\nkeep one way to say when")
    if (number or 1) > 1 and table.every_days is None and not daily:
        raise ValueError(f"{name} = {number} needs every_days\nsay how many days lie between sessions")


def given_days(table: Sessions | Schedule, step: float | None, number: int | None, end: float) -> list[float]:
    """Return the days that a table lists, or those from its start; a single one without a `step`."""
    if table.days is not None:
        return sorted(map(moment, table.days))
    start = table.start_day or 0.0
    return [moment(start)] if step is None else every(start, step, number, end)


class Schedule(Checked):
    """When a treatment is done: at the sessions of the scenario, on days after each, or on days of its own."""

    after_days: list[float] | None = Field(
        default=None, min_length=1, max_length=400, description="days after each session of the scenario; 0: at it"
    )
    days: list[float] | None = Field(default=None, min_length=1, max_length=MOST_DAYS, description="days of its own")
    start_day: float | None = Field(
        default=None, ge=0, le=LAST_DAY, description="first day of its own; 0 when left out"
    )
    every_days: float | None = Field(
        default=None, ge=0.25, le=365, description="days between times of its own; 1 for a daily treatment"
    )
    sessions: int | None = Field(
        default=None, ge=1, le=3000,
        description="number of times of its own; when left out, 1, or with every_days as many as fit before the end",
    )  # fmt: skip

    _listed = field_validator("days", "after_days")(listed)

    @property
    def own(self) -> bool:
        """Whether it has days of its own."""
        return any(getattr(self, name) is not None for name in OWN)

    def own_days(self, end: float, daily: bool) -> list[float]:
        """Return the days of a schedule of its own; those to the end for a daily treatment that names no number."""
        return given_days(self, self.every_days or (1.0 if daily else None), self.sessions, end)


OWN = ("days", "start_day", "every_days", "sessions")
"""Fields that give a treatment days of its own."""
