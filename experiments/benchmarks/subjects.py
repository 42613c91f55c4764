"""The subjects that every engine gets, what it must compute, and how far off its answer is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology import system
from exosim.events import at
from exosim.parameters import parameter_set
from exosim.scenario.file import load, shipped
from exosim.simulation.equations import equations
from exosim.simulation.impact import Snapshot, happen
from exosim.simulation.setup import parameter_values
from exosim.skin.scars import fields

Values = dict[str, Any]
SCENARIO = load(shipped()["fractional_co2_exosome"])
ARTICLE = parameter_set("article").values()
DAYS = round(SCENARIO.days)
COLUMN = equations()
ROWS = len(COLUMN.layout.entries)
SPREAD, FLOOR = 0.2, 1e-3
SKIN = fields(SCENARIO.skin.scar, SCENARIO.skin.severity)
INPUTS = [*SKIN.collagen_rest[:, 0].tolist(), float(SKIN.melanocyte_rest[0]), float(SKIN.held[0])]
WINDOWS = [(piece.start, piece.stop) for piece in SCENARIO.pieces]


def drawn(number: int, seed: int = 0) -> Values:
    """Every parameter of every subject, evenly within 20 % of its value."""
    random = np.random.default_rng(seed)
    merged = parameter_values(SCENARIO, ARTICLE)
    return {name: value * (1 + SPREAD * random.uniform(-1, 1, number)) for name, value in merged.items()}


def subject(values: Values, number: int) -> dict[str, float]:
    """The parameters of one subject, as plain numbers."""
    return {name: float(of[number]) for name, of in values.items()}


def surroundings(p: SimpleNamespace, subjects: int = 0) -> SimpleNamespace:
    """Geometry and skin of one subject, or of `subjects` side by side."""
    collagen = np.repeat(SKIN.collagen_rest, subjects, axis=1) if subjects else SKIN.collagen_rest[:, 0]
    melanocyte, held = (np.repeat(x, subjects) if subjects else float(x[0]) for x in (SKIN.melanocyte_rest, SKIN.held))
    return system.with_geometry(p, collagen_rest=collagen, melanocyte_rest=melanocyte, held=held)


class Subject:
    """One subject as a user of a general solver would hold it: its numbers, its rest, its jumps."""

    def __init__(self, values: dict[str, float]) -> None:
        self.p = SimpleNamespace(**values)
        self.u = surroundings(self.p)
        self.given = np.array([*(values[name] for name in COLUMN.parameters), *INPUTS])

    def rest(self) -> np.ndarray:
        """All rows before anything happens."""
        y = np.zeros(ROWS)
        COLUMN.layout.write(y, system.rest(self.p, self.u))
        return y

    def jump(self, day: float, y: np.ndarray) -> None:
        """What happens to `y` on `day`."""
        if happening := at(SCENARIO.timeline, day):
            happen(happening, Snapshot(COLUMN.layout, y, self.p), self.u, None)


def pieces(one: Subject, advance: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """All rows on days 1 to the last, ``(days, rows)``, after what happens on a day.

    `advance` takes state and whole days of a window, the first where it stands, and returns a row per later day.
    """
    y, found = one.rest(), np.empty((DAYS, ROWS))
    for start, stop in WINDOWS:
        one.jump(start, y)
        if start:
            found[round(start) - 1] = y
        found[round(start) : round(stop)] = advance(y, np.arange(start, stop + 1))
        y = found[round(stop) - 1].copy()
    return found


@cache
def weight() -> np.ndarray:
    """What small values are measured against: a thousandth of the typical size of each row."""
    return FLOOR * COLUMN.layout.scales


def errors(found: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Largest error of each subject over days and rows; both ``(subjects, days, rows)``."""
    error = np.abs(found - reference) / (np.abs(reference) + weight())
    return np.nan_to_num(error, nan=np.inf).max(axis=(1, 2))


def count(values: Values) -> int:
    """How many subjects there are."""
    return len(next(iter(values.values())))


def some(values: Values, first: int, number: int) -> Values:
    """`number` subjects from the `first`."""
    return {name: of[first : first + number] for name, of in values.items()}
