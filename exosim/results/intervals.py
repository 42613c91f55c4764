"""The ensemble of a parameter set under one scenario: outcomes of every draw, bands round every course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.parameters import ensemble
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.simulation.history import COURSES
from exosim.simulation.loop import simulate
from exosim.simulation.setup import Setup

INTERVAL = (5, 95)  # percentiles of the draws: 90 %
NINETY = 1.645  # standard deviations from the middle of a normal distribution to either of them
NUMBERS = tuple(outcome.name for outcome in OUTCOMES if outcome.kind is float)


@dataclass(frozen=True)
class Ensemble:
    """One arm under every draw of its parameter set, at column resolution.

    Attributes
    ----------
    outcomes : dict
        Every outcome, one value per draw.
    bands : dict
        Lower and upper end (2, times) of the 90 % interval of every course.
    """

    outcomes: dict[str, Array]
    bands: dict[str, Array]

    @classmethod
    def simulate(cls, setup: Setup) -> Ensemble:
        """Simulate every draw; raise `BadInput` when the set has none."""
        scenario = setup.scenario
        history = simulate(scenario, ensemble(setup.parameters), "column", states=False)
        bands = {name: between(getattr(history.observed, name)) for name in COURSES}
        return cls(outcomes(history, scenario), bands)


def between(values: Array) -> Array:
    """Return the ends of the 90 % interval over the last axis, on a new first one.

    A value that never came (an onset, nan) counts as the latest.
    """
    ends = np.percentile(np.nan_to_num(values.astype(float), nan=np.inf), INTERVAL, axis=-1, method="nearest")
    return np.where(np.isfinite(ends), ends, np.nan)


def intervals(found: Mapping[str, Array], minus: Mapping[str, Array] | None = None) -> dict[str, list[float | None]]:
    """Return the 90 % interval of every outcome that is a number, or of its paired difference `minus` another arm."""
    ends: dict[str, Any] = {}
    with np.errstate(invalid="ignore"):
        for name in NUMBERS:
            low, high = between(found[name] - minus[name] if minus else found[name])
            ends[name] = [None if np.isnan(end) else float(end) for end in (low, high)]
    return ends
