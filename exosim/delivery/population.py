"""All channels of a patch as arrays, one row each; an agent is a view of its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exosim.biology.channels import STAGES, hazards
from exosim.biology.injury import CHANNELS
from exosim.delivery.seam import TissueView
from exosim.engine import clocks
from exosim.engine.tissue import Array

KINDS = tuple(CHANNELS.values())
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
    kind : array of int
        Index into ``KINDS``.
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
    kind: Rows = _none(np.intp)
    stage: Rows = _none(np.intp)
    patience: Array = field(default_factory=lambda: np.empty((0, SEALED)))
    since: Array = field(default_factory=lambda: np.empty((0, SEALED + 1)))

    def __len__(self) -> int:
        return len(self.x)

    def append(self, **columns: Any) -> None:
        """Add rows; every attribute is given."""
        for name, values in columns.items():
            setattr(self, name, np.concatenate([getattr(self, name), values]))

    def _hazard(self, view: TissueView) -> Array:
        """Return the hazard of every kind, stage and column, 1/d."""
        result = np.empty((len(KINDS), SEALED, len(view.signal)))
        for kind, rows in zip(KINDS, result, strict=True):
            rows[0], rows[1:] = hazards(kind, view.signal, view.inflammation, view.parameters)
        return result

    def fastest(self, view: TissueView) -> float:
        """Return the largest hazard anywhere of the stages that some channel is in, 1/d; 0 when all are sealed."""
        unsealed = self.stage < SEALED
        if not unsealed.any():
            return 0.0
        occupied = np.bincount(self.kind[unsealed] * SEALED + self.stage[unsealed], minlength=len(KINDS) * SEALED) > 0
        return float(self._hazard(view).reshape(len(occupied), -1)[occupied].max())

    def age(self, view: TissueView, start: float, end: float) -> tuple[Array, Array]:
        """Let all channels live from `start` to `end` at the hazards they sense now.

        Stage changes fall at their exact moments. Returns the share of the interval that each row was open, and not
        sealed.
        """
        opened, unsealed = np.empty(len(self)), np.empty(len(self))
        live = clocks.compiled()
        live(
            self.stage, self.patience, self.since, self.kind, self.column, self._hazard(view), float(start), float(end),
            opened, unsealed,
        )  # fmt: skip
        return opened, unsealed
