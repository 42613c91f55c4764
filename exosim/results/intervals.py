"""The ensemble of a parameter set under one scenario: outcomes of every draw, bands round every course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.parameters import draws, parameter_set
from exosim.problems import BadInput, Problem
from exosim.results.outcomes import OUTCOMES, improvement, outcomes
from exosim.scenario.model import Scenario
from exosim.simulation.history import OBSERVABLES
from exosim.simulation.loop import parameter_values, simulate

INTERVAL = (5, 95)  # percentiles of the draws: 90 %
NUMBERS = tuple(outcome.name for outcome in OUTCOMES if outcome.kind is float)


def simulated(scenario: Scenario, parameters: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """Outcomes of every draw, and the lower and upper edge (2, times) of every course, at column resolution.

    Raises
    ------
    BadInput
        When the set has no ensemble.
    """
    drawn = draws(parameters)
    if not drawn:
        remedy = f"make one: exosim fit {parameters}"
        raise BadInput([Problem(f'the parameter set "{parameters}" has no ensemble', remedy=remedy)])
    values = parameter_values(scenario, parameter_set(parameters).values() | drawn)
    history = simulate(scenario, values, "column", states=False)
    courses = {name: getattr(history.observed, name) for name in OBSERVABLES}
    courses["improvement_percent"] = improvement(history)
    index = history.observed.melanin_index
    courses["melanin_change_percent"] = 100 * (index / index[0] - 1)
    return outcomes(history, scenario), {name: between(course) for name, course in courses.items()}


def between(values: Array) -> Array:
    """Ends of the 90 % interval over the last axis, on a new first one; a value that never came counts as last."""
    ends = np.percentile(np.nan_to_num(values.astype(float), nan=np.inf), INTERVAL, axis=-1, method="nearest")
    return np.where(np.isfinite(ends), ends, np.nan)


def intervals(
    found: Mapping[str, Array], less: Mapping[str, Array] | None = None
) -> dict[str, list[float | None]]:
    """90 % interval of every outcome that is a number, of the paired difference where another arm is `less`."""
    ends: dict[str, Any] = {}
    with np.errstate(invalid="ignore"):
        for name in NUMBERS:
            low, high = between(found[name] - less[name] if less else found[name])
            ends[name] = [None if np.isnan(end) else float(end) for end in (low, high)]
    return ends
