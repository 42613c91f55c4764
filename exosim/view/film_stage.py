"""What a film shows: one or two arms beside each other as drawn skin, a clock with all sessions, the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from exosim.events import Injury, Modulate
from exosim.view.figures.style import LINES, MUTED, WATERMARK, arm_lines
from exosim.view.skin.key import key
from exosim.view.skin.moments import BEFORE, Drawn
from exosim.view.skin.pictures import heading, named, picture, ratio, when
from exosim.view.skin.table import table
from exosim.view.text import short

SIZE = (12.8, 7.2)  # inches at 100 dpi: 1280 x 720
MOST_ARMS = 2
WIDE = 6.1  # inches of a picture
MARGIN = 0.2
HOURS = (0, 1, 2, 3, 4, 6, 8, 12, 18)  # after a procedure


def moments(arms: Sequence[Drawn]) -> list[float]:
    """Return the moments of a film: before; after a procedure hours, and days for a week; then every second day."""
    starts = {x.event.day for arm in arms for x in arm.scenario.timeline if isinstance(x.event, Injury)}
    end = max(float(arm.times[-1]) for arm in arms)
    after = [start + t for start in starts for t in (*(hour / 24 for hour in HOURS), *range(8))]
    return [BEFORE, *sorted({round(t, 6) for t in (*after, *np.arange(0, end, 2), end) if t <= end})]


def stage(arms: Sequence[Drawn], canvas: Any) -> tuple[Any, Callable[[float], None]]:
    """Return the figure, and a function that draws it on a day."""
    figure = canvas.figure(figsize=SIZE, dpi=100)
    high, (wide, tall) = WIDE * ratio(), SIZE
    left = (wide - len(arms) * WIDE - (len(arms) - 1) * MARGIN) / 2
    axes = [
        figure.add_axes(((left + i * (WIDE + MARGIN)) / wide, (tall - high - 0.14) / tall, WIDE / wide, high / tall))
        for i in range(len(arms))
    ]
    move = _clock(figure, arms)
    key(figure, (0.02, 0.045, 0.97, 0.155), 9.5)
    figure.text(0.02, 0.012, table()["picture"]["note"], fontsize=8.5, color=MUTED)
    figure.text(0.985, 0.012, WATERMARK, fontsize=8.5, color=MUTED, ha="right")

    def draw(day: float) -> None:
        for number, (axis, arm) in enumerate(zip(axes, arms, strict=True)):
            axis.clear()
            picture(axis, arm, min(day, float(arm.times[-1])), WIDE)
            colour, _ = arm_lines(len(arms))[number]
            named(axis, short(arm.scenario.name, 48), heading(arm, day), colour, 15)
        move(day)

    return figure, draw


def _clock(figure: Any, arms: Sequence[Drawn]) -> Callable[[float], None]:
    """Draw a line of time with a tick for every procedure (long) and dose (short); return what moves its hand."""
    axis = figure.add_axes((0.17, 0.225, 0.795, 0.06))
    end = max(float(arm.times[-1]) for arm in arms) / 7
    axis.set(xlim=(-0.005 * end, end * 1.005), ylim=(0, 1))
    axis.set_axis_off()
    axis.plot([0, end], [0.35, 0.35], color="#C8C8C8", linewidth=5, solid_capstyle="round")
    (past,) = axis.plot([0, 0], [0.35, 0.35], color=LINES[0][0], linewidth=5, solid_capstyle="round")
    (hand,) = axis.plot([0], [0.35], "o", color=LINES[0][0], markersize=11)
    for event in (x.event for arm in arms for x in arm.scenario.timeline if not isinstance(x.event, Modulate)):
        tall = 1.0 if isinstance(event, Injury) else 0.75
        axis.plot([event.day / 7] * 2, [0.55, tall], color="#D55E00", linewidth=2)
    for week in np.unique(np.linspace(0, end, 5).round()):
        axis.text(week, -0.1, f"week {week:.0f}", fontsize=9.5, ha="center", va="top", clip_on=False)
    now = figure.text(0.02, 0.247, "", fontsize=14, fontweight="bold", va="center")

    def move(day: float) -> None:
        week = max(0.0, day) / 7
        past.set_data([0, week], [0.35, 0.35])
        hand.set_data([week], [0.35])
        now.set_text("Before" if day < 0 else when(arms[0], day).capitalize())

    return move
