"""The ensemble of a parameter set under one scenario: outcomes of every draw, bands round every course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.parameters import draws, parameter_set
from exosim.problems import BadInput, Problem
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.results.own import Own, states_of
from exosim.simulation.history import COURSES
from exosim.simulation.loop import simulate
from exosim.simulation.setup import Setup

INTERVAL = (5, 95)  # percentiles of the draws: 90 %
NINETY = 1.645  # standard deviations from the middle of a normal distribution to either of them
NUMBERS = tuple(outcome.name for outcome in OUTCOMES if outcome.kind is float)


def numbers(own: Sequence[Own] = ()) -> tuple[str, ...]:
    """Return the names of all outcomes that are numbers, one's own among them."""
    return (*NUMBERS, *(outcome.name for outcome in own))


_KNOWN = {outcome.name for outcome in OUTCOMES}


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
    def simulate(cls, setup: Setup, own: Sequence[Own] = ()) -> Ensemble:
        """Simulate every draw; raise `BadInput` when the set has none."""
        scenario, parameters = setup.scenario, setup.parameters
        drawn = draws(parameters)
        if not drawn:
            remedy = f"make one: exosim fit {parameters}"
            raise BadInput([Problem(f'the parameter set "{parameters}" has no ensemble', remedy=remedy)])
        history = simulate(
            scenario, parameter_set(parameters).values() | drawn, "column", states=False, follow=states_of(own)
        )
        bands = {name: between(getattr(history.observed, name)) for name in COURSES}
        return cls(outcomes(history, scenario, own), bands)


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
        for name in (x for x in found if x in NUMBERS or x not in _KNOWN):
            low, high = between(found[name] - minus[name] if minus else found[name])
            ends[name] = [None if np.isnan(end) else float(end) for end in (low, high)]
    return ends
