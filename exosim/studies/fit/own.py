"""How likely one's own data are: courses with known deviations, and studies as predictions are scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.evidence.measured import Question, measure, questions
from exosim.evidence.studies_file import load_studies
from exosim.parameters import Override, ParameterSet, parameter_set
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.simulation.parallel import side_by_side
from exosim.simulation.setup import Progress, parameter_values
from exosim.studies.fit.courses import Course
from exosim.studies.fit.priors import Prior
from exosim.studies.fit.unknowns import Scored

HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Own(Scored):
    """The unknowns of a fit to one's own data; before anything is read, each is a standard normal number.

    Parameters
    ----------
    asked : mapping
        The fit as plain data, as `read_fit` gives it.
    """

    asked: Mapping[str, Any]

    @cached_property
    def base(self) -> ParameterSet:
        """The set from which everything is taken that is not free."""
        return parameter_set(self.asked["base"])

    @cached_property
    def priors(self) -> list[Prior]:
        """What is known of the free parameters."""
        return [Prior.of(name, table) for name, table in self.asked["free"].items()]

    @cached_property
    def parameters(self) -> list[str]:
        """Names of the free parameters."""
        return [prior.name for prior in self.priors]

    @cached_property
    def courses(self) -> list[Course]:
        """The courses that were measured."""
        return [Course(**table) for table in self.asked["courses"]]

    @cached_property
    def arms(self) -> dict[str, Scenario]:
        """The arms of the courses, as scenarios."""
        used = {course.arm for course in self.courses}
        return {name: Scenario.from_dict(arm) for name, arm in self.asked["arms"].items() if name in used}

    @cached_property
    def every(self) -> tuple[list[Question], dict[str, Any]]:
        """Every figure of the studies that was read, and the scenarios that answer."""
        found = load_studies(self.asked["studies"]).figures if self.asked["studies"] else []
        return questions([(study, x) for study, x in found if x.observed is not None])

    @property
    def figures(self) -> list[Question]:
        """The figures of the studies."""
        return self.every[0]

    def values(self, z: Array) -> dict[str, Any]:
        """Return every parameter of draws (unknowns, draws)."""
        return self.base.values() | {prior.name: prior.value(z[i]) for i, prior in enumerate(self.priors)}

    def simulated(self, z: Array) -> tuple[list[Array], dict[Any, Array]]:
        """Return what the model gives for every course, (days, draws), and for every term of the figures."""
        values, names = self.values(z), [*self.arms]

        def one(i: int, report: Progress) -> Any:
            arm = self.arms[names[i]]
            return simulate(arm, parameter_values(arm, values), "column", states=False)

        futures = side_by_side(one, len(names))
        histories = dict(zip(names, (future.result() for future in futures), strict=True))
        courses = [course.simulated(histories[course.arm]) for course in self.courses]
        return courses, measure(*self.every, values) if self.figures else {}

    def log_likelihood(self, z: Array) -> Array:
        """Return the log likelihood of all data, one value per draw."""
        courses, numbers = self.simulated(z)
        whole = self.scored(z, numbers, np.zeros(z.shape[1]))
        for course, found in zip(self.courses, courses, strict=True):
            value, sd = np.array(course.values)[:, None], np.array(course.sd)[:, None]
            whole = whole + (-0.5 * ((found - value) / sd) ** 2 - np.log(sd) - HALF_LOG_2PI).sum(axis=0)
        return np.where(np.isfinite(whole), whole, -np.inf)

    def cost(self, z: Array) -> Array:
        """Return minus the logarithm of the likelihood and of normal priors, one value per draw."""
        own = len(self.priors)
        parameters = sum(
            (prior.penalty(prior.value(z[i])) for i, prior in enumerate(self.priors)), np.zeros(z.shape[1])
        )
        return np.asarray(parameters + 0.5 * (z[own:] ** 2).sum(axis=0) - self.log_likelihood(z))

    def fitted(self, name: str, at: Array, z: Array) -> ParameterSet:
        """Return the fitted set: the values of one draw, and draws `z` as its ensemble."""
        values, drawn = self.values(at[:, None]), self.values(z)
        source = f"fit {name}"
        own = {x: Override(float(values[x][0]), PARAMETERS[x].unit, True, source) for x in self.parameters}
        ids = dict.fromkeys(question.study.id for question in self.figures)
        return ParameterSet(
            name,
            meaning=f"fitted to own data; all but {', '.join(self.parameters)} as in {self.base}",
            command=f"exosim fit {name}.toml",
            overrides={**self.base.overrides, **own},
            studies=(*self.base.studies, *ids),
            method="own data",
            root=self.base.root or self.base.name,
            given={"draws": {x: drawn[x] for x in self.parameters}, "nuisance": self.nuisance(z)},
        )
