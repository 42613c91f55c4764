"""A square patch of skin columns: lateral diffusion and the footprint of what happens at a point."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]


class Lattice:
    """`size` x `size` mm of columns `spacing` mm apart, nothing crossing the sides.

    Fields are flat: one value per column, row by row.
    """

    def __init__(self, size: float, spacing: float) -> None:
        self.size, self.side = size, max(1, round(size / spacing))
        self.spacing = size / self.side
        self.columns = self.side**2
        wave = (2 - 2 * np.cos(np.pi * np.arange(self.side) / self.side)) / self.spacing**2
        self._wave = wave[:, None] + wave[None, :]

    @property
    def centres(self) -> tuple[Array, Array]:
        """X and y of every column's centre, mm, flat."""
        line = (np.arange(self.side) + 0.5) * self.spacing
        x, y = np.meshgrid(line, line, indexing="ij")
        return x.ravel(), y.ravel()

    def column_of(self, x: Array, y: Array) -> np.ndarray[Any, np.dtype[np.intp]]:
        """Return the number of the column in which each point lies."""
        i, j = (np.minimum((v / self.spacing).astype(np.intp), self.side - 1) for v in (x, y))
        return i * self.side + j

    def density(
        self, columns: np.ndarray[Any, np.dtype[np.intp]], spread: float, weights: Array | None = None
    ) -> Array:
        """Return the points per mm2 in every column when each point counts over a Gaussian of sd `spread` mm.

        The discrete heat kernel is positive and conserves the (weighted) number of points, whatever the spacing.
        """
        from scipy.fft import dctn, idctn

        counts = np.bincount(columns, weights, self.columns).reshape(self.side, self.side) / self.spacing**2
        smooth = idctn(dctn(counts, type=2) * np.exp(-self._wave * spread**2 / 2), type=2)
        return np.asarray(np.maximum(smooth, 0.0).ravel())
