"""The ensemble of a parameter set under one scenario: outcomes of every draw, bands round every course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.parameters import ensemble
from exosim.problems import BadInput, Problem, brief, suggest
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


def courses_of(given: Sequence[str] | str, drawn: bool, source: str = "`courses`") -> list[str]:
    """Return the courses that are kept of every draw; raise `BadInput` for those that are none, or where none is drawn.

    >>> courses_of("tnf_alpha, erythema", True)
    ['tnf_alpha', 'erythema']
    """
    names = [x.strip() for x in given.split(",")] if isinstance(given, str) else [*given]
    problems = [
        Problem(f'there is no course "{brief(str(name))}"', source=source, remedy=suggest(str(name), COURSES))
        for name in names
        if name not in COURSES
    ]
    if names and not drawn:
        problems.append(Problem("courses are kept of every draw", source=source, remedy="add `ensemble`"))
    if problems:
        raise BadInput(problems)
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Ensemble:
    """One arm under every draw of its parameter set, at column resolution.

    Attributes
    ----------
    outcomes : dict
        Every outcome, one value per draw.
    bands : dict
        Lower and upper end (2, times) of the 90 % interval of every course.
    members : dict
        Some courses of every draw, (times, draws).
    """

    outcomes: dict[str, Array]
    bands: dict[str, Array]
    members: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def simulate(cls, setup: Setup, own: Sequence[Own] = (), courses: Sequence[str] = ()) -> Ensemble:
        """Simulate every draw, and keep some `courses` of all; raise `BadInput` when the set has none."""
        scenario, values = setup.scenario, ensemble(setup.parameters)
        history = simulate(scenario, values, "column", states=False, follow=states_of(own))
        bands = {name: between(getattr(history.observed, name)) for name in COURSES}
        members = {name: getattr(history.observed, name) for name in courses}
        return cls(outcomes(history, scenario, own), bands, members)


def between(values: Array) -> Array:
    """Return the ends of the 90 % interval over the last axis, on a new first one.

    A value that never came (an onset, nan) counts as the latest.
    """
    return quantiles(values, INTERVAL)


def quantiles(values: Array, percents: Sequence[float]) -> Array:
    """Return percentiles over the last axis, on a new first one; see `between`."""
    known = np.where(np.isnan(values.astype(float)), np.inf, values)
    found = np.percentile(known, percents, axis=-1, method="nearest")
    return np.where(np.isfinite(found), found, np.nan)


def paired(one: Array, other: Array) -> Array:
    """Return `one` minus `other`, draw by draw; a value that came in one of them alone is earlier or later by any time.

    >>> paired(np.array([3.0, 3.0, np.nan]), np.array([2.0, np.nan, 2.0]))
    array([  1., -inf,  inf])
    """
    with np.errstate(invalid="ignore"):
        difference: Array = np.where(np.isnan(one), np.inf, one) - np.where(np.isnan(other), np.inf, other)
    return difference


def intervals(found: Mapping[str, Array], minus: Mapping[str, Array] | None = None) -> dict[str, list[float | None]]:
    """Return the 90 % interval of every outcome that is a number, or of its paired difference `minus` another arm."""
    ends: dict[str, Any] = {}
    for name in (x for x in found if x in NUMBERS or x not in _KNOWN):
        low, high = between(paired(found[name], minus[name]) if minus else found[name])
        ends[name] = [None if np.isnan(end) else float(end) for end in (low, high)]
    return ends
