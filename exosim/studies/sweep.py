"""Sweeps: outcomes of one scenario over a design of settings and parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from math import prod
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.events import Apply, Injury
from exosim.files import identity
from exosim.parameters import parameter_set
from exosim.problems import BadInput, Problem
from exosim.results.intervals import NUMBERS
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.scenario.file import find, parse
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.simulation.setup import RESULTS, parameter_values
from exosim.studies.store import Arrays, Store

CASES = 64  # of a unit at column resolution
MOST = 10_000_000  # cases of a design that is accepted
DESIGNS = ("grid", "lhs", "sobol")
TIMING = ("sessions", "every_days")
"""Axes besides settings and parameters: number of sessions, and days between them, of all treatments together."""


def _applied(arm: Scenario) -> float:
    """Particles applied in all, 1e6 per mm2."""
    return sum(x.event.particles for x in arm.timeline if isinstance(x.event, Apply))


def _sessions(arm: Scenario) -> float:
    return float(len({x.event.day for x in arm.timeline if isinstance(x.event, Injury)}))


MEASURES = {"exosomes_applied": _applied, "procedures": _sessions}
"""What a schedule asks for, besides outcomes: particles (1e6 per mm2), and days with a procedure."""
NAMES = (*(outcome.name for outcome in OUTCOMES), *MEASURES)


@dataclass(frozen=True)
class Axis:
    """One setting or parameter, with its values (grid) or its range (other designs)."""

    path: str
    low: float
    high: float
    values: tuple[float, ...]


def axis(text: str) -> Axis:
    """An axis from ``PATH=LOW:HIGH:NUMBER`` or ``PATH=A,B,C``; raises `BadInput`."""
    path, equals, written = text.partition("=")
    source = f"--vary {text}"
    remedy = "as in treatments.0.energy_mj=10:40:7 or skin.phototype=2,4,6"
    wrong = Problem("an axis is PATH=LOW:HIGH:NUMBER or PATH=A,B,C", source=source, remedy=remedy)
    try:
        if ":" in written:
            low, high, number = written.split(":")
            ends, many = (float(low), float(high)), int(number)
            if many > MOST:
                raise BadInput(
                    [Problem(f"{many} values are too many", source=source, remedy=f"at most {MOST}")]
                )
            values = tuple(np.linspace(*ends, many).tolist())
        else:
            values = tuple(float(x) for x in written.split(","))
            ends = min(values), max(values)
    except ValueError:
        raise BadInput([wrong]) from None
    if not equals or not path or not values or not np.isfinite(values).all():
        raise BadInput([wrong])
    if ":" in written and not ends[0] < ends[1]:
        raise BadInput(
            [Problem(f"the range {written} is empty", source=source, remedy="give the lower end first")]
        )
    return Axis(path.strip(), *ends, values)


def points(axes: Sequence[Axis], kind: str, number: int, seed: int) -> Array:
    """The design, (cases, axes): every combination of a grid, or `number` points spread over the ranges."""
    from scipy.stats import qmc

    if kind == "grid":
        mesh = np.meshgrid(*(a.values for a in axes), indexing="ij")
        return np.stack([m.ravel() for m in mesh], axis=1)
    sampler = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[kind](
        d=len(axes), rng=np.random.default_rng(seed)
    )
    scaled: Array = qmc.scale(sampler.random(number), [a.low for a in axes], [a.high for a in axes])
    whole = [i for i, a in enumerate(axes) if a.path == "sessions"]
    scaled[:, whole] = np.round(scaled[:, whole])
    return scaled


def design(
    file: str,
    axes: Sequence[Axis],
    kind: str,
    number: int,
    parameters: str,
    resolution: str,
    seed: int,
    changes: Sequence[str] = (),
) -> dict[str, Any]:
    """What a sweep depends on; raises `BadInput` at once for what no case could be.

    The corners of the design are checked before anything is run.
    """
    cases = prod(len(a.values) for a in axes) if kind == "grid" else number
    if not 1 <= cases <= MOST:
        remedy = f"at most {MOST} cases; give fewer values, or sample with --design lhs"
        raise BadInput([Problem(f"the design has {cases:.3g} cases", source="--vary", remedy=remedy)])
    if kind == "sobol" and number & (number - 1):
        raise BadInput(
            [Problem("a Sobol design has a power of two of cases", source="-n", remedy="as in 256")]
        )
    source = find(file)
    text = source.read_text("utf-8")
    parse(text, str(source), changes)
    for a in axes:
        alone = {"text": text, "changes": list(changes), "axes": [{"path": a.path}]}
        for end in a.values if a.path in TIMING else (a.low, a.high):
            try:
                case(alone, [end])
            except BadInput as error:
                asked = f"--vary {a.path}"
                raise BadInput([replace(problem, source=asked) for problem in error.problems]) from None
    return {
        "study": "sweep",
        "scenario": parse(text, str(source), changes).to_dict(),
        "text": text,
        "changes": list(changes),
        "axes": [{"path": a.path, "low": a.low, "high": a.high, "values": list(a.values)} for a in axes],
        "kind": kind,
        "cases": cases,
        "parameters": parameters,
        "values": identity(parameter_set(parameters).values()),
        "resolution": resolution,
        "seed": seed,
        "version": version("exosim"),
        "results": RESULTS,
    }


def case(of: Mapping[str, Any], point: Sequence[float]) -> Scenario:
    """The scenario of a point; raises `BadInput` where there is none."""
    given = dict(zip((a["path"] for a in of["axes"]), point, strict=True))
    changes = [f"{path}={_written(x)}" for path, x in given.items() if path not in TIMING]
    arm = parse(of["text"], changes=[*of["changes"], *changes])
    if not given.keys() & set(TIMING):
        return arm
    number = given.get("sessions")
    if number is not None and not float(number).is_integer():
        raise BadInput([Problem(f"sessions must be a whole number, not {number:g}", source="sessions")])
    return arm.with_sessions(given.get("every_days"), None if number is None else int(number))


def _written(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def cases(of: Mapping[str, Any]) -> Array:
    """The points of a design."""
    axes = [Axis(a["path"], a["low"], a["high"], tuple(a["values"])) for a in of["axes"]]
    return points(axes, of["kind"], of["cases"], of["seed"])


def units(of: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Units of a sweep by identity: what is simulated, not how the design came about."""
    block = CASES if of["resolution"] == "column" else 1
    keys = ("values", "resolution", "results", *(("seed",) if of["resolution"] == "patch" else ()))
    scenario = {k: v for k, v in of["scenario"].items() if k not in ("name", "note")}
    meaning = [scenario, {k: of[k] for k in keys}, [a["path"] for a in of["axes"]]]
    shared = json.dumps({k: of[k] for k in ("text", "changes", "axes", "parameters", "resolution", "seed")})
    all_points = cases(of)
    found = {}
    for first in range(0, len(all_points), block):
        mine = all_points[first : first + block].tolist()
        found[identity(meaning, mine)] = {"design": shared, "first": first, "points": mine}
    return found


