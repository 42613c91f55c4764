"""A virtual cohort: people who differ, every arm on each of them (split-face), outcomes as distributions.

What the author of an arm fixed of its skin holds for everybody in it, unless the population names that trait; the rest
is drawn, the same in every arm.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.names import identity
from exosim.parameters import DEFAULT, ParametersLike, ensemble, parameter_set
from exosim.problems import BadInput, Problem
from exosim.results.dataset import described
from exosim.results.intervals import numbers
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.results.own import Own, kept, states_of
from exosim.results.times import DAYS, columns_at, courses_at
from exosim.scenario.arms import differences, unique
from exosim.scenario.model import Scenario
from exosim.simulation.column import Column
from exosim.simulation.grid import Grid
from exosim.simulation.history import COURSES, History
from exosim.simulation.loop import run
from exosim.simulation.setup import parameter_values, skin_class
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SkinFields, fields
from exosim.studies import trial
from exosim.studies.kinds import Study, Unit, Units, counted, provenance, too_low
from exosim.studies.population import KNOWN, Population
from exosim.studies.results import Results
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PEOPLE, CHANNELS = range(2)  # what a random stream of a seed is for
RESPONDER = (25.0, 50.0)  # percent of improvement that trials count
BLOCK = 512  # people of a unit at column resolution
MOST = 100_000_000  # people
SCORED = tuple(x.name for x in OUTCOMES if x.name != "ecca_like_score")  # a score of one scar type, not of a cohort

Outcome = tuple[Mapping[str, Array], list[tuple[int, str]]]
"""Outcomes of one arm, and who could not be simulated, with the reason."""


@dataclass(frozen=True)
class Cohort(Study):
    """Every arm on many virtual people, each with one draw of the ensemble of the parameter set."""

    kind: ClassVar[str] = "cohort"

    arms: tuple[Scenario, ...]
    subjects: int
    population: Population = Population()
    parameters: ParametersLike = DEFAULT
    resolution: str = "column"
    seed: int = 0
    block: int = field(default_factory=lambda: BLOCK)  # of column resolution; a person of a patch is a unit
    people: int = 25  # of the trial that the summary is about; nothing that is simulated depends on it
    held: tuple[tuple[str, ...], ...] = ()  # traits that each arm holds; from arms and population unless given
    replaced: tuple[str, ...] = ()  # traits that an arm would hold, and the population draws
    own: tuple[Own, ...] = ()  # outcomes of one's own
    times: tuple[float, ...] = ()  # days on which courses are kept

    def __post_init__(self) -> None:
        """Settle who holds what, which a design that is read back no longer shows."""
        super().__post_init__()
        if not self.held:
            named = {trait for trait in KNOWN if getattr(self.population, trait)} & self.population.model_fields_set
            empty = {trait for trait in KNOWN if not getattr(self.population, trait)}
            written = [arm.skin.model_fields_set & KNOWN.keys() for arm in self.arms]
            held = tuple(tuple(t for t in KNOWN if t in (own - named) | empty) for own in written)
            object.__setattr__(self, "held", held)
            object.__setattr__(
                self, "replaced", tuple(t for t in KNOWN if t in named.intersection(set().union(*written)))
            )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design."""
        arms = tuple(Scenario.from_dict(arm) for arm in data["arms"])
        held, replaced = tuple(map(tuple, data["held"])), tuple(data["replaced"])
        made = {"arms": arms, "population": Population(**data["population"]), "held": held, "replaced": replaced}
        made |= {"own": tuple(map(kept, data.get("own", ()))), "times": tuple(data.get("times", ()))}
        return super().from_dict({**data, **made})

    @property
    def names(self) -> tuple[str, ...]:
        """Every outcome of a person, one's own among them."""
        return (*SCORED, *(outcome.name for outcome in self.own))

    @property
    def numeric(self) -> tuple[str, ...]:
        """Those that are numbers."""
        return tuple(name for name in self.names if name in numbers(self.own))

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """What writes ``results.zarr``."""
        return (("zarr", "studies"),)

    @property
    def inputs(self) -> str:
        """Hash of the parameter set and its ensemble."""
        chosen = parameter_set(self.parameters)
        return identity(chosen.values(), {name: np.asarray(x).tolist() for name, x in chosen.draws.items()})

    @property
    def unit_size(self) -> int:
        """People of a unit."""
        return self.block if self.resolution == "column" else 1

    def check(self) -> None:
        """Raise `BadInput` for a cohort that cannot be."""
        skin_class(self.resolution)
        ensemble(self.parameters)
        given = vars(self) | {"n": self.subjects}
        problems = too_low(given, {"n": 1, "block": 1, "people": 2, "seed": 0})
        if not problems and self.subjects > MOST:
            problems = [Problem(f"{self.subjects:.3g} people are too many", source="`n`", remedy=f"at most {MOST}")]
        problems += [] if self.arms else [Problem("a cohort needs at least one arm")]
        if problems:
            raise BadInput(problems)

    @property
    def size(self) -> int:
        """Number of units."""
        return -(-self.subjects // self.unit_size)

    def rounds(self, store: Store | None = None) -> Iterator[Units]:
        """Yield all units at once; an id depends neither on names nor on the size of the cohort."""
        design, units = self.to_dict(), Units()
        arms = [arm.meaning for arm in self.arms]
        meaning = {key: design[key] for key in ("population", "inputs", "resolution", "seed", "results", "held")}
        meaning |= {key: design[key] for key in ("own", "times") if design[key]}
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
            outcome, failed = simulate(arm, self.in_arm(i, traits))
            arrays |= {
                f"{i}.{name}": outcome[name].astype(float) for name in (*self.names, *courses_at(None, self.times))
            }
            failures += [{"case": unit["first"] + s, "arm": i, "reason": reason} for s, reason in failed]
        return arrays, {**unit, "cases": unit["subjects"] * len(self.arms), "failures": failures}

    def traits(self, first: int, number: int) -> dict[str, Array]:
        """Return traits of people, from own streams: they depend on the seed and the first of the unit alone."""
        random = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(PEOPLE, first)))
        traits: dict[str, Any] = {}
        for trait, known in KNOWN.items():
            traits[trait] = random.choice(len(known), number, p=self.population.weights(trait))
        traits["draw"] = random.integers(len(next(iter(self._drawn.values()))), size=number)
        traits["pigment"] = np.exp(self.population.pigment_spread * random.standard_normal(number))
        noise = random.standard_normal((number, len(self.arms)))
        return traits | {f"noise_{i}": noise[:, i] for i in range(len(self.arms))}

    def in_arm(self, arm: int, traits: Mapping[str, Array]) -> dict[str, Array]:
        """Return the traits that people have in an arm, in which what it holds is the same; and their response."""
        skin, own = self.arms[arm].skin, dict(traits)
        for trait in self.held[arm]:
            own[trait] = np.full_like(own[trait], KNOWN[trait].index(str(getattr(skin, trait))))
        if assumed := self.arms[arm].assume.get("phototype_response"):
            return own | {"response": np.full_like(own["pigment"], assumed.value)}
        return own | {"response": np.array([*RESPONSE.values()])[own["phototype"]] * own["pigment"]}

    @property
    def skins(self) -> list[dict[str, Any]]:
        """What the skin is like in every arm: what it holds; None is drawn."""
        return [
            arm.skin.to_dict() | {trait: None for trait in KNOWN if trait not in held}
            for arm, held in zip(self.arms, self.held, strict=True)
        ]

    @cached_property
    def _drawn(self) -> Mapping[str, Array]:
        return parameter_set(self.parameters).draws

    def _values(self, arm: Scenario, traits: Mapping[str, Any]) -> dict[str, Any]:
        """Return every parameter of people with these traits, under one arm."""
        own = {name: x[traits["draw"]] for name, x in self._drawn.items()}
        values = parameter_values(arm, parameter_set(self.parameters).values() | own)
        return values | {"phototype_response": traits["response"]}

    def _columns(self, arm: Scenario, traits: Mapping[str, Array]) -> Outcome:
        """Simulate all people of a unit side by side."""
        types = [fields(scar, severity) for scar in KNOWN["scar"] for severity in KNOWN["severity"]]
        kind = traits["scar"] * len(KNOWN["severity"]) + traits["severity"]
        skin = SkinFields(
            np.concatenate([x.collagen_rest for x in types], axis=1)[:, kind],
            np.concatenate([x.melanocyte_rest for x in types])[kind],
            np.concatenate([x.held for x in types])[kind],
            np.ones(len(kind)),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # people who fail are listed below
            history = run(Column(arm, self._values(arm, traits), states=False, skin=skin, follow=states_of(self.own)))
        failed = [(x.subject, f"{x.reason} on day {x.time:.3g} in {x.state}") for x in history.failures]
        return self._read(history, arm), failed

    def _patches(self, arm: Scenario, traits: Mapping[str, Array], first: int) -> Outcome:
        """Simulate one person after the other, each with own channels, the same in every arm."""
        rows: list[Mapping[str, Array]] = []
        failed = []
        for s in range(len(traits["draw"])):
            own = {name: x[s] for name, x in traits.items()}
            changes: dict[str, Any] = {f"skin.{trait}": known[own[trait]] for trait, known in KNOWN.items()}
            person = arm.with_values(changes | {"skin.phototype": int(changes["skin.phototype"])})
            values = {name: float(x) for name, x in self._values(person, own).items()}
            try:
                skin = skin_class(self.resolution).build(person, values, self._channels(first + s), Grid(), False)
                rows.append(self._read(run(skin), person))
            except RuntimeError as error:
                rows.append({name: np.array([np.nan]) for name in self.names} | courses_at(None, self.times))
                failed.append((s, str(error)))
        return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}, failed

    def _read(self, history: History, arm: Scenario) -> dict[str, Array]:
        """Return all that is kept of people: outcomes, and courses on days."""
        return outcomes(history, arm, self.own) | courses_at(history, self.times)

    def _channels(self, person: int) -> int:
        """Return the seed of a person's channels, which no person of another seed shares."""
        return int(np.random.SeedSequence(self.seed, spawn_key=(CHANNELS, person)).generate_state(1, np.uint64)[0])

    def results(self, store: Store) -> Results:
        """Return what the store holds, to be read outcome by outcome."""
        names = unique([arm.name for arm in self.arms])
        return Results(store, names, self.population.score_error, self.in_arm)

    def summary(self, store: Store) -> dict[str, Any]:
        """Return outcomes of every arm, responders, pigment by phototype, and differences from the first arm."""
        results = self.results(store)
        done = len(results.column("subject.draw"))
        arms = {name: self._arm(results, i) for i, name in enumerate(results.names)} if done else {}
        return {
            "subjects": done,
            "of": self.subjects,
            **counted(store),
            "warnings": differences(self.arms, self.skins),
            "people": self._people(results.names),
            "arms": arms,
            "differences": {name: self._difference(results, i) for i, name in enumerate(arms) if i},
        }

    def _people(self, names: Sequence[str]) -> dict[str, Any]:
        """Return what is drawn of the people, what every arm holds, and what of an arm the population replaces."""
        drawn = [trait for trait in KNOWN if not all(trait in held for held in self.held)]
        fixed = [
            {trait: getattr(arm.skin, trait) for trait in own} for arm, own in zip(self.arms, self.held, strict=True)
        ]
        for arm, own in zip(self.arms, fixed, strict=True):
            own |= {name: x.value for name, x in arm.assume.items() if name == "phototype_response"}
        return {
            "drawn": {trait: getattr(self.population, trait) for trait in drawn},
            "held": dict(zip(names, fixed, strict=True)),
            "replaced": list(self.replaced),
            "pigment_spread": self.population.pigment_spread,
            "score_error": self.population.score_error,
        }

    def _arm(self, results: Results, arm: int) -> dict[str, Any]:
        improvement, pih = (results.outcome(arm, name) for name in ("improvement_percent", "pih"))
        phototype = results.traits(arm)["phototype"]
        of_phototype = {name: phototype == i for i, name in enumerate(KNOWN["phototype"])}
        return {
            "outcomes": {name: trial.spread(results.outcome(arm, name)) for name in self.numeric},
            "responders": {f"{level:g} %": trial.share(improvement, level) for level in RESPONDER},
            "pih_by_phototype": {name: trial.share(pih[own], 1) for name, own in of_phototype.items() if own.any()},
        }

    def _difference(self, results: Results, arm: int) -> dict[str, Any]:
        outcome = results.outcome
        paired = {name: trial.paired(outcome(arm, name) - outcome(0, name)) for name in self.numeric}
        tested = trial.trial(results.scored(arm) - results.scored(0), self.people, self.seed)
        return {"from": results.names[0], "outcomes": paired, "trial": tested}

    @property
    def column_units(self) -> dict[str, str]:
        """Unit of every outcome."""
        units = {name: described(name, own=self.own)["units"] for name in self.names}
        return units | {name: column.unit for name, column in columns_at(self.times).items()}

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per person and arm: traits and outcomes."""
        import xarray as xr

        parts, results = [x for x in self.datasets(store) if "time" not in x.dims], self.results(store)
        for name, x in columns_at(self.times).items():
            values = [results.outcome(i, x.course)[:, x.place] for i in range(len(self.arms))]
            parts.append(xr.Dataset({name: (("subject", "arm"), np.stack(values, axis=1))}))
        return xr.merge(parts).drop_vars("scenario").to_dataframe().reset_index()

    def datasets(self, store: Store) -> Iterator[xr.Dataset]:
        """Yield traits, then one outcome after the other, so that no more than one is in memory."""
        import xarray as xr

        results = self.results(store)
        people = np.arange(len(results.column("subject.draw")))
        about = {"arm": results.names, "scenario": ("arm", [arm.to_toml() for arm in self.arms]), "subject": people}
        yield xr.Dataset(results.labelled(), about, provenance(self))
        for name in self.names:
            values = np.stack([results.outcome(i, name) for i in range(len(self.arms))], axis=1)
            own = described(name, own=self.own)
            yield xr.Dataset({name: (("subject", "arm"), values, own)}, attrs=provenance(self))
        for name in courses_at(None, self.times):
            course = COURSES[name.removeprefix("course_")]
            values = np.stack([results.outcome(i, name) for i in range(len(self.arms))], axis=1)
            own = {"units": course.unit, "long_name": course.definition}
            days = {"time": ("time", [*self.times], DAYS)}
            yield xr.Dataset({name: (("subject", "arm", "time"), values, own)}, days, provenance(self))
