"""The schedule of all arms as a gantt."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from exosim.biology.channels import hazards
from exosim.biology.injury import CHANNELS
from exosim.biology.notation import hill
from exosim.events import Injury, Modulate, factors
from exosim.results.result import Record
from exosim.view.figures.style import BAND, LINES, MUTED, Drawing, style
from exosim.view.text import short


def schedule(arms: Sequence[Record]) -> Drawing:
    """Sessions of every treatment as a gantt with the windows in which channels are open."""
    lines = [
        (arm, kind) for arm in arms for kind in dict.fromkeys(x.treatment for x in arm.scenario.timeline)
    ]
    with style() as pyplot:
        figure, axis = pyplot.subplots(figsize=(9, 0.9 + 0.42 * max(len(lines), 1)), layout="constrained")
        rows, labels = [], []
        for y, (arm, kind) in enumerate(lines):
            color = LINES[next(i for i, other in enumerate(arms) if other is arm)][0]
            labels.append(kind if len(arms) == 1 else f"{kind}\n{short(arm.scenario.name)}")
            for x in (x for x in arm.scenario.timeline if x.treatment == kind):
                until = x.event.until if isinstance(x.event, Modulate) else x.event.day
                rows.append(
                    {"arm": arm.scenario.name, "treatment": kind, "start_day": x.event.day, "end_day": until}
                )
                if until > x.event.day:
                    _window(axis, y, x.event.day, until, 0.3, MUTED)
                else:
                    axis.plot(x.event.day / 7, y, "|", color=color, markersize=11, markeredgewidth=1.8)
                if isinstance(x.event, Injury):
                    closed = _closed_day(arm, x.event.day)
                    _window(axis, y, x.event.day, closed, 0.62, BAND)
                    if closed > x.event.day:
                        rows.append(
                            {
                                "arm": arm.scenario.name,
                                "treatment": "channels open",
                                "start_day": x.event.day,
                                "end_day": closed,
                            }
                        )
                        axis.annotate(
                            _span(closed - x.event.day),
                            (closed / 7, y),
                            xytext=(4, 0),
                            textcoords="offset points",
                            va="center",
                            fontsize=7,
                            color=MUTED,
                        )
        axis.set_yticks(range(len(labels)), labels, fontsize=8)
        axis.set(
            xlim=(-0.1, arms[0].scenario.weeks),
            xlabel="week   (light blue: until 95 % of the channels have closed; grey: a window of daily use)",
            ylim=(len(labels) - 0.4, -0.6),
        )
        if not lines:
            axis.annotate("nothing is done", (0.5, 0.5), xycoords="axes fraction", ha="center")
            axis.set_yticks([])
        axis.grid(axis="y", visible=False)
    data = pd.DataFrame(rows, columns=["arm", "treatment", "start_day", "end_day"])
    return Drawing(
        "schedule",
        figure,
        data,
        f"Schedule of {len(lines)} treatments; the windows with open channels are marked.",
    )


def _window(axis: Any, row: int, start: float, end: float, height: float, color: str) -> None:
    axis.barh(row, (end - start) / 7, left=start / 7, height=height, color=color, alpha=0.5, linewidth=0)


def _span(days: float) -> str:
    return f"{24 * days:.0f} h" if days < 2 else f"{days:.1f} d"


def _closed_day(arm: Record, day: float) -> float:
    """Day by which 95 % of the channels opened on `day` have closed; `day` itself when none were opened."""
    d = arm.dataset
    if "channel_open_day" in d:
        mine = d["channel_open_day"].values == day
        closing = np.where(
            np.isnan(d["channel_closing_day"].values), arm.scenario.days, d["channel_closing_day"].values
        )
        return float(np.quantile(closing[mine], 0.95)) if mine.any() else day
    kinds = {
        CHANNELS.get(x.event.mode)
        for x in arm.scenario.timeline
        if isinstance(x.event, Injury) and x.event.day == day
    }
    return max((_expected_closing(arm, day, kind) for kind in kinds if kind), default=day)


def _expected_closing(arm: Record, day: float, kind: str) -> float:
    """The same for expected channels: when their hazard, integrated from `day`, reaches ln 20."""
    p = SimpleNamespace(**arm.manifest["parameter_values"])
    days = day + np.linspace(0, 30, 3001)
    signal = np.interp(days, arm.dataset["step_day"].values, arm.dataset["course_exosome_signal"].values)
    active = [factors(arm.scenario.timeline, t).get(f"{kind}_closing_rate", 1.0) for t in days]
    hazard = np.multiply(hazards(kind, hill(signal, p.signal_half), 0.0, p)[0], active)
    gone = np.cumsum(hazard) * (days[1] - days[0])
    return float(days[min(int(np.searchsorted(gone, np.log(20))), len(days) - 1)])
