"""Figures of a cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from exosim.studies.cohort import Cohort
from exosim.studies.results import Results
from exosim.studies.store import Store
from exosim.view.figures.style import COLOURS, LINES, MUTED, Drawing, sign, style
from exosim.view.text import short

BARS = 200  # people of the waterfall


def drawings(study: Cohort, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield all figures of a cohort."""
    results = study.results(store)
    yield distributions(results)
    if len(results.names) > 1:
        yield waterfall(results, summary)


def distributions(results: Results) -> Drawing:
    """Draw improvement and downtime of every arm between people."""
    titles = {"improvement_percent": "Improvement, %", "downtime_days": "Downtime after the first procedure, d"}
    rows = []
    with style() as pyplot:
        figure, axes = pyplot.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
        for axis, (outcome, title) in zip(axes, titles.items(), strict=True):
            values = [results.outcome(i, outcome) for i in range(len(results.names))]
            edges = np.histogram_bin_edges(np.concatenate(values), bins=40)
            for i, arm in enumerate(values):
                share, _ = np.histogram(arm, bins=edges)
                color, dash = LINES[i]
                axis.stairs(100 * share / len(arm), edges, color=color, linestyle=dash, linewidth=1.5)
                axis.axvline(float(np.median(arm)), color=color, linestyle=dash, linewidth=0.8)
                about = {"outcome": outcome, "arm": results.names[i], "from": edges[:-1], "share": share / len(arm)}
                rows.append(pd.DataFrame(about))
            axis.set(title=title, ylabel="% of people")
        handles = [pyplot.Line2D([], [], color=c, linestyle=d) for c, d in LINES[: len(results.names)]]
        figure.legend(handles, [short(name) for name in results.names], loc="outside upper left", ncols=3)
        sign(figure)
    alt = f"Distribution of improvement and downtime between {len(values[0])} virtual people; lines: medians."
    return Drawing("distributions", figure, pd.concat(rows), alt)


def waterfall(results: Results, summary: Mapping[str, Any]) -> Drawing:
    """Draw the difference of the last arm from the first in every person, largest first, with that of the whole."""
    last = len(results.names) - 1
    difference = results.outcome(last, "improvement_percent") - results.outcome(0, "improvement_percent")
    known = np.sort(difference[np.isfinite(difference)])[::-1]
    shown = known[np.linspace(0, len(known) - 1, min(BARS, len(known))).round().astype(int)]
    mean = summary["differences"][results.names[last]]["outcomes"]["improvement_percent"]
    with style() as pyplot:
        figure, axis = pyplot.subplots(figsize=(8, 3.2), layout="constrained")
        axis.bar(range(len(shown)), shown, width=1.0, color=np.where(shown > 0, COLOURS[0], COLOURS[1]))
        axis.axhline(mean["mean"], color="#000000", linewidth=1)
        axis.annotate(
            f"mean {mean['mean']:.1f}, 95 % interval of the mean {mean['ci_low']:.2f} to {mean['ci_high']:.2f}",
            (len(shown) - 1, mean["mean"]), xytext=(0, 4), textcoords="offset points", ha="right", fontsize=8,
        )  # fmt: skip
        axis.set(
            title=f"{short(results.names[last])} minus {short(results.names[0])}, person by person",
            ylabel="improvement, points",
        )
        axis.set_xlabel(f"{len(shown)} of {len(known)} people, largest difference first", fontsize=8, color=MUTED)
        axis.set_xticks([])
        sign(figure)
    alt = f"Paired differences of {len(known)} virtual people, mean {mean['mean']:.1f} points."
    return Drawing("waterfall", figure, pd.DataFrame({"difference": known}), alt)
