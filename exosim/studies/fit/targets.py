"""The published figures that a parameter set is fitted to, and how far simulated ones are from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS, defaults
from exosim.engine.tissue import Array
from exosim.evidence.claims import Check, claims
from exosim.evidence.verdicts import readings
from exosim.parameters import ParameterSet, ParametersLike, parameter_set
from exosim.results.intervals import NINETY

PRIOR = 0.15  # weight of the log distance of a fitted parameter from its default


@dataclass(frozen=True)
class Targets:
    """What one parameter set is fitted to, and with which parameters.

    Sharp targets are the values given to the best fit with their small deviations; others are the published values
    with their tolerances as 90 % intervals.
    """

    name: ParametersLike
    sharp: bool = True
    held: Mapping[str, float] = field(default_factory=dict)  # given a value, not fitted: a mechanism switched off, say

    @cached_property
    def set(self) -> ParameterSet:
        """The set as it is."""
        return parameter_set(self.name)

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Names of the fitted parameters."""
        return tuple(name for name, x in self.set.overrides.items() if x.fitted and name not in self.held)

    @cached_property
    def fixed(self) -> dict[str, float]:
        """Every parameter before the fit: defaults, and what is held without fitting."""
        own = {name: x.value for name, x in self.set.overrides.items() if not x.fitted}
        return defaults() | own | dict(self.held)

    @cached_property
    def checks(self) -> dict[str, Check]:
        """The figures, by claim and name."""
        return {
            f"{claim.id} {check.name}": check
            for claim in claims().values()
            for check in claim.checks
            if str(self.set) in check.fit
        }

    @cached_property
    def target(self) -> Array:
        """Value and standard deviation of every figure, (figures, 2)."""
        if self.sharp:
            return np.array([check.fit[str(self.set)] for check in self.checks.values()])
        return np.array([(check.goal, (check.tolerance or np.nan) / NINETY) for check in self.checks.values()])

    def simulated(self, values: Mapping[str, Any]) -> Array:
        """Return the figures under `values` (arrays: one entry per subject), (figures, subjects)."""
        answers = readings((name for check in self.checks.values() for name in check.arms), values)
        return np.array([check.simulated(answers) for check in self.checks.values()])

    def values(self, z: Array) -> dict[str, Any]:
        """Return every parameter at logarithms `z` of the free ones, (free,) or (free, subjects)."""
        return self.fixed | dict(zip(self.free, np.exp(np.atleast_2d(z.T).T), strict=True))

    def residuals(self, z: Array) -> Array:
        """Return misfits in standard deviations, then weighted distances from the defaults; columns as in `z`."""
        columns = np.atleast_2d(z.T).T
        figures = (self.simulated(self.values(columns)) - self.target[:, :1]) / self.target[:, 1:]
        return np.vstack([np.nan_to_num(figures, nan=1e3), PRIOR * (columns - self.centre[:, None])])

    @cached_property
    def centre(self) -> Array:
        """Logarithms of the defaults of the free parameters."""
        return np.log([PARAMETERS[name].value for name in self.free])

    @cached_property
    def bounds(self) -> Array:
        """Logarithms of the ranges of the free parameters, (2, free); from 0 means from a hundredth of the end."""
        ranges = [(PARAMETERS[name].low or PARAMETERS[name].high / 100, PARAMETERS[name].high) for name in self.free]
        return np.log(ranges).T
