"""Figures without pyplot: the display of a notebook stays as it was, and a figure goes when nobody holds it."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

__all__ = ["Line2D", "Rectangle", "figure", "subplots"]


class Picture(Figure):
    """A figure that a notebook shows."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


def figure(**look: Any) -> Picture:
    """Return an empty figure."""
    made = Picture(**look)
    FigureCanvasAgg(made)
    return made


def subplots(rows: int = 1, columns: int = 1, **options: Any) -> tuple[Picture, Any]:
    """Return a figure with its axes; options are those of the figure and of `Figure.subplots`."""
    made = figure(**{name: options.pop(name) for name in ("figsize", "layout", "dpi") if name in options})
    return made, made.subplots(rows, columns, **options)
