"""Schedules under constraints: the front of several aims, found by NSGA-II, every point a scenario.

A study is a TOML file: `scenario`, with changes `set`; `vary` (path -> what it takes); `aims` (outcome -> "max" or
"min"); `limits` (outcome or measure -> at_least, at_most).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.lines import located
from exosim.files.names import identity
from exosim.files.reading import read_toml
from exosim.parameters import DEFAULT, ParametersLike
from exosim.problems import BadInput, Problem, every
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.studies import sweep
from exosim.studies.asked import Asked, File
from exosim.studies.axes import Axis, Range, searched
from exosim.studies.designs import undone, wrong
from exosim.studies.kinds import Study, Unit, Units, counted, too_low
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd

WORST = 1e6  # an aim or limit of a point that cannot be simulated
Outcomes = Mapping[str, float]
Known = dict[str, Outcomes]
"""Point, as JSON -> outcomes."""


@dataclass(frozen=True)
class Optimise(Study):
    """A search for the schedules that no other betters in all aims."""

    kind: ClassVar[str] = "optimise"

    scenario: Scenario
    vary: Mapping[str, Any]  # path -> [low, high], {low, high, log}, or a list of texts or lists
    aims: Mapping[str, str]  # outcome or measure -> "max" or "min"
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # the same -> at_least, at_most
    population: int = 40
    generations: int = 20
    parameters: ParametersLike = DEFAULT
    seed: int = 0

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """What searches."""
        return (("pymoo", "studies"),)

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """What varies."""
        return tuple(every(lambda item: searched(*item, self.scenario), self.vary.items()))

    @cached_property
    def cases(self) -> sweep.Sweep:
        """The sweep that computes the points of the search."""
        return sweep.Sweep(self.scenario, self.axes, parameters=self.parameters, seed=self.seed)

    @property
    def inputs(self) -> str:
        """Hash of the parameter set."""
        return self.cases.inputs

    @property
    def size(self) -> int:
        """Number of points of the search; those that come again are computed once."""
        return self.population * self.generations

    def check(self) -> None:
        """Raise `BadInput` for a search that cannot be."""
        given = ("vary", "aims", "limits", "population", "generations")
        Asked(**{name: getattr(self, name) for name in given})
        if problems := too_low(vars(self), {"seed": 0}) or self.problems():
            raise BadInput(problems)

    def problems(self) -> list[Problem]:
        """Return what is wrong with what varies."""
        try:
            return wrong(self.axes, self.scenario, self.parameters)
        except BadInput as error:
            return error.problems

    def rounds(self, store: Store) -> Iterator[Units]:
        """Yield one generation after the other, each bred from the outcomes of those before it."""
        search, known, meaning = self._search(), Known(), self.cases.meaning
        for _ in range(self.generations):
            points = self.points(search.ask())
            units: Units = {identity(meaning, [point]): {"point": point} for point in points}
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
            points = self.points(search.ask())
            if not known.keys() >= set(map(_key, points)):
                break
            search.tell(*self._judged(known, points))
            done += 1
        front = self._front(known, self.points(search.front()[0])) if done else []
        return {"generations": done, "of": self.generations, "points": len(known), **counted(store), "front": front}

    @property
    def column_units(self) -> dict[str, str]:
        """Unit of every axis and outcome."""
        return self.cases.column_units

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per schedule of the front, best first in the first aim."""
        return front_table(self.summary(store)["front"])

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the front as a list, and each of its points as a scenario."""
        files = {"front.json": json.dumps(summary["front"], indent=2).encode()}
        for i, row in enumerate(summary["front"], start=1):
            arm = self.scenario.with_values(row["setting"])
            named = arm.with_values({"name": f"{arm.name[:170]}, point {i} of the front"})
            files[f"front/{i:02d}.toml"] = named.to_toml().encode()
        return files

    def points(self, shares: Array) -> list[list[Any]]:
        """Return the points at shares of the axes, (points, axes); with no more digits than anybody would set."""
        return [[_rounded(axis, axis.at(x)) for axis, x in zip(self.axes, row, strict=True)] for row in shares.tolist()]

    def _search(self) -> Search:
        limits = sum(len(limit) for limit in self.limits.values()) or 1
        axes = len(self.axes)
        return Search(np.zeros(axes), np.ones(axes), len(self.aims), limits, self.population, self.seed)

    def _judged(self, known: Known, points: Sequence[Any]) -> tuple[Array, Array]:
        """Return aims to be minimised, (points, aims), and limits that are kept where <= 0, (points, limits)."""
        rows = [known[_key(point)] for point in points]
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

    def _front(self, known: Known, points: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the points of a front with their outcomes, best first in the first aim, each once."""
        rows = []
        for key in dict.fromkeys(map(_key, points)):
            outcomes = {name: x if np.isfinite(x) else None for name, x in known[key].items()}
            rows.append({"setting": dict(zip(self.vary, json.loads(key), strict=True)), "outcomes": outcomes})
        first, way = next(iter(self.aims.items()))
        return sorted(rows, key=lambda row: _sign(way) * (row["outcomes"][first] or 0))


