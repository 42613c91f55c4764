"""What a search aims at and keeps to, of the parameter set itself or over its draws; and how sure a front is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from exosim.engine.tissue import Array

WORST = 1e6  # an aim or limit of a point that cannot be simulated
STATISTICS = ("p05", "p50", "p95", "mean")
"""What can be said of an outcome over draws."""
SIGNS = {"min": 1, "max": -1, "at_most": 1, "at_least": -1}


@dataclass(frozen=True)
class Target:
    """An outcome that is to be small after `sign`: as it can be, or not above `bound`."""

    name: str
    sign: int
    draws: str = ""  # of `STATISTICS`; the parameter set itself when empty
    bound: float = 0.0

    @property
    def column(self) -> str:
        """Name of what is judged."""
        return f"{self.name}_{self.draws}" if self.draws else self.name

    def of(self, value: Any) -> Array:
        """Return what is to be minimised, or kept at or below 0; `WORST` where there is no value."""
        short = self.sign * (np.asarray(value, float) - self.bound)
        return np.where(np.isfinite(short), short, WORST)

    def met(self, points: Iterable[Mapping[str, float]]) -> dict[str, Any]:
        """Return a limit with how many points keep it, and the value that comes nearest to keeping it.

        >>> Target("downtime_days", 1, bound=5).met([{"downtime_days": 7.0}, {"downtime_days": 6.0}])
        {'limit': 'downtime_days at most 5', 'kept': 0, 'nearest': 6.0}
        """
        values = [row[self.column] for row in points]
        way, over = "at most" if self.sign > 0 else "at least", f", {self.draws} of the draws" if self.draws else ""
        known = [value for value in values if np.isfinite(value)]
        return {
            "limit": f"{self.name} {way} {self.bound:g}{over}",
            "kept": int(np.sum(self.of(values) <= 0)),
            "nearest": min(known, key=self.of) if known else None,
        }


def aims_of(aims: Mapping[str, Any]) -> list[Target]:
    """Return the targets of aims.

    >>> [x.column for x in aims_of({"improvement_percent": {"max": "p05"}, "downtime_days": "min"})]
    ['improvement_percent_p05', 'downtime_days']
    """
    found = []
    for name, aim in aims.items():
        [(way, draws)] = aim.items() if isinstance(aim, Mapping) else [(aim, "")]
        found.append(Target(name, SIGNS[way], draws))
    return found


def limits_of(limits: Mapping[str, Mapping[str, Any]]) -> list[Target]:
    """Return the targets of limits."""
    return [
        Target(name, SIGNS[way], limit.get("draws", ""), limit[way])
        for name, limit in limits.items()
        for way in ("at_most", "at_least")
        if way in limit
    ]


def none_keeps(limits: Sequence[Mapping[str, Any]], points: int) -> list[str]:
    """Return which limits bound a search that found no schedule, in words; the hardest first.

    >>> none_keeps([{"limit": "downtime_days at most 5", "kept": 0, "nearest": 6.0}], 40)
    ['no schedule of 40 keeps all limits: downtime_days at most 5 is kept by 0, the nearest is 6']
    """
    told = []
    for x in sorted(limits, key=lambda x: int(x["kept"])):
        nearest = "" if x["nearest"] is None else f", the nearest is {x['nearest']:.3g}"
        told.append(f"{x['limit']} is kept by {x['kept']}{nearest}")
    return [f"no schedule of {points} keeps all limits: {'; '.join(told)}"] if told else []


def on_front(front: Sequence[int], aims: Array, limits: Array) -> list[float]:
    """Return in what percent of the draws each point of a `front` keeps all limits and no other point betters it.

    Parameters
    ----------
    front : sequence of int
        Numbers of its points.
    aims, limits : array, shape (points, aims or limits, draws)
        Of all points of the search: to be minimised, and kept where <= 0.

    Examples
    --------
    >>> on_front([0, 1], np.array([[[1.0, 1.0]], [[2.0, 0.5]]]), np.zeros((2, 1, 2)))
    [50.0, 50.0]
    """
    kept: Array = np.logical_and((limits <= 0).all(axis=1), (aims < WORST).all(axis=1))
    shares = []
    for i in front:
        no_worse, better = (aims <= aims[i]).all(axis=1), (aims < aims[i]).any(axis=1)
        beaten = (kept & no_worse & better).any(axis=0)
        shares.append(100 * float((kept[i] & ~beaten).mean()))
    return shares
