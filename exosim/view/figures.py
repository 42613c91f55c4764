"""The figures of a run and of a comparison; each returns a `Drawing`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from exosim.biology.system import PARAMETERS
from exosim.evidence import Published
from exosim.events import Injury, Modulate
from exosim.outcomes import VISIBLE_IMPROVEMENT, VISIBLE_REDNESS
from exosim.result import Result
from exosim.view.maps import tissue_map
from exosim.view.style import BAND, LINES, MUTED, Drawing, style

WATERMARK = "exosim: hypothetical, not medical advice"


def of_run(result: Result) -> Iterator[Drawing]:
    """All figures of one run."""
    yield time_courses([result])
    yield collagen([result])
    yield schedule([result])
    if "map_collagen" in result.dataset:
        yield tissue_map(result)


def of_comparison(arms: Sequence[Result], published: Sequence[Mapping[int, Published]]) -> Iterator[Drawing]:
    """All figures of a comparison."""
    yield bars(arms, published)
    yield time_courses(arms)
    yield collagen(arms)
    yield schedule(arms)


def _marks(axis: Any, arms: Sequence[Result]) -> None:
    """Ticks of every procedure (long) and dose (short) along the bottom, one row per arm."""
    for row, arm in enumerate(arms):
        events = [x.event for x in arm.scenario.timeline if not isinstance(x.event, Modulate)]
        for kind, height in ((True, 0.045), (False, 0.02)):
            days = sorted({e.day for e in events if isinstance(e, Injury) is kind})
            bottom = 0.05 * row
            axis.vlines(np.array(days) / 7, bottom, bottom + height, transform=axis.get_xaxis_transform(),
                        color=LINES[row % len(LINES)][0], linewidth=1.2)


def _arms_legend(figure: Any, arms: Sequence[Result], pyplot: Any) -> None:
    if len(arms) > 1:
        handles = [pyplot.Line2D([], [], color=c, linestyle=d) for c, d in LINES[: len(arms)]]
        figure.legend(handles, [arm.scenario.name for arm in arms], loc="outside upper left", ncols=min(len(arms), 3))
    figure.text(0.995, 0.004, WATERMARK, ha="right", va="bottom", fontsize=6.5, color=MUTED)


def _course(arm: Result, name: str) -> tuple[Any, Any]:
    return arm.dataset["step_day"].values / 7, arm.dataset[f"course_{name}"].values


def _daily(arm: Result, name: str) -> tuple[Any, Any]:
    return arm.dataset["day"].values / 7, arm.dataset[name].mean("dermal_layer").values


def _panels(arm: Result) -> dict[str, tuple[Any, Any]]:
    """Title -> weeks and values of every panel of the time courses."""
    weeks, melanin = _course(arm, "melanin_index")
    return {
        "Improvement, %": _course(arm, "improvement_percent"),
        "Redness, rest = 1": _course(arm, "erythema"),
        "TNF-alpha, papillary dermis, pg/mL": _course(arm, "tnf_alpha"),
        "Activated fibroblasts, cells/mm3": _daily(arm, "myofibroblast"),
        "Exosome signal in the dermis, 1e6/mm3": _daily(arm, "exosome_signal"),
        "Melanin index, change in %": (weeks, 100 * (melanin / melanin[0] - 1)),
    }


def time_courses(arms: Sequence[Result]) -> Drawing:
    """Six time courses with ticks for procedures and doses."""
    panels = [_panels(arm) for arm in arms]
    with style() as pyplot:
        figure, axes = pyplot.subplots(2, 3, figsize=(10.5, 5.6), sharex=True, layout="constrained")
        rows = []
        for axis, title in zip(axes.flat, panels[0], strict=True):
            axis.set_title(title)
            axis.margins(x=0, y=0.12)
            for i, (arm, panel) in enumerate(zip(arms, panels, strict=True)):
                weeks, values = panel[title]
                color, dash = LINES[i % len(LINES)]
                axis.plot(weeks, values, color=color, linestyle=dash)
                grid = np.linspace(0, weeks[-1], 8 * round(7 * weeks[-1]) + 1)
                rows.append(pd.DataFrame({"arm": arm.scenario.name, "panel": title, "day": 7 * grid,
                                          "value": np.interp(grid, weeks, values)}))
            _marks(axis, arms)
        _threshold(axes[0, 0], VISIBLE_IMPROVEMENT, "visible")
        _threshold(axes[0, 1], VISIBLE_REDNESS, "visible")
        _end_labels(axes[0, 0], panels)
        for axis in axes[1]:
            axis.set_xlabel("week")
        _arms_legend(figure, arms, pyplot)
    ends = "; ".join(f"{arm.scenario.name}: improvement {_percent(arm)} at the end" for arm in arms)
    return Drawing("time_courses", figure, pd.concat(rows), f"Six time courses over {arms[0].scenario.weeks:g} weeks. {ends}.")


def _percent(arm: Result) -> str:
    value = arm.outcomes["improvement_percent"]
    return "not defined (no scar)" if value is None else f"{value:.1f} %"


def _threshold(axis: Any, level: float, label: str) -> None:
    axis.axhline(level, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    axis.annotate(label, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=7, color=MUTED)


def _end_labels(axis: Any, panels: Sequence[Mapping[str, tuple[Any, Any]]]) -> None:
    for i, panel in enumerate(panels):
        weeks, values = panel["Improvement, %"]
        if np.isfinite(values[-1]):
            axis.annotate(f"{values[-1]:.1f}", (weeks[-1], values[-1]), xytext=(-3, 3), textcoords="offset points",
                          ha="right", color=LINES[i % len(LINES)][0], fontsize=8)


def collagen(arms: Sequence[Result]) -> Drawing:
    """Collagen I:III with the healthy band, and the pools of the last arm."""
    share = PARAMETERS["rest_collagen_3"]
    with style() as pyplot:
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
        low, high = (1 - share.high) / share.high, (1 - share.low) / share.low
        left.axhspan(low, high, color=BAND, alpha=0.18, linewidth=0)
        left.annotate("healthy", (0.99, high), xycoords=("axes fraction", "data"), ha="right", va="top", fontsize=7,
                      color=MUTED, xytext=(0, -2), textcoords="offset points")
        left.set(title="Collagen I : III in the scar", xlabel="week", ylim=(2.5, 6))
        rows = []
        for i, arm in enumerate(arms):
            weeks, ratio = _course(arm, "collagen_ratio_1_3")
            left.plot(weeks, ratio, color=LINES[i % len(LINES)][0], linestyle=LINES[i % len(LINES)][1])
            rows.append(pd.DataFrame({"arm": arm.scenario.name, "series": "I:III", "day": 7 * weeks, "value": ratio}))
        left.margins(x=0)
        right.set(title=f"Change of the pools, {arms[-1].scenario.name}", xlabel="week")
        pools = {"collagen_1_mature": "mature I", "collagen_1_new": "new I", "collagen_3": "III"}
        for (name, label), (color, dash) in zip(pools.items(), LINES, strict=False):
            weeks, values = _daily(arms[-1], name)
            change = 100 * (values - values[0])
            right.plot(weeks, change, color=color, linestyle=dash)
            right.annotate(label, (weeks[-1], change[-1]), xytext=(-4, 4), textcoords="offset points", ha="right", color=color)
            rows.append(pd.DataFrame({"arm": arms[-1].scenario.name, "series": name, "day": 7 * weeks, "value": change}))
        right.set_ylabel("points of healthy collagen")
        right.margins(x=0)
        _arms_legend(figure, arms, pyplot)
    return Drawing("collagen", figure, pd.concat(rows),
                   "Collagen I to III ratio with the healthy band, and the change of the collagen pools since day 0.")


def schedule(arms: Sequence[Result]) -> Drawing:
    """Sessions of every treatment as a gantt with the windows in which channels are open."""
    lines = [(arm, kind) for arm in arms
             for kind in dict.fromkeys(x.treatment for x in arm.scenario.timeline)]
    with style() as pyplot:
        figure, axis = pyplot.subplots(figsize=(9, 0.9 + 0.42 * max(len(lines), 1)), layout="constrained")
        rows, labels = [], []
        for y, (arm, kind) in enumerate(lines):
            color = LINES[list(arms).index(arm) % len(LINES)][0]
            labels.append(kind if len(arms) == 1 else f"{arm.scenario.name}: {kind}")
            for x in (x for x in arm.scenario.timeline if x.treatment == kind):
                until = x.event.until if isinstance(x.event, Modulate) else x.event.day
                rows.append({"arm": arm.scenario.name, "treatment": kind, "start_day": x.event.day, "end_day": until})
                if until > x.event.day:
                    axis.barh(y, (until - x.event.day) / 7, left=x.event.day / 7, height=0.35, color=color, alpha=0.35,
                              linewidth=0)
                else:
                    axis.plot(x.event.day / 7, y, "|", color=color, markersize=11, markeredgewidth=1.8)
                if isinstance(x.event, Injury):
                    closed = _closed_day(arm, x.event.day)
                    axis.barh(y, (closed - x.event.day) / 7, left=x.event.day / 7, height=0.62, color=BAND, alpha=0.5, linewidth=0)
                    if closed > x.event.day:
                        rows.append({"arm": arm.scenario.name, "treatment": "channels open", "start_day": x.event.day,
                                     "end_day": closed})
                        axis.annotate(_span(closed - x.event.day), (closed / 7, y), xytext=(4, 0), textcoords="offset points",
                                      va="center", fontsize=7, color=MUTED)
        axis.set_yticks(range(len(labels)), labels)
        axis.set(xlim=(-0.1, arms[0].scenario.weeks), xlabel="week   (light blue: until 95 % of the channels have closed)",
                 ylim=(len(labels) - 0.4, -0.6))
        if not lines:
            axis.annotate("nothing is done", (0.5, 0.5), xycoords="axes fraction", ha="center")
            axis.set_yticks([])
        axis.grid(axis="y", visible=False)
    data = pd.DataFrame(rows, columns=["arm", "treatment", "start_day", "end_day"])
    return Drawing("schedule", figure, data, f"Schedule of {len(lines)} treatments; the windows with open channels are marked.")


def _span(days: float) -> str:
    return f"{24 * days:.0f} h" if days < 2 else f"{days:.1f} d"


def _closed_day(arm: Result, day: float) -> float:
    """Day by which 95 % of the channels opened on `day` have closed; `day` itself when none were opened."""
    d = arm.dataset
    if "channel_open_day" in d:
        mine = d["channel_open_day"].values == day
        closing = np.where(np.isnan(d["channel_closing_day"].values), arm.scenario.days, d["channel_closing_day"].values)
        return float(np.quantile(closing[mine], 0.95)) if mine.any() else day
    rates = arm.manifest["parameter_values"]
    modes = {x.event.mode for x in arm.scenario.timeline if isinstance(x.event, Injury) and x.event.day == day}
    slowest = [rates[f"{kind}_closing_rate"] for mode, kind in (("puncture", "needle"), ("ablation", "laser")) if mode in modes]
    return day + (np.log(20) / min(slowest) if slowest else 0.0)


def bars(arms: Sequence[Result], published: Sequence[Mapping[int, Published]]) -> Drawing:
    """Improvement and downtime of every arm beside the published values of its regimen."""
    outcomes = {"improvement_percent": "Improvement at the end, %", "downtime_days": "Downtime after the first procedure, d"}
    with style() as pyplot:
        figure, axes = pyplot.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
        rows: list[dict[str, Any]] = []
        for axis, (outcome, title) in zip(axes, outcomes.items(), strict=True):
            axis.set_title(title)
            for i, arm in enumerate(arms):
                value = arm.outcomes[outcome]
                height = 0.0 if value is None else value
                axis.bar(i, height, width=0.5, color=LINES[i % len(LINES)][0], alpha=0.85)
                axis.annotate("-" if value is None else f"{value:.1f}", (i, height), xytext=(0, 3), textcoords="offset points",
                              ha="center", va="bottom")
                rows.append({"outcome": outcome, "arm": arm.scenario.name, "simulated": value})
            notes = _published_marks(axis, arms, outcome, published, rows)
            axis.set_xticks(range(len(arms)), [_wrapped(arm.scenario.name) for arm in arms])
            axis.set_xlim(-0.6, len(arms) - 0.4)
            axis.margins(y=0.2)
            axis.grid(axis="x", visible=False)
            axis.set_xlabel("\n".join(notes) or "no published value of these regimens", fontsize=7, color=MUTED)
        figure.text(0.995, 0.004, WATERMARK, ha="right", va="bottom", fontsize=6.5, color=MUTED)
    data = pd.DataFrame(rows)
    alt = "; ".join(f"{arm.scenario.name}: {_percent(arm)} improvement" for arm in arms)
    return Drawing("split_face", figure, data, f"Simulated beside published values. {alt}.")


def _published_marks(axis: Any, arms: Sequence[Result], outcome: str, published: Sequence[Mapping[int, Published]],
                     rows: list[dict[str, Any]]) -> list[str]:
    notes = []
    for match in published:
        mine = {i: value for i, value in match.items() if value.outcome == outcome}
        for i, value in mine.items():
            fitted = arms[i].parameters in value.fitted
            axis.errorbar(i + 0.36, value.value, value.tolerance, fmt="D", color="#000000", markersize=5, capsize=3,
                          markerfacecolor="white" if fitted else "#000000", linewidth=1)
            axis.annotate(f"{value.value:g}", (i + 0.36, value.value), xytext=(6, 0), textcoords="offset points", va="center",
                          fontsize=7.5)
            rows.append({"outcome": outcome, "arm": arms[i].scenario.name, "published": value.value,
                         "tolerance": value.tolerance, "n": value.n, "fitted": fitted, "source": value.citation})
        for value in list(mine.values())[:1]:
            fitted = arms[0].parameters in value.fitted
            mark = "open diamonds: published, FITTED by this parameter set" if fitted else "diamonds: published, not fitted"
            notes.append(f"{mark}; {value.measure}\n{value.citation}")
    return notes


def _wrapped(name: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(name, 24)[:4])
