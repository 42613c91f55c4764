"""Pictures of skin: arms on a day, and at four moments with the key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from exosim.results.result import Record
from exosim.view.figures.style import MUTED, WATERMARK, Drawing, arm_lines, rows_of, style
from exosim.view.skin.key import key
from exosim.view.skin.moments import BEFORE, Drawn, drawn
from exosim.view.skin.paint import Painter
from exosim.view.skin.scene import scene
from exosim.view.skin.table import table
from exosim.view.text import short

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
    moment = arm.at(day)
    filled, done = moment["numbers"]["improvement_percent"], "filled" if moment["before"] > 0 else "flattened"
    return "no scar" if math.isnan(filled) else f"scar {done} {round(filled)} %"


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


def named(axis: Any, name: str, line: str, colour: str, size: float) -> None:
    """Write the name of an arm in its colour, and a line below it, in the sky."""
    high = axis.get_position().height * axis.figure.get_figheight() * 72
    place = {"transform": axis.transAxes, "va": "top", "zorder": 999}
    axis.text(0.025, 0.965, name, fontsize=size, fontweight="bold", color=colour, **place)
    axis.text(0.025, 0.965 - 1.55 * size / high, line, fontsize=0.8 * size, color="#20242a", **place)


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
    rows, colours = [], [colour for colour, _ in arm_lines(len(arms))]
    with style() as canvas:
        figure = canvas.figure(figsize=size)
        for number, arm in enumerate(arms):
            for column, day in enumerate(moments_of(arm)):
                left, low = gap + column * (wide + gap), foot + (len(arms) - 1 - number) * (high + gap)
                axis = figure.add_axes((left / size[0], low / size[1], wide / size[0], high / size[1]))
                made = picture(axis, arm, day, wide)
                named(axis, short(arm.scenario.name, 38), heading(arm, day), colours[number], 10)
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
        f"{short(name, 60)}, {when(arms[0], day)}: the scar is {abs(depth):.0f} um {'deep' if depth >= 0 else 'high'}, "
        f"redness {redness:.1f} times rest."
        for name, day, depth, _, redness, *_ in rows
    ]
    return " ".join(["Cross-sections of skin at four moments, drawn from the model.", *sentences])
