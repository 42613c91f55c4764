"""What published studies and measurements leave unknown: parameters, clinical scales, what each study has of its own.

Before anything is read, every unknown is a standard normal number. Parameters follow from it within their ranges
(`ensemble.within`), scales and studies as `nuisance.toml` says. The likelihood is the one by which predictions are
scored, so that what is fitted and what is predicted cannot differ.
"""

from __future__ import annotations

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.evidence.measured import Question, Term, measure, questions
from exosim.evidence.nuisance import Noise, column_of, nuisances
from exosim.evidence.predictive import distribution
from exosim.evidence.studies_file import load_studies
from exosim.parameters.switches import OFF
from exosim.studies.fit.ensemble import CERTAIN, within
from exosim.studies.fit.targets import Targets

INNER = 0.6
"""Width of the prior: nine in ten draws lie in the inner two thirds of a range whose default is in its middle."""

Name = tuple[str, ...]


@dataclass(frozen=True)
class Given(Noise):
    """Noise that is given, one number per draw, rather than drawn."""

    numbers: Mapping[Name, Array] = field(default_factory=dict)

    def normal(self, *name: str) -> Array:
        """Return the number of each draw."""
        return self.numbers[name][:, None]


@dataclass(frozen=True)
class Heard(Noise):
    """Noise that notes the names it is called by."""

    names: dict[Name, None] = field(default_factory=dict)

    def normal(self, *name: str) -> Array:
        """Note a name."""
        self.names[name] = None
        return np.zeros((self.draws, self.replicates))


@cache
def shifted() -> dict[str, float]:
    """Return the middle of the prior of each parameter where it is not its default.

    Mechanisms that are off have their size when they are on; of the others ``priors.toml`` says why.
    """
    own = tomllib.loads(files(__package__).joinpath("priors.toml").read_text("utf-8"))
    return OFF | {name: x["value"] for name, x in own.items()}


@cache
def priors() -> dict[str, float]:
    """Return the middle of the prior of each parameter."""
    return {name: q.value for name, q in PARAMETERS.items()} | shifted()


@dataclass(frozen=True)
class Scored(ABC):
    """Unknowns of which figures of studies say something, and how likely those make them."""

    @property
    @abstractmethod
    def parameters(self) -> list[str]:
        """Names of the parameters that are unknown."""

    @property
    @abstractmethod
    def every(self) -> tuple[list[Question], dict[str, Any]]:
        """Every figure that was read, and the scenarios that answer."""

    @property
    @abstractmethod
    def figures(self) -> list[Question]:
        """The figures that count."""

    @cached_property
    def terms(self) -> list[Term]:
        """Numbers of the model that figures are made of."""
        return list(dict.fromkeys(term for q in self.every[0] for term in q.terms))

    @cached_property
    def others(self) -> list[Name]:
        """Names of the unknowns that are no parameters."""
        heard = Heard(1, 1)
        ones = dict.fromkeys(self.terms, np.ones(1))
        for q in self.figures:
            distribution(q, ones, heard)
        return list(heard.names)

    @property
    def number(self) -> int:
        """Number of unknowns."""
        return len(self.parameters) + len(self.others)

    def nuisance(self, z: Array) -> dict[str, Array]:
        """Return what ships of scales, one value per draw: nuisance parameters, the factor of every instrument."""
        noise = self._noise(z)
        found = {name: noise.nuisance(name)[:, 0] for name in nuisances() if ("nuisance", name) in noise.numbers}
        instruments = [(kind, own) for what, kind, *rest in self.others if what == "instrument" for own in rest]
        return found | {column_of(own): noise.factor(kind, own)[:, 0] for kind, own in instruments}

    def scored(self, z: Array, numbers: Mapping[Term, Array], other: Array) -> Array:
        """Return the log likelihood of the figures under draws (unknowns, draws) and of `other` data, by draw."""
        noise = self._noise(z)
        found = [distribution(q, numbers, noise).log_density() for q in self.figures]
        return sum((x[:, 0] for x in found if x is not None), other)

    def _noise(self, z: Array) -> Given:
        own = dict(zip(self.others, z[len(self.parameters) :], strict=True))
        return Given(z.shape[1], 1, numbers=own)


@dataclass(frozen=True)
class Unknowns(Scored):
    """The unknowns of a parameter set, and how likely what was read is for each draw of them.

    Parameters
    ----------
    set : str
        The parameter set; what it holds without fitting is known.
    without : tuple of str
        Studies that are left out.
    held : mapping
        Parameters that are known besides: a mechanism that is switched off, say.
    """

    set: str
    without: tuple[str, ...] = ()
    held: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def targets(self) -> Targets:
        """Measurements that the set is fitted to besides the studies, each known to its tolerance."""
        return Targets(self.set, sharp=False, held=self.held)

    @cached_property
    def parameters(self) -> list[str]:
        """Names of the parameters that are unknown."""
        fixed = {name for name, x in self.targets.set.overrides.items() if not x.fitted}
        return [name for name in PARAMETERS if name not in fixed | CERTAIN | self.held.keys()]

    @cached_property
    def every(self) -> tuple[list[Question], dict[str, Any]]:
        """Every figure that was read, and the scenarios that answer, whether or not its study is left out."""
        return questions([(study, x) for study, x in load_studies().figures if x.observed is not None])

    @cached_property
    def studies(self) -> list[str]:
        """Ids of the studies that are not left out."""
        return list(dict.fromkeys(q.study.id for q in self.figures))

    @cached_property
    def figures(self) -> list[Question]:
        """The figures of the studies that are not left out."""
        return [q for q in self.every[0] if q.study.id not in self.without]

    @property
    def reads(self) -> list[str]:
        """What each number of `simulated` is."""
        return [term.read for term in self.terms] + [check.read for check in self.targets.checks.values()]

    def values(self, z: Array) -> dict[str, Any]:
        """Return every parameter of draws (unknowns, draws)."""
        drawn = within(self.parameters, INNER * z[: len(self.parameters)], priors())
        return self.targets.fixed | drawn

    def simulated(self, z: Array) -> Array:
        """Return the numbers of the model that figures and measurements need, (numbers, draws)."""
        values = self.values(z)
        numbers = measure(*self.every, values)
        return np.vstack([np.array([numbers[term] for term in self.terms]), self.targets.simulated(values)])

    def log_likelihood(self, z: Array, simulated: Array) -> Array:
        """Return the log likelihood of all that was read, one value per draw."""
        numbers = dict(zip(self.terms, simulated, strict=False))
        published, deviation = self.targets.target.T[..., None]
        measured = -0.5 * ((simulated[len(self.terms) :] - published) / deviation) ** 2
        whole = self.scored(z, numbers, measured.sum(axis=0))
        return np.where(np.isfinite(whole), whole, -np.inf)

    def of(self, other: Unknowns, z: Array) -> Array:
        """Return draws of `other` unknowns as draws of these, which must be among them."""
        names = [*other.parameters, *other.others]
        rows = {name: i for i, name in enumerate(names)}
        return z[[rows[name] for name in (*self.parameters, *self.others)]]
