"""Draws of standard normal unknowns from their posterior, by elliptical slice sampling, many chains at once.

Murray, Adams and MacKay, Elliptical slice sampling, AISTATS 9 (2010) 541: nothing to tune, and every step is taken.
Ellipses have the chains' own spread (Nishihara, Murray and Adams, J Mach Learn Res 15 (2014) 2087), so that steps are
long where much is unknown and short where little is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import solve_triangular

from exosim.engine.tissue import Array

WIDER = 1.1  # spread of the ellipses over that of the chains
LEAST = 1e-3  # variance in a direction in which the chains do not differ


def sampled(log_likelihood: Callable[[Array], Array], z: Array, steps: int, random: np.random.Generator) -> Array:
    """Return the chains `z` (unknowns, chains) after so many steps.

    >>> random = np.random.default_rng(0)
    >>> posterior = sampled(lambda z: -2.0 * (z[0] - 1) ** 2, random.standard_normal((1, 2000)), 30, random)
    >>> round(float(posterior.mean()), 1), round(float(posterior.var()), 1)  # 4/5 and 1/5
    (0.8, 0.2)
    """
    middle = z.mean(axis=1, keepdims=True)
    root = WIDER * np.linalg.cholesky(np.cov(z).reshape(len(z), len(z)) + LEAST * np.eye(len(z)))

    def whitened(w: Array) -> Array:
        at = middle + root @ w
        prior: Array = 0.5 * (w**2 - at**2).sum(axis=0)
        return log_likelihood(at) + prior

    w = solve_triangular(root, z - middle, lower=True)
    level = whitened(w)
    for _ in range(steps):
        level = _step(whitened, w, level, random)
    return np.asarray(middle + root @ w)


def _step(log_likelihood: Callable[[Array], Array], z: Array, level: Array, random: np.random.Generator) -> Array:
    """Move every chain along an ellipse through itself and a draw of the prior; return the new log likelihood."""
    begun, other = z.copy(), np.asarray(random.standard_normal(z.shape))
    least: Array = level + np.log(random.random(level.size))
    high: Array = np.asarray(random.uniform(0, 2 * np.pi, level.size))
    low: Array = high - 2 * np.pi
    angle, level = high.copy(), level.copy()
    left = np.arange(level.size)
    while left.size:
        tried = begun[:, left] * np.cos(angle[left]) + other[:, left] * np.sin(angle[left])
        found = log_likelihood(tried)
        taken = (found > least[left]) | (np.abs(angle[left]) < 1e-6)
        z[:, left[taken]], level[left[taken]] = tried[:, taken], found[taken]
        left = left[~taken]
        low[left] = np.where(angle[left] < 0, angle[left], low[left])
        high[left] = np.where(angle[left] >= 0, angle[left], high[left])
        angle[left] = random.uniform(low[left], high[left])
    return level
