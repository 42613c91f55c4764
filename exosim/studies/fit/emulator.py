"""A quadratic stand-in for the model near the draws that it was made from: a thousand times as fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from exosim.engine.tissue import Array

CROSSED = 50  # unknowns whose products count: those with the most influence
RIDGE = 3.0  # penalty on every coefficient, in draws


@dataclass(frozen=True)
class Emulator:
    """Numbers of the model as quadratic functions of unknowns.

    Attributes
    ----------
    crossed : array of int
        Unknowns whose products count.
    coefficients : array, (numbers, features)
    error : array, (numbers,)
        Root mean square error on draws that it was not made from.
    """

    crossed: Array
    coefficients: Array
    error: Array

    @classmethod
    def made(cls, z: Array, numbers: Array) -> Self:
        """Return the emulator of draws `z` (unknowns, draws) with their `numbers` (numbers, draws)."""
        spread = numbers.std(axis=1, keepdims=True) + 1e-12
        slopes = _solved(np.vstack([np.ones(z.shape[1]), z]), (numbers - numbers.mean(axis=1, keepdims=True)) / spread)
        crossed = np.sort(np.argsort(-(slopes[:, 1:] ** 2).sum(axis=0))[:CROSSED])
        seen = features(z, crossed)
        kept = np.arange(z.shape[1]) % 5 > 0
        tried = _solved(seen[:, kept], numbers[:, kept]) @ seen[:, ~kept] - numbers[:, ~kept]
        return cls(crossed, _solved(seen, numbers), np.sqrt((tried**2).mean(axis=1)))

    def __call__(self, z: Array) -> Array:
        """Return the numbers, (numbers, draws), of unknowns (unknowns, draws)."""
        return np.asarray(self.coefficients @ features(z, self.crossed))


def features(z: Array, crossed: Array) -> Array:
    """Return 1, the unknowns, their squares, and the products of those `crossed`."""
    own = z[crossed]
    i, j = np.triu_indices(len(crossed), 1)
    return np.vstack([np.ones(z.shape[1]), z, z**2, own[i] * own[j]])


def _solved(seen: Array, numbers: Array) -> Array:
    """Return least-squares coefficients with a small penalty on all but the constant."""
    penalty = RIDGE * np.eye(len(seen))
    penalty[0, 0] = 0
    return np.asarray(np.linalg.solve(seen @ seen.T + penalty, seen @ numbers.T).T)
