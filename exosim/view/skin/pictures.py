"""Pictures of skin: arms beside each other on a day, and at four moments, with the key that says how much a symbol is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.patches import Rectangle

from exosim.results.result import Record
from exosim.view.figures.style import ARMS, MUTED, WATERMARK, Drawing, rows_of, style
from exosim.view.skin.moments import BEFORE, Drawn, drawn
from exosim.view.skin.paint import FIBRE_WIDTH, Painter
from exosim.view.skin.scene import scene
from exosim.view.skin.shapes import NUCLEI, OUTLINES
from exosim.view.skin.table import table
from exosim.view.text import short

KEY_COLUMNS = 4
COLUMNS = ("arm", "day", "depth_um", "scar_filled_percent", "redness")


def skin_of(result: Record) -> Drawn:
    """Return what is drawn of a record: one column of skin under its scenario and parameters."""
    return drawn(result.scenario, result.setup.values)


def ratio() -> float:
    """Return height over width of a picture."""
    piece = table()["picture"]
    return float((piece["sky"] + 1.28 + piece["fat"]) / piece["width"])


def heading(arm: Drawn, day: float) -> str:
    """Return how much of the scar is filled on a day."""
    filled = arm.at(day)["numbers"]["improvement_percent"]
    return "no scar" if math.isnan(filled) else f"scar filled {filled:.0f} %".replace("-0 %", "0 %")


def when(arm: Drawn, day: float) -> str:
    """Return a day in words.

    >>> when(None, 0.125), when(None, 3.0), when(None, 84.0)
    ('day 0 + 3 h', 'day 3', 'day 84, week 12')
    """
    if day < 0:
        return "before"
    hours = 24 * (day - math.floor(day + 1e-9))
    if hours > 1e-6:
        return f"day {math.floor(day)} + {hours:.0f} h"
    return f"day {day:.0f}" + (f", week {day / 7:.0f}" if day >= 7 and day % 7 == 0 else "")


def picture(axis: Any, arm: Drawn, day: float, wide: float) -> dict[str, Any]:
    """Draw an arm on a day on an axis `wide` inches wide; return the scene."""
    made = scene(arm.at(day))
    Painter(axis, made, table()["colours"]["light"], 72 * wide / table()["picture"]["width"]).paint()
    return made


def named(axis: Any, name: str, line: str, number: int, size: float) -> list[Any]:
    """Write the name of an arm in its colour, and a line below it, in the sky; return the texts."""
    colour = ARMS[number % len(ARMS)]
    place = {"transform": axis.transAxes, "va": "top", "zorder": 999}
    title = axis.text(0.025, 0.965, name, fontsize=size, fontweight="bold", color=colour, **place)
    below = axis.text(0.025, 0.965 - 0.085 * size / 12, line, fontsize=0.8 * size, color="#20242a", **place)
    return [title, below]


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

    fibres = [(line(colours[k] if k == "thin" else colours[k][1], 22 * FIBRE_WIDTH[k]), v["key"]) for k, v in look["fibres"].items()]
    symbols = [(_symbol(colours, name, v["shape"]), v["key"]) for name, v in look["symbols"].items()]
    films = [(patch(colours[name], 0.9), v["key"]) for name, v in look["films"].items()]
    return [
        *fibres, *symbols, (_stages(colours), look["channels"]["key"]), (patch(colours["zone"], 0.5), look["channels"]["zone_key"]),
        *films, (patch(colours["flush"], 0.45), look["flush"]["key"]), (line(colours["ink"], 0.13, (0, (4, 3))), look["before"]["key"]),
    ]  # fmt: skip


def _symbol(colours: dict[str, Any], name: str, shape: str) -> Any:
    """Return what draws a symbol as a swatch."""
    from matplotlib.patches import PathPatch
    from matplotlib.transforms import Affine2D

    radius = {"spindle": 1.0, "grain": 0.3, "dot": 0.3, "ring": 0.4}.get(shape, 0.55)

    def draw(axis: Any, x: float, y: float, size: float) -> None:
        move = Affine2D().scale(radius * size).translate(x, y)
        ring = shape == "ring"
        face, edge = ("#ffffff", colours[name]) if ring else (colours[name], "none")
        axis.add_patch(PathPatch(move.transform_path(OUTLINES[shape]), facecolor=face, edgecolor=edge, linewidth=0.2 * size))
        if shape in NUCLEI:
            axis.add_patch(PathPatch(move.transform_path(NUCLEI[shape]), facecolor="#ffffff", edgecolor="none"))

    return draw


def _stages(colours: dict[str, Any]) -> Any:
    """Return what draws a channel in its four stages as a swatch."""
    from exosim.view.skin.paint import LOOKS

    def draw(axis: Any, x: float, y: float, size: float) -> None:
        for i, (fill, filled, wall, dashes, wide, _) in enumerate(LOOKS.values()):
            left, w = x + (0.6 * i - 1.15) * size, 0.4 * size * wide
            box = (left + 0.2 * size * (1 - wide), y - 0.6 * size)
            axis.add_patch(Rectangle(box, w, 1.2 * size, facecolor=colours[fill], alpha=filled, edgecolor="none"))
            look = {"linewidth": 0.09 * size, "linestyle": dashes, "alpha": max(0.5, wall)}
            axis.add_patch(Rectangle(box, w, 1.2 * size, facecolor="none", edgecolor=colours["wall"], **look))

    return draw


def moments_of(arm: Drawn) -> list[float]:
    """Return the four moments of a row of pictures."""
    first = next((x.event.day for x in arm.scenario.timeline), 0.0)
    end = float(arm.times[-1])
    return [BEFORE, *(min(first + days, end) for days in table()["picture"]["moments"]), end]


def four_moments(results: Sequence[Record]) -> Drawing:
    """Draw every arm before treatment, hours and days after its start, and at the end."""
    arms = list(map(skin_of, results))
    wide, gap, head, foot = 3.3, 0.08, 0.34, 1.18
    high = wide * ratio()
    size = (4 * wide + 5 * gap, head + len(arms) * (high + gap) + foot)
    rows = []
    with style() as canvas:
        figure = canvas.figure(figsize=size)
        for number, arm in enumerate(arms):
            for column, day in enumerate(moments_of(arm)):
                left, low = gap + column * (wide + gap), foot + (len(arms) - 1 - number) * (high + gap)
                axis = figure.add_axes((left / size[0], low / size[1], wide / size[0], high / size[1]))
                made = picture(axis, arm, day, wide)
                named(axis, short(arm.scenario.name, 38), heading(arm, day), number, 10)
                rows.append(_row(arm, day, made))
                if not number:
                    above = 1 - 0.24 / size[1]
                    figure.text(left / size[0], above, when(arm, day), fontsize=12, fontweight="bold")
        key(figure, (0.008, 0.2 / size[1], 0.985, (foot - 0.28) / size[1]), 8.5)
        figure.text(0.008, 0.05 / size[1], table()["picture"]["note"], fontsize=7.5, color=MUTED)
        figure.text(0.992, 0.05 / size[1], WATERMARK, fontsize=7.5, color=MUTED, ha="right")
    columns = (*COLUMNS, *table()["symbols"])
    return Drawing("skin", figure, rows_of(rows, columns), _told(arms, rows))


def _row(arm: Drawn, day: float, made: dict[str, Any]) -> tuple[Any, ...]:
    """Return the numbers of a picture."""
    numbers = arm.at(day)["numbers"]
    counts = (sum(shape["alpha"] for shape in shapes) for shapes in made["symbols"].values())
    depth = 1000 * made["surface"].dip
    return (arm.scenario.name, day, depth, numbers["improvement_percent"], numbers["erythema"], *counts)


def _told(arms: Sequence[Drawn], rows: Sequence[tuple[Any, ...]]) -> str:
    """Return the pictures in words."""
    sentences = [
        f"{name}, {when(arms[0], day)}: the scar is {abs(depth):.0f} um {'deep' if depth >= 0 else 'high'}, redness {redness:.1f} times rest."
        for name, day, depth, _, redness, *_ in rows
    ]
    return " ".join(["Cross-sections of skin at four moments, drawn from the model.", *sentences])
