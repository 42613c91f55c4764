"""Schedules under constraints: the front of several aims, found by NSGA-II, every point a scenario.

A study is a TOML file: `scenario`, with changes `set`; `vary` (axis -> range); `aims` (outcome -> "max" or "min");
`limits` (outcome or measure -> at_least, at_most). Points are evaluated as cases of a sweep, so a resumed search reads
what it has.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.files import identity, write
from exosim.parameters import parameter_set
from exosim.problems import BadInput, Problem, suggest
from exosim.scenario.file import find, parse
from exosim.simulation.setup import RESULTS, Progress
from exosim.studies import sweep
from exosim.studies.execute import Team, execute, executor
from exosim.studies.store import Store

WORST = 1e6  # an aim or limit of a point that cannot be simulated
WHOLE = {"sessions", "skin.phototype"}  # axes that take whole numbers
Evaluate = Callable[[Array], tuple[Array, Array]]
"""Points (n, axes) -> aims to be minimised (n, aims) and limits, kept where <= 0 (n, limits)."""


def read(path: Path) -> dict[str, Any]:
    """A study from its file, or every problem of it."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput([Problem(f"the study cannot be read ({error.strerror})", source=str(path))]) from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput([Problem(f"the study is not valid TOML: {error}", source=str(path))]) from None
    known = {"scenario", "set", "vary", "aims", "limits", "population", "generations"}
    problems = [
        Problem(f'a study has no "{key}"', source=str(path), remedy=suggest(key, known))
        for key in data.keys() - known
    ]
    for key in ("scenario", "vary", "aims"):
        if not data.get(key):
            problems.append(Problem(f"the study needs {key}", source=str(path)))
    for axis, ends in data.get("vary", {}).items():
        if not (isinstance(ends, list) and len(ends) == 2 and ends[0] < ends[1]):
            problems.append(Problem(f"vary {axis} must be [low, high]", source=str(path)))
    for name, aim in data.get("aims", {}).items():
        if name not in sweep.NAMES:
            problems.append(
                Problem(f'there is no outcome "{name}"', source=str(path), remedy=suggest(name, sweep.NAMES))
            )
        if aim not in ("max", "min"):
            problems.append(Problem(f'the aim of {name} must be "max" or "min"', source=str(path)))
    for name, limit in data.get("limits", {}).items():
        if name not in sweep.NAMES:
            problems.append(
                Problem(f'there is no outcome "{name}"', source=str(path), remedy=suggest(name, sweep.NAMES))
            )
        if not isinstance(limit, dict) or not limit.keys() <= {"at_least", "at_most"} or not limit:
            problems.append(Problem(f"limit {name} must say at_least or at_most", source=str(path)))
    if problems:
        raise BadInput(problems)
    return data


def design(study: Mapping[str, Any], parameters: str, seed: int) -> dict[str, Any]:
    """What a search depends on; raises `BadInput` for a scenario or an end of a range that cannot be."""
    text = find(study["scenario"]).read_text("utf-8")
    axes = [{"path": path, "low": ends[0], "high": ends[1]} for path, ends in study["vary"].items()]
    changes = list(study.get("set", []))
    of = {"text": text, "changes": changes, "axes": axes}
    scenario = parse(text, str(study["scenario"]), changes)
    for axis in axes:
        for end in ("low", "high"):
            sweep.case(of | {"axes": [axis]}, [axis[end]])
    return of | {
        "study": "optimise",
        "scenario": scenario.to_dict(),
        "aims": dict(study["aims"]),
        "limits": dict(study.get("limits", {})),
        "population": int(study.get("population", 40)),
        "generations": int(study.get("generations", 20)),
        "parameters": parameters,
        "values": identity(parameter_set(parameters).values()),
        "resolution": "column",
        "seed": seed,
        "version": version("exosim"),
        "results": RESULTS,
    }


def units_of(of: Mapping[str, Any], points: Array) -> dict[str, dict[str, Any]]:
    """Points as units of a sweep, by what they mean."""
    shared = json.dumps({k: of[k] for k in ("text", "changes", "axes", "parameters", "resolution", "seed")})
    meaning = [of["text"], of["changes"], of["values"], of["results"], [a["path"] for a in of["axes"]]]
    rows = points.tolist()
    return {identity(meaning, row): {"design": shared, "first": 0, "points": [row]} for row in rows}


