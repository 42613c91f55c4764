"""What a trial of a few people would have found: differences, responders, power of its test."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm, ttest_1samp

from exosim.engine.tissue import Array
from exosim.studies.cohort import KNOWN, NUMERIC, Results

RESPONDER = (25.0, 50.0)  # percent of improvement that trials count
REPLICATES = 1000
ALPHA = 0.05


def summary(results: Results, people: int, seed: int = 0) -> dict[str, Any]:
    """Outcomes of every arm, paired differences from the first, responders, pigment by phototype, the trial's test.

    Parameters
    ----------
    people : int
        Size of the trial whose test is replicated.
    """
    done = len(results.column("subject.draw"))
    found: dict[str, Any] = {
        "subjects": done,
        "of": results.store.design["subjects"],
        "failures": len(results.store.failures()),
        "arms": {},
        "differences": {},
    }
    if not done:
        return found
    for i, name in enumerate(results.names):
        found["arms"][name] = {
            "outcomes": {x: spread(results.outcome(i, x)) for x in NUMERIC},
            "responders": {
                f"{level:g} %": share(results.outcome(i, "improvement_percent") >= level)
                for level in RESPONDER
            },
            "pih_by_phototype": _by_phototype(results, results.outcome(i, "pih")),
        }
        if i:
            other = results.outcome
            found["differences"][name] = {
                "from": results.names[0],
                "outcomes": {x: paired(other(i, x) - other(0, x)) for x in NUMERIC},
                "trial": trial(results.scored(i) - results.scored(0), people, seed),
            }
    return found


def spread(values: Array) -> dict[str, float | None]:
    """Mean and quantiles of those to whom the outcome applies, and their share."""
    known = values[np.isfinite(values)]
    if not len(known):
        return {"mean": None, "low": None, "median": None, "high": None, "share": 0.0}
    low, median, high = np.percentile(known, (5, 50, 95))
    return {
        "mean": float(known.mean()),
        "low": float(low),
        "median": float(median),
        "high": float(high),
        "share": len(known) / len(values),
    }


def paired(difference: Array) -> dict[str, float | None]:
    """Mean difference with its 95 % confidence interval, and quantiles between people."""
    known = difference[np.isfinite(difference)]
    found = spread(difference)
    half = 1.96 * known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else np.nan
    ends = (found["mean"] or 0) - half, (found["mean"] or 0) + half
    return found | {"ci_low": _none(ends[0]), "ci_high": _none(ends[1])}


def share(flags: Any) -> dict[str, float]:
    """A share with its 95 % confidence interval (Wilson)."""
    n, p, z = len(flags), float(np.mean(flags)), float(norm.ppf(0.975))
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return {"share": p, "low": float(middle - half), "high": float(middle + half)}


def trial(difference: Array, people: int, seed: int) -> dict[str, Any]:
    """The paired t test of `people` drawn from the cohort, replicated: its power, what it would report."""
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


def _by_phototype(results: Results, flags: Array) -> dict[str, dict[str, float]]:
    who = results.trait("phototype")
    return {name: share(flags[who == i] > 0) for i, name in enumerate(KNOWN["phototype"]) if (who == i).any()}


def _none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
