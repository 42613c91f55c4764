"""On which parameters outcomes depend, with the evidence behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exosim.studies.sensitivity import GRADES, Indices, Sensitivity
from exosim.studies.store import Store
from exosim.view.figures.style import GRADE_COLOURS, Drawing, sign, style
from exosim.view.labels import label, measured, named, wrapped
from exosim.view.text import short

SHOWN = ("improvement_percent", "downtime_days", "tnf_auc", "melanin_index_peak_percent")
HATCH = dict(zip(GRADES, ("", "", "///", "..."), strict=True))
MOST = 10


SHAPES = {"sobol": ("total", "first"), "morris": ("mu_star", "sigma")}
"""Method -> measures of bar and dot."""
LABELS = {
    "sobol": "Sobol index: bar total, dot first order",
    "morris": "effect of the range: bar mean, dot spread",
    "local": "from 5 to 95 % of the range (arrow)",
}


def drawings(study: Sensitivity, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield the figure of a study that is done."""
    if indices := study.results(store):
        yield bars(indices, study.scenario.name)


def _bar(axis: Any, i: int, row: dict[str, Any], method: str) -> None:
    """Draw one parameter: a bar with its error and a dot, or a bar from end to end with an arrow."""
    face = _face(row["evidence"])
    if method == "local":
        axis.barh(i, row["high"] - row["low"], left=row["low"], **face)
        axis.plot(row["high"], i, ">" if row["high"] > row["low"] else "<", color="#000000", markersize=4)
    else:
        bar, dot = SHAPES[method]
        axis.barh(i, row[bar], xerr=row["error"], **face)
        axis.plot(row[dot], i, "o", color="#000000", markersize=3)


def _face(grade: str) -> dict[str, Any]:
    return {"color": GRADE_COLOURS[grade], "hatch": HATCH[grade], "edgecolor": "white"}


def bars(indices: Indices, scenario: str) -> Drawing:
    """Draw the parameters that matter most to four outcomes, above each a strip of the evidence that it rests on."""
    outcomes = [name for name in SHOWN if name in indices.outcomes] or list(indices.outcomes[:4])
    with style() as canvas:
        figure, axes = canvas.subplots(
            2, len(outcomes), figsize=(4 * len(outcomes), 5.4), layout="constrained", squeeze=False,
            height_ratios=(1, 9),
        )  # fmt: skip
        for (strip, axis), outcome in zip(axes.T, outcomes, strict=True):
            left = 0.0
            for grade, share in indices.meter[outcome].items():
                strip.barh(0, share, left=left, **_face(grade))
                if share > 0.12:
                    strip.annotate(
                        f"{100 * share:.0f} %", (left + share / 2, 0), ha="center", va="center", fontsize=7,
                        fontweight="bold", bbox={"facecolor": "white", "linewidth": 0, "pad": 1.2},
                    )  # fmt: skip
                left += share
            strip.set_xlim(0, 1)
            strip.set_axis_off()
            strip.set_title(wrapped((label if indices.method == "sobol" else measured)(outcome), 26))
            axis.use_sticky_edges = indices.method != "local"  # a bar of a swing may end anywhere
            rows = indices.largest(outcome, MOST)
            for i, row in enumerate(rows):
                _bar(axis, i, row, indices.method)
            axis.set_yticks(range(len(rows)), [named(row["parameter"]) for row in rows], fontsize=7)
            axis.set_ylim(MOST - 0.4, -0.6)
            axis.grid(axis="y", visible=False)
            axis.set_xlabel(wrapped(LABELS[indices.method], 26), fontsize=8)
        handles = [
            canvas.Rectangle((0, 0), 1, 1, facecolor=GRADE_COLOURS[grade], hatch=HATCH[grade], edgecolor="white")
            for grade in GRADES
        ]
        figure.legend(handles, [*GRADES], loc="outside upper left", ncols=4)
        sign(figure)
    meter = "; ".join(
        f"{name}: " + ", ".join(f"{100 * share:.0f} % {grade}" for grade, share in indices.meter[name].items())
        for name in outcomes
    )
    alt = f"Sensitivity ({indices.method}) of {short(scenario)}. What outcomes rest on: {meter}."
    return Drawing("sensitivity", figure, indices.to_dataframe, alt)
