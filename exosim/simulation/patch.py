"""Patch resolution: a lattice of columns that exchange, with channels and zones as agents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np

from exosim.biology import exosomes, inflammation
from exosim.biology.notation import PAPILLARY
from exosim.engine.field import Field
from exosim.engine.lattice import Lattice
from exosim.engine.tissue import Array
from exosim.events import Event
from exosim.scenario.model import Scenario
from exosim.simulation.equations import equations
from exosim.simulation.grid import Grid
from exosim.simulation.history import History, Recorder, observation_times, together
from exosim.simulation.impact import happen
from exosim.simulation.skin import SimulatedSkin, anatomy
from exosim.skin.scars import fields

if TYPE_CHECKING:
    from exosim.delivery.patch import SkinPatch
    from exosim.delivery.seam import TissueView


@final
class Patch(SimulatedSkin):
    """One patch of skin.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter, a number.
    agents : SkinPatch
        The channels, on their lattice.
    rtol : float, optional
        Relative tolerance; the solver's own default unless given.
    """

    def __init__(
        self, scenario: Scenario, values: Mapping[str, Any], agents: SkinPatch, rtol: float | None = None
    ) -> None:
        self.scenario, self.values, self.agents = scenario, values, agents
        lattice = agents.lattice
        made = anatomy(values, fields(scenario.skin.scar, scenario.skin.severity, lattice), lattice.columns)
        self.geometry = made.geometry
        self.inputs = made.inputs | {
            "channel_wall": np.zeros((len(made.geometry.thickness), lattice.columns)),
            "wound_area": np.zeros(lattice.columns),
        }
        self.tissue = Field(equations(agents=True), values, self.inputs, made.resting, lattice, rtol)
        layout = self.tissue.layout
        self.recorder = Recorder(layout, made.geometry.thickness, together(made.fields), layout.entries)
        self.initial = self.tissue.y.copy()
        self._observe(0.0)
        self._keep(0.0)

    @classmethod
    def build(
        cls, scenario: Scenario, values: Mapping[str, Any], seed: int, grid: Grid, states: bool,
        follow: Sequence[str] = (),
    ) -> Self:  # fmt: skip
        """Return the patch at rest; all its states are always kept."""
        from exosim.delivery.patch import SkinPatch

        agents = SkinPatch(Lattice(grid.size, grid.spacing), seed, grid.horizon)
        return cls(scenario, values, agents, grid.rtol)

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Set the parameter values from now on."""
        self.tissue.set_parameters(parameters)

    def happen(self, events: Sequence[Event], day: float) -> None:
        """Carry out the events of one moment, and observe what they leave."""
        happen(events, self.tissue, self.geometry, self.agents)
        self._observe(day)

    def advance(self, start: float, stop: float) -> Iterator[float]:
        """Integrate from one observation to the next; states of a day with events are those after them."""
        if start > 0:
            self._keep(start)
        for time in map(float, observation_times(start, stop)):
            self._integrate(start, time)
            start = time
            self._observe(time)
            if time < stop or time == self.scenario.days:
                self._keep(time)
            yield time

    def _integrate(self, start: float, end: float) -> None:
        """Integrate in intervals between which agents sense and deliver."""
        while start < end:
            view = self._view()
            pause = min(end, start + self.agents.interval(view))
            if end - pause < 1e-9:
                pause = end
            self.inputs |= vars(self.agents.advance(view, start, pause))
            self.tissue.set_inputs(self.inputs)
            self.tissue.advance(start, pause)
            start = pause

    def _view(self) -> TissueView:
        from exosim.delivery.seam import TissueView

        s, p = self.tissue.states, self.tissue.parameters
        return TissueView(exosomes.response(s, p)[PAPILLARY], inflammation.tnf_response(s, p)[PAPILLARY], p)

    def _observe(self, day: float) -> None:
        self.recorder.observe(np.array([day]), self.tissue.y[:, None, :], self.inputs["wound_area"][None])

    def _keep(self, day: float) -> None:
        if day == math.floor(day):
            self.recorder.keep(np.array([day]), self.tissue.y[:, None, :], maps=True)

    def history(self) -> History:
        """Return everything recorded so far, and all channels."""
        tissue = self.tissue
        return self.recorder.history(tissue.layout, self.initial, tissue.y, channels=self.agents.channels())

    def last_good(self, failed: float) -> dict[str, Array]:
        """Return the days on which the means of all states are finite, and the means on them."""
        last = self.tissue.y.mean(axis=1)[:, None, None]
        times = np.concatenate([*self.recorder.days, [failed]])
        y = np.concatenate([*self.recorder.means, last], axis=1)[..., 0]
        good = np.isfinite(y).all(axis=0)
        return {"day": times[good]} | dict(zip(self.tissue.layout.entries, y[:, good], strict=True))
