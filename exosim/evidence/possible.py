"""What can be read at all: the range of a figure, and the days over which it was read."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from exosim.evidence.readouts import BY_NAME
from exosim.evidence.studies import SHARES, Figure
from exosim.problems import Problem
from exosim.results.outcomes import OUTCOMES

DAYS = tuple(x.name for x in OUTCOMES if x.unit == "d")
"""Outcomes that are days of the course."""


def _said(figure: Figure) -> Iterator[tuple[str, float]]:
    """Yield value and bounds of a figure, each with its name."""
    for key in ("value", "at_least", "at_most"):
        if (found := getattr(figure, key)) is not None:
            yield key, found


def out_of_range(figure: Figure) -> Iterator[Problem]:
    """Yield values and bounds that cannot be read."""
    if figure.form in ("ratio", "odds"):
        for key, x in _said(figure):
            if x <= 0:
                yield Problem(f"a ratio of {x:g} is not above 0", (key,), "a ratio is a number above 0")
        return
    of, low, high, unit = figure.read, 0.0, 1.0, ""
    if of not in SHARES:
        about = BY_NAME[of]
        low, high, unit = about.low, about.high, f" {about.unit}"
    if figure.form == "difference":
        low, high, of = low - high, high - low, f"a difference of {of}"
    for key, x in _said(figure):
        if not low <= x <= high:
            ends = f"{low:g} to {high:g}" if high < inf else f"{low:g} and more"
            remedy = f"possible: {ends}{unit.removesuffix(' 1')}"
            yield Problem(f"{key} = {x:g} is out of the range of {of}", (key,), remedy)


def too_long(figure: Figure, last: float) -> Iterator[Problem]:
    """Yield numbers of days over which a figure, of an arm that ends on day `last`, was not read."""
    if figure.read not in DAYS or figure.form == "ratio":
        return
    days = figure.day or last
    for key, x in _said(figure):
        if abs(x) > days + 1e-3:
            remedy = "raise day of the figure" if figure.day else "write weeks of the arm"
            yield Problem(f"{figure.read} read over {days:g} days cannot be {x:g} days", (key,), remedy)