def front_table(front: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per schedule of a front: its number, setting and outcomes; what was not reached is NaN."""
    import pandas as pd

    rows = [{"point": i, **x["setting"], **x["outcomes"]} for i, x in enumerate(front, start=1)]
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(sweep.NAMES if rows else (), float))


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


def read(study: Mapping[str, Any] | Path, parameters: ParametersLike = DEFAULT, seed: int = 0) -> Optimise:
    """Return the study in a file or of the same data, checked; raise `BadInput` with every problem of it."""
    data, text = ({**study}, "") if isinstance(study, Mapping) else read_toml(study, "study")
    file = "" if isinstance(study, Mapping) else str(study)
    arm: Any = data.get("scenario")
    own = not file and isinstance(arm, Scenario | Mapping | Path)
    try:
        asked = File(**_as_written(data | {"scenario": "its own"} if own else data))
    except BadInput as error:
        raise BadInput([located(problem, file, text) for problem in error.problems]) from None
    try:
        scenario = load(arm if own else asked.scenario, asked.set)
    except BadInput as error:
        place = f"{file}: set" if file else "set"
        raise BadInput([replace(p, source=p.source.replace("`changes`", place)) for p in error.problems]) from None
    limits = {name: limit.to_dict() for name, limit in asked.limits.items()}
    sizes = {"population": asked.population, "generations": asked.generations}
    found = Optimise(scenario, asked.vary, asked.aims, limits, parameters=parameters, seed=seed, **sizes)
    if problems := found.problems() or [*undone(found.axes, scenario, asked.set)]:
        raise BadInput([_in_file(problem, file, text) if file else problem for problem in problems])
    return found


def _as_written(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a study with every `Range` as a file says it."""
    vary = data.get("vary")
    if not isinstance(vary, Mapping):
        return {**data}
    return {**data, "vary": {path: x.to_dict() if isinstance(x, Range) else x for path, x in vary.items()}}


def _in_file(problem: Problem, file: str, text: str) -> Problem:
    """Return the problem of an axis with its line in a study file."""
    axis = problem.source.removeprefix("`vary`").removeprefix("vary").strip()
    message = problem.message.replace("`changes`", "set")
    found = located(replace(problem, message=message, path=("vary", *axis.split("."))), file, text)
    return found


def _read(store: Store, units: Mapping[str, Any]) -> Known:
    """Return the outcomes of units by their points."""
    known = Known()
    for unit in units:
        with store.read(unit) as block:
            [point] = json.loads(str(block["points"]))
            known[_key(point)] = {name: float(block[name][0]) for name in sweep.NAMES}
    return known


def _key(point: Any) -> str:
    return json.dumps(point)


def _rounded(axis: Axis, value: Any) -> Any:
    return min(max(float(f"{value:.4g}"), axis.low), axis.high) if isinstance(value, float) else value


def _finite(value: float) -> float:
    return value if np.isfinite(value) else WORST


def _sign(way: str) -> int:
    return -1 if way == "max" else 1
