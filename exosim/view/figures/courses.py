"""Time courses and collagen, and which figures a run and a comparison have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.events import Injury, Modulate
from exosim.evidence import Match
from exosim.results.outcomes import VISIBLE_IMPROVEMENT, VISIBLE_REDNESS
from exosim.results.result import Record
from exosim.view.figures.bars import bars
from exosim.view.figures.maps import tissue_map
from exosim.view.figures.schedule import schedule
from exosim.view.figures.style import BAND, MUTED, POOLS, Drawing, arm_lines, flatten, sign, stacked, style
from exosim.view.text import improvement, short, told


def of_run(result: Record) -> Iterator[Drawing]:
    """Yield all figures of one run."""
    yield time_courses([result])
    yield collagen([result])
    yield schedule([result])
    yield from of_arm(result)


def of_arm(result: Record) -> Iterator[Drawing]:
    """Yield the figures of an arm that a comparison does not show."""
    if "map_collagen" in result.recorded:
        yield tissue_map(result)


def of_comparison(arms: Sequence[Record], published: Sequence[Sequence[Match]]) -> Iterator[Drawing]:
    """Yield all figures of a comparison."""
    yield bars(arms, published)
    yield time_courses(arms)
    yield collagen(arms)
    yield schedule(arms)


def _marks(axis: Any, arms: Sequence[Record]) -> None:
    """Draw ticks of every procedure (long) and dose (short) along the bottom, one row per arm, each row as one line."""
    for row, arm in enumerate(arms):
        events = [x.event for x in arm.scenario.timeline if not isinstance(x.event, Modulate)]
        for kind, height in ((True, 0.045), (False, 0.02)):
            weeks = np.array(sorted({e.day for e in events if isinstance(e, Injury) is kind})) / 7
            ends = np.tile([0.05 * row, 0.05 * row + height, np.nan], len(weeks))
            place, look = axis.get_xaxis_transform(), {"color": arm_lines(len(arms))[row][0], "linewidth": 1.2}
            axis.plot(np.repeat(weeks, 3), ends, transform=place, solid_capstyle="butt", **look)


def _arms_legend(figure: Any, arms: Sequence[Record], canvas: Any) -> None:
    if len(arms) > 1:
        handles = [canvas.Line2D([], [], color=c, linestyle=d) for c, d in arm_lines(len(arms))]
        figure.legend(
            handles, [short(arm.scenario.name) for arm in arms], loc="outside upper left", ncols=min(len(arms), 3)
        )
    sign(figure)


def _course(arm: Record, name: str) -> tuple[Any, Any]:
    return arm.recorded["time"] / 7, arm.recorded[f"course_{name}"]


def _daily(arm: Record, name: str) -> tuple[Any, Any]:
    return arm.recorded["day"] / 7, arm.recorded[name].mean(axis=1)


PANELS = {
    "improvement_percent": "Scar filled, %",
    "erythema": "Redness, rest = 1",
    "tnf_alpha": "TNF-alpha, pg/mL, log scale",
    "myofibroblast": "Activated fibroblasts, cells/mm3",
    "exosome_signal": "Exosome signal in the dermis, 1e6/mm3",
    "melanin_change_percent": "Pigment, change in %",
}
"""Course -> title of its panel."""


def time_courses(arms: Sequence[Record]) -> Drawing:
    """Draw six time courses with ticks for procedures and doses."""
    with style() as canvas:
        figure, axes = canvas.subplots(2, 3, figsize=(10.5, 5.6), sharex=True, layout="constrained")
        rows = []
        for axis, (name, title) in zip(axes.flat, PANELS.items(), strict=True):
            axis.set_title(title)
            axis.margins(x=0, y=0.12)
            for arm, line in zip(arms, arm_lines(len(arms)), strict=True):
                rows.append(_draw_course(axis, arm, name, *line))
            flatten(axis)
            if len(arms) <= 4:
                _marks(axis, arms)
        _threshold(axes[0, 0], VISIBLE_IMPROVEMENT)
        _threshold(axes[0, 1], VISIBLE_REDNESS)
        _end_labels(axes[0, 0], arms)
        axes[0, 2].set_yscale("log")
        axes[0, 2].yaxis.set_major_formatter("{x:g}")
        band = "bands: 90 % interval of the ensemble" if any("end" in arm.recorded for arm in arms) else ""
        for axis in axes[1]:
            axis.set_xlabel(f"week   (ticks: long procedures, short doses)\n{band}".rstrip(), fontsize=8)
        _arms_legend(figure, arms, canvas)
    ends = "; ".join(
        f"{short(arm.scenario.name, 70)}: scar filled {improvement(arm.outcomes['improvement_percent'])} at the end"
        for arm in arms
    )
    alt = f"Six time courses over {arms[0].scenario.weeks:g} weeks. {ends}. {band}".strip()
    return Drawing("time_courses", figure, stacked(rows), alt)


def _draw_course(axis: Any, arm: Record, name: str, color: str, dash: Any) -> dict[str, Any]:
    """Draw a course of one arm with its band, and return both as rows of data."""
    weeks, values = _course(arm, name)
    axis.plot(weeks, values, color=color, linestyle=dash)
    rows = _rows(arm, "panel", PANELS[name], weeks, values)
    if f"band_{name}" not in arm.recorded:
        return rows
    low, high = arm.recorded[f"band_{name}"]
    axis.fill_between(weeks, low, high, color=color, alpha=0.15, linewidth=0)
    return rows | {"low": low, "high": high}


def _rows(arm: Record, kind: str, name: str, weeks: Any, values: Any) -> dict[str, Any]:
    """Return a drawn line as rows of data."""
    return {"arm": arm.scenario.name, kind: name, "day": 7 * weeks, "value": values}


def _threshold(axis: Any, level: float) -> None:
    axis.axhline(level, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    axis.annotate("counts as\nvisible", (1, level), xytext=(3, 0), fontsize=6.5, color=MUTED, **place)


def _end_labels(axis: Any, arms: Sequence[Record]) -> None:
    """Write final improvements at the right edge, moved apart where they would overlap."""
    courses = [_course(arm, "improvement_percent") for arm in arms]
    ends = [(values[-1], i, weeks[-1]) for i, (weeks, values) in enumerate(courses)]
    gap = 0.08 * np.ptp(axis.get_ylim())
    at = -np.inf
    for value, i, week in sorted(end for end in ends if np.isfinite(end[0])):
        at = max(value, at + gap)
        axis.annotate(
            told("improvement_percent", float(value)),
            (week, at),
            xytext=(-3, 3),
            textcoords="offset points",
            ha="right",
            color=arm_lines(len(arms))[i][0],
            fontsize=8,
        )


def collagen(arms: Sequence[Record]) -> Drawing:
    """Draw collagen I:III with the healthy band, and the pools of the last arm."""
    with style() as canvas:
        figure, (left, right) = canvas.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
        ratios = _draw_ratios(left, arms)
        pools = _draw_pools(right, arms[-1])
        right.set(title="Collagen pools since day 0" + (" (last arm)" if len(arms) > 1 else ""))
        _arms_legend(figure, arms, canvas)
    return Drawing(
        "collagen",
        figure,
        stacked(ratios + pools),
        "Collagen I to III ratio with the healthy band, and the change of the collagen pools since day 0.",
    )


def _draw_ratios(axis: Any, arms: Sequence[Record]) -> list[dict[str, Any]]:
    """Draw collagen I:III of every arm over the band of healthy skin."""
    share = PARAMETERS["rest_collagen_3"]
    low, high = (1 - share.high) / share.high, (1 - share.low) / share.low
    axis.axhspan(low, high, color=BAND, alpha=0.18, linewidth=0)
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right", "va": "top"}
    axis.annotate("range in healthy skin", (0.99, high), xytext=(0, -2), fontsize=7, color=MUTED, **place)
    axis.set(title="Collagen I : III in the scar", xlabel="week", ylim=(2.5, 6))
    rows = []
    for arm, (color, dash) in zip(arms, arm_lines(len(arms)), strict=True):
        weeks, ratio = _course(arm, "collagen_ratio_1_3")
        axis.plot(weeks, ratio, color=color, linestyle=dash)
        rows.append(_rows(arm, "series", "I:III", weeks, ratio))
    axis.margins(x=0)
    return rows


def _draw_pools(axis: Any, arm: Record) -> list[dict[str, Any]]:
    """Draw how the pools of collagen of an arm change."""
    names = {"collagen_1_mature": "mature I", "collagen_1_new": "new I", "collagen_3": "III"}
    rows = []
    for (name, label), (color, dash) in zip(names.items(), POOLS, strict=True):
        weeks, values = _daily(arm, name)
        change = 100 * (values - values[0])
        axis.plot(weeks, change, color=color, linestyle=dash, label=label)
        rows.append(_rows(arm, "series", name, weeks, change))
    axis.set(xlabel="week")
    mean = " (patch mean)" if arm.setup.resolution == "patch" else ""
    axis.set_ylabel(f"% of healthy collagen{mean}", fontsize=8)
    axis.legend(loc="upper left", ncols=3)
    axis.margins(x=0, y=0.2)
    flatten(axis)
    return rows
