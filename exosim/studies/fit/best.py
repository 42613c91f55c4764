"""The best fit: least squares from several starts, with a weak prior round each default."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import least_squares

from exosim.engine.tissue import Array
from exosim.studies.fit.misfit import Figures

STEP = 0.02  # of the finite differences, in logarithms
SCATTER = 0.5  # standard deviation of the starts round the defaults, in logarithms


def start(figures: Figures, seed: int, number: int) -> Array:
    """Where the search `number` begins: the defaults first, then round them."""
    if number == 0:
        return np.clip(figures.centre, *figures.bounds)
    random = np.random.default_rng([seed, number])
    return np.clip(figures.centre + SCATTER * random.standard_normal(figures.centre.size), *figures.bounds)


def search(figures: Figures, begin: Array, held: Array | None = None) -> tuple[Array, float]:
    """The best point near `begin` and half its sum of squares; parameters `held` (a mask) stay where they begin."""
    free = np.ones(begin.size, bool) if held is None else np.logical_not(held)
    low, high = figures.bounds[:, free]

    def whole(z: Array) -> Array:
        full = np.repeat(begin[:, None], z.shape[1], axis=1)
        full[free] = z
        return full

    def residuals(z: Array) -> Any:
        return figures.residuals(whole(z[:, None]))[:, 0]

    def jacobian(z: Array) -> Any:
        ways = STEP * np.eye(z.size)
        points = np.clip(np.hstack([z[:, None] + ways, z[:, None] - ways]), low[:, None], high[:, None])
        r = figures.residuals(whole(points))
        width = np.diagonal(points[:, : z.size] - points[:, z.size :])
        return (r[:, : z.size] - r[:, z.size :]) / width

    found = least_squares(
        residuals,
        begin[free],
        jac=jacobian,
        bounds=(low - 1e-9, high + 1e-9),
        x_scale=0.5,
        max_nfev=40,
        ftol=1e-6,
    )
    best = begin.copy()
    best[free] = found.x
    return best, float(found.cost)