def evaluator(of: Mapping[str, Any], store: Store, team: Team) -> Evaluate:
    """What NSGA-II asks, answered from the store, and computed where it is not there yet."""

    def evaluate(points: Array) -> tuple[Array, Array]:
        rounded = whole(of, points)
        units = units_of(of, rounded)
        execute(store, sweep.work, units, team=team)
        found = []
        for unit in (next(iter(units_of(of, row[None]))) for row in rounded):
            with store.read(unit) as block:
                found.append({name: float(block[name][0]) for name in sweep.NAMES})
        aims = [
            [(-1 if way == "max" else 1) * _known(x[name]) for name, way in of["aims"].items()] for x in found
        ]
        limits = [_limits(of, x) for x in found]
        return np.array(aims), np.array(limits).reshape(len(found), -1)

    return evaluate


def whole(of: Mapping[str, Any], points: Array) -> Array:
    """Points with whole numbers where an axis takes no others, and no more digits than anybody would set."""
    rounded = np.array([[float(f"{x:.4g}") for x in row] for row in points])
    for j, axis in enumerate(of["axes"]):
        if axis["path"] in WHOLE:
            rounded[:, j] = np.round(rounded[:, j])
    return rounded


def _known(value: float) -> float:
    return value if np.isfinite(value) else WORST


def _limits(of: Mapping[str, Any], found: Mapping[str, float]) -> list[float]:
    rows = []
    for name, limit in of["limits"].items():
        if "at_most" in limit:
            rows.append(_known(found[name] - limit["at_most"]))
        if "at_least" in limit:
            rows.append(_known(limit["at_least"] - found[name]))
    return rows or [_known(found["downtime_days"]) - WORST / 2]


def search(
    evaluate: Evaluate, low: Array, high: Array, population: int, generations: int, seed: int,
    progress: Progress | None = None,
) -> tuple[Array, Array]:  # fmt: skip
    """The front that NSGA-II finds: points (n, axes) and aims (n, aims) that no other point betters in all aims."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.evaluator import Evaluator
    from pymoo.core.problem import Problem as Asked
    from pymoo.core.termination import NoTermination
    from pymoo.problems.static import StaticProblem

    middle = (np.asarray(low, float) + high) / 2
    aims, limits = evaluate(middle[None])
    asked = Asked(n_var=len(low), n_obj=aims.shape[1], n_ieq_constr=limits.shape[1], xl=low, xu=high)
    algorithm = NSGA2(pop_size=population)
    algorithm.setup(asked, termination=NoTermination(), seed=seed)
    for generation in range(generations):
        people = algorithm.ask()
        aims, limits = evaluate(people.get("X"))
        Evaluator().eval(StaticProblem(asked, F=aims, G=limits), people)
        algorithm.tell(infills=people)
        if progress:
            progress((generation + 1) / generations)
    best = algorithm.opt
    feasible = np.array([bool(x.feas) for x in best])
    return best.get("X")[feasible], best.get("F")[feasible]


def front(of: Mapping[str, Any], store: Store, points: Array) -> list[dict[str, Any]]:
    """The points of a front with their outcomes, best first in the first aim, each once."""
    rows = {}
    for row in whole(of, points):
        unit = next(iter(units_of(of, row[None])))
        with store.read(unit) as block:
            found = {name: float(block[name][0]) for name in sweep.NAMES}
        setting = dict(zip((a["path"] for a in of["axes"]), row.tolist(), strict=True))
        outcomes = {k: x if np.isfinite(x) else None for k, x in found.items()}
        rows[tuple(row)] = {"setting": setting, "outcomes": outcomes}
    first, way = next(iter(of["aims"].items()))
    return sorted(rows.values(), key=lambda x: (-1 if way == "max" else 1) * (x["outcomes"][first] or 0))


def run(
    of: Mapping[str, Any],
    store: Store,
    workers: int = 1,
    address: str | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """The front of a study; points that the store holds are not computed again."""
    low, high = (np.array([float(axis[end]) for axis in of["axes"]]) for end in ("low", "high"))
    with executor(workers, address) as team:
        evaluate = evaluator(of, store, team)
        points, _ = search(evaluate, low, high, of["population"], of["generations"], of["seed"], progress)
    return front(of, store, points)


def write_front(of: Mapping[str, Any], store: Store, found: list[dict[str, Any]]) -> None:
    """Write ``front.json`` and every point as a scenario in ``front``."""
    folder = store.folder / "front"
    folder.mkdir(exist_ok=True)
    write(store.folder / "front.json", json.dumps(found, indent=2).encode())
    for i, row in enumerate(found, start=1):
        arm = sweep.case(of, list(row["setting"].values()))
        named = arm.model_copy(update={"name": f"{arm.name}, point {i} of the front"})
        write(folder / f"{i:02d}.toml", named.to_toml().encode())
