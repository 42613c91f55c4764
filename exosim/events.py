"""Events: what happens to the tissue at a moment, as data.

A closed set. An `Injury` also opens channels when its mode leaves any; an `Apply` puts exosomes on the surface; a
`Bolus` adds to a state of the dermis; a `Modulate` multiplies a parameter over a window. Doses add, overlapping
modifiers multiply. At the same time injuries come first, then doses; a dose that lies on the skin while needles
pass is partly carried in by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any


@dataclass(frozen=True)
class Injury:
    """Zones of injury over the whole treated skin.

    Parameters
    ----------
    day : float
    mode : {"puncture", "ablation", "coagulation"}
    reach : float
        Needle length, mm (puncture), or energy per area relative to the reference pulse of the mode.
    density_per_cm2, radius_mm : float
        Number of zones per skin area, radius of a zone's core.
    """

    day: float
    mode: str
    reach: float
    density_per_cm2: float
    radius_mm: float


@dataclass(frozen=True)
class Apply:
    """Exosomes spread on the surface, ``1e6 particles/mm2`` (0: a vehicle)."""

    day: float
    particles: float


@dataclass(frozen=True)
class Bolus:
    """`amount` per skin area (unit of the state x mm) added evenly through the dermis."""

    day: float
    state: str
    amount: float


@dataclass(frozen=True)
class Modulate:
    """`parameter` times `factor` from `day` to `until`."""

    day: float
    until: float
    parameter: str
    factor: float


Event = Injury | Apply | Bolus | Modulate
ORDER: tuple[type[Event], ...] = (Modulate, Injury, Apply, Bolus)


@dataclass(frozen=True)
class Scheduled:
    """An event with the treatment and session (from 1) it comes from."""

    treatment: str
    session: int
    event: Event


def timeline(scheduled: Iterable[Scheduled]) -> tuple[Scheduled, ...]:
    """Sort by day, then by the fixed order of kinds, then by content, so that the order in a file is irrelevant."""
    return tuple(
        sorted(
            scheduled, key=lambda x: (x.event.day, ORDER.index(type(x.event)), x.treatment, x.session, repr(x.event))
        )
    )


def factors(events: Sequence[Scheduled], day: float) -> dict[str, float]:
    """Return the factor of every parameter that is modulated on `day`; overlapping windows multiply."""
    active: dict[str, list[float]] = {}
    for event in (x.event for x in events):
        if isinstance(event, Modulate) and event.day <= day < event.until:
            active.setdefault(event.parameter, []).append(event.factor)
    return {name: prod(values) for name, values in active.items()}


def at(events: Sequence[Scheduled], day: float) -> list[Event]:
    """Return what happens on `day`; windows are left out."""
    return [x.event for x in events if x.event.day == day and not isinstance(x.event, Modulate)]


def edges(events: Sequence[Scheduled], end: float) -> list[float]:
    """Return the days, from 0 to `end`, at which something happens or a factor changes: integration is cut there."""
    days = {0.0, end} | {x.event.day for x in events}
    days |= {x.event.until for x in events if isinstance(x.event, Modulate)}
    kept, before = [], None
    for day in sorted(d for d in days if 0 <= d <= end):
        now = factors(events, day)
        if day in (0.0, end) or now != before or at(events, day):
            kept.append(day)
        before = now
    return kept


def rows(events: Iterable[Scheduled]) -> list[dict[str, Any]]:
    """Return the expanded schedule as rows: day, treatment, session, what happens."""
    table = []
    for x in events:
        details = {k: v for k, v in vars(x.event).items() if k != "day"}
        shown = ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in details.items())
        table.append(
            {
                "day": x.event.day,
                "treatment": x.treatment,
                "session": x.session,
                "event": type(x.event).__name__.lower(),
                "details": shown,
                "until_day": x.event.until if isinstance(x.event, Modulate) else None,
            }
        )
    return table
