"""A quadratic stand-in for the model near the draws that it was made from: a thousand times as fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import ndtr, ndtri

from exosim.engine.tissue import Array
from exosim.evidence.nuisance import scale_of
from exosim.evidence.readouts import PIH_SPREAD

CROSSED = 50  # unknowns whose products count: those with the most influence
RIDGE = 3.0  # penalty on every coefficient, in draws
FEWEST, MOST = 1e-12, 1 - 1e-9  # shares between which a share of people is told from none and from all


@dataclass(frozen=True)
class Emulator:
    """Numbers of the model as quadratic functions of unknowns, each on a scale on which it bends little.

    Attributes
    ----------
    reads : sequence of str
        What each number is: an outcome or a readout.
    crossed : array of int
        Unknowns whose products count.
    coefficients : array, (numbers, features)
    """

    reads: Sequence[str]
    crossed: Any
    coefficients: Array

    @classmethod
    def made(cls, reads: Sequence[str], z: Array, numbers: Array) -> Self:
        """Return the emulator of draws `z` (unknowns, draws) with their `numbers` (numbers, draws)."""
        scaled = bent(reads, numbers)
        away = (scaled - scaled.mean(axis=1, keepdims=True)) / (scaled.std(axis=1, keepdims=True) + 1e-12)
        slopes = _solved(np.vstack([np.ones(z.shape[1]), z]), away)[:, 1:]
        crossed: Any = np.sort(np.argsort(-(slopes**2).sum(axis=0))[:CROSSED])
        return cls(reads, crossed, _solved(_features(z, crossed), scaled))

    def __call__(self, z: Array) -> Array:
        """Return the numbers, (numbers, draws), of unknowns (unknowns, draws)."""
        return _straight(self.reads, self.coefficients @ _features(z, self.crossed))


def _features(z: Array, crossed: Any) -> Array:
    """Return 1, the unknowns, their squares, and the products of those `crossed`."""
    own = z[crossed]
    i, j = np.triu_indices(len(crossed), 1)
    return np.vstack([np.ones(z.shape[1]), z, z**2, own[i] * own[j]])


def _solved(seen: Array, numbers: Array) -> Array:
    """Return least-squares coefficients with a small penalty on all but the constant."""
    penalty = RIDGE * np.eye(len(seen))
    penalty[0, 0] = 0
    return np.asarray(np.linalg.solve(seen @ seen.T + penalty, seen @ numbers.T).T)


def bent(reads: Sequence[str], numbers: Array) -> Array:
    """Return numbers on a scale on which they bend little: logarithm, root of days, rise of pigment for a share."""
    found = numbers.copy()
    for read, row in zip(reads, found, strict=True):
        if read in ("improvement_percent", "barrier_days"):
            row[:] = np.log(np.maximum(row, scale_of(read).floor))
        elif read == "downtime_days":
            row[:] = np.sqrt(np.maximum(row, 0))
        elif read == "pih_share_percent":
            row[:] = np.exp(PIH_SPREAD * ndtri(np.clip(row / 100, FEWEST, MOST)))
    return found


def _straight(reads: Sequence[str], scaled: Array) -> Array:
    """Return numbers as the model gives them."""
    found = scaled.copy()
    for read, row in zip(reads, found, strict=True):
        if read in ("improvement_percent", "barrier_days"):
            row[:] = np.exp(np.minimum(row, np.log(100)))
        elif read == "downtime_days":
            row[:] = np.maximum(row, 0) ** 2
        elif read == "pih_share_percent":
            row[:] = 100 * ndtr(np.log(np.maximum(row, 1e-4)) / PIH_SPREAD)
    return found
