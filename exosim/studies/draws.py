"""Every draw of a parameter set in every case: what the draws say together, and paired with a reference."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.parameters import ParametersLike, ensemble, parameter_set
from exosim.results.intervals import paired, quantiles
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.results.own import Own, states_of
from exosim.results.times import columns_at, courses_at
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.studies.aims import STATISTICS
from exosim.studies.sweep import MEASURES

PERCENTILES = {"p05": 5, "p50": 50, "p95": 95}
FLAGS = tuple(outcome.name for outcome in OUTCOMES if outcome.kind is bool)


class Members:
    """The members of an ensemble under one schedule: the set itself, then each of its draws; one column each."""

    def __init__(self, parameters: ParametersLike, own: Sequence[Own] = (), times: Sequence[float] = ()) -> None:
        self.parameters, self.own, self.times = parameters, own, times

    @cached_property
    def values(self) -> dict[str, Any]:
        """Every parameter; of those that are drawn an array, the set first."""
        base, drawn = parameter_set(self.parameters).values(), ensemble(self.parameters)
        return {name: np.concatenate([[base[name]], x]) if np.size(x) > 1 else x for name, x in drawn.items()}

    def __len__(self) -> int:
        return max(np.size(x) for x in self.values.values())

    def simulated(self, arm: Scenario) -> tuple[dict[str, Array], list[str]]:
        """Return every outcome, measure and course on days of all members, and why some of them have none.

        A member that could not be simulated has nan, also in its measures.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # members that fail are listed below
            history = simulate(arm, self.values, "column", states=False, follow=states_of(self.own))
        found = {name: x.astype(float) for name, x in outcomes(history, arm, self.own).items()}
        found |= {name: np.full(len(self), compute(arm)) for name, (compute, _) in MEASURES.items()}
        courses = courses_at(history, self.times)
        found |= {name: courses[x.course][:, x.place] for name, x in columns_at(self.times).items()}
        lost = [x.subject for x in history.failures]
        for values in found.values() if lost else ():
            values[lost] = np.nan
        return found, [f"{x.reason} on day {x.time:.3g} in {x.state}" for x in history.failures]


def said(values: Array, known: Array) -> dict[str, Array]:
    """Return what can be said over the last axis, draws, of which some are not `known`: percentiles and mean.

    A value that never came (nan of a draw that is known) counts as the latest; with one, there is no mean.

    >>> found = said(np.array([[1.0, 2.0, 3.0, 9.0]]), np.array([[True, True, True, False]]))
    >>> {name: float(x[0]) for name, x in found.items()}
    {'p05': 1.0, 'p50': 2.0, 'p95': 3.0, 'mean': 2.0}
    """
    if known.all():
        found = quantiles(values, [*PERCENTILES.values()])
        with np.errstate(invalid="ignore"):
            mean = values.mean(axis=-1)
        return dict(zip(PERCENTILES, found, strict=True)) | {"mean": np.where(np.isfinite(mean), mean, np.nan)}
    rows = [
        said(x[k], k[k]) if k.any() else dict.fromkeys(STATISTICS, np.nan) for x, k in zip(values, known, strict=True)
    ]
    return {name: np.array([row[name] for row in rows]) for name in STATISTICS}


def columns(name: str, found: Mapping[str, Array], other: Mapping[str, Array] | None) -> dict[str, Array]:
    """Return the columns of an outcome `found` of (cases, members): the set itself, 5, 50 and 95 % of the draws.

    With the members of a reference, (1, members), also differences from it, member by member, and the share of draws
    above it; of a flag the share of draws in which it is raised.
    """
    own, drawn, known = found[name][:, 0], found[name][:, 1:], known_draws(found)
    if name in MEASURES:
        return {name: own}
    if name in FLAGS:
        return {name: own, f"{name}_share": _share(drawn, known)}
    told = {name: own} | _percentiles(name, drawn, known)
    if other is None:
        return told
    difference, reference, known_reference = f"{name}_difference", other[name], known_draws(other)
    minus, both = paired(drawn, reference[:, 1:]), np.logical_and(known, known_reference)
    told |= {difference: own - reference[:, 0]} | _percentiles(difference, minus, both)
    return told | {f"{name}_share_above": _share(minus > 0, both)}


def _percentiles(name: str, values: Array, known: Array) -> dict[str, Array]:
    found = said(values, known)
    return {f"{name}_{end}": found[end] for end in PERCENTILES}


def _share(raised: Any, known: Any) -> Array:
    """Return the share of draws that are known in which something is so."""
    with np.errstate(invalid="ignore"):
        return np.asarray((raised.astype(bool) & known).sum(axis=-1) / known.sum(axis=-1))


def known_draws(found: Mapping[str, Array]) -> Array:
    """Return which draws were simulated, (cases, draws)."""
    return np.asarray(~np.isnan(found["procedures"][:, 1:]))
