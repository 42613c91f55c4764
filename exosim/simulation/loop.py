"""One arm through time: the loop that joins events, agents and tissue, readable in numbered steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal
from warnings import warn

import numpy as np

from exosim.biology import channels, exosomes, inflammation, system
from exosim.biology.notation import PAPILLARY
from exosim.engine.cache import folder_digest
from exosim.engine.columns import Columns, Failure
from exosim.engine.field import Field
from exosim.engine.lattice import Lattice
from exosim.engine.tissue import Array, SolverError
from exosim.engine.trace import Equations, trace
from exosim.events import Modulate, Scheduled, at, edges, factors
from exosim.parameters.check import check
from exosim.scenario.model import Scenario
from exosim.simulation.history import OBSERVED, History, Recorder, observation_times
from exosim.simulation.impact import happen
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SkinFields, fields

if TYPE_CHECKING:
    from exosim.delivery.patch import SkinPatch

RESULTS = 1  # raised whenever outcomes move: what was computed under another number is not taken for the same
Resolution = Literal["column", "patch"]
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Grid:
    """Numerical choices, none of which may matter to a result.

    Attributes
    ----------
    size, spacing : float
        Side of the patch and distance of its columns, mm.
    horizon : float
        Coupling interval as a share of the shortest mean stay of a channel in a stage.
    rtol : float, optional
        Relative tolerance of the solver; its own default unless given.
    """

    size: float = 10.0
    spacing: float = 0.5
    horizon: float = 0.25
    rtol: float | None = None


@lru_cache(maxsize=2)
def equations(resolution: Resolution) -> Equations:
    """The equations: of the column with expected channels, or of a patch that agents deliver to."""
    agents = resolution == "patch"
    return trace(
        lambda s, p, u: system.rates(s, p, u, agents=agents),
        system.PATCH_STATES if agents else system.STATES,
        system.PARAMETERS,
        system.with_geometry,
        system.SKIN_FIELDS | (system.DELIVERY_FIELDS if agents else {}),
        folder_digest(Path(system.__file__).parent),
    )


def parameter_values(scenario: Scenario, base: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a scenario: `base`, then what skin and sunlight set, then the author's assumptions."""
    person = {
        "phototype_response": RESPONSE[scenario.skin.phototype],
        "uv_dose": scenario.skin.uv_dose_per_day,
    }
    return dict(base) | person | {name: x.value for name, x in scenario.assume.items()}