@lru_cache(maxsize=4)
def _read(shared: str) -> dict[str, Any]:
    of: dict[str, Any] = json.loads(shared)
    return of


def work(unit: Mapping[str, Any]) -> tuple[Arrays, dict[str, Any]]:
    """Simulate the cases of a unit, each a scenario of its own."""
    of = _read(unit["design"])
    base = parameter_set(of["parameters"]).values()
    rows, failures = [], []
    for i, point in enumerate(unit["points"]):
        try:
            arm = case(of, point)
            history = simulate(arm, parameter_values(arm, base), of["resolution"], of["seed"], states=False)
            found = outcomes(history, arm)
            measured = found | {name: [compute(arm)] for name, compute in MEASURES.items()}
            rows.append([float(measured[name][0]) for name in NAMES])
        except (BadInput, RuntimeError) as error:
            rows.append([np.nan] * len(NAMES))
            failures.append({"case": unit["first"] + i, "reason": str(error).splitlines()[0]})
    arrays = dict(zip(NAMES, np.array(rows).T, strict=True)) | {"points": np.array(unit["points"])}
    return arrays, {"first": unit["first"], "cases": len(rows), "failures": failures}


@dataclass(frozen=True)
class Results:
    """What a sweep has given so far."""

    store: Store

    def table(self) -> Any:
        """One row per case that is done: the point and every outcome."""
        import pandas as pd

        paths = [a["path"] for a in self.store.design["axes"]]
        parts = []
        for line in self.store.in_order():
            with self.store.read(line["unit"]) as block:
                part = {"case": line["first"] + np.arange(line["cases"])}
                part |= dict(zip(paths, block["points"].T, strict=True)) | {
                    name: block[name] for name in NAMES
                }
            parts.append(pd.DataFrame(part))
        return (
            pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["case", *paths, *NAMES])
        )


def summary(results: Results) -> dict[str, Any]:
    """How far a sweep is, and the range of every outcome."""
    table = results.table()
    numbers = {name: table[name].dropna() for name in NUMBERS}
    return {
        "cases": len(table),
        "of": results.store.design["cases"],
        "failures": results.store.failures()[:20],
        "outcomes": {
            name: {"low": float(x.min()), "median": float(x.median()), "high": float(x.max())}
            for name, x in numbers.items()
            if len(x)
        },
    }


def load_axes(texts: Sequence[str]) -> list[Axis]:
    """All axes, or every problem of all of them."""
    found, problems = [], []
    for text in texts:
        try:
            found.append(axis(text))
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    return found
