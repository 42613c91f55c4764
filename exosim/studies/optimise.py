"""Schedules under constraints: the front of several aims, found by NSGA-II, every point a scenario.

A study is a TOML file: `scenario`, with changes `set`; `vary` (path -> what it takes); `aims` (outcome -> "max" or
"min", or over draws { max = "p05" }); `limits` (outcome or measure -> at_least, at_most, and over `draws` "p95").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.lines import located
from exosim.files.names import identity
from exosim.files.reading import read_toml
from exosim.parameters import DEFAULT, ParametersLike, ensemble
from exosim.problems import BadInput, Problem, every
from exosim.results.own import Own, kept
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.studies import sweep
from exosim.studies.aims import WORST, Target, aims_of, limits_of, none_keeps, on_front
from exosim.studies.asked import Asked, File
from exosim.studies.axes import Axis, Range, searched
from exosim.studies.designs import undone, wrong
from exosim.studies.draws import known_draws, said
from exosim.studies.ensemble_sweep import EnsembleSweep
from exosim.studies.kinds import Study, Unit, Units, counted, too_low
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd

WHOLE = Target("downtime_days", 1, bound=WORST / 2)
"""Stands for limits where there are none: a point that cannot be simulated does not keep it."""
Outcomes = Mapping[str, float]
Known = dict[str, Outcomes]
"""Point, as JSON -> outcomes."""


@dataclass(frozen=True)
class Optimise(Study):
    """A search for the schedules that no other betters in all aims."""

    kind: ClassVar[str] = "optimise"

    scenario: Scenario
    vary: Mapping[str, Any]  # path -> [low, high], {low, high, log}, or a list of texts or lists
    aims: Mapping[str, Any]  # outcome or measure -> "max" or "min", or over draws as {"max": "p05"}
    limits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # the same -> at_least, at_most, draws
    population: int = 40
    generations: int = 20
    parameters: ParametersLike = DEFAULT
    seed: int = 0
    own: tuple[Own, ...] = ()  # outcomes of one's own

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design."""
        return super().from_dict({**data, "own": tuple(map(kept, data.get("own", ())))})

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
        """The sweep that computes the points of the search, with every draw where an aim or a limit reads them."""
        kind = EnsembleSweep if self.over_draws else sweep.Sweep
        return kind(self.scenario, self.axes, parameters=self.parameters, seed=self.seed, own=self.own)

    @cached_property
    def targets(self) -> tuple[list[Target], list[Target]]:
        """Aims and limits."""
        return aims_of(self.aims), limits_of(self.limits)

    @property
    def over_draws(self) -> bool:
        """Whether draws of the parameter set are simulated."""
        return any(target.draws for targets in self.targets for target in targets)

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
        Asked(outcomes=self.own, **{name: getattr(self, name) for name in given})
        if problems := too_low(vars(self), {"seed": 0}) or self.problems():
            raise BadInput(problems)

    def problems(self) -> list[Problem]:
        """Return what is wrong with what varies."""
        try:
            if self.over_draws:
                ensemble(self.parameters)
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
            known |= self._read(store, units)
            search.tell(*self._judged(known, points))

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Simulate a point."""
        arrays, failures = self.cases.simulated([unit["point"]])
        failed = [{"case": str(unit["point"]), "reason": reason} for reason in failures.values()]
        return arrays, {"failures": failed}

    def summary(self, store: Store) -> dict[str, Any]:
        """Return how far the search is, and the front of the last generation that is done."""
        search, known, done = self._search(), self._read(store, store.done()), 0
        while done < self.generations:
            points = self.points(search.ask())
            if not known.keys() >= set(map(_key, points)):
                break
            search.tell(*self._judged(known, points))
            done += 1
        front = self._front(known, self.points(search.front()[0])) if done else []
        if self.over_draws and front:
            shares = self._on_front(store, [_key([*row["setting"].values()]) for row in front])
            front = [row | {"on_front_percent": share} for row, share in zip(front, shares, strict=True)]
        about = {"parameters": str(self.parameters), "generations": done, "of": self.generations, "points": len(known)}
        told: dict[str, Any] = {"front": front, "limits": [x.met(known.values()) for x in self.targets[1]]}
        told |= {"warnings": none_keeps(told["limits"], len(known)) if done and not front else []}
        return about | counted(store) | told

    @property
    def column_units(self) -> dict[str, str]:
        """Unit of every axis and outcome."""
        units = self.cases.column_units
        told = {x.column: units[x.name] for targets in self.targets for x in targets}
        return units | told | {"on_front_percent": "%"}

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per schedule of the front, best first in the first aim."""
        return front_table(self.summary(store)["front"], self.cases.names)

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
        limits, axes = len(self.targets[1]) or 1, len(self.axes)
        return Search(np.zeros(axes), np.ones(axes), len(self.aims), limits, self.population, self.seed)

    def _read(self, store: Store, units: Mapping[str, Any]) -> Known:
        """Return the outcomes of units by their points: of the set itself, and what aims and limits read of draws."""
        known, targets = Known(), [x for targets in self.targets for x in targets if x.draws]
        for unit in units:
            with store.read(unit) as block:
                [point] = json.loads(str(block["points"]))
                row = {name: float(block[name].flat[0]) for name in self.cases.names}
                for x in targets:
                    row[x.column] = float(said(block[x.name][:, 1:], known_draws(block))[x.draws][0])
                known[_key(point)] = row
        return known

    def _judged(self, known: Known, points: Sequence[Any]) -> tuple[Array, Array]:
        """Return aims to be minimised, (points, aims), and limits that are kept where <= 0, (points, limits)."""
        rows = [known[_key(point)] for point in points]
        aims, limits = ([[x.of(row[x.column]) for x in targets] for row in rows] for targets in self.targets)
        if not self.targets[1]:
            limits = [[WHOLE.of(row["downtime_days"])] for row in rows]
        return np.array(aims), np.array(limits)

    def _on_front(self, store: Store, front: Sequence[str]) -> list[float]:
        """Return in what percent of the draws each point of the front is on the front of all points of the search."""
        keys, values = list[str](), list[list[Array]]()
        targets = [*self.targets[0], *(self.targets[1] or [WHOLE])]
        for unit in store.done():
            with store.read(unit) as block:
                keys.append(_key(json.loads(str(block["points"]))[0]))
                values.append([x.of(np.where(known_draws(block)[0], block[x.name][0, 1:], np.nan)) for x in targets])
        found, number = np.array(values), len(self.targets[0])
        return on_front([keys.index(key) for key in front], found[:, :number], found[:, number:])

    def _front(self, known: Known, points: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the points of a front with their outcomes, best first in the first aim, each once."""
        rows = []
        for key in dict.fromkeys(map(_key, points)):
            outcomes = {name: x if np.isfinite(x) else None for name, x in known[key].items()}
            rows.append({"setting": dict(zip(self.vary, json.loads(key), strict=True)), "outcomes": outcomes})
        first = self.targets[0][0]
        return sorted(rows, key=lambda row: float(first.of(row["outcomes"][first.column])))


def front_table(front: Sequence[Mapping[str, Any]], names: Sequence[str] = sweep.NAMES) -> pd.DataFrame:
    """Return one row per schedule of a front: its number, setting and outcomes; what was not reached is NaN."""
    import pandas as pd

    told = ("setting", "outcomes")
    rows = [{"point": i, **x["setting"], **x["outcomes"], **{k: v for k, v in x.items() if k not in told}}
            for i, x in enumerate(front, start=1)]  # fmt: skip
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(names if rows else (), float))


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
    found = Optimise(
        scenario, asked.vary, asked.aims, limits, parameters=parameters, seed=seed, own=asked.outcomes, **sizes
    )
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


def _key(point: Any) -> str:
    return json.dumps(point)


def _rounded(axis: Axis, value: Any) -> Any:
    return min(max(float(f"{value:.4g}"), axis.low), axis.high) if isinstance(value, float) else value
