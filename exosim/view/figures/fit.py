"""Profiles of fitted parameters, and studies that a posterior leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from exosim.evidence.predict import Forecast
from exosim.studies.fit.posterior import Posterior
from exosim.studies.fit.profile import RISE
from exosim.studies.fit.study import Fit
from exosim.studies.store import Store
from exosim.view.figures.predictions import predictions
from exosim.view.figures.style import COLOURS, MUTED, Drawing, sign, style
from exosim.view.labels import named
from exosim.view.text import unit


def drawings(study: Fit, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield the figure of a fit that is done."""
    if "profiles" in summary:
        yield profiles(summary)


def left_out(study: Posterior, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield every study as the others predict it, once a posterior is done."""
    if "left_out" in summary:
        yield predictions([Forecast(**row) for row in summary["left_out"]["figures"]])


def profiles(summary: Mapping[str, Any]) -> Drawing:
    """Draw how much worse the fit gets when one parameter is moved and the others follow."""
    rows = []
    with style() as canvas:
        number = len(summary["profiles"])
        lines = -(-number // 4)
        figure, axes = canvas.subplots(
            lines, 4, figsize=(10.5, 2.5 * lines), sharey=True, layout="constrained", squeeze=False
        )
        for axis in axes.flat[number:]:
            axis.set_visible(False)
        for axis, about in zip(axes.flat, summary["parameters"], strict=False):
            name = about["parameter"]
            values, rise = zip(*summary["profiles"][name], strict=True)
            axis.plot(values, rise, color=COLOURS[0], marker="o", markersize=3)
            axis.axhline(RISE, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
            axis.axvline(about["value"], color=COLOURS[1], linewidth=1)
            axis.set_title(named(name))
            axis.set(xscale="log", ylim=(-0.3, 6))
            axis.xaxis.set_major_formatter("{x:g}")
            axis.xaxis.set_minor_formatter("")
            known = "identified" if about["identified"] else "NOT identified"
            axis.set_xlabel(f"{unit(about['unit'])}   {known}".strip(), fontsize=8)
            rows.append(pd.DataFrame({"parameter": name, "value": values, "rise": rise}))
        for axis in axes[:, 0]:
            axis.set_ylabel("rise of half the\nsum of squares", fontsize=8)
        sign(figure)
    names = [row["parameter"] for row in summary["parameters"] if row["identified"]]
    alt = f"Profile likelihood of {number} parameters; line: 90 %; identified: {', '.join(names) or 'none'}."
    return Drawing("profiles", figure, lambda: pd.concat(rows), alt)
