"""What published studies and measurements leave unknown: parameters, clinical scales, what each study has of its own.

Every unknown is a standard normal number before anything was read. Parameters follow from theirs by their ranges
(`ensemble.parameters`), scales and studies by `nuisance.toml`; the likelihood is the one by which predictions are scored.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from scipy.special import log_ndtr

from exosim.biology.system import PARAMETERS, defaults
from exosim.engine.tissue import Array
from exosim.evidence.claims import Check, claims
from exosim.evidence.measured import Question, Term, measure, questions
from exosim.evidence.nuisance import Noise, column_of, nuisances
from exosim.evidence.predictive import distribution
from exosim.evidence.studies_file import load_studies
from exosim.evidence.verdicts import readings
from exosim.parameters import parameter_set
from exosim.results.intervals import NINETY
from exosim.studies.fit.ensemble import CERTAIN, within

WIDTH = 0.6
MEASURED = ("measurement",)
"""Kinds of claims that a posterior is held to besides the studies."""


@dataclass(frozen=True)
class Given(Noise):
    """Noise that is given, one number per draw, rather than drawn."""

    numbers: Mapping[tuple[str, ...], Array] = field(default_factory=dict)

    def normal(self, *name: str) -> Array:
        """Return the number of each draw."""
        return self.numbers[name][:, None]


@dataclass(frozen=True)
class Heard(Noise):
    """Noise that notes what it is asked for."""

    names: dict[tuple[str, ...], None] = field(default_factory=dict)

    def normal(self, *name: str) -> Array:
        """Note a name."""
        self.names[name] = None
        return np.zeros((self.draws, self.replicates))


@cache
def priors() -> dict[str, float]:
    """Return where the prior of each parameter has its middle: at its default, unless ``priors.toml`` says otherwise."""
    own = tomllib.loads(files(__package__).joinpath("priors.toml").read_text("utf-8"))
    return {name: q.value for name, q in PARAMETERS.items()} | {name: x["value"] for name, x in own.items()}


@dataclass(frozen=True)
class Unknowns:
    """The unknowns of a parameter set, and how likely what was read is for each draw of them.

    Parameters
    ----------
    set : str
        The parameter set; what it holds without fitting is known.
    without : sequence of str
        Studies that are left out.
    """

    set: str
    without: Sequence[str] = ()

    @cached_property
    def held(self) -> dict[str, float]:
        """Parameters that the set decides."""
        return {name: x.value for name, x in parameter_set(self.set).overrides.items() if not x.fitted}

    @cached_property
    def parameters(self) -> list[str]:
        """Names of the parameters that are unknown."""
        return [name for name in PARAMETERS if name not in self.held.keys() | CERTAIN]

    @cached_property
    def every(self) -> tuple[list[Question], dict[str, Any]]:
        """Every figure that was read, and the scenarios that answer, whether or not its study is left out."""
        return questions([(study, x) for study, x in load_studies().figures if x.observed is not None])

    @cached_property
    def asked(self) -> list[Question]:
        """The figures of the studies that are not left out."""
        return [q for q in self.every[0] if q.study.id not in self.without]

    @cached_property
    def terms(self) -> list[Term]:
        """Numbers of the model that figures are made of."""
        return list(dict.fromkeys(term for q in self.every[0] for term in q.terms))

    @cached_property
    def checks(self) -> list[Check]:
        """Measurements."""
        return [x for claim in claims().values() if claim.kind in MEASURED for x in claim.checks if x.tolerance and claim.id in ("C8","C9","C12","C14","C16","C19")]

    @cached_property
    def others(self) -> list[tuple[str, ...]]:
        """Names of the unknowns that are no parameters."""
        heard = Heard(1, 1)
        ones = dict.fromkeys(self.terms, np.ones(1))
        for q in self.asked:
            distribution(q, ones, heard)
        return list(heard.names)

    @property
    def number(self) -> int:
        """Number of unknowns."""
        return len(self.parameters) + len(self.others)

    def values(self, z: Array) -> dict[str, Any]:
        """Return every parameter for unknowns (unknowns, draws)."""
        return defaults() | self.held | within(self.parameters, WIDTH * z[: len(self.parameters)], priors())

    def nuisance(self, z: Array) -> dict[str, Array]:
        """Return the nuisance of every draw as it is shipped: parameters of scales, the factor of every instrument."""
        noise = self._noise(z)
        found = {name: noise.nuisance(name)[:, 0] for name in nuisances() if ("nuisance", name) in noise.numbers}
        instruments = [name[1:] for name in self.others if name[0] == "instrument"]
        return found | {column_of(own): noise.factor(kind, own)[:, 0] for kind, own in instruments}

    def simulated(self, z: Array) -> Array:
        """Return every number of the model that figures and measurements need, (numbers, draws)."""
        values = self.values(z)
        numbers = measure(*self.every, values)
        answers = readings((name for x in self.checks for name in x.arms), values)
        return np.array([*(numbers[term] for term in self.terms), *(x.simulated(answers) for x in self.checks)])

    def log_likelihood(self, z: Array, simulated: Array) -> Array:
        """Return the log likelihood of everything that was read, one per draw."""
        numbers = dict(zip(self.terms, simulated, strict=False))
        noise = self._noise(z)
        found = [distribution(q, numbers, noise).log_density() for q in self.asked]
        measured = [_holds(x, row) for x, row in zip(self.checks, simulated[len(self.terms) :], strict=True)]
        whole = sum((x[:, 0] for x in found if x is not None), np.zeros(z.shape[1])) + sum(measured)
        return np.where(np.isfinite(whole), whole, -np.inf)

    def _noise(self, z: Array) -> Given:
        own = dict(zip(self.others, z[len(self.parameters) :], strict=True))
        return Given(z.shape[1], 1, numbers=own)


def _holds(check: Check, value: Array) -> Array:
    """Return the log density of a measurement, its tolerance taken as a 90 % interval; of a bound, that it holds."""
    z = (value - check.goal) / ((check.tolerance or np.nan) / NINETY)
    if check.target is not None:
        return np.asarray(-0.5 * z**2)
    return np.asarray(log_ndtr(z if check.at_least is not None else -z))
