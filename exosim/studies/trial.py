"""Statistics of a trial: spread, shares and differences with their intervals, power of its test."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binomtest, ttest_1samp

from exosim.engine.tissue import Array
from exosim.results.intervals import INTERVAL

REPLICATES = 1000
ALPHA = 0.05


def spread(values: Array) -> dict[str, float | None]:
    """Return mean and quantiles of those to whom the outcome applies, and their share."""
    known = values[np.isfinite(values)]
    if not len(known):
        return {"mean": None, "low": None, "median": None, "high": None, "share": 0.0}
    low, median, high = np.percentile(known, (INTERVAL[0], 50, INTERVAL[1])).tolist()
    share = len(known) / len(values)
    return {"mean": float(known.mean()), "low": low, "median": median, "high": high, "share": share}


def paired(difference: Array) -> dict[str, float | None]:
    """Return the mean difference with its 95 % confidence interval, and quantiles between people."""
    known = difference[np.isfinite(difference)]
    whole = spread(difference)
    half = 1.96 * known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else np.nan
    ends = (whole["mean"] or 0) - half, (whole["mean"] or 0) + half
    return whole | {"ci_low": _none(ends[0]), "ci_high": _none(ends[1])}


def share(flags: Any) -> dict[str, float]:
    """Return a share with its 95 % confidence interval (Wilson)."""
    ends = binomtest(int(np.sum(flags)), len(flags)).proportion_ci(method="wilson")
    return {"share": float(np.mean(flags)), "low": float(ends.low), "high": float(ends.high)}


def trial(difference: Array, people: int, seed: int) -> dict[str, Any]:
    """Replicate the paired t test of `people` drawn from the cohort: its power, and what it would report."""
    known = difference[np.isfinite(difference)]
    if len(known) < people:
        return {"people": people, "power": None}
    random = np.random.default_rng(seed)
    drawn = known[random.integers(len(known), size=(REPLICATES, people))]
    p = ttest_1samp(drawn, 0.0, axis=1).pvalue
    low, median, high = np.percentile(drawn.mean(axis=1), (2.5, 50, 97.5))
    return {
        "people": people,
        "replicates": REPLICATES,
        "power": float(np.mean(p < ALPHA)),
        "median_p": float(np.median(p)),
        "difference": {"low": float(low), "median": float(median), "high": float(high)},
    }


def _none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
