"""A virtual cohort: subjects who differ, every arm on each of them (split-face), outcomes as distributions."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.evidence.readouts import PIH_SPREAD
from exosim.files import identity
from exosim.parameters import draws, parameter_set
from exosim.problems import BadInput, Problem, suggest
from exosim.results.intervals import NUMBERS
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.scenario.file import validate
from exosim.scenario.model import Scenario
from exosim.simulation.column import Column
from exosim.simulation.loop import run
from exosim.simulation.patch import Patch
from exosim.simulation.setup import RESULTS, Grid, parameter_values
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SCARS, SEVERITIES, SkinFields, fields
from exosim.studies.store import Arrays, Store

BLOCK = 512  # subjects of a unit at column resolution
SCORED = tuple(
    x.name for x in OUTCOMES if x.name != "ecca_like_score"
)  # a score of one scar type, not of a cohort


@dataclass(frozen=True)
class Population:
    """Who the subjects are: shares of each trait, all assumed.

    Parameters
    ----------
    phototype, scar, severity : mapping
        Trait -> share; shares are divided by their sum. Empty: as in the first scenario.
    pigment_spread : float
        Standard deviation of the logarithm of the melanocyte response between people of one phototype.
    score_error : float
        Standard deviation of a clinical score of improvement about its true value, points.
    """

    phototype: Mapping[str, float] = field(default_factory=lambda: {"3": 0.3, "4": 0.5, "5": 0.2})
    scar: Mapping[str, float] = field(
        default_factory=lambda: {"mixed": 0.4, "boxcar": 0.25, "rolling": 0.25, "icepick": 0.1}
    )
    severity: Mapping[str, float] = field(default_factory=lambda: {"moderate": 0.6, "severe": 0.4})
    pigment_spread: float = PIH_SPREAD
    score_error: float = 5.0


NUMBERS_OF = ("pigment_spread", "score_error")
KNOWN = {"phototype": [str(x) for x in RESPONSE], "scar": list(SCARS), "severity": list(SEVERITIES)}


def population(file: Path | None) -> Population:
    """The population in a TOML file, or the default one; raises `BadInput` with every problem."""
    if not file:
        return Population()
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadInput([Problem(f"the population cannot be read: {error}", source=str(file))]) from None
    problems = [
        Problem(f'a population has no "{key}"', source=str(file), remedy=suggest(key, [*KNOWN, *NUMBERS_OF]))
        for key in data.keys() - {*KNOWN, *NUMBERS_OF}
    ]
    for trait, known in KNOWN.items():
        shares = data.get(trait, {})
        if not isinstance(shares, dict) or (shares and not sum(x for x in shares.values() if _share(x)) > 0):
            problems.append(Problem(f"{trait} must be a table of shares", source=str(file)))
            continue
        for name, share in shares.items():
            if name not in known:
                problems.append(
                    Problem(f'there is no {trait} "{name}"', source=str(file), remedy=suggest(name, known))
                )
            if not _share(share):
                problems.append(
                    Problem(f"the share of {trait} {name} must be a number from 0", source=str(file))
                )
    problems += [
        Problem(f"{key} must be a number from 0", source=str(file))
        for key in NUMBERS_OF
        if not _share(data.get(key, 0))
    ]
    if problems:
        raise BadInput(problems)
    return Population(**data)


def _share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < np.inf


def design(
    arms: Sequence[Scenario],
    subjects: int,
    who: Population,
    parameters: str,
    resolution: str,
    seed: int,
) -> dict[str, Any]:
    """What a cohort depends on, as plain data."""
    return {
        "study": "cohort",
        "arms": [arm.to_dict() for arm in arms],
        "subjects": subjects,
        "population": asdict(who),
        "parameters": parameters,
        "values": identity(
            parameter_set(parameters).values(), {k: v.tolist() for k, v in draws(parameters).items()}
        ),
        "resolution": resolution,
        "seed": seed,
        "block": BLOCK if resolution == "column" else 1,
        "version": version("exosim"),
        "results": RESULTS,
    }


def units(of: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Units of a cohort by identity; that of a unit does not depend on how many there are, nor on names."""
    arms = [{k: v for k, v in arm.items() if k not in ("name", "note")} for arm in of["arms"]]
    meaning = {k: of[k] for k in ("population", "values", "resolution", "seed", "block", "results")}
    shared = json.dumps(dict(of))
    found = {}
    for first in range(0, of["subjects"], of["block"]):
        number = min(of["block"], of["subjects"] - first)
        found[identity(meaning, arms, first, number)] = {"design": shared, "first": first, "subjects": number}
    return found


@lru_cache(maxsize=4)
def _read(shared: str) -> tuple[dict[str, Any], list[Scenario]]:
    """A design and its arms, once per process."""
    of = json.loads(shared)
    arms = [validate(data)[0] for data in of["arms"]]
    return of, [arm for arm in arms if arm]


