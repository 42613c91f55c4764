"""The key of the drawing of skin: what is drawn, and how much one symbol is."""

from __future__ import annotations

from typing import Any

from matplotlib.patches import PathPatch, Rectangle
from matplotlib.transforms import Affine2D

from exosim.view.skin.paint import FIBRE_WIDTH, LOOKS
from exosim.view.skin.shapes import NUCLEI, OUTLINES
from exosim.view.skin.table import table

KEY_COLUMNS = 4


def key(figure: Any, box: tuple[float, float, float, float], size: float) -> None:
    """Draw what is drawn and how much one symbol is, in a box of the figure."""
    axis = figure.add_axes(box)
    wide, high = figure.get_figwidth() * box[2] * 72, figure.get_figheight() * box[3] * 72
    axis.set(xlim=(0, wide), ylim=(high, 0))
    axis.set_axis_off()
    entries = _entries(table()["colours"]["light"])
    rows = -(-len(entries) // KEY_COLUMNS)
    for i, (draw, words) in enumerate(entries):
        x, y = (i // rows) * wide / KEY_COLUMNS, (i % rows + 0.5) * high / rows
        draw(axis, x + 1.4 * size, y, size)
        axis.text(x + 3.1 * size, y, words, fontsize=size, va="center", color="#20242a")


def _entries(colours: dict[str, Any]) -> list[tuple[Any, str]]:
    """Return what draws a swatch, and its words."""
    look = table()

    def line(colour: str, width: float, dashes: Any = "-") -> Any:
        return lambda axis, x, y, s: axis.plot(
            [x - s, x + s], [y, y], color=colour, linewidth=width * s, linestyle=dashes, solid_capstyle="round"
        )

    def patch(colour: str, alpha: float) -> Any:
        return lambda axis, x, y, s: axis.add_patch(
            Rectangle((x - s, y - 0.45 * s), 2 * s, 0.9 * s, facecolor=colour, alpha=alpha)
        )

    tones = {"thick": colours["thick"][1], "thin": colours["thin"]}
    return [
        *((line(tones[name], 22 * FIBRE_WIDTH[name]), x["key"]) for name, x in look["fibres"].items()),
        *((_symbol(colours, name, x["shape"]), x["key"]) for name, x in look["symbols"].items()),
        (_stages(colours), look["channels"]["key"]),
        (patch(colours["zone"], 0.5), look["channels"]["zone_key"]),
        *((patch(colours[name], 0.9), x["key"]) for name, x in look["films"].items()),
        (patch(colours["flush"], 0.45), look["flush"]["key"]),
        (line(colours["ink"], 0.13, (0, (4, 3))), look["before"]["key"]),
    ]


def _symbol(colours: dict[str, Any], name: str, shape: str) -> Any:
    """Return what draws a symbol as a swatch."""
    radius = {"spindle": 1.0, "grain": 0.3, "dot": 0.3, "ring": 0.4}.get(shape, 0.55)

    def draw(axis: Any, x: float, y: float, size: float) -> None:
        move = Affine2D().scale(radius * size).translate(x, y)
        ring = shape == "ring"
        face, edge = ("#ffffff", colours[name]) if ring else (colours[name], "none")
        axis.add_patch(
            PathPatch(move.transform_path(OUTLINES[shape]), facecolor=face, edgecolor=edge, linewidth=0.2 * size)
        )
        if shape in NUCLEI:
            axis.add_patch(PathPatch(move.transform_path(NUCLEI[shape]), facecolor="#ffffff", edgecolor="none"))

    return draw


def _stages(colours: dict[str, Any]) -> Any:
    """Return what draws a channel in its four stages as a swatch."""

    def draw(axis: Any, x: float, y: float, size: float) -> None:
        for i, (fill, filled, wall, dashes, wide, _) in enumerate(LOOKS.values()):
            left, w = x + (0.6 * i - 1.15) * size, 0.4 * size * wide
            box = (left + 0.2 * size * (1 - wide), y - 0.6 * size)
            axis.add_patch(Rectangle(box, w, 1.2 * size, facecolor=colours[fill], alpha=filled, edgecolor="none"))
            look: dict[str, Any] = {"linewidth": 0.09 * size, "linestyle": dashes, "alpha": max(0.5, wall)}
            axis.add_patch(Rectangle(box, w, 1.2 * size, facecolor="none", edgecolor=colours["wall"], **look))

    return draw
