"""Which parameters an outcome hangs on, one at a time (local), by trajectories (Morris) or by variance (Sobol)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.parameters import ParameterSet, parameter_set
from exosim.results.intervals import INTERVAL, NUMBERS
from exosim.results.subjects import outcomes_of
from exosim.scenario.model import Scenario
from exosim.simulation.setup import Progress, parameter_values
from exosim.studies.fit.ensemble import parameters, uncertain
from exosim.studies.fit.misfit import Figures

if TYPE_CHECKING:
    import pandas as pd

GRADES = ("measured", "estimated", "assumed", "fitted")
TAIL = 1.645  # standard normal draw at which a parameter stands near an end of its range: 5 and 95 %
Model = Callable[[Array], Array]
"""Standard normal draws of the parameters, (parameters, runs) -> outcomes, (outcomes, runs)."""


@dataclass(frozen=True)
class Sensitivity:
    """What the outcomes of one scenario hang on.

    Attributes
    ----------
    method : {"local", "morris", "sobol"}
    outcomes, parameters : tuple of str
    measures : dict of array, shape (outcomes, parameters)
        The first is what ranks the parameters.
    grades : tuple of str
        Evidence grade of each parameter, or ``fitted``.
    """

    method: str
    outcomes: tuple[str, ...]
    parameters: tuple[str, ...]
    measures: Mapping[str, Array]
    grades: tuple[str, ...]

    @property
    def rank(self) -> Array:
        """What ranks the parameters, not below zero, (outcomes, parameters)."""
        return np.maximum(next(iter(self.measures.values())), 0)

    @property
    def meter(self) -> dict[str, dict[str, float]]:
        """Share of each outcome's sensitivity that rests on measured, estimated, assumed and fitted parameters."""
        grades = np.array(self.grades)
        return {
            name: {grade: float(row[grades == grade].sum() / row.sum()) for grade in GRADES}
            for name, row in zip(self.outcomes, self.rank, strict=True)
        }

    def largest(self, outcome: str, number: int = 5) -> list[dict[str, Any]]:
        """The parameters that matter most: name, measures and grade."""
        i = self.outcomes.index(outcome)
        order = np.argsort(-self.rank[i], kind="stable")[:number]
        return [
            {"parameter": self.parameters[j]}
            | {name: float(of[i, j]) for name, of in self.measures.items()}
            | {"evidence": self.grades[j]}
            for j in order
        ]

    def to_dataframe(self) -> pd.DataFrame:
        """One row per outcome and parameter."""
        import pandas as pd

        i, j = np.indices(self.rank.shape).reshape(2, -1)
        names = {"outcome": np.array(self.outcomes)[i], "parameter": np.array(self.parameters)[j]}
        values = {name: of.ravel() for name, of in self.measures.items()}
        return pd.DataFrame(names | {"evidence": np.array(self.grades)[j]} | values)

    def to_dict(self) -> dict[str, Any]:
        """What `exosim sensitivity --json` prints."""
        largest = {outcome: self.largest(outcome, 10) for outcome in self.outcomes}
        return {"method": self.method, "meter": self.meter, "largest": largest}


def grade(name: str, of: ParameterSet) -> str:
    """Evidence grade of a parameter in a set: that of its source, or ``fitted``."""
    override = of.overrides.get(name)
    return "fitted" if override and override.fitted else PARAMETERS[name].evidence


def saltelli(model: Model, dimensions: int, samples: int, seed: int) -> dict[str, Array]:
    """Total and first-order Sobol indices, half the 90 % bootstrap interval of the total; (outcomes, dimensions)."""
    from scipy.stats import norm, sobol_indices

    result = sobol_indices(
        func=model, n=samples, dists=[norm()] * dimensions, rng=np.random.default_rng(seed)
    )
    with warnings.catch_warnings(action="ignore"):  # of SciPy's own intervals, which are not used
        resampled = result.bootstrap(n_resamples=200).total_order.bootstrap_distribution
    low, high = np.nanpercentile(np.where(np.isfinite(resampled), resampled, np.nan), INTERVAL, axis=-1)
    found = {"total": result.total_order, "first": result.first_order, "error": (high - low) / 2}
    return {name: np.atleast_2d(of) for name, of in found.items()}


def trajectories(model: Model, dimensions: int, samples: int, seed: int) -> dict[str, Array]:
    """Morris: mean absolute effect, its standard deviation and 90 % interval, per step of the whole range."""
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample
    from scipy.stats import norm

    problem = {
        "num_vars": dimensions,
        "names": list(range(dimensions)),
        "bounds": [[0.05, 0.95]] * dimensions,
    }
    shares = sample(problem, samples, seed=seed)
    results = [
        analyze(problem, shares, values, conf_level=0.9, seed=seed) for values in model(norm.ppf(shares).T)
    ]
    names = {"mu_star": "mu_star", "sigma": "sigma", "error": "mu_star_conf"}
    return {name: np.array([np.asarray(of[key], float) for of in results]) for name, key in names.items()}


def one_at_a_time(model: Model, dimensions: int, samples: int = 0, seed: int = 0) -> dict[str, Array]:
    """How far an outcome swings when one parameter stands near the ends of its range, and where to."""
    ends = TAIL * np.eye(dimensions)
    values = model(np.hstack([-ends, ends]))
    low, high = values[:, :dimensions], values[:, dimensions:]
    return {"swing": np.abs(high - low), "low": low, "high": high}


METHODS = {"local": one_at_a_time, "morris": trajectories, "sobol": saltelli}


def sensitivity(
    scenario: Scenario,
    name: str,
    method: str = "sobol",
    samples: int = 512,
    seed: int = 0,
    progress: Progress | None = None,
) -> Sensitivity:
    """What every outcome that varies hangs on, every uncertain parameter within its range.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Parameter set; what it or the scenario holds without fitting does not vary.
    method : {"sobol", "morris", "local"}
    samples : int
        Sobol: a power of two, ``samples * (parameters + 2)`` runs; Morris: trajectories; local: not used.
    """
    chosen = parameter_set(name)
    varied = tuple(x for x in uncertain(Figures(name)) if x not in scenario.assume)
    fixed = {key: q for key, q in parameter_values(scenario, chosen.values()).items() if key not in varied}
    kept: list[str] = []

    def model(z: Array) -> Array:
        drawn: Mapping[str, Any] = fixed | parameters(list(varied), z)
        found = outcomes_of(scenario, {key: drawn[key] for key in PARAMETERS}, threads=2, progress=progress)
        found["onset_week"] = np.nan_to_num(found["onset_week"], nan=scenario.weeks)  # never: at the end
        if not kept:
            kept.extend(
                key for key in NUMBERS if np.isfinite(found[key]).all() and _varies(found[key], method)
            )
        return np.array([np.nan_to_num(found[key]) for key in kept])

    measures = METHODS[method](model, len(varied), samples, seed)
    return Sensitivity(method, tuple(kept), varied, measures, tuple(grade(x, chosen) for x in varied))


def _varies(values: Array, method: str) -> bool:
    """Whether enough values differ from the middle one to share something out."""
    differing = float(np.mean(np.abs(values - np.median(values)) > 1e-9))
    return differing > (0.0 if method == "local" else 0.5)
