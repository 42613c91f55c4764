"""Scar types as geometry: how much collagen is missing in each dermal layer, over which columns, and what holds it open.

Scar types differ in depth profile, footprint, walls and tethers only; no equation knows their names. Two readers do: the
score in `outcomes` takes the weight of a type, and `evidence` shows a trial only with the types that count as atrophic.
All profiles are assumed: no series of biopsies with density by depth was found. The weights of the score follow the ECCA
scale (Dreno 2007, weights quoted from memory).

Icepick and boxcar scars are equally shallow (ultrasound of 81 scars: 95.8 % at 0.2-0.5 mm, Lacarrubba 2013): they share a
profile and differ in width. A narrow scar with steep walls is lined by an epithelial tract, a rolling one is tethered to the
depth: both hold a share of the gap open, which new matrix cannot close. The parameter `scar_hold` says how much of it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from exosim.engine.lattice import Array, Lattice


@dataclass(frozen=True)
class Lesion:
    """One scar on the skin.

    Parameters
    ----------
    missing : tuple of float
        Share of healthy collagen missing in papillary, upper and deep dermis at its floor (negative: excess).
    x, y, radius, edge : float
        Centre from the middle of the patch, radius, and softness of the wall, mm.
    walled : bool
        Whether its walls are steep, so that an epithelial tract lines it, the more the narrower it is.
    tethered : float
        Share of the gap that bands to the depth hold open.
    pigment : float
        Melanocyte activation added at rest.
    """

    missing: tuple[float, float, float]
    x: float
    y: float
    radius: float
    edge: float
    walled: bool = False
    tethered: float = 0.0
    pigment: float = 0.0

    @property
    def held(self) -> float:
        """Share of its gap that a tract or tethers hold open."""
        tract = float(np.exp(-((2 * self.radius / TRACT_WIDTH) ** 2))) if self.walled else 0.0
        return tract + self.tethered

    @property
    def area(self) -> float:
        """Area of the footprint, mm2."""
        return float(np.pi * (self.radius**2 + (np.pi * self.edge) ** 2 / 3))

    def footprint(self, x: Array, y: Array) -> Array:
        """Return the share of the depth at points `x`, `y` (mm from the middle): 1 on the floor of the lesion, 0 outside."""
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp((np.hypot(x - self.x, y - self.y) - self.radius) / self.edge)))


TRACT_WIDTH = 2.0  # mm, width below which a walled scar counts as icepick; its tract then holds 1/e of the gap or more
TETHERS = 0.25  # share of the gap of a rolling scar that its tethers hold open (assumed)
WALLED, ROLLING = (0.60, 0.45, 0.03), (0.35, 0.40, 0.30)


def _icepick(x: float, y: float) -> Lesion:
    return Lesion(WALLED, x, y, radius=0.8, edge=0.15, walled=True)


def _boxcar(x: float, y: float, radius: float = 1.6) -> Lesion:
    return Lesion(WALLED, x, y, radius, edge=0.15, walled=True)


def _rolling(x: float, y: float, radius: float = 2.3) -> Lesion:
    return Lesion(ROLLING, x, y, radius, edge=0.45, tethered=TETHERS)


@dataclass(frozen=True)
class ScarType:
    """A kind of scarring: its lesions, its weight in the score and what it looks like."""

    meaning: str
    lesions: tuple[Lesion, ...]
    ecca_weight: float


SCARS = {
    "none": ScarType("healthy skin", (), 0),
    "icepick": ScarType(
        "narrow with steep walls, lined by an epithelial tract",
        tuple(_icepick(x, y) for x, y in ((-2.5, -2.5), (2.5, -2.2), (0, 0.2), (-2.4, 2.6), (2.6, 2.4))),
        15,
    ),
    "boxcar": ScarType(
        "broad with steep walls, as shallow as icepick scars",
        tuple(_boxcar(x, y) for x, y in ((-2.3, -2.2), (2.4, -1.9), (0.1, 2.5))),
        20,
    ),
    "rolling": ScarType(
        "wide with gentle slopes, through the whole dermis, tethered to the depth", (_rolling(0, 0, 3.2),), 25
    ),
    "mixed": ScarType(
        "rolling, boxcar and icepick scars side by side (about 45, 39 and 16 % of the area)",
        (
            _rolling(-2.2, 1.9),
            _boxcar(2.4, 2.5),
            _boxcar(-2.3, -2.8),
            _icepick(2.1, -0.6),
            _icepick(3.6, -2.6),
            _icepick(1.0, -3.4),
        ),
        60,
    ),
    "hypertrophic": ScarType(
        "raised, with excess collagen", (Lesion((-0.2, -0.3, -0.2), 0, 0, radius=2.5, edge=0.3),), 40
    ),
    "pigmented": ScarType(
        "shallow atrophy with post-inflammatory pigment",
        (Lesion((0.20, 0.10, 0.0), 0, 0, radius=2.8, edge=0.3, pigment=0.4),),
        20,
    ),
}

SEVERITIES = {"mild": 0.6, "moderate": 1.0, "severe": 1.3}
"""Depth of the lesions relative to moderate (assumed)."""

EDGE_FADE = 2  # power of the depth with which a column counts in outcomes of the scar
SUBSAMPLES = 5  # points per side of a column over which a footprint is averaged


@dataclass(frozen=True)
class SkinFields:
    """What the skin is made of, per column.

    Parameters
    ----------
    collagen_rest : array, shape (3, columns)
        Resting collagen density of each dermal layer, 1 = healthy.
    melanocyte_rest : array, shape (columns,)
    held : array, shape (columns,)
        Share of the gap that a tract or tethers hold open.
    depth : array, shape (columns,)
        Depth of the scar relative to its floor, 0..1; 1 everywhere without a scar.
    """

    collagen_rest: Array
    melanocyte_rest: Array
    held: Array
    depth: Array

    @property
    def weight(self) -> Array:
        """Weight of each column in outcomes of the scar, which read its floor and hardly its edge."""
        return np.asarray(self.depth**EDGE_FADE)


@lru_cache(maxsize=32)
def fields(scar: str, severity: str, lattice: Lattice | None = None) -> SkinFields:
    """Return fields of a patch, or of one column that represents the floors of all lesions, weighted by their area."""
    lesions, depth = SCARS[scar].lesions, SEVERITIES[severity]
    if lattice is None:
        areas = np.array([lesion.area for lesion in lesions]) if lesions else np.ones(1)
        footprints: list[Any] = list(areas / areas.sum()) if lesions else []
        columns = 1
    else:
        footprints = [_column_average(lesion, lattice) for lesion in lesions]
        columns = lattice.columns
    missing = sum(
        (depth * np.outer(lesion.missing, f) for lesion, f in zip(lesions, footprints, strict=True)),
        np.zeros((3, columns)),
    )
    pigment = sum((lesion.pigment * f for lesion, f in zip(lesions, footprints, strict=True)), np.zeros(columns))
    held = sum((x.held * f for x, f in zip(lesions, footprints, strict=True)), np.zeros(columns))
    shape = np.minimum(sum(footprints, np.zeros(columns)), 1) if lesions else np.ones(columns)
    return SkinFields(1 - missing, 1 + pigment, held, shape)


def _column_average(lesion: Lesion, lattice: Lattice) -> Array:
    x, y = (v - lattice.size / 2 for v in lattice.centres)
    offsets = ((np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5) * lattice.spacing
    points = [lesion.footprint(x + dx, y + dy) for dx in offsets for dy in offsets]
    return np.asarray(np.mean(points, axis=0))