class Simulation:
    """The tissue of one scenario (or of many subjects under one schedule) and what is done to it.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter; at column resolution a value may be an array, one entry per subject.
    states : bool
        Keep all states once a day; else only observables and the last moment (column).
    skin : SkinFields, optional
        What the skin of every subject is made of, instead of that of the scenario (column).
    """

    def __init__(
        self,
        scenario: Scenario,
        values: Mapping[str, Any],
        resolution: Resolution,
        seed: int,
        grid: Grid,
        states: bool = True,
        skin: SkinFields | None = None,
    ) -> None:
        self.scenario, self.values = scenario, values
        self.events: Sequence[Scheduled] = scenario.timeline
        self.lattice = Lattice(grid.size, grid.spacing) if resolution == "patch" else None
        subjects = max(1 if isinstance(value, float) else np.size(value) for value in values.values())
        columns = self.lattice.columns if self.lattice else subjects
        self.skin = _spread(skin or fields(scenario.skin.scar, scenario.skin.severity, self.lattice), columns)
        self.inputs = {"collagen_rest": self.skin.collagen_rest, "melanocyte_rest": self.skin.melanocyte_rest}
        p = SimpleNamespace(**values)
        self.u = system.with_geometry(p, **self.inputs)
        self.u.thickness = self.u.thickness.reshape(len(self.u.thickness), -1)
        resting = system.rest(p, self.u)
        check(values, resting)
        self.agents: SkinPatch | None = None
        self.tissue: Columns | Field
        if self.lattice:
            from exosim.delivery.patch import SkinPatch

            self.agents = SkinPatch(self.lattice, seed, grid.horizon)
            self.inputs |= {
                "channel_wall": np.zeros((len(self.u.thickness), columns)),
                "wound_area": np.zeros(columns),
            }
            self.tissue = Field(equations(resolution), values, self.inputs, resting, self.lattice, grid.rtol)
        else:
            self.tissue = Columns(equations(resolution), values, self.inputs, resting, columns, grid.rtol)
        self.states = states or self.lattice is not None
        layout = self.tissue.layout
        kept = layout if self.states else layout.part(OBSERVED)
        self.rows = (
            np.arange(len(layout.entries)) if self.states else np.array(layout.entry_rows(kept.states))
        )
        self.recorder = Recorder(kept, self.skin, self.u.thickness, self.lattice is not None)
        self.samples: list[tuple[Array, Array]] = []
        self.initial = self.tissue.y.copy()

    def run(self, progress: Progress | None = None) -> History:
        """Simulate to the end of the scenario."""
        for day in self.course():
            if progress:
                progress(day / self.scenario.days)
        history = self.history()
        if failures := history.failures:
            warn(
                f"{len(failures)} of {self.tissue.y.shape[1]} subjects could not be simulated: {_listed(failures)}",
                stacklevel=3,
            )
        return history

    def course(self) -> Iterator[float]:
        """Every moment that the simulation has come to, in days; the first is before anything happens."""
        active: dict[str, float] = {}
        self._record(0.0)
        self._keep(0.0)
        yield 0.0
        try:
            for start, stop in pairwise(edges(self.events, self.scenario.days)):
                # 1. Parameters of this window.
                before, active = active, factors(self.events, start)
                if active != before:
                    self.tissue.set_parameters({k: v * active.get(k, 1) for k, v in self.values.items()})
                # 2. What happens at its start.
                if happening := at(self.events, start):
                    happen(happening, self.tissue, self.u, self.agents)
                    self._record(start)
                if start > 0:
                    self._keep(start)
                # 3. Smooth time to the next edge.
                yield from self._advance(start, stop)
            if isinstance(self.tissue, Columns):
                self._record_samples()
                if len(failures := self.tissue.failures) == self.tissue.y.shape[1]:
                    raise SolverError(failures[0].time, failures[0].state, "the step size collapsed")
        except SolverError as error:
            last = [x for x in self.events if x.event.day <= error.time and not isinstance(x.event, Modulate)]
            error.add_note(f"last event: {last[-1].event}" if last else "before any event")
            error.add_note(f"parameters farthest from their defaults: {_farthest(self.values)}")
            error.scenario, error.course = self.scenario, self._good(error.time)
            raise

    def history(self) -> History:
        """What was recorded so far."""
        failures = self.tissue.failures if isinstance(self.tissue, Columns) else []
        return self.recorder.history(self.tissue.layout, self.initial, self.tissue.y, failures)

    def sampled(self) -> tuple[Array, Array]:
        """All moments so far and the states of columns at them, (rows, times, columns)."""
        times, y = zip(*self.samples, strict=True)
        return np.concatenate(times), np.concatenate(y, axis=1)

    def _good(self, failed: float) -> dict[str, Array]:
        """Moments at which all states are known and finite, with the states by name."""
        if self.agents:
            last = self.tissue.y.mean(axis=1)[:, None, None]
            times = np.concatenate([*self.recorder.days, [failed]])
            y = np.concatenate([*self.recorder.means, last], axis=1)
        else:
            times, y = self.sampled()
        good = np.isfinite(y[..., 0]).all(axis=0)
        names = (self.tissue.layout.entries[row] for row in self.rows)
        return {"day": times[good]} | dict(zip(names, y[:, good, 0], strict=True))

    def _record(self, time: float) -> None:
        """Observables of the present moment."""
        now = np.array([time]), self.tissue.y[self.rows][:, None, :]
        if self.agents:
            self.recorder.observe(*now, self.inputs["wound_area"][None])
        else:
            self.samples.append(now)

    def _keep(self, day: float) -> None:
        """All states of a patch at the present whole day."""
        if self.agents and day == math.floor(day):
            self.recorder.keep(np.array([day]), self.tissue.y[:, None, :])

    def _record_samples(self) -> None:
        """All of columns at once: on a day of events, states are those after them; on day 0, before."""
        times, y = self.sampled()
        self.recorder.observe(times, y, channels.wound_area(self.recorder.layout.view(y)))
        if self.states:
            days = np.arange(math.floor(self.scenario.days) + 1.0)
            last = np.searchsorted(times, days, side="right") - 1
            last[0] = 0
            self.recorder.keep(days, y[:, last])

    def _advance(self, start: float, stop: float) -> Iterator[float]:
        times = observation_times(start, stop)
        if isinstance(self.tissue, Columns):
            self.samples.append((times, self.tissue.advance(start, stop, times, self.rows)))
            yield stop
            return
        for time in map(float, times):
            self._advance_patch(start, time)
            start = time
            self._record(time)
            if time < stop or time == self.scenario.days:
                self._keep(time)
            yield time

    def _advance_patch(self, start: float, end: float) -> None:
        """Integrate in intervals between which agents sense and deliver."""
        assert self.agents
        assert isinstance(self.tissue, Field)
        while start < end:
            view = self._view()
            pause = min(end, start + self.agents.interval(view))
            if end - pause < 1e-9:
                pause = end
            self.inputs |= vars(self.agents.advance(view, start, pause))
            self.tissue.set_inputs(self.inputs)
            self.tissue.advance(start, pause)
            start = pause

    def _view(self) -> Any:
        from exosim.delivery.seam import TissueView

        s, p = self.tissue.states, self.tissue.parameters
        return TissueView(exosomes.response(s, p)[PAPILLARY], inflammation.tnf_response(s, p)[PAPILLARY], p)


