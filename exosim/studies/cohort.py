"""A virtual cohort: people who differ, every arm on each of them (split-face), outcomes as distributions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.names import identity
from exosim.parameters import DEFAULT, draws, parameter_set
from exosim.results.intervals import NUMBERS
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.scenario.model import Scenario
from exosim.simulation.column import Column
from exosim.simulation.grid import Grid
from exosim.simulation.loop import run
from exosim.simulation.setup import parameter_values, skin_class
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SkinFields, fields
from exosim.studies import trial
from exosim.studies.kinds import Study, Unit, Units
from exosim.studies.population import KNOWN, Population
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import xarray as xr

RESPONDER = (25.0, 50.0)  # percent of improvement that trials count
BLOCK = 512  # people of a unit at column resolution
SCORED = tuple(x.name for x in OUTCOMES if x.name != "ecca_like_score")  # a score of one scar type, not of a cohort
NUMERIC = tuple(name for name in SCORED if name in NUMBERS)


@dataclass(frozen=True)
class Cohort(Study):
    """Every arm on many virtual people, each with one draw of the ensemble of the parameter set."""

    kind: ClassVar[str] = "cohort"
    needs: ClassVar[tuple[tuple[str, str], ...]] = (("zarr", "studies"),)

    arms: tuple[Scenario, ...]
    subjects: int
    population: Population = Population()
    parameters: str = DEFAULT
    resolution: str = "column"
    seed: int = 0
    block: int = field(default_factory=lambda: BLOCK)  # of column resolution; a person of a patch is a unit
    people: int = 25  # of the trial that the summary is about; nothing that is simulated depends on it

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design."""
        arms = tuple(Scenario.from_dict(arm) for arm in data["arms"])
        return super().from_dict({**data, "arms": arms, "population": Population(**data["population"])})

    @property
    def inputs(self) -> str:
        """Hash of the parameter set and its ensemble."""
        drawn = {name: values.tolist() for name, values in draws(self.parameters).items()}
        return identity(parameter_set(self.parameters).values(), drawn)

    @property
    def unit_size(self) -> int:
        """People of a unit."""
        return self.block if self.resolution == "column" else 1

    def check(self) -> None:
        """Raise `BadInput` for a resolution that is none."""
        skin_class(self.resolution)

    @property
    def size(self) -> int:
        """Number of units."""
        return -(-self.subjects // self.unit_size)

    def rounds(self, store: Store | None = None) -> Iterator[Units]:
        """Yield all units at once; an id depends neither on names nor on the size of the cohort."""
        design, units = self.to_dict(), Units()
        arms = [arm.meaning for arm in self.arms]
        meaning = {key: design[key] for key in ("population", "inputs", "resolution", "seed", "results")}
        for first in range(0, self.subjects, self.unit_size):
            number = min(self.unit_size, self.subjects - first)
            unit = identity(meaning, self.unit_size, arms, first, number)
            units[unit] = {"first": first, "subjects": number}
        yield units

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Simulate all arms on the people of a unit."""
        traits = self.traits(unit["first"], unit["subjects"])
        arrays = {f"subject.{name}": x for name, x in traits.items()}
        one_by_one = partial(self._patches, first=unit["first"])
        simulate = self._columns if self.resolution == "column" else one_by_one
        failures = []
        for i, arm in enumerate(self.arms):
            outcome, failed = simulate(arm, traits)
            arrays |= {f"{i}.{name}": outcome[name].astype(float) for name in SCORED}
            failures += [{"subject": unit["first"] + s, "arm": i, "reason": reason} for s, reason in failed]
        return arrays, {**unit, "failures": failures}

    def traits(self, first: int, number: int) -> dict[str, Array]:
        """Return traits of people, from own streams: they depend on the seed and the first of the unit alone."""
        random = np.random.default_rng([self.seed, first])
        skin = self.arms[0].skin
        traits: dict[str, Any] = {}
        for trait, known in KNOWN.items():
            shares = getattr(self.population, trait) or {str(getattr(skin, trait)): 1.0}
            weights = np.array([shares.get(name, 0.0) for name in known])
            traits[trait] = random.choice(len(known), number, p=weights / weights.sum())
        traits["draw"] = random.integers(len(next(iter(self._drawn.values()))), size=number)
        person = np.exp(self.population.pigment_spread * random.standard_normal(number))
        responses = np.array([RESPONSE[int(x)] for x in KNOWN["phototype"]])
        traits["response"] = responses[traits["phototype"]] * person
        noise = random.standard_normal((number, len(self.arms)))
        return traits | {f"noise_{i}": noise[:, i] for i in range(len(self.arms))}

    @cached_property
    def _drawn(self) -> dict[str, Array]:
        return draws(self.parameters)

    def _values(self, arm: Scenario, traits: Mapping[str, Any], draw: Any) -> dict[str, Any]:
        """Return every parameter of people with these traits, under one arm."""
        own = {name: x[draw] for name, x in self._drawn.items()}
        values = parameter_values(arm, parameter_set(self.parameters).values() | own)
        return values | {"phototype_response": traits["response"]}

    def _columns(self, arm: Scenario, traits: Mapping[str, Array]) -> Outcome:
        """Simulate all people of a unit side by side."""
        types = [fields(scar, severity) for scar in KNOWN["scar"] for severity in KNOWN["severity"]]
        kind = traits["scar"] * len(KNOWN["severity"]) + traits["severity"]
        skin = SkinFields(
            np.concatenate([x.collagen_rest for x in types], axis=1)[:, kind],
            np.concatenate([x.melanocyte_rest for x in types])[kind],
            np.ones(len(kind)),
        )
        values = self._values(arm, traits, traits["draw"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # people who fail are listed below
            history = run(Column(arm, values, states=False, skin=skin))
        failed = [(x.subject, f"{x.reason} on day {x.time:.3g} in {x.state}") for x in history.failures]
        return outcomes(history, arm), failed

    def _patches(self, arm: Scenario, traits: Mapping[str, Array], first: int) -> Outcome:
        """Simulate one person after the other, each with own channels, the same in every arm."""
        rows: list[Mapping[str, Array]] = []
        failed = []
        for s in range(len(traits["draw"])):
            own = {name: x[s] for name, x in traits.items()}
            changes = {f"skin.{trait}": known[own[trait]] for trait, known in KNOWN.items()}
            person = arm.with_values(changes | {"skin.phototype": int(changes["skin.phototype"])})
            values = {name: float(x) for name, x in self._values(person, own, own["draw"]).items()}
            try:
                skin = skin_class(self.resolution).build(person, values, self.seed + first + s, Grid(), False)
                history = run(skin)
                rows.append(outcomes(history, person))
            except RuntimeError as error:
                rows.append({name: np.array([np.nan]) for name in SCORED})
                failed.append((s, str(error)))
        return {name: np.concatenate([row[name] for row in rows]) for name in SCORED}, failed

    def results(self, store: Store) -> Results:
        """Return what the store holds, to be read outcome by outcome."""
        return Results(self, store)

    def summary(self, store: Store) -> dict[str, Any]:
        """Return outcomes of every arm, responders, pigment by phototype, and differences from the first arm."""
        results = self.results(store)
        done = len(results.column("subject.draw"))
        arms = {name: self._arm(results, i) for i, name in enumerate(results.names)} if done else {}
        return {
            "subjects": done,
            "of": self.subjects,
            "failures": len(store.failures()),
            "arms": arms,
            "differences": {name: self._difference(results, i) for i, name in enumerate(arms) if i},
        }

    def _arm(self, results: Results, arm: int) -> dict[str, Any]:
        improvement, pih = (results.outcome(arm, name) for name in ("improvement_percent", "pih"))
        phototype = results.trait("phototype")
        of_phototype = {name: phototype == i for i, name in enumerate(KNOWN["phototype"])}
        return {
            "outcomes": {name: trial.spread(results.outcome(arm, name)) for name in NUMERIC},
            "responders": {f"{level:g} %": trial.share(improvement >= level) for level in RESPONDER},
            "pih_by_phototype": {name: trial.share(pih[own] > 0) for name, own in of_phototype.items() if own.any()},
        }

    def _difference(self, results: Results, arm: int) -> dict[str, Any]:
        outcome = results.outcome
        paired = {name: trial.paired(outcome(arm, name) - outcome(0, name)) for name in NUMERIC}
        tested = trial.trial(results.scored(arm) - results.scored(0), self.people, self.seed)
        return {"from": results.names[0], "outcomes": paired, "trial": tested}

    def datasets(self, store: Store) -> Iterator[xr.Dataset]:
        """Yield one outcome after the other, so that no more than one is in memory."""
        import xarray as xr

        results = self.results(store)
        for name in SCORED:
            values = np.stack([results.outcome(i, name) for i in range(len(self.arms))], axis=1)
            yield xr.Dataset({name: (("subject", "arm"), values)}, attrs={"arms": results.names})
        traits = (*KNOWN, "draw", "response")
        yield xr.Dataset({name: ("subject", results.column(f"subject.{name}")) for name in traits})


Outcome = tuple[Mapping[str, Array], list[tuple[int, str]]]
"""Outcomes of one arm, and who could not be simulated, with the reason."""


@dataclass(frozen=True)
class Results:
    """What a cohort has given so far, read outcome by outcome so that memory does not grow with the people."""

    study: Cohort
    store: Store

    @property
    def names(self) -> list[str]:
        """Names of the arms."""
        return [arm.name for arm in self.study.arms]

    def column(self, name: str) -> Array:
        """Return one array over all people who are done."""
        parts = []
        for line in self.store.in_order():
            with self.store.read(line["unit"]) as block:
                parts.append(block[name])
        return np.concatenate(parts) if parts else np.empty(0)

    def trait(self, name: str) -> Array:
        """Return a trait of every person, as a number of `KNOWN`."""
        return self.column(f"subject.{name}").astype(int)

    def outcome(self, arm: int, name: str) -> Array:
        """Return an outcome of every person in one arm."""
        return self.column(f"{arm}.{name}")

    def scored(self, arm: int) -> Array:
        """Return improvement as a clinician would score it, with the error of the score."""
        noise = self.column(f"subject.noise_{arm}")
        return self.outcome(arm, "improvement_percent") + self.study.population.score_error * noise
