"""The schedule of all arms as a gantt chart."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology.channels import hazards
from exosim.biology.injury import CHANNELS
from exosim.biology.notation import hill
from exosim.engine.tissue import Array
from exosim.events import Injury, Modulate
from exosim.results.result import Record
from exosim.view.figures.style import BAND, MUTED, Drawing, arm_lines, rows_of, sign, style
from exosim.view.text import duration, short, words

LABELS = 12  # windows of open channels that have room for a label each; of more only the first is labelled


def schedule(arms: Sequence[Record]) -> Drawing:
    """Draw the sessions of every treatment as a gantt chart with the windows in which channels are open."""
    lines = [
        (i, kind) for i, arm in enumerate(arms) for kind in dict.fromkeys(x.treatment for x in arm.scenario.timeline)
    ]
    with style() as canvas:
        figure, axis = canvas.subplots(figsize=(9, 1.0 + 0.42 * max(len(lines), 1)), layout="constrained")
        colours = [colour for colour, _ in arm_lines(len(arms))]
        rows = [row for y, (i, kind) in enumerate(lines) for row in _draw_line(axis, y, arms[i], kind, colours[i])]
        of = ["" if len(arms) == 1 else f"\n{short(arm.scenario.name)}" for arm in arms]
        labels = [f"{words(kind)}{of[i]}" for i, kind in lines]
        axis.set_yticks(range(len(labels)), labels, fontsize=8)
        axis.set(
            xlim=(-0.1, max(arm.scenario.weeks for arm in arms)),
            xlabel="week   (light blue: until 95 % of the channels have closed; grey: a window of daily use)",
            ylim=(len(labels) - 0.4, -0.6),
        )
        if not lines:
            axis.annotate("nothing is done", (0.5, 0.5), xycoords="axes fraction", ha="center")
            axis.set_yticks([])
        axis.grid(axis="y", visible=False)
        sign(figure)
    data = rows_of(rows, ["arm", "treatment", "start_day", "end_day"])
    alt = f"Schedule of {len(lines)} treatments; the windows with open channels are marked."
    return Drawing("schedule", figure, data, alt)


def _draw_line(axis: Any, y: int, arm: Record, kind: str, color: str) -> list[tuple[str, str, float, float]]:
    """Draw everything that one treatment of an arm does, and return it as rows of data."""
    events = [x.event for x in arm.scenario.timeline if x.treatment == kind]
    windows = [(x.day, x.until) for x in events if isinstance(x, Modulate)]
    marks = [x.day for x in events if not isinstance(x, Modulate)]
    injuries = sorted({x.day for x in events if isinstance(x, Injury)})
    opened = [(day, closed) for day in injuries if (closed := _closed_day(arm, day)) > day]
    _bars(axis, y, windows, 0.3, MUTED)
    _bars(axis, y, opened, 0.62, BAND)
    axis.plot(np.array(marks) / 7, np.full(len(marks), y), "|", color=color, markersize=11, markeredgewidth=1.8)
    for start, end in opened[: None if len(opened) <= LABELS else 1]:
        place = {"xytext": (4, 0), "textcoords": "offset points", "va": "center"}
        axis.annotate(duration(end - start), (end / 7, y), fontsize=7, color=MUTED, **place)
    name = arm.scenario.name
    rows = [(name, kind, start, end) for start, end in windows + [(day, day) for day in marks]]
    return rows + [(name, "channels open", start, end) for start, end in opened]


def _bars(axis: Any, y: int, spans: list[tuple[float, float]], height: float, color: str) -> None:
    """Draw the bars of a line as one collection; those that meet are one bar."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            start, end = joined[-1][0], max(joined.pop()[1], end)
        joined.append((start, end))
    weeks = [(start / 7, (end - start) / 7) for start, end in joined]
    axis.broken_barh(weeks, (y - height / 2, height), facecolors=color, alpha=0.5, linewidth=0)


def _closed_day(arm: Record, day: float) -> float:
    """Return the day by which 95 % of the channels opened on `day` have closed; `day` itself when none were."""
    d = arm.recorded
    if "channel_open_day" in d:
        opened = d["channel_open_day"] == day
        closing = np.where(np.isnan(d["channel_closing_day"]), arm.scenario.days, d["channel_closing_day"])
        return float(np.quantile(closing[opened], 0.95)) if opened.any() else day
    kinds = {
        CHANNELS.get(x.event.mode) for x in arm.scenario.timeline if isinstance(x.event, Injury) and x.event.day == day
    }
    return max((_expected_closing(arm, day, kind) for kind in kinds if kind), default=day)


def _expected_closing(arm: Record, day: float, kind: str) -> float:
    """Return the same for expected channels: when their hazard, integrated from `day`, reaches ln 20."""
    p = SimpleNamespace(**arm.manifest["parameter_values"])
    days = day + np.linspace(0, 30, 3001)
    signal = np.interp(days, arm.recorded["time"], arm.recorded["course_exosome_signal"])
    hazard = hazards(kind, hill(signal, p.signal_half), 0.0, p)[0] * _modulation(arm, f"{kind}_closing_rate", days)
    passed = np.cumsum(hazard) * (days[1] - days[0])
    return float(days[min(int(np.searchsorted(passed, np.log(20))), len(days) - 1)])


def _modulation(arm: Record, parameter: str, days: Array) -> Array:
    """Return the factor of a parameter on each of `days`."""
    pieces = arm.scenario.pieces
    starts, values = [x.start for x in pieces], np.array([x.factors.get(parameter, 1.0) for x in pieces])
    return values[np.searchsorted(starts, days, side="right") - 1]
