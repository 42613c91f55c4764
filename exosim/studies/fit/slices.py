"""Draws of standard normal unknowns from their posterior, by elliptical slice sampling, many chains at once.

Murray, Adams and MacKay, Elliptical slice sampling, AISTATS 9 (2010) 541. It has nothing to tune, and every step is
taken.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exosim.engine.tissue import Array


def sampled(log_likelihood: Callable[[Array], Array], z: Array, steps: int, random: np.random.Generator) -> Array:
    """Return the chains `z` (unknowns, chains) after so many steps.

    >>> posterior = sampled(lambda z: -2.0 * (z[0] - 1) ** 2, np.zeros((1, 2000)), 30, np.random.default_rng(0))
    >>> round(float(posterior.mean()), 1), round(float(posterior.var()), 1)  # 4/5 and 1/5
    (0.8, 0.2)
    """
    z = z.copy()
    level = log_likelihood(z)
    for _ in range(steps):
        level = _step(log_likelihood, z, level, random)
    return z


def _step(log_likelihood: Callable[[Array], Array], z: Array, level: Array, random: np.random.Generator) -> Array:
    """Move every chain along an ellipse through itself and a draw of the prior; return the new log likelihood."""
    begun, other = z.copy(), random.standard_normal(z.shape)
    least = level + np.log(random.random(level.size))
    high = random.uniform(0, 2 * np.pi, level.size)
    low, angle, level = high - 2 * np.pi, high.copy(), level.copy()
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
