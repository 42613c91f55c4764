"""The chart of a printed sheet: axes with numbers, lines that are given, as on the page."""

from __future__ import annotations

import html
import math
from collections.abc import Callable

import numpy as np

from exosim.lesson.data import ROOM, WEEKS_APART
from exosim.lesson.sides import Course

Place = Callable[[float], float]
WIDTH, HEIGHT = 480, 230
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 26, 34


def chart(name: str, title: str, week: str, decimal: str, end: float, given: list[tuple[Course, str]]) -> str:
    """Return an empty chart of `end` days with given lines, each with its side, "control" or "run"."""
    low, high = _range(name, given)

    def x(day: float) -> float:
        return LEFT + day / end * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    ticks = _nice(low, high)
    grid = "".join(f"M{LEFT} {y(v):.1f}H{WIDTH - RIGHT}" for v in ticks)
    step = next(apart for most, apart in WEEKS_APART if end / 7 <= most)
    weeks = [i * step for i in range(int(end / 7 / step) + 1)]
    marks = "".join(f"M{x(7 * w):.1f} {HEIGHT - BOTTOM}v6" for w in weeks)
    numbers = [_text(f"{v:g}".replace(".", decimal), LEFT - 6, y(v) + 4, "end") for v in ticks]
    numbers += [_text(f"{w}" if w else f"{week} 0", x(7 * w), HEIGHT - 12, "middle" if w else "start") for w in weeks]
    lines = "".join(f'<path class="{side}" d="{_path(course, x, y)}"/>' for course, side in given)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">'
        f'<path class="grid" d="{grid}"/>'
        f'<path class="axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}{marks}"/>'
        f"{lines}{''.join(numbers)}{_text(title, LEFT, 14, 'start')}</svg>"
    )


def _range(name: str, given: list[tuple[Course, str]]) -> tuple[float, float]:
    """Return the range of the page, or one with room about the given lines, widened to hold them."""
    values = np.concatenate([[0.0], *(course.values for course, _ in given)])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    least, most = ROOM.get(name, (low, 1.4 * high or 1.0))
    return min(low, least), max(high, most)


def _nice(low: float, high: float) -> list[float]:
    """Return round numbers between two, about five.

    >>> _nice(-12, 48)
    [0.0, 20.0, 40.0]
    """
    rough = (high - low) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= 0.999 * rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(float(i * step), 12) for i in range(first, last + 1)]


def _path(course: Course, x: Place, y: Place) -> str:
    points = [f"{x(day):.1f} {y(value):.1f}" for day, value in zip(course.days, course.values, strict=True)]
    return "M" + "L".join(dict.fromkeys(points))


def _text(words: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'
