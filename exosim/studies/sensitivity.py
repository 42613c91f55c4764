"""Which parameters an outcome depends on: one at a time (local), by trajectories (Morris) or by variance (Sobol)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.files.names import digest, identity
from exosim.parameters import DEFAULT, ParameterSet, ParametersLike, parameter_set
from exosim.problems import BadInput, Problem, suggest
from exosim.results.dataset import described
from exosim.results.intervals import INTERVAL, NINETY, numbers
from exosim.results.own import Own, kept
from exosim.results.subjects import outcomes_of
from exosim.scenario.model import Scenario
from exosim.simulation.setup import RESULTS, idle, parameter_values
from exosim.studies.fit.ensemble import parameters, uncertain
from exosim.studies.fit.targets import Targets
from exosim.studies.kinds import Study, Unit, Units, too_low, unfinished
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 1024  # runs of a unit
RESAMPLES = 200  # of the interval of a Sobol index
GRADES = ("measured", "estimated", "assumed", "fitted")
Model = Callable[[Array], Array]
"""Standard normal draws of the parameters, (parameters, runs) -> outcomes, (outcomes, runs)."""


@dataclass(frozen=True)
class Indices:
    """On which parameters the outcomes of one scenario depend."""

    method: str
    outcomes: tuple[str, ...]
    parameters: tuple[str, ...]
    measures: Mapping[str, Array]  # (outcomes, parameters); the first is what ranks the parameters
    grades: tuple[str, ...]  # of each parameter

    @property
    def rank(self) -> Array:
        """What ranks the parameters, not below zero, (outcomes, parameters)."""
        return np.maximum(next(iter(self.measures.values())), 0)

    @property
    def meter(self) -> dict[str, dict[str, float]]:
        """Share of each outcome's sensitivity that comes from measured, estimated, assumed and fitted parameters."""
        grades = np.array(self.grades)
        return {
            name: {grade: float(row[grades == grade].sum() / row.sum()) for grade in GRADES}
            for name, row in zip(self.outcomes, self.rank, strict=True)
        }

    def largest(self, outcome: str, number: int = 5) -> list[dict[str, Any]]:
        """Return the parameters that matter most: name, measures and grade."""
        i = self.outcomes.index(outcome)
        order = np.argsort(-self.rank[i], kind="stable")[:number]
        return [
            {"parameter": self.parameters[j]}
            | {name: float(values[i, j]) for name, values in self.measures.items()}
            | {"evidence": self.grades[j]}
            for j in order
        ]

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row per outcome and parameter."""
        import pandas as pd

        i, j = np.indices(self.rank.shape).reshape(2, -1)
        names = {"outcome": np.array(self.outcomes)[i], "parameter": np.array(self.parameters)[j]}
        values = {name: measure.ravel() for name, measure in self.measures.items()}
        return pd.DataFrame(names | {"evidence": np.array(self.grades)[j]} | values)

    def to_dict(self) -> dict[str, Any]:
        """Return shares and largest parameters as plain data."""
        largest = {outcome: self.largest(outcome, 10) for outcome in self.outcomes}
        return {"method": self.method, "meter": self.meter, "largest": largest}


def grade(name: str, chosen: ParameterSet) -> str:
    """Return the evidence grade of a parameter in a set: that of its source, or ``fitted``."""
    override = chosen.overrides.get(name)
    return "fitted" if override and override.fitted else PARAMETERS[name].evidence


def saltelli(model: Model, dimensions: int, samples: int, seed: int) -> dict[str, Array]:
    """Return total and first-order Sobol indices, and half the 90 % bootstrap interval of the total."""
    from scipy.stats import norm, sobol_indices

    random, answers = np.random.default_rng(seed), []

    def keep(z: Array) -> Array:
        answers.append(model(z))
        return answers[-1].copy()  # SciPy centres it in place

    whole = sobol_indices(func=keep, n=samples, dists=[norm()] * dimensions, rng=random)
    first, second, mixed = answers
    mixed = np.moveaxis(mixed.reshape(len(mixed), samples, dimensions), -1, 0)
    resampled = []
    for rows in random.integers(samples, size=(RESAMPLES, samples)):
        parts = {"f_A": first[:, rows], "f_B": second[:, rows], "f_AB": mixed[..., rows]}
        resampled.append(sobol_indices(func=parts, n=samples).total_order)
    low, high = np.percentile(resampled, INTERVAL, axis=0)
    measures = {"total": whole.total_order, "first": whole.first_order, "error": (high - low) / 2}
    return {name: np.atleast_2d(measure) for name, measure in measures.items()}


def trajectories(model: Model, dimensions: int, samples: int, seed: int) -> dict[str, Array]:
    """Return the mean absolute effect per step of the whole range (Morris), its deviation and 90 % interval."""
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample
    from scipy.stats import norm

    bounds = [[end / 100 for end in INTERVAL]] * dimensions
    problem = {"num_vars": dimensions, "names": list(range(dimensions)), "bounds": bounds}
    shares = sample(problem, samples, seed=seed)
    results = [analyze(problem, shares, values, conf_level=0.9, seed=seed) for values in model(norm.ppf(shares).T)]
    names = {"mu_star": "mu_star", "sigma": "sigma", "error": "mu_star_conf"}
    return {name: np.array([np.asarray(result[key], float) for result in results]) for name, key in names.items()}


def one_at_a_time(model: Model, dimensions: int, samples: int = 0, seed: int = 0) -> dict[str, Array]:
    """Return how far an outcome swings when one parameter is near the ends of its range, and from where to where."""
    ends = NINETY * np.eye(dimensions)
    values = model(np.hstack([-ends, ends]))
    low, high = values[:, :dimensions], values[:, dimensions:]
    return {"swing": np.abs(high - low), "low": low, "high": high}


METHODS = {"local": one_at_a_time, "morris": trajectories, "sobol": saltelli}
FEWEST = {"morris": 4, "sobol": 16}
"""Method -> the smallest of its designs; a method that is not here has one design, without chance."""
SAMPLES = 512  # size of a design that does not say it


@dataclass(frozen=True)
class Sensitivity(Study):
    """On which parameters every outcome that varies depends, each within its range.

    What the parameter set or the scenario holds without fitting does not vary. `samples` is a power of two for Sobol,
    which takes ``samples * (parameters + 2)`` runs, and the number of trajectories for Morris; local has none.
    """

    kind: ClassVar[str] = "sensitivity"

    scenario: Scenario
    parameters: ParametersLike = DEFAULT
    method: str = "sobol"
    samples: int | None = None
    seed: int = 0
    own: tuple[Own, ...] = ()  # outcomes of one's own

    def __post_init__(self) -> None:
        """Settle the size of a design that does not say it."""
        super().__post_init__()
        if self.samples is None and self.method in FEWEST:
            object.__setattr__(self, "samples", SAMPLES)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design."""
        return super().from_dict({**data, "own": tuple(map(kept, data.get("own", ())))})

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """What makes trajectories."""
        return (("SALib", "studies"),) if self.method == "morris" else ()

    @property
    def inputs(self) -> str:
        """Hash of the parameter set and the ranges."""
        ranges = {name: [q.value, q.low, q.high] for name, q in PARAMETERS.items()}
        return identity(parameter_set(self.parameters).values(), ranges)

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of the parameters that vary."""
        return tuple(x for x in uncertain(Targets(self.parameters)) if x not in self.scenario.assume)

    @cached_property
    def points(self) -> Array:
        """Standard normal draws of every run, (parameters, runs): what the method asks of a model."""
        asked = []

        def record(z: Array) -> Array:
            asked.append(z)
            return z[:1].copy()  # any outcome: the design does not depend on it

        METHODS[self.method](record, len(self.varied), self.samples or 0, self.seed)
        return np.concatenate(asked, axis=1)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.points.shape[1])

    @property
    def size(self) -> int:
        """Number of units."""
        return -(-self.runs // BLOCK)

    def check(self) -> None:
        """Raise `BadInput` for a method that is none, or a size that it cannot have."""
        if self.method not in METHODS:
            remedy = suggest(self.method, METHODS)
            raise BadInput([Problem(f'there is no method "{self.method}"', source="`method`", remedy=remedy)])
        if self.method not in FEWEST:
            problems = idle(vars(self), {"samples": None, "seed": 0}, f"the design of {self.method} is always the same")
        else:
            problems = too_low(vars(self), {"samples": FEWEST[self.method], "seed": 0})
        if not problems and self.method == "sobol" and self.samples and self.samples & (self.samples - 1):
            problems = [Problem("samples must be a power of two", source="`samples`", remedy="as in 512")]
        if problems:
            raise BadInput(problems)

    def rounds(self, store: Store | None = None) -> Iterator[Units]:
        """Yield all units at once; an id depends on the scenario and the draws of its runs."""
        meaning, own, units = self.scenario.meaning, [outcome.to_dict() for outcome in self.own], Units()
        for first in range(0, self.runs, BLOCK):
            block = np.ascontiguousarray(self.points[:, first : first + BLOCK])
            unit = identity(meaning, self.inputs, RESULTS, self.varied, digest(block.tobytes()), *own)
            units[unit] = {"first": first, "runs": block.shape[1]}
        yield units

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Simulate the runs of a unit."""
        outcomes = self.simulated(self.points[:, unit["first"] : unit["first"] + unit["runs"]])
        return {name: outcomes[name] for name in numbers(self.own)}, dict(unit)

    def simulated(self, z: Array) -> dict[str, Array]:
        """Return every outcome under draws, (parameters, runs)."""
        fixed = parameter_values(self.scenario, parameter_set(self.parameters).values())
        drawn: Mapping[str, Any] = fixed | parameters([*self.varied], z)
        return outcomes_of(self.scenario, {name: drawn[name] for name in PARAMETERS}, threads=2, own=self.own)

    def indices(self, outcomes: Mapping[str, Array]) -> Indices:
        """Return what the outcomes of all runs say of the parameters."""
        weeks = np.nan_to_num(outcomes["onset_week"], nan=self.scenario.weeks)  # never: at the end
        known = {name: outcomes[name] for name in numbers(self.own)} | {"onset_week": weeks}
        kept: list[str] = []
        served = 0

        def serve(z: Array) -> Array:
            nonlocal served
            part = {name: values[served : served + z.shape[1]] for name, values in known.items()}
            served += z.shape[1]
            if not kept:
                kept.extend(name for name, values in part.items() if _varies(values, self.method))
            return np.array([np.nan_to_num(part[name]) for name in kept])

        measures = METHODS[self.method](serve, len(self.varied), self.samples or 0, self.seed)
        chosen = parameter_set(self.parameters)
        grades = tuple(grade(name, chosen) for name in self.varied)
        return Indices(self.method, tuple(kept), self.varied, measures, grades)

    def results(self, store: Store) -> Indices | None:
        """Return the indices, None before every unit is done."""
        lines = store.in_order()
        if sum(line["runs"] for line in lines) < self.runs:
            return None
        if store.folder not in self._finished:  # summary, table and figure read the same indices
            blocks = [dict(store.read(line["unit"])) for line in lines]
            outcomes = {name: np.concatenate([block[name] for block in blocks]) for name in numbers(self.own)}
            self._finished[store.folder] = self.indices(outcomes)
        return self._finished[store.folder]

    @cached_property
    def _finished(self) -> dict[Path, Indices]:
        return {}

    def summary(self, store: Store) -> dict[str, Any]:
        """Return the evidence meter and the largest parameters; how far the study is before it is done."""
        about = {"scenario": self.scenario.name, "parameters": str(self.parameters)}
        if indices := self.results(store):
            return about | indices.to_dict()
        done = sum(line["runs"] for line in store.in_order())
        return about | {"method": self.method, "runs": done, "of": self.runs}

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per outcome and parameter; measures have the `unit` of the outcome, Sobol indices 1."""
        if not (indices := self.results(store)):
            raise unfinished(self, store)
        table = indices.to_dataframe()
        units = ["1" if self.method == "sobol" else described(name, own=self.own)["units"] for name in table["outcome"]]
        table.insert(3, "unit", units)
        return table

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the indices as a table."""
        indices = self.results(store)
        return {"indices.csv": indices.to_dataframe().to_csv(index=False).encode()} if indices else {}


def sensitivity(
    scenario: Scenario, name: ParametersLike, method: str = "sobol", samples: int | None = None, seed: int = 0
) -> Indices:
    """Return what a study of sensitivity gives, computed in memory; parameters as for `Sensitivity`."""
    study = Sensitivity(scenario, name, method, samples, seed)
    return study.indices(study.simulated(study.points))


def _varies(values: Array, method: str) -> bool:
    """Return whether all values are known, and enough of them differ from the middle one to share something out."""
    if not np.isfinite(values).all():
        return False
    differing = float(np.mean(np.abs(values - np.median(values)) > 1e-9))
    return differing > (0.0 if method == "local" else 0.5)
