"""Statistics of a trial: spread, shares and differences with their intervals, power of its test."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binomtest, t

from exosim.engine.tissue import Array
from exosim.results.intervals import INTERVAL

REPLICATES = 1000
ALPHA = 0.05
ROUNDING = 1e-9  # relative difference between people that is none
TRIAL = 2  # what a random stream of a seed is for, besides those of a cohort


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
    if len(known) < 2:
        return whole | {"ci_low": None, "ci_high": None}
    mean, half = float(known.mean()), float(1.96 * known.std(ddof=1) / np.sqrt(len(known)))
    return whole | {"ci_low": mean - half, "ci_high": mean + half}


def share(values: Array, least: float) -> dict[str, float | None]:
    """Return the share of people with a value who reach `least`, with its 95 % confidence interval (Wilson)."""
    known = values[np.isfinite(values)]
    if not len(known):
        return {"share": None, "low": None, "high": None}
    reached = int(np.sum(known >= least))
    ends = binomtest(reached, len(known)).proportion_ci(method="wilson")
    return {"share": reached / len(known), "low": float(ends.low), "high": float(ends.high)}


def trial(difference: Array, people: int, seed: int) -> dict[str, Any]:
    """Replicate the paired t test of `people` drawn from the cohort: its power, and what it would report.

    Where there is no such test, its results are None, and `why` says it.
    """
    known = difference[np.isfinite(difference)]
    found: dict[str, Any] = {"people": people, "replicates": REPLICATES, "power": None, "median_p": None}
    if len(known) < people:
        return found | {"difference": None, "why": f"the cohort has {len(known)} people with a difference, too few"}
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(TRIAL,)))
    drawn = known[random.integers(len(known), size=(REPLICATES, people))]
    means, errors = drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / np.sqrt(people)
    low, median, high = np.percentile(means, (2.5, 50, 97.5)).tolist()
    found |= {"difference": {"low": low, "median": median, "high": high}, "why": ""}
    if np.ptp(known) <= ROUNDING * np.abs(known).max():
        return found | {"why": "the difference is the same in everybody, which no t test can judge"}
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * t.sf(np.abs(means / errors), people - 1)
    p = np.where(np.isnan(p), 1.0, p)  # all drawn alike, and no difference
    return found | {"power": float(np.mean(p < ALPHA)), "median_p": float(np.median(p))}