def work(unit: Mapping[str, Any]) -> tuple[Arrays, dict[str, Any]]:
    """Simulate all arms on the subjects of a unit."""
    of, arms = _read(unit["design"])
    who = traits(of, unit["first"], unit["subjects"])
    drawn = {name: x[who["draw"]] for name, x in draws(of["parameters"]).items()}
    arrays = {f"subject.{name}": x for name, x in who.items()}
    failures = []
    for i, arm in enumerate(arms):
        if of["resolution"] == "column":
            found, failed = _column(arm, of, who, drawn)
        else:
            found, failed = _patch(arm, of, who, drawn, unit)
        arrays |= {f"{i}.{name}": found[name].astype(float) for name in SCORED}
        failures += [{"subject": unit["first"] + s, "arm": i, "reason": reason} for s, reason in failed]
    return arrays, {"first": unit["first"], "subjects": unit["subjects"], "failures": failures}


def traits(of: Mapping[str, Any], first: int, number: int) -> dict[str, Array]:
    """Traits of subjects, from streams of their own: they depend on the seed and the subject's block alone."""
    random = np.random.default_rng([of["seed"], first])
    skin = of["arms"][0]["skin"]
    ensemble = len(next(iter(draws(of["parameters"]).values())))
    chosen: dict[str, Any] = {}
    for trait, known in KNOWN.items():
        shares = of["population"][trait] or {str(skin[trait]): 1.0}
        weights = np.array([shares.get(name, 0.0) for name in known])
        chosen[trait] = random.choice(len(known), number, p=weights / weights.sum())
    chosen["draw"] = random.integers(ensemble, size=number)
    person = np.exp(of["population"]["pigment_spread"] * random.standard_normal(number))
    chosen["response"] = (
        np.array([RESPONSE[int(x)] for x in KNOWN["phototype"]])[chosen["phototype"]] * person
    )
    noise = random.standard_normal((number, len(of["arms"])))
    chosen |= {f"noise_{i}": noise[:, i] for i in range(len(of["arms"]))}
    return chosen


Found = tuple[Mapping[str, Array], list[tuple[int, str]]]


def _column(
    arm: Scenario, of: Mapping[str, Any], who: Mapping[str, Array], drawn: Mapping[str, Array]
) -> Found:
    """All subjects of a unit side by side."""
    import warnings

    types = [fields(scar, severity) for scar in KNOWN["scar"] for severity in KNOWN["severity"]]
    kind = who["scar"] * len(KNOWN["severity"]) + who["severity"]
    skin = SkinFields(
        np.concatenate([x.collagen_rest for x in types], axis=1)[:, kind],
        np.concatenate([x.melanocyte_rest for x in types])[kind],
        np.ones(len(kind)),
    )
    values = parameter_values(arm, parameter_set(of["parameters"]).values() | dict(drawn))
    values |= {"phototype_response": who["response"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # subjects that fail are listed below
        history = run(Column(arm, values, states=False, skin=skin))
    failed = [
        (x.subject, f"the step size collapsed on day {x.time:.3g} in {x.state}") for x in history.failures
    ]
    return outcomes(history, arm), failed


def _patch(
    arm: Scenario,
    of: Mapping[str, Any],
    who: Mapping[str, Array],
    drawn: Mapping[str, Array],
    unit: Mapping[str, Any],
) -> Found:
    """One subject after the other, each with its own channels, the same in every arm."""
    rows: list[Mapping[str, Array]] = []
    failed = []
    for s in range(unit["subjects"]):
        skin = {trait: known[who[trait][s]] for trait, known in KNOWN.items()}
        data = arm.to_dict()
        data["skin"] |= skin | {"phototype": int(skin["phototype"])}
        person, _ = validate(data)
        assert person
        mine = {name: float(x[s]) for name, x in drawn.items()}
        one = parameter_values(person, parameter_set(of["parameters"]).values() | mine)
        one |= {"phototype_response": float(who["response"][s])}
        try:
            seed = of["seed"] + unit["first"] + s
            history = run(Patch.build(person, one, seed, Grid(), states=False))
            rows.append(outcomes(history, person))
        except RuntimeError as error:
            rows.append({name: np.array([np.nan]) for name in SCORED})
            failed.append((s, str(error)))
    return {name: np.concatenate([row[name] for row in rows]) for name in SCORED}, failed


@dataclass(frozen=True)
class Results:
    """What a cohort has given so far, read outcome by outcome so that memory does not grow with the subjects."""

    store: Store

    @property
    def names(self) -> list[str]:
        """Names of the arms."""
        return [arm["name"] for arm in self.store.design["arms"]]

    def column(self, name: str) -> Array:
        """One array over all subjects that are done."""
        parts = []
        for line in self.store.in_order():
            with self.store.read(line["unit"]) as block:
                parts.append(block[name])
        return np.concatenate(parts) if parts else np.empty(0)

    def trait(self, name: str) -> Array:
        """A trait of every subject, as a number of `KNOWN`."""
        return self.column(f"subject.{name}").astype(int)

    def outcome(self, arm: int, name: str) -> Array:
        """An outcome of every subject in one arm."""
        return self.column(f"{arm}.{name}")

    def scored(self, arm: int) -> Array:
        """Improvement as a clinician would score it, with the error of the score."""
        error: float = self.store.design["population"]["score_error"]
        return self.outcome(arm, "improvement_percent") + error * self.column(f"subject.noise_{arm}")


NUMERIC = tuple(name for name in SCORED if name in NUMBERS)
