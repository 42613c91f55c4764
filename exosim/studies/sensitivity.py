"""Which parameters an outcome hangs on: first-order and total Sobol indices, and what they rest on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.bands import INTERVAL, NUMBERS
from exosim.batch import outcomes_of
from exosim.biology.system import PARAMETERS
from exosim.calibration.ensemble import parameters, uncertain
from exosim.calibration.misfit import Figures
from exosim.engine.tissue import Array
from exosim.parameters import ParameterSet, parameter_set
from exosim.scenario import Scenario
from exosim.simulate import Progress, parameter_values

if TYPE_CHECKING:
    import pandas as pd

GRADES = ("measured", "estimated", "assumed", "fitted")


@dataclass(frozen=True)
class Sensitivity:
    """Sobol indices of the outcomes of one scenario.

    Attributes
    ----------
    outcomes, parameters : tuple of str
    first, total : array, shape (outcomes, parameters)
        Share of an outcome's variance that a parameter explains alone, and with all its interactions.
    error : array, shape (outcomes, parameters)
        Half the width of the 90 % bootstrap interval of `total`.
    grades : tuple of str
        Evidence grade of each parameter, or ``fitted``.
    """

    outcomes: tuple[str, ...]
    parameters: tuple[str, ...]
    first: Array
    total: Array
    error: Array
    grades: tuple[str, ...]

    @property
    def meter(self) -> dict[str, dict[str, float]]:
        """Share of each outcome's total indices that rests on measured, estimated, assumed and fitted parameters."""
        grades = np.array(self.grades)
        shares = {}
        for name, row in zip(self.outcomes, np.maximum(self.total, 0), strict=True):
            shares[name] = {grade: float(row[grades == grade].sum() / row.sum()) for grade in GRADES}
        return shares

    def to_dataframe(self) -> pd.DataFrame:
        """One row per outcome and parameter."""
        import pandas as pd

        i, j = np.indices(self.total.shape).reshape(2, -1)
        columns = {"first": self.first, "total": self.total, "error": self.error}
        names = {"outcome": np.array(self.outcomes)[i], "parameter": np.array(self.parameters)[j]}
        return pd.DataFrame(
            names | {"evidence": np.array(self.grades)[j]} | {key: x.ravel() for key, x in columns.items()}
        )

    def to_dict(self) -> dict[str, Any]:
        """What `exosim sensitivity --json` prints."""
        names = ("parameter", "first", "total", "error", "evidence")
        return {
            "meter": self.meter,
            "largest": {
                outcome: [dict(zip(names, row, strict=True)) for row in self.largest(outcome, 10)]
                for outcome in self.outcomes
            },
        }

    def largest(self, outcome: str, number: int = 5) -> list[tuple[str, float, float, float, str]]:
        """Name, first and total index, error and grade of the parameters that matter most."""
        i = self.outcomes.index(outcome)
        order = np.argsort(-self.total[i])[:number]
        return [
            (
                self.parameters[j],
                *(float(x[i, j]) for x in (self.first, self.total, self.error)),
                self.grades[j],
            )
            for j in order
        ]


def grade(name: str, of: ParameterSet) -> str:
    """Evidence grade of a parameter in a set: that of its source, or ``fitted``."""
    override = of.overrides.get(name)
    return "fitted" if override and override.fitted else PARAMETERS[name].evidence


def _varies(values: Array) -> bool:
    """Whether most values differ from the middle one, so that there is a variance to share out."""
    return bool(np.mean(np.abs(values - np.median(values)) > 1e-9) > 0.5)


def sobol(
    scenario: Scenario, name: str, samples: int = 512, seed: int = 0, progress: Progress | None = None
) -> Sensitivity:
    """Indices of every outcome that varies, by Saltelli's design, every parameter drawn from its range.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Parameter set; what it or the scenario holds without fitting does not vary.
    samples : int
        A power of two; the model runs ``samples * (parameters + 2)`` times, one column each.
    """
    from scipy.stats import norm, sobol_indices

    chosen = parameter_set(name)
    varied = [x for x in uncertain(Figures(name)) if x not in scenario.assume]
    fixed = {key: q for key, q in parameter_values(scenario, chosen.values()).items() if key not in varied}
    kept: list[str] = []

    def model(z: Array) -> Array:
        drawn: Mapping[str, Any] = fixed | parameters(varied, z)
        found = outcomes_of(scenario, {key: drawn[key] for key in PARAMETERS}, threads=2, progress=progress)
        if not kept:
            late = {"onset_week": scenario.weeks}  # one that never comes counts as the end
            rows = {key: np.nan_to_num(found[key], nan=late.get(key, np.nan)) for key in NUMBERS}
            kept.extend(key for key, row in rows.items() if np.isfinite(row).all() and _varies(row))
        return np.array([np.nan_to_num(found[key], nan=scenario.weeks) for key in kept])

    random = np.random.default_rng(seed)
    result = sobol_indices(func=model, n=samples, dists=[norm()] * len(varied), rng=random)
    with warnings.catch_warnings(action="ignore"):  # of SciPy's own intervals, which are not used
        resampled = result.bootstrap(n_resamples=200).total_order.bootstrap_distribution
    first, total = np.atleast_2d(result.first_order), np.atleast_2d(result.total_order)
    low, high = np.nanpercentile(np.where(np.isfinite(resampled), resampled, np.nan), INTERVAL, axis=-1)
    error = np.atleast_2d(high - low) / 2
    return Sensitivity(
        tuple(kept), tuple(varied), first, total, error, tuple(grade(x, chosen) for x in varied)
    )