def _listed(failures: Sequence[Failure], number: int = 3) -> str:
    shown = "; ".join(f"subject {x.subject} on day {x.time:.3g} in {x.state}" for x in failures[:number])
    return shown + (f" and {len(failures) - number} more" if len(failures) > number else "")


def _spread(skin: SkinFields, columns: int) -> SkinFields:
    if skin.depth.size == columns:
        return skin
    return SkinFields(
        *(np.repeat(v, columns, axis=-1) for v in (skin.collagen_rest, skin.melanocyte_rest, skin.depth))
    )


def _farthest(values: Mapping[str, Any], number: int = 4) -> str:
    """The parameters with the largest ratio to their defaults, as text."""
    ratio = {
        name: float(np.max(np.abs(np.log(np.maximum(values[name], 1e-12) / q.value))))
        for name, q in system.PARAMETERS.items()
        if q.value > 0
    }
    worst = sorted((name for name in ratio if ratio[name] > 0), key=lambda name: -ratio[name])[:number]
    return (
        ", ".join(f"{name} {np.max(values[name]):.4g} ({system.PARAMETERS[name].value:g})" for name in worst)
        or "none"
    )


def simulate(
    scenario: Scenario,
    values: Mapping[str, Any],
    resolution: Resolution = "patch",
    seed: int = 0,
    grid: Grid | None = None,
    progress: Progress | None = None,
    states: bool = True,
) -> History:
    """Simulate one arm.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter of the model, as from ``parameter_set(name).values()``; at column resolution arrays of one
        length give that many subjects.
    resolution : {"patch", "column"}
    seed : int
        Seed of channel placement and closing (patch only).
    states : bool
        Keep all states once a day; else only observables and the last moment (column only).

    Returns
    -------
    History

    Raises
    ------
    BadInput
        For parameter values that make no skin.
    SolverError
        With day, state and last event, when no subject could be simulated; if some could, those which could not
        are nan and listed in ``failures``, and a warning says so.
    """
    merged = parameter_values(scenario, values)
    return Simulation(scenario, merged, resolution, seed, grid or Grid(), states).run(progress)
