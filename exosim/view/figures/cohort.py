"""Figures of a cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from exosim.engine.tissue import Array
from exosim.studies.cohort import Cohort
from exosim.studies.results import Results
from exosim.studies.store import Store
from exosim.view.figures.style import COLOURS, MUTED, Drawing, line, sign, style
from exosim.view.text import number, short, span

BARS = 200  # people of the waterfall


def drawings(study: Cohort, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield all figures of a cohort."""
    results = study.results(store)
    if not summary["subjects"]:
        return
    yield distributions(results)
    if len(results.names) > 1 and summary["differences"][results.names[-1]]["outcomes"]["improvement_percent"]["share"]:
        yield waterfall(results, summary)


def distributions(results: Results) -> Drawing:
    """Draw improvement and downtime of every arm between people."""
    titles = {"improvement_percent": "Scar filled, %", "downtime_days": "Red for, first session, d"}
    rows = []
    with style() as canvas:
        figure, axes = canvas.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
        for axis, (outcome, title) in zip(axes, titles.items(), strict=True):
            values = [results.outcome(i, outcome) for i in range(len(results.names))]
            edges, shares = spread(axis, values)
            for name, share in zip(results.names, shares, strict=True):
                rows.append(pd.DataFrame({"outcome": outcome, "arm": name, "from": edges[:-1], "share": share}))
            axis.set(title=title, ylabel="% of people")
        figure.legend(*key(results.names), loc="outside upper left", ncols=3)
        sign(figure)
    alt = f"Distribution of improvement and downtime between {len(values[0])} virtual people; lines: medians."
    return Drawing("distributions", figure, lambda: pd.concat(rows), alt)


def spread(axis: Any, values: Sequence[Array]) -> tuple[Array, list[Array]]:
    """Draw how the values of each arm are spread between people; return the edges of the bars, and shares in them."""
    everyone, shares = np.concatenate(values), []
    edges = np.histogram_bin_edges(everyone[np.isfinite(everyone)], bins=40)
    for i, arm in enumerate(values):
        known, (color, dash) = arm[np.isfinite(arm)], line(i)
        shares.append(np.histogram(known, bins=edges)[0] / max(len(arm), 1))
        axis.stairs(100 * shares[-1], edges, color=color, linestyle=dash, linewidth=1.5)
        if len(known):
            axis.axvline(float(np.median(known)), color=color, linestyle=dash, linewidth=0.8)
    if not np.isfinite(everyone).any():
        axis.annotate("applies to nobody", (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
    return edges, shares


def key(names: Sequence[str]) -> tuple[list[Any], list[str]]:
    """Return the lines of a key of arms, and what they say."""
    from exosim.view.figures.canvas import Line2D

    looks = map(line, range(len(names)))
    return [Line2D([], [], color=color, linestyle=dash) for color, dash in looks], [short(name) for name in names]


def waterfall(results: Results, summary: Mapping[str, Any]) -> Drawing:
    """Draw the difference of the last arm from the first in every person, largest first, with that of the whole."""
    last = len(results.names) - 1
    difference = results.outcome(last, "improvement_percent") - results.outcome(0, "improvement_percent")
    known = np.sort(difference[np.isfinite(difference)])[::-1]
    shown = known[np.linspace(0, len(known) - 1, min(BARS, len(known))).round().astype(int)]
    mean = summary["differences"][results.names[last]]["outcomes"]["improvement_percent"]
    with style() as canvas:
        figure, axis = canvas.subplots(figsize=(8, 3.2), layout="constrained")
        axis.bar(range(len(shown)), shown, width=1.0, color=list(np.where(shown > 0, COLOURS[0], COLOURS[1])))
        axis.axhline(mean["mean"], color="#000000", linewidth=1)
        axis.annotate(
            f"mean {number(mean['mean'])}, 95 % interval of the mean {span(mean['ci_low'], mean['ci_high']) or '-'}",
            (len(shown) - 1, mean["mean"]), xytext=(0, 4), textcoords="offset points", ha="right", fontsize=8,
            bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},
        )  # fmt: skip
        axis.set(
            title=f"{short(results.names[last])} minus {short(results.names[0])}, person by person",
            ylabel="scar filled, points",
        )
        axis.set_xlabel(f"{len(shown)} of {len(known)} people, largest difference first", fontsize=8, color=MUTED)
        axis.set_xticks([])
        sign(figure)
    alt = f"Paired differences of {len(known)} virtual people, mean {number(mean['mean'])} points."
    return Drawing("waterfall", figure, lambda: pd.DataFrame({"difference": known}), alt)
