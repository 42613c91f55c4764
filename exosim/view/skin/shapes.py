"""The outlines of the symbols, of radius 1 round the origin: a shape of its own for each, as in ``skin_symbols.js``."""

from __future__ import annotations

import math

from matplotlib.path import Path
from matplotlib.transforms import Affine2D


def star(points: int, inner: float) -> Path:
    """Return a star with so many points."""
    reach = ((1.0, inner)[i % 2] for i in range(2 * points))
    corners = [(r * math.cos(i * math.pi / points), r * math.sin(i * math.pi / points)) for i, r in enumerate(reach)]
    return Path([*corners, corners[0]], closed=True)


def oval(x: float, y: float, a: float, b: float, turn: float = 0.0) -> Path:
    """Return an ellipse with half axes `a` and `b`."""
    return Affine2D().scale(a, b).rotate(turn).translate(x, y).transform_path(Path.unit_circle())


SPINDLE = Path(
    [(-1, 0.05), (-0.45, -0.02), (-0.3, -0.3), (0.02, -0.27), (0.35, -0.25), (0.5, -0.02), (1, -0.05), (0.5, 0.08),
     (0.3, 0.28), (-0.02, 0.26), (-0.35, 0.24), (-0.5, 0.1), (-1, 0.05)],
    [Path.MOVETO, *[Path.CURVE4] * 12],
)  # fmt: skip
OUTLINES = {
    "spark": star(4, 0.36),
    "burr": star(9, 0.68),
    "round": oval(0, 0, 0.86, 0.86),
    "ring": oval(0, 0, 0.72, 0.72),
    "dot": oval(0, 0, 0.8, 0.8),
    "grain": oval(0, 0, 1, 0.62, 0.5),
    "spindle": SPINDLE,
}
NUCLEI = {
    "burr": oval(0, 0, 0.3, 0.3),
    "round": oval(0.12, -0.08, 0.42, 0.3, -0.4),
    "spindle": oval(0, 0, 0.2, 0.11, -0.4),
}
