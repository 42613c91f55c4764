"""Importance weights whose largest are smoothed, and how far they can be trusted.

Vehtari, Simpson, Gelman, Yao and Gabry, Pareto smoothed importance sampling, J Mach Learn Res 25 (2024) 72; the fit of
the generalised Pareto distribution is that of Zhang and Stephens, Technometrics 51 (2009) 316.
"""

from __future__ import annotations

import numpy as np

from exosim.engine.tissue import Array

TRUSTED = 0.7  # shape of the tail above which a weighted mean cannot be trusted
FEWEST = 20.0  # effective draws below which it cannot either


def smoothed(log_ratios: Array) -> tuple[Array, float]:
    """Return normalised weights of draws, and the shape of their tail.

    >>> weights, shape = smoothed(np.zeros(100))
    >>> float(weights[0]), shape < TRUSTED
    (0.01, True)
    """
    raw = np.exp(log_ratios - np.max(log_ratios))
    order = np.argsort(raw, kind="stable")
    number = int(min(0.2 * len(raw), 3 * np.sqrt(len(raw))))
    weights, shape = raw.copy(), -np.inf
    if number >= 5:
        tail = order[-number:]
        cut = raw[order[-number - 1]]
        above = raw[tail] - cut
        if above[-1] > 1e-12 * raw[order[-1]]:
            shape = np.inf  # a few draws have all the weight
        if above[0] > 1e-12 * above[-1]:
            shape, scale = _fitted(above)
            share = (np.arange(number) + 0.5) / number
            weights[tail] = np.minimum(cut + scale * np.expm1(-shape * np.log1p(-share)) / shape, raw[order[-1]])
    return weights / weights.sum(), float(shape)


def effective(weights: Array) -> float:
    """Return to how many equal draws normalised weights amount."""
    return float(1 / (weights**2).sum())


def trusted(shape: float, weights: Array) -> bool:
    """Return whether a mean with these weights can be trusted."""
    return shape <= TRUSTED and effective(weights) >= FEWEST


def _fitted(x: Array) -> tuple[float, float]:
    """Return shape and scale of the generalised Pareto distribution of sorted values above 0."""
    n = len(x)
    points = 30 + int(np.sqrt(n))
    b = (1 - np.sqrt(points / (np.arange(points) + 0.5))) / (3 * x[int(n / 4 + 0.5) - 1]) + 1 / x[-1]
    k = np.log1p(-b[:, None] * x).mean(axis=1)
    likelihood = n * (np.log(-b / k) - k - 1)
    weights = 1 / np.exp(likelihood - likelihood[:, None]).sum(axis=1)
    middle = float((b * weights).sum() / weights.sum())
    shape = float(np.log1p(-middle * x).mean())
    return (n * shape + 5) / (n + 10), -shape / middle
