"""Column resolution: skin that is laterally well mixed, with expected channels; many subjects side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, final

import numpy as np

from exosim.biology import channels
from exosim.engine.columns import Columns
from exosim.engine.tissue import Array, SolverError
from exosim.events import Event
from exosim.scenario.model import Scenario
from exosim.simulation.equations import equations
from exosim.simulation.grid import Grid
from exosim.simulation.history import APART, OBSERVED_STATES, History, Recorder, observation_times
from exosim.simulation.impact import happen
from exosim.simulation.skin import SimulatedSkin, anatomy
from exosim.skin.scars import SkinFields, fields


@final
class Column(SimulatedSkin):
    """One column of skin per subject, all under one schedule.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter; a value may be an array with one entry per subject.
    rtol : float, optional
        Relative tolerance; the solver's own default unless given.
    states : bool
        Keep all states once a day; else only observables and the last moment.
    skin : SkinFields, optional
        What the skin of every subject is made of, instead of that of the scenario.
    follow : sequence of str
        Entries of states that are followed without `states`.
    """

    unused = "seed", "size", "spacing", "horizon"

    def __init__(
        self,
        scenario: Scenario,
        values: Mapping[str, Any],
        rtol: float | None = None,
        states: bool = True,
        skin: SkinFields | None = None,
        follow: Sequence[str] = (),
    ) -> None:
        self.scenario, self.values, self.states = scenario, values, states
        subjects = max(1 if isinstance(value, float) else np.size(value) for value in values.values())
        made = anatomy(values, skin or fields(scenario.skin.scar, scenario.skin.severity), subjects)
        self.inputs, self.geometry = made.inputs, made.geometry
        self.tissue = Columns(equations(), values, made.inputs, made.resting, subjects, rtol)
        layout = self.tissue.layout
        further = {state.name for state in layout.states if {*follow} & {*state.entries}}
        self.kept = layout if states else layout.part({*OBSERVED_STATES} | further)
        self.follow = layout.entries if states else tuple(follow)
        self.rows = np.array(layout.entry_rows(self.kept.states))
        self.initial = self.tissue.y.copy()
        self.samples: list[tuple[Array, Array]] = []
        self._sample(0.0)

    @classmethod
    def build(
        cls, scenario: Scenario, values: Mapping[str, Any], seed: int, grid: Grid, states: bool,
        follow: Sequence[str] = (),
    ) -> Self:  # fmt: skip
        """Return the column at rest; nothing in it is random."""
        return cls(scenario, values, grid.rtol, states, follow=follow)

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Set the parameter values from now on."""
        self.tissue.set_parameters(parameters)

    def happen(self, events: Sequence[Event], day: float) -> None:
        """Carry out the events of one moment, and sample what they leave."""
        happen(events, self.tissue, self.geometry, None)
        self._sample(day)

    def advance(self, start: float, stop: float) -> Iterator[float]:
        """Integrate to `stop` in one call; raise `SolverError` once no subject is left."""
        times = observation_times(start, stop)
        self.samples.append((times, self.tissue.advance(start, stop, times, self.rows)))
        if (self.tissue.failed_row >= 0).all():
            first = self.tissue.failures[0]
            raise SolverError(first.time, first.state, first.reason)
        yield stop

    def sampled(self) -> tuple[Array, Array]:
        """Return all moments so far and the states at them, (rows, times, subjects)."""
        times, y = zip(*self.samples, strict=True)
        return np.concatenate(times), np.concatenate(y, axis=1)

    def history(self) -> History:
        """Return everything recorded; on a day of events states are those after them, on day 0 those before."""
        times, y = self.sampled()
        recorder = Recorder(self.kept, self.geometry.thickness, APART, self.follow)
        recorder.observe(times, y, channels.wound_area(self.kept.view(y)))
        if self.states:
            days = np.arange(math.floor(times[-1]) + 1.0)
            last = np.searchsorted(times, days, side="right") - 1
            last[0] = 0
            recorder.keep(days, y[:, last])
        tissue = self.tissue
        return recorder.history(tissue.layout, self.initial, tissue.y, failures=tissue.failures)

    def last_good(self, failed: float) -> dict[str, Array]:
        """Return the days on which all states of the first subject are finite, and the states on them."""
        times, y = self.sampled()
        good = np.isfinite(y[..., 0]).all(axis=0)
        names = (self.tissue.layout.entries[row] for row in self.rows)
        return {"day": times[good]} | dict(zip(names, y[:, good, 0], strict=True))

    def _sample(self, day: float) -> None:
        self.samples.append((np.array([day]), self.tissue.y[self.rows][:, None, :]))
