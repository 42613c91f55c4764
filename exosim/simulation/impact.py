"""What events do to the tissue at once: the events as data meet the maps of `exosim.biology`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from exosim.biology import barrier, doses, injury
from exosim.biology.notation import EPIDERMIS, symbol
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
    """Carry out the events of one moment: injuries, all passes of a mode at once, then doses.

    A dose that lies on the skin while needles pass is partly carried in by them, at their local density.
    """
    injuries = [event for event in events if isinstance(event, Injury)]
    needles: list[injury.Pass] = []
    for mode in dict.fromkeys(event.mode for event in injuries):
        passes = injure(mode, [event for event in injuries if event.mode == mode], tissue, u, agents)
        needles += passes if mode == "puncture" else []
    for event in events:
        if isinstance(event, Apply) and needles:
            tissue.jump(
                doses.applied_under_needles(tissue.states, tissue.parameters, u, event.film, event.amount, needles)
            )
        elif isinstance(event, Apply):
            tissue.jump(doses.applied(tissue.states, event.film, event.amount))
        elif isinstance(event, Bolus):
            tissue.jump(doses.injected(tissue.states, u, event.state, event.amount))


def injure(
    mode: str, events: Sequence[Injury], tissue: Jumps, u: SimpleNamespace, agents: SkinPatch | None
) -> list[injury.Pass]:
    """Wound the tissue by all passes of a mode and open channels; return the passes with their local densities."""
    if agents:
        places = [agents.place(event, number) for number, event in enumerate(events)]
        densities: list[Any] = [where.density for where in places]
    else:
        densities = [event.density_per_cm2 / 100 for event in events]
    passes = [injury.Pass(x.reach, x.radius_mm, density) for x, density in zip(events, densities, strict=True)]
    wounds = injury.MODES[mode](tissue.parameters, u, passes)
    changed = injury.jump(tissue.states, u, wounds)
    if mode in injury.CHANNELS:
        changed |= barrier.bared(tissue.states, injury.CHANNELS[mode], injury.together(wounds).opened[EPIDERMIS])
    if agents and mode in injury.CHANNELS:
        for event, where, wound in zip(events, places, wounds, strict=True):
            agents.open(event, where, wound)
    elif mode in injury.CHANNELS:
        changed |= injury.opened(tissue.states, injury.CHANNELS[mode], wounds, passes)
    tissue.jump(changed)
    return passes
