"""Profile likelihood: how well each fitted parameter is known once the others follow it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from exosim.engine.tissue import Array
from exosim.studies.fit.best import search
from exosim.studies.fit.targets import Targets

FIRST = 0.05  # step from the best point, in logarithms; every step is twice the one before
FAR = 8.0  # rise at which a profile ends
RISE = 1.353  # of half the sum of squares at the ends of a 90 % interval (half of chi-square's 2.706)


def profile(targets: Targets, best: Array, parameter: int) -> Array:
    """Return values of one parameter over its range, and the rise of half the sum of squares with the others refitted.

    The array is (points, 2), the best point among them. Refits start from the neighbour, outwards from the best.
    """
    low, high = targets.bounds[:, parameter]
    cost = 0.5 * float((targets.residuals(best) ** 2).sum())
    away = FIRST * (2.0 ** np.arange(1, 12) - 1)
    ways = [np.clip(best[parameter] + sign * away, low, high) for sign in (1, -1)]
    held = np.arange(best.size) == parameter
    rows = [(best[parameter], 0.0)]
    for side in ways:
        near = best
        for value in dict.fromkeys(side[side != best[parameter]].tolist()):
            near, costs = search(targets, np.where(held, value, near), held)
            rows.append((value, costs - cost))
            if costs - cost > FAR:
                break
    points = np.array(sorted(rows))
    points[:, 0] = np.exp(points[:, 0])
    return points


def interval(points: Array) -> tuple[float | None, float | None]:
    """Return the ends of the 90 % interval of a profile, None where it reaches the end of the parameter's range."""
    low, high = ends(np.log(points[:, 0]), points[:, 1])
    return None if low is None else float(np.exp(low)), None if high is None else float(np.exp(high))


def ends(z: Array, rise: Array) -> tuple[float | None, float | None]:
    """Return where a profile over `z` rises above the level of a 90 % interval, None where it does not."""
    i = int(rise.argmin())

    def crossing(path: range) -> float | None:
        for a, b in pairwise(path):
            if rise[b] > RISE:
                share = (RISE - rise[a]) / (rise[b] - rise[a])
                return float(z[a] + share * (z[b] - z[a]))
        return None

    return crossing(range(i, -1, -1)), crossing(range(i, len(z)))
