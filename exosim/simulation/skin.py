"""Skin through time, as the loop sees it: one abstract class, one final subclass per resolution."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, Self

import numpy as np

from exosim.biology import system
from exosim.engine.tissue import Array
from exosim.events import Event
from exosim.parameters.check import check
from exosim.scenario.model import Scenario
from exosim.simulation.grid import Grid
from exosim.simulation.history import History
from exosim.skin.scars import SkinFields


class SimulatedSkin(ABC):
    """A piece of skin at one moment, and what was recorded of it until then.

    Attributes
    ----------
    scenario : Scenario
    values : mapping
        Every parameter when nothing modulates it.
    unused : tuple of str
        What of seed and grid it does not use.
    """

    unused: ClassVar[tuple[str, ...]] = ()
    scenario: Scenario
    values: Mapping[str, Any]

    @classmethod
    @abstractmethod
    def build(
        cls, scenario: Scenario, values: Mapping[str, Any], seed: int, grid: Grid, states: bool,
        follow: Sequence[str] = (),
    ) -> Self:  # fmt: skip
        """Return the skin at rest, recorded before anything happens.

        With `states` all states are kept: daily, and as often as observables are; else only the entries in `follow`.
        """

    @abstractmethod
    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Set the parameter values from now on."""

    @abstractmethod
    def happen(self, events: Sequence[Event], day: float) -> None:
        """Carry out the events of one moment, and record what they leave."""

    @abstractmethod
    def advance(self, start: float, stop: float) -> Iterator[float]:
        """Integrate and record from `start` to `stop`, where nothing happens between; yield moments on the way."""

    @abstractmethod
    def history(self) -> History:
        """Return what was recorded so far."""

    @abstractmethod
    def last_good(self, failed: float) -> dict[str, Array]:
        """Return the days on which all states are known and finite, and the states on them by name."""


@dataclass(frozen=True)
class Anatomy:
    """What skin is made of when nothing has been done to it.

    Attributes
    ----------
    fields : SkinFields
    inputs : dict
        Input fields of the equations.
    geometry : namespace
        The inputs, and all that follows from them and the parameters.
    resting : dict
        Levels of the states at rest.
    """

    fields: SkinFields
    inputs: dict[str, Array]
    geometry: SimpleNamespace
    resting: dict[str, Any]


def anatomy(values: Mapping[str, Any], fields: SkinFields, columns: int) -> Anatomy:
    """Return the anatomy of `columns` columns; raise `BadInput` for parameter values that make no skin."""
    spread = _spread(fields, columns)
    inputs = {"collagen_rest": spread.collagen_rest, "melanocyte_rest": spread.melanocyte_rest, "held": spread.held}
    p = SimpleNamespace(**values)
    geometry = system.with_geometry(p, **inputs)
    geometry.thickness = geometry.thickness.reshape(len(geometry.thickness), -1)
    resting = system.rest(p, geometry)
    check(values, resting)
    return Anatomy(spread, inputs, geometry, resting)


def _spread(fields: SkinFields, columns: int) -> SkinFields:
    if fields.depth.size == columns:
        return fields
    repeated = (np.repeat(x, columns, axis=-1) for x in vars(fields).values())
    return SkinFields(*repeated)
