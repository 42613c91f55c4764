"""Schedules under constraints: the front of several aims, found by NSGA-II, every point a scenario.

A study is a TOML file: `scenario`, with changes `set`; `vary` (axis -> range); `aims` (outcome -> "max" or "min");
`limits` (outcome or measure -> at_least, at_most).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.names import identity
from exosim.parameters import DEFAULT
from exosim.problems import BadInput, Problem, suggest
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.studies import sweep
from exosim.studies.kinds import Study, Unit, Units
from exosim.studies.store import Arrays, Store

WORST = 1e6  # an aim or limit of a point that cannot be simulated
WHOLE = {"sessions", "skin.phototype"}  # axes that take whole numbers
Outcomes = Mapping[str, float]
Known = dict[tuple[float, ...], Outcomes]
"""Point -> outcomes."""


@dataclass(frozen=True)
class Optimise(Study):
    """A search for the schedules that no other betters in all aims."""

    kind: ClassVar[str] = "optimise"
    needs: ClassVar[tuple[tuple[str, str], ...]] = (("pymoo", "studies"),)

    scenario: Scenario
    vary: Mapping[str, Sequence[float]]  # axis, as of a sweep -> lowest and highest value
    aims: Mapping[str, str]  # outcome or measure -> "max" or "min"
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # the same -> at_least, at_most
    population: int = 40
    generations: int = 20
    parameters: str = DEFAULT
    seed: int = 0

    @cached_property
    def cases(self) -> sweep.Sweep:
        """The sweep that computes the points of the search."""
        axes = tuple(sweep.Axis(path, low, high, ()) for path, (low, high) in self.vary.items())
        return sweep.Sweep(self.scenario, axes, parameters=self.parameters, seed=self.seed)

    @property
    def inputs(self) -> str:
        """Hash of the parameter set."""
        return self.cases.inputs

    @property
    def size(self) -> int:
        """Number of points of the search; those that come again are computed once."""
        return self.population * self.generations

    def check(self) -> None:
        """Raise `BadInput` for an end of a range that no schedule could have."""
        for path, ends in self.vary.items():
            for end in ends:
                sweep.case(self.scenario, {path: end})

    def rounds(self, store: Store) -> Iterator[Units]:
        """Yield one generation after the other, each bred from the outcomes of those before it."""
        search, known, meaning = self._search(), Known(), self.cases.meaning
        for _ in range(self.generations):
            points = self.rounded(search.ask())
            units: Units = {identity(meaning, [point]): {"point": point} for point in points.tolist()}
            yield units
            known |= _read(store, units)
            search.tell(*self._judged(known, points))

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Simulate a point."""
        arrays, failures = self.cases.simulated([unit["point"]])
        failed = [{"case": str(unit["point"]), "reason": reason} for reason in failures.values()]
        return arrays, {"failures": failed}

    def summary(self, store: Store) -> dict[str, Any]:
        """Return how far the search is, and the front of the last generation that is done."""
        search, known, done = self._search(), _read(store, store.done()), 0
        while done < self.generations:
            points = self.rounded(search.ask())
            if not known.keys() >= {tuple(point) for point in points.tolist()}:
                break
            search.tell(*self._judged(known, points))
            done += 1
        front = self._front(known, self.rounded(search.front()[0])) if done else []
        return {"generations": done, "of": self.generations, "points": len(known), "front": front}

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the front as a list, and each of its points as a scenario."""
        files = {"front.json": json.dumps(summary["front"], indent=2).encode()}
        for i, row in enumerate(summary["front"], start=1):
            arm = sweep.case(self.scenario, row["setting"])
            named = arm.model_copy(update={"name": f"{arm.name}, point {i} of the front"})
            files[f"front/{i:02d}.toml"] = named.to_toml().encode()
        return files

    def rounded(self, points: Array) -> Array:
        """Return points with whole numbers where an axis takes no others, and no more digits than anybody would set."""
        rounded = np.array([[float(f"{x:.4g}") for x in row] for row in points]).reshape(-1, len(self.vary))
        whole = [path in WHOLE for path in self.vary]
        rounded[:, whole] = np.round(rounded[:, whole])
        return rounded

    def _search(self) -> Search:
        low, high = np.array([*self.vary.values()], float).T
        limits = sum(len(limit) for limit in self.limits.values()) or 1
        return Search(low, high, len(self.aims), limits, self.population, self.seed)

    def _judged(self, known: Known, points: Array) -> tuple[Array, Array]:
        """Return aims to be minimised, (points, aims), and limits that are kept where <= 0, (points, limits)."""
        rows = [known[tuple(point)] for point in points.tolist()]
        aims = [[_sign(way) * _finite(row[name]) for name, way in self.aims.items()] for row in rows]
        limits = [self._excesses(row) for row in rows]
        return np.array(aims), np.array(limits)

    def _excesses(self, row: Outcomes) -> list[float]:
        signs = {"at_most": 1, "at_least": -1}
        excesses = [
            _finite(sign * (row[name] - limit[way]))
            for name, limit in self.limits.items()
            for way, sign in signs.items()
            if way in limit
        ]
        return excesses or [_finite(row["downtime_days"]) - WORST / 2]

    def _front(self, known: Known, points: Array) -> list[dict[str, Any]]:
        """Return the points of a front with their outcomes, best first in the first aim, each once."""
        rows = []
        for point in dict.fromkeys(map(tuple, points.tolist())):
            outcomes = {name: x if np.isfinite(x) else None for name, x in known[point].items()}
            rows.append({"setting": dict(zip(self.vary, point, strict=True)), "outcomes": outcomes})
        first, way = next(iter(self.aims.items()))
        return sorted(rows, key=lambda row: _sign(way) * (row["outcomes"][first] or 0))


class Search:
    """NSGA-II between `low` and `high`, (axes,), one generation at a time: ask for points, tell what they are worth."""

    def __init__(self, low: Array, high: Array, aims: int, limits: int, population: int, seed: int) -> None:
        from pymoo.algorithms.moo.nsga2 import NSGA2
        from pymoo.core.problem import Problem as Space
        from pymoo.core.termination import NoTermination

        self.space = Space(n_var=len(low), n_obj=aims, n_ieq_constr=limits, xl=low, xu=high)
        self.algorithm = NSGA2(pop_size=population)
        self.algorithm.setup(self.space, termination=NoTermination(), seed=seed)

    def ask(self) -> Array:
        """Return the points of the next generation, (points, axes)."""
        self.people = self.algorithm.ask()
        points: Array = self.people.get("X")
        return points

    def tell(self, aims: Array, limits: Array) -> None:
        """Judge the points of a generation: aims are to be minimised, limits kept where <= 0."""
        from pymoo.core.evaluator import Evaluator
        from pymoo.problems.static import StaticProblem

        Evaluator().eval(StaticProblem(self.space, F=aims, G=limits), self.people)
        self.algorithm.tell(infills=self.people)

    def front(self) -> tuple[Array, Array]:
        """Return the points that no other betters in all aims, (points, axes), and their aims, (points, aims)."""
        best = self.algorithm.opt
        feasible = np.array([bool(x.feas) for x in best])
        return best.get("X")[feasible], best.get("F")[feasible]


def read(path: Path, parameters: str = DEFAULT, seed: int = 0) -> Optimise:
    """Return the study in a file; raise `BadInput` with every problem of it."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput([Problem(f"the study cannot be read ({error.strerror})", source=str(path))]) from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput([Problem(f"the study is not valid TOML: {error}", source=str(path))]) from None
    known = {"scenario", "set", "vary", "aims", "limits", "population", "generations"}
    wrong = [(f'a study has no "{key}"', suggest(key, known)) for key in data.keys() - known]
    wrong += [(f"the study needs {key}", "") for key in ("scenario", "vary", "aims") if not data.get(key)]
    for axis, ends in data.get("vary", {}).items():
        if not (isinstance(ends, list) and len(ends) == 2 and ends[0] < ends[1]):
            wrong.append((f"vary {axis} must be [low, high]", ""))
    aims, limits = data.get("aims", {}), data.get("limits", {})
    for name in [*aims, *limits]:
        if name not in sweep.NAMES:
            wrong.append((f'there is no outcome "{name}"', suggest(name, sweep.NAMES)))
    for name, aim in aims.items():
        if aim not in ("max", "min"):
            wrong.append((f'the aim of {name} must be "max" or "min"', ""))
    for name, limit in limits.items():
        if not isinstance(limit, dict) or not limit.keys() <= {"at_least", "at_most"} or not limit:
            wrong.append((f"limit {name} must say at_least or at_most", ""))
    if wrong:
        raise BadInput([Problem(message, source=str(path), remedy=remedy) for message, remedy in wrong])
    scenario = load(data["scenario"], list(data.get("set", [])))
    sizes = {name: int(data[name]) for name in ("population", "generations") if name in data}
    return Optimise(scenario, data["vary"], aims, limits, parameters=parameters, seed=seed, **sizes)


def _read(store: Store, units: Mapping[str, Any]) -> Known:
    """Return the outcomes of units by their points."""
    known = Known()
    for unit in units:
        with store.read(unit) as block:
            known[tuple(block["points"][0].tolist())] = {name: float(block[name][0]) for name in sweep.NAMES}
    return known


def _finite(value: float) -> float:
    return value if np.isfinite(value) else WORST


def _sign(way: str) -> int:
    return -1 if way == "max" else 1
