"""One arm through time: the loop that joins events, agents and tissue, readable in numbered steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from exosim.biology import channels, exosomes, inflammation, system
from exosim.biology.notation import PAPILLARY
from exosim.engine.lattice import Lattice
from exosim.engine.rkc import Array
from exosim.engine.tissue import RTOL, SolverError, Tissue
from exosim.engine.trace import Equations, trace
from exosim.events import Event, Scheduled, at, edges, factors
from exosim.history import History, Recorder
from exosim.impact import happen
from exosim.scenario import Scenario
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SkinFields, fields

if TYPE_CHECKING:
    from exosim.delivery.patch import SkinPatch

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
    rtol : float
        Relative tolerance of the solver.
    """

    size: float = 10.0
    spacing: float = 0.5
    horizon: float = 0.25
    rtol: float = RTOL


@lru_cache(maxsize=2)
def equations(resolution: Resolution) -> Equations:
    """The traced equations: of the column with expected channels, or of a patch that agents deliver to."""
    agents = resolution == "patch"
    return trace(
        lambda s, p, u: system.rates(s, p, u, agents=agents),
        system.PATCH_STATES if agents else system.STATES,
        system.PARAMETERS,
        system.with_geometry,
        system.SKIN_FIELDS | (system.DELIVERY_FIELDS if agents else {}),
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
    """

    def __init__(
        self, scenario: Scenario, values: Mapping[str, Any], resolution: Resolution, seed: int, grid: Grid
    ) -> None:
        self.scenario, self.values = scenario, values
        self.events: Sequence[Scheduled] = scenario.timeline
        self.lattice = Lattice(grid.size, grid.spacing) if resolution == "patch" else None
        subjects = max([np.size(value) for value in values.values()])
        columns = self.lattice.columns if self.lattice else subjects
        self.skin = _spread(fields(scenario.skin.scar, scenario.skin.severity, self.lattice), columns)
        self.inputs = {"collagen_rest": self.skin.collagen_rest, "melanocyte_rest": self.skin.melanocyte_rest}
        self.u = system.with_geometry(
            SimpleNamespace(**{k: np.atleast_1d(v) for k, v in values.items()}), **self.inputs
        )
        self.agents: SkinPatch | None = None
        if self.lattice:
            from exosim.delivery.patch import SkinPatch

            self.agents = SkinPatch(self.lattice, seed, grid.horizon)
            self.inputs |= {
                "channel_wall": np.zeros((len(self.u.thickness), columns)),
                "wound_area": np.zeros(columns),
            }
        self.tissue = Tissue(
            equations(resolution),
            values,
            self.inputs,
            system.rest(SimpleNamespace(**values), self.u),
            columns,
            self.lattice,
            grid.rtol,
        )
        self.recorder = Recorder(
            self.tissue.layout, self.skin, self.u.thickness, self.lattice is not None, self.tissue.y.copy()
        )

    def run(self, progress: Progress | None = None) -> History:
        """Simulate to the end of the scenario."""
        end = self.scenario.days
        cuts = edges(self.events, end)
        last: Event | None = None
        try:
            for start, stop in zip(cuts, [*cuts[1:], end], strict=True):
                # 1. Parameters of this window.
                active = factors(self.events, start)
                self.tissue.set_parameters({k: v * active.get(k, 1) for k, v in self.values.items()})
                # 2. What happens at its start, seen before and after.
                self._record(start)
                if start == 0:
                    self.recorder.day(start, self.tissue.y)
                happening = at(self.events, start) if start < end else []
                if happening:
                    happen(happening, self.tissue, self.u, self.agents)
                    last = happening[-1]
                    self._record(start)
                if 0 < start == math.floor(start) and start < end:
                    self.recorder.day(start, self.tissue.y)
                # 3. Smooth time to the next edge, day by day.
                for day in _whole_days(start, stop):
                    self._advance(start, day)
                    start = day
                    if day < stop or day == end:
                        self.recorder.day(day, self.tissue.y)
                    if progress:
                        progress(day / end)
        except SolverError as error:
            error.add_note(f"last event: {last}" if last else "before any event")
            error.add_note(f"parameters farthest from their defaults: {_farthest(self.values)}")
            raise
        return self.recorder.history(self.tissue.y)

    def _record(self, time: float) -> None:
        self.recorder.step(time, self.tissue.y, self._wound_area(self.tissue.y))

    def _wound_area(self, y: Array) -> Any:
        return self.inputs["wound_area"] if self.agents else channels.wound_area(self.tissue.layout.view(y))

    def _advance(self, start: float, end: float) -> None:
        """Integrate the tissue; on a patch in intervals between which agents sense and deliver."""

        def observe(time: float, y: Array) -> None:
            self.recorder.step(time, y, self._wound_area(y))

        if not self.agents:
            self.tissue.advance(start, end, observe)
            return
        while start < end:
            view = self._view()
            pause = min(end, start + self.agents.interval(view))
            if end - pause < 1e-9:
                pause = end
            self.inputs |= vars(self.agents.advance(view, start, pause))
            self.tissue.set_inputs(self.inputs)
            self.tissue.advance(start, pause, observe)
            start = pause

    def _view(self) -> Any:
        from exosim.delivery.seam import TissueView

        s, p = self.tissue.states, self.tissue.parameters
        return TissueView(exosomes.response(s, p)[PAPILLARY], inflammation.tnf_response(s, p)[PAPILLARY], p)


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


def _whole_days(start: float, stop: float) -> list[float]:
    """Whole days after `start` up to `stop`, then `stop`."""
    whole = range(math.floor(start) + 1, math.ceil(stop))
    return [*map(float, whole), stop] if stop > start else []


def simulate(
    scenario: Scenario,
    values: Mapping[str, Any],
    resolution: Resolution = "patch",
    seed: int = 0,
    grid: Grid | None = None,
    progress: Progress | None = None,
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

    Returns
    -------
    History

    Raises
    ------
    SolverError
        With day, state and last event.
    """
    merged = parameter_values(scenario, values)
    return Simulation(scenario, merged, resolution, seed, grid or Grid()).run(progress)
