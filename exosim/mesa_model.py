"""The patch as a Mesa model: one step a day, channels as its agents, a data collector.

>>> from exosim.mesa_model import mesa_model
>>> model = mesa_model("fractional_co2", changes=["weeks=1", "sessions.number=1"], grid=Grid(size=2))
>>> model.step()
>>> model.day, len(model.agents), model.agents[0].kind
(1.0, 16, 'laser')
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from exosim.api import Result
from exosim.biology.channels import STAGES
from exosim.delivery.patch import SkinPatch
from exosim.engine.lattice import Lattice
from exosim.parameters import DEFAULT, ParametersLike
from exosim.problems import BadInput, Problem
from exosim.scenario.change import Changes
from exosim.scenario.file import ScenarioLike, load
from exosim.simulation.grid import Grid
from exosim.simulation.history import OBSERVABLES
from exosim.simulation.loop import course
from exosim.simulation.patch import Patch
from exosim.simulation.setup import Setup

if TYPE_CHECKING:
    import pandas as pd


class SteppedPatch(SkinPatch):
    """A patch of skin that keeps its own time: a Mesa model.

    Attributes
    ----------
    day : float
        How far it has come.
    running : bool
        False once the scenario is over; further steps do nothing.
    datacollector : mesa.DataCollector
        Observables, and the number of channels in each stage, of every day so far.
    agents : mesa.agent.AgentSet
        The channels, each with `position`, `column`, `kind`, `depth_mm`, `radius_mm` and `state`.
    """

    def __init__(self, setup: Setup) -> None:
        from mesa import DataCollector  # after SkinPatch, or tqdm would warn of widgets

        grid = setup.grid
        super().__init__(Lattice(grid.size, grid.spacing), setup.seed, grid.horizon)
        self.setup, self.scenario, self.day = setup, setup.scenario, 0.0
        self.running: bool = True
        self.patch = Patch(setup.scenario, setup.values, self, grid.rtol)
        self._days = (day for day in course(self.patch) if day.is_integer() or day == self.scenario.days)
        self._start = time.perf_counter()
        next(self._days)
        self.datacollector = DataCollector(_reporters())
        self.datacollector.collect(self)

    def step(self) -> None:
        """Carry out what happens at the start of the next day, then simulate that day."""
        if not self.running:
            return
        self.day = next(self._days)
        self.datacollector.collect(self)
        self.running = self.day < self.scenario.days

    def dataframe(self) -> pd.DataFrame:
        """Return one row per day: observables, and how many channels are in each stage."""
        table: pd.DataFrame = self.datacollector.get_model_vars_dataframe().set_index("day")
        return table

    def agent_dataframe(self) -> pd.DataFrame:
        """Return one row per channel: what it is now, and since when."""
        import pandas as pd

        return pd.DataFrame(self.channels())

    def result(self) -> Result:
        """Return the finished run, as `exosim.run` gives it; raise `BadInput` before the last step."""
        if self.running:
            remedy = "step on until `running` is False, or call run_model()"
            raise BadInput([Problem(f"day {self.day:g} of {self.scenario.days:g}: not over yet", remedy=remedy)])
        return Result.from_history(self.setup, self.patch.history(), time.perf_counter() - self._start)


def _reporters() -> dict[str, Callable[[SteppedPatch], float]]:
    """Return what is collected every day: the day, all observables, the number of channels in each stage."""

    def observable(row: int) -> Callable[[SteppedPatch], float]:
        return lambda model: float(model.patch.recorder.observed[-1][row, -1, 0])

    def channels(stage: int) -> Callable[[SteppedPatch], float]:
        return lambda model: int((model.population.stage == stage).sum())

    return (
        {"day": lambda model: model.day}
        | {x.name: observable(row) for row, x in enumerate(OBSERVABLES)}
        | {f"channels_{name}": channels(stage) for stage, name in enumerate(STAGES)}
    )


def mesa_model(
    scenario: ScenarioLike,
    *,
    parameters: ParametersLike = DEFAULT,
    seed: int = 0,
    changes: Changes = (),
    grid: Grid | None = None,
) -> SteppedPatch:
    """Return a Mesa model of one arm, at day 0; arguments as of `exosim.run`."""
    return SteppedPatch(Setup(load(scenario, changes), parameters, "patch", seed, grid or Grid()))
