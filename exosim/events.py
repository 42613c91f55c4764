"""Events: what happens to the tissue at a moment, as data.

A closed set. An `Injury` also opens channels when its mode leaves any; an `Apply` puts exosomes on the surface; a
`Bolus` adds to a state of the dermis; a `Modulate` multiplies a parameter over a window.

Days that are equal to the minute are one moment. At one moment windows change first, then all injuries come at once,
then all doses; equal passes are one pass of their summed density, doses add. A dose that lies on the skin while needles
pass is partly carried in by them. Renewing a treatment extends its window; windows of different treatments multiply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import log, prod
from typing import Any

MINUTE = 1440  # of a day: the resolution of time in a schedule


def moment(day: float) -> float:
    """Return a day to the whole minute, so that days which are equal on paper are equal.

    >>> 0.1 + 2.2 == 2.3, moment(0.1 + 2.2) == moment(2.3)
    (False, True)
    """
    return round(day * MINUTE) / MINUTE


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
    """An amount per skin area spread on the surface as a film.

    Parameters
    ----------
    day : float
    amount : float
        Exosomes, ``1e6 particles/mm2`` (0: a vehicle), or platelets, fold of whole blood x mm.
    film : {"gel", "platelet_film"}
        The state that holds it.
    """

    day: float
    amount: float
    film: str = "gel"


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
    """Set all events to their moments and sort them, so that the order in a file is irrelevant.

    By day, then by the fixed order of kinds, the deepest of equal injuries first, then by content.
    """

    def order(x: Scheduled) -> tuple[Any, ...]:
        event = x.event
        injury = (event.mode, -event.reach) if isinstance(event, Injury) else ("", 0.0)
        return (event.day, ORDER.index(type(event)), *injury, x.treatment, x.session, repr(event))

    return tuple(sorted((replace(x, event=_at_moment(x.event)) for x in scheduled), key=order))


def _at_moment(event: Event) -> Event:
    if isinstance(event, Modulate):
        return replace(event, day=moment(event.day), until=moment(event.until))
    return replace(event, day=moment(event.day))


@dataclass(frozen=True)
class Piece:
    """A piece of time, from `start` to `stop`, within which nothing happens.

    Attributes
    ----------
    factors : dict
        Factor of every parameter that is modulated.
    happening : list of Event
        What happens at its start.
    """

    start: float
    stop: float
    factors: dict[str, float]
    happening: list[Event]


def pieces(events: Sequence[Scheduled], end: float) -> tuple[Piece, ...]:
    """Return all pieces of time from 0 to `end`, cut where something happens or a factor changes."""
    windows = _windows(events)
    instant = [x.event for x in events if not isinstance(x.event, Modulate)]
    happening = {day: together(list(same)) for day, same in groupby(instant, lambda event: event.day)}
    changes = {x for window in windows for x in (window.event.day, window.until)}
    days = sorted(x for x in {0.0, end, *happening, *changes} if 0 <= x <= end)
    cuts: list[tuple[float, dict[str, float]]] = []
    for day in days:
        now = _factors(windows, day)
        if not cuts or day == end or day in happening or now != cuts[-1][1]:
            cuts.append((day, now))
    return tuple(Piece(a, b, now, happening.get(a, [])) for (a, now), (b, _) in pairwise(cuts))


def together(events: Sequence[Event]) -> list[Event]:
    """Return the events of one moment with equal passes as one, and all doses of a kind as one.

    >>> together([Injury(0, "puncture", 1.5, 200, 0.035), Injury(0, "puncture", 1.5, 300, 0.035)])[0].density_per_cm2
    500
    """
    sums: dict[tuple[Any, ...], Event] = {}
    for event in events:
        key: tuple[Any, ...]
        match event:
            case Injury():
                key, added = (Injury, event.mode, event.reach, event.radius_mm), "density_per_cm2"
            case Apply():
                key, added = (Apply, event.film), "amount"
            case Bolus():
                key, added = (Bolus, event.state), "amount"
        if key in sums:
            event = replace(sums[key], **{added: getattr(sums[key], added) + getattr(event, added)})
        sums[key] = event
    return list(sums.values())


def at(events: Sequence[Scheduled], day: float) -> list[Event]:
    """Return what happens on `day`; windows are left out."""
    return together([x.event for x in events if x.event.day == day and not isinstance(x.event, Modulate)])


def factors(events: Sequence[Scheduled], day: float) -> dict[str, float]:
    """Return the factor of every parameter that is modulated on `day`."""
    return _factors(_windows(events), day)


@dataclass(frozen=True)
class _Window:
    """A window of one treatment, with those that renewed it."""

    treatment: str
    event: Modulate
    until: float


def _windows(events: Iterable[Scheduled]) -> list[_Window]:
    """Return all windows; equal ones of one treatment that meet are one."""
    last: dict[tuple[str, str, float], _Window] = {}
    done = []
    for x in events:
        if isinstance(x.event, Modulate):
            key = x.treatment, x.event.parameter, x.event.factor
            before = last.get(key)
            if before and x.event.day <= before.until:
                last[key] = replace(before, until=max(before.until, x.event.until))
                continue
            done += [before] if before else []
            last[key] = _Window(x.treatment, x.event, x.event.until)
    return [*done, *last.values()]


def _factors(windows: Iterable[_Window], day: float) -> dict[str, float]:
    """Return the product over treatments; of one treatment with several factors that which changes most."""
    strongest: dict[tuple[str, str], float] = {}
    for x in windows:
        if x.event.day <= day < x.until:
            key = x.event.parameter, x.treatment
            strongest[key] = max(strongest.get(key, 1.0), x.event.factor, key=_strength)
    names = sorted({parameter for parameter, _ in strongest})
    return {name: prod(strongest[key] for key in sorted(strongest) if key[0] == name) for name in names}


def _strength(factor: float) -> tuple[float, float]:
    return (abs(log(factor)) if factor > 0 else float("inf")), factor


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
