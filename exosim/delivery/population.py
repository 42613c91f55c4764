"""All channels of a patch as arrays, one row each; an agent is a view of its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exosim.biology.channels import STAGES, hazards
from exosim.delivery.seam import TissueView
from exosim.engine.lattice import Array

SEALED = len(STAGES) - 1
Rows = np.ndarray[Any, np.dtype[np.intp]]


def _none(dtype: type = float) -> Any:
    return field(default_factory=lambda: np.empty(0, dtype))


@dataclass
class Population:
    """Rows of channels.

    Attributes
    ----------
    x, y, depth, radius : array
        Position and size, mm.
    column, group : array of int
        Column of the patch; the injury it came from.
    kind : array of str
        ``needle`` or ``laser``.
    stage : array of int
        Index into ``STAGES``.
    patience : array, shape (rows, 3)
        Hazard that each stage still has to go through before it ends; exponential with mean 1 at the start.
    since : array, shape (rows, 4)
        Day on which each stage began (nan: not yet).
    """

    x: Array = _none()
    y: Array = _none()
    depth: Array = _none()
    radius: Array = _none()
    column: Rows = _none(np.intp)
    group: Rows = _none(np.intp)
    kind: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(0, "U6"))
    stage: Rows = _none(np.intp)
    patience: Array = field(default_factory=lambda: np.empty((0, SEALED)))
    since: Array = field(default_factory=lambda: np.empty((0, SEALED + 1)))

    def __len__(self) -> int:
        return len(self.x)

    def append(self, **columns: Any) -> None:
        """Add rows; every attribute is given."""
        for name, values in columns.items():
            setattr(self, name, np.concatenate([getattr(self, name), values]))

    def _hazards(self, rows: Rows, view: TissueView) -> Array:
        """Hazard per row and stage, 1/d."""
        result = np.empty((len(rows), SEALED))
        for kind in np.unique(self.kind[rows]):
            chosen = self.kind[rows] == kind
            at = self.column[rows[chosen]]
            close, heal = hazards(kind, view.signal[at], view.inflammation[at], view.parameters)
            result[chosen] = np.column_stack([close, heal, heal])
        return result

    def fastest(self, view: TissueView) -> float:
        """Largest hazard of any channel in its present stage, 1/d; 0 when all are sealed."""
        rows = np.flatnonzero(self.stage < SEALED)
        if not len(rows):
            return 0.0
        return float(self._hazards(rows, view)[np.arange(len(rows)), self.stage[rows]].max())

    def age(self, view: TissueView, start: float, end: float) -> tuple[Array, Array]:
        """Let all channels live from `start` to `end` at the hazards they sense now.

        Stage changes fall at their exact moments. Returns the share of the interval that each row was open, and not
        sealed.
        """
        open_time, unsealed_time = np.zeros(len(self)), np.zeros(len(self))
        rows = np.flatnonzero(self.stage < SEALED)
        hazard = self._hazards(rows, view)
        left = np.full(len(rows), end - start)
        while len(rows):
            stage = self.stage[rows]
            index = np.arange(len(rows))
            rate = hazard[index, stage]
            patience = self.patience[rows, stage]
            waiting = np.where(patience <= rate * left, patience / np.maximum(rate, 1e-300), np.inf)
            moved = np.isfinite(waiting)
            lived = np.where(moved, waiting, left)
            self.patience[rows, stage] = np.maximum(patience - rate * lived, 0)
            open_time[rows] += np.where(stage == 0, lived, 0)
            unsealed_time[rows] += lived
            left = left - lived
            self.stage[rows[moved]] += 1
            self.since[rows[moved], self.stage[rows[moved]]] = end - left[moved]
            going = moved & (self.stage[rows] < SEALED)
            rows, hazard, left = rows[going], hazard[going], left[going]
        return open_time / (end - start), unsealed_time / (end - start)
