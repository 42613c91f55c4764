"""Moments of a run as the drawing takes them: one column of skin is solved, and its states are read at any time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology import injury, system
from exosim.biology.notation import State
from exosim.engine.tissue import Array
from exosim.events import Injury
from exosim.scenario.model import Scenario
from exosim.simulation.column import Column
from exosim.simulation.grid import Grid
from exosim.simulation.history import COURSES, History
from exosim.simulation.loop import course
from exosim.simulation.setup import parameter_values
from exosim.view.skin.table import table

BEFORE = -1.0
"""The day of what was before anything was done on day 0."""


@dataclass(frozen=True)
class Drawn:
    """A column run with all its states.

    Attributes
    ----------
    times : array
        Moments of observation; a moment at which something happens has two records, before and after.
    courses : mapping
        Every state entry and every course of `COURSES`, by name.
    """

    scenario: Scenario
    values: Mapping[str, Any]
    times: Array
    courses: Mapping[str, Array]

    def at(self, day: float) -> dict[str, Any]:
        """Return the moment of a day: on a day of treatment after it, at `BEFORE` before everything."""
        t = self.times
        i = max(0, int(np.searchsorted(t, day, side="right")) - 1)
        j = min(i + 1, len(t) - 1)
        part = (day - t[i]) / (t[j] - t[i]) if day > t[i] and t[j] > t[i] else 0.0
        return {
            "numbers": {name: float(x[i] + part * (x[j] - x[i])) for name, x in self.courses.items()},
            "given": {name: float(self.values[name]) for name in table()["given"]},
            "passes": self.passes(day),
            "scar": self.scenario.skin.scar,
            "before": float(self.courses["missing_collagen"][0]),
        }

    def passes(self, day: float) -> list[dict[str, Any]]:
        """Return the last passes of needles and lasers until a day, with the depth of their zones."""
        done = [x.event for x in self.scenario.timeline if isinstance(x.event, Injury) and x.event.day <= day]
        last = {event.mode: event.day for event in done}
        found = [
            {"mode": e.mode, "depth": self.depth(e), "density": e.density_per_cm2 / 100, "radius": e.radius_mm}
            for e in done
            if e.day == last[e.mode]
        ]
        return sorted(found, key=lambda x: (x["mode"], -x["depth"]))

    def depth(self, event: Injury) -> float:
        """Return how deep the zones of a pass reach, mm."""
        p = SimpleNamespace(**self.values)
        one = injury.Pass(event.reach, event.radius_mm, event.density_per_cm2 / 100)
        (wound,) = injury.MODES[event.mode](p, system.with_geometry(p), [one])
        return float(wound.depth)


def drawn(scenario: Scenario, values: Mapping[str, Any]) -> Drawn:
    """Solve one column of skin under a scenario."""
    merged = parameter_values(scenario, values)
    column = Column.build(scenario, merged, 0, Grid(), states=True)
    for _ in course(column):
        pass
    times, y = column.sampled()
    history: History = column.history()
    kept: tuple[State, ...] = history.layout.states
    names = [entry for state in kept for entry in state.entries]
    courses = dict(zip(names, y[..., 0], strict=True))
    return Drawn(scenario, merged, times, courses | {name: getattr(history.observed, name)[:, 0] for name in COURSES})
