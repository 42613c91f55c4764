"""Numerical choices of a simulation."""

from __future__ import annotations

from dataclasses import dataclass

from exosim.delivery.seam import HORIZON


@dataclass(frozen=True)
class Grid:
    """Numerical choices, none of which may matter to a result.

    Attributes
    ----------
    size, spacing : float
        Side of the patch and distance of its columns, mm.
    horizon : float
        Coupling interval as a share of the shortest mean stay of a channel in a stage.
    rtol : float, optional
        Relative tolerance of the solver; its own default unless given.
    """

    size: float = 10.0
    spacing: float = 0.5
    horizon: float = HORIZON
    rtol: float | None = None
