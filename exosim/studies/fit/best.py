"""The best fit: least squares from several starts, with a weak prior round each default."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import least_squares

from exosim.engine.tissue import Array
from exosim.studies.fit.targets import Targets

STEP = 0.02  # of the finite differences, in logarithms
SCATTER = 0.5  # standard deviation of the starts round the defaults, in logarithms


def start(targets: Targets, seed: int, number: int) -> Array:
    """Return where the search `number` begins: the defaults first, then round them."""
    if number == 0:
        return np.clip(targets.centre, *targets.bounds)
    random = np.random.default_rng([seed, number])
    return np.clip(targets.centre + SCATTER * random.standard_normal(targets.centre.size), *targets.bounds)


def search(targets: Targets, begin: Array, held: Array | None = None) -> tuple[Array, float]:
    """Return the best point near `begin` and half its sum of squares; parameters `held` (a mask) do not move."""
    free = np.ones(begin.size, bool) if held is None else np.logical_not(held)
    low, high = targets.bounds[:, free]

    def whole(z: Array) -> Array:
        full = np.repeat(begin[:, None], z.shape[1], axis=1)
        full[free] = z
        return full

    def residuals(z: Array) -> Any:
        return targets.residuals(whole(z[:, None]))[:, 0]

    def jacobian(z: Array) -> Any:
        ways = STEP * np.eye(z.size)
        points = np.clip(np.hstack([z[:, None] + ways, z[:, None] - ways]), low[:, None], high[:, None])
        r = targets.residuals(whole(points))
        width = np.diagonal(points[:, : z.size] - points[:, z.size :])
        return (r[:, : z.size] - r[:, z.size :]) / width

    result = least_squares(
        residuals, begin[free], jac=jacobian, bounds=(low - 1e-9, high + 1e-9), x_scale=0.5, max_nfev=40, ftol=1e-6
    )
    best = begin.copy()
    best[free] = result.x
    return best, float(result.cost)
