"""What events do to the tissue at once: the events as data meet the maps of `exosim.biology`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from exosim.biology import doses, injury
from exosim.biology.notation import symbol
from exosim.engine.layout import Layout
from exosim.events import Apply, Bolus, Event, Injury

if TYPE_CHECKING:
    from exosim.delivery.patch import SkinPatch


class Jumps(Protocol):
    """What can be wounded and dosed: a tissue, or values in its place."""

    parameters: SimpleNamespace

    @property
    def states(self) -> SimpleNamespace:
        """The states by name."""

    def jump(self, changed: Mapping[str, Any]) -> None:
        """Set new values of some states at once."""


@dataclass
class Snapshot:
    """A column at one moment, as numbers or as symbols: the least that `happen` asks of a tissue."""

    layout: Layout
    y: Any
    parameters: SimpleNamespace

    @property
    def states(self) -> SimpleNamespace:
        """The states by name."""
        return self.layout.view(self.y)

    def jump(self, changed: Mapping[str, Any]) -> None:
        """Set new values of some states at once."""
        self.layout.write(self.y, changed)


def traced(events: Sequence[Event], layout: Layout, parameters: SimpleNamespace, u: SimpleNamespace) -> dict[str, Any]:
    """Return the new value of every entry that the events of one moment change, in symbols of the entries before."""
    before = [symbol(entry) for entry in layout.entries]
    column = Snapshot(layout, np.array(before, dtype=object), parameters)
    happen(events, column, u, None)
    return {str(old): new for old, new in zip(before, column.y, strict=True) if new != old}


def happen(events: Sequence[Event], tissue: Jumps, u: SimpleNamespace, agents: SkinPatch | None) -> None:
    """Carry out the events of one moment in order: injuries, then doses.

    A dose that lies on the skin while needles pass is partly carried in by them, at their local density.
    """
    needles: tuple[float, Any] | None = None
    seen: Counter[str] = Counter()
    for event in events:
        if isinstance(event, Injury):
            density = injure(event, seen[event.mode], tissue, u, agents)
            seen[event.mode] += 1
            if event.mode == "puncture":
                needles = event.reach, density
        elif isinstance(event, Apply) and needles:
            tissue.jump(doses.applied_under_needles(tissue.states, tissue.parameters, u, event.particles, *needles))
        elif isinstance(event, Apply):
            tissue.jump(doses.applied(tissue.states, event.particles))
        elif isinstance(event, Bolus):
            tissue.jump(doses.injected(tissue.states, u, event.state, event.amount))


def injure(event: Injury, occurrence: int, tissue: Jumps, u: SimpleNamespace, agents: SkinPatch | None) -> Any:
    """Wound the tissue and open channels; returns the density of zones, 1/mm2, per column or for all."""

    def wound_at(density: Any) -> injury.Wound:
        return injury.MODES[event.mode](tissue.parameters, u, event.reach, event.radius_mm, density)

    if agents:
        density, wound = agents.injure(event, occurrence, wound_at)
        tissue.jump(injury.jump(tissue.states, u, wound))
        return density
    everywhere = event.density_per_cm2 / 100
    wound = wound_at(everywhere)
    changed = injury.jump(tissue.states, u, wound)
    if event.mode in injury.CHANNELS:
        changed |= injury.opened(tissue.states, injury.CHANNELS[event.mode], wound, event.radius_mm)
    tissue.jump(changed)
    return everywhere
