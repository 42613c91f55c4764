"""Sweeps: outcomes of one scenario over a design of settings and parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from exosim.engine.tissue import Array
from exosim.events import Apply, Bolus, Injury
from exosim.files.names import identity
from exosim.files.tables import as_csv
from exosim.parameters import DEFAULT, ParametersLike, parameter_set
from exosim.problems import BadInput, Problem, suggest
from exosim.results.dataset import described
from exosim.results.intervals import numbers
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.results.own import Own, kept, states_of
from exosim.results.times import columns_at, courses_at, variables_at
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.simulation.setup import RESULTS, idle, skin_class
from exosim.studies.axes import WRITTEN, Axis
from exosim.studies.designs import DESIGNS, shares, wrong
from exosim.studies.kinds import Study, Unit, Units, counted, provenance, too_low
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

BLOCK = 64  # cases of a unit at column resolution
MOST = 10_000_000  # cases of a design that is accepted
SAMPLES = 64  # cases of a sampled design that does not say how many


def _applied(arm: Scenario) -> float:
    """Return particles applied in all, 1e6 per mm2."""
    applied = (x.event.amount for x in arm.timeline if isinstance(x.event, Apply) and x.event.film == "gel")
    injected = (x.event.amount for x in arm.timeline if isinstance(x.event, Bolus) and x.event.state == "exosome")
    return sum(applied) + sum(injected)


def _sessions(arm: Scenario) -> float:
    return float(len({x.event.day for x in arm.timeline if isinstance(x.event, Injury)}))


MEASURES = {"exosomes_applied": (_applied, "1e6 particles/mm2"), "procedures": (_sessions, "1")}
"""What a schedule takes, besides outcomes: particles, and days with a procedure; each with its unit."""
NAMES = (*(outcome.name for outcome in OUTCOMES), *MEASURES)


@dataclass(frozen=True)
class Sweep(Study):
    """One scenario over a design of settings and parameters."""

    kind: ClassVar[str] = "sweep"

    scenario: Scenario
    axes: tuple[Axis, ...]
    design: str = "grid"  # or another of `DESIGNS`
    number: int | None = None  # cases of a sampled design
    parameters: ParametersLike = DEFAULT
    resolution: str = "column"
    seed: int = 0  # of the design, and of patches
    own: tuple[Own, ...] = ()  # outcomes of one's own
    times: tuple[float, ...] = ()  # days on which courses are kept

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design."""
        axes = tuple(Axis(**row | {"values": tuple(row["values"])}) for row in data["axes"])
        own, times = tuple(map(kept, data.get("own", ()))), tuple(data.get("times", ()))
        return super().from_dict({**data, "axes": axes, "own": own, "times": times})

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """What writes ``results.zarr``."""
        return (("zarr", "studies"),)

    @property
    def inputs(self) -> str:
        """Hash of the parameter set."""
        return identity(parameter_set(self.parameters).values())

    @property
    def names(self) -> tuple[str, ...]:
        """Every outcome, measure and outcome of one's own."""
        return (*NAMES, *(outcome.name for outcome in self.own))

    @property
    def paths(self) -> list[str]:
        """What varies."""
        return [axis.path for axis in self.axes]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Number of values of every axis of a grid; number of cases of a sampled design."""
        return tuple(len(axis.levels) for axis in self.axes) if self.design == "grid" else (self.number or SAMPLES,)

    @property
    def cases(self) -> int:
        """Number of cases."""
        return prod(self.shape)

    @cached_property
    def _shares(self) -> Array:
        return shares(len(self.axes), self.design, self.cases, self.seed)

    def points(self, first: int, number: int) -> list[list[Any]]:
        """Return the points of cases from the `first`: the value of every axis; the last of a grid runs fastest."""
        last = min(first + number, self.cases)
        if self.design != "grid":
            return [[axis.at(x) for axis, x in zip(self.axes, row, strict=True)] for row in self._shares[first:last]]
        indices = np.unravel_index(np.arange(first, last), self.shape)
        return [[axis.levels[i] for axis, i in zip(self.axes, row, strict=True)] for row in zip(*indices, strict=True)]

    @property
    def unit_size(self) -> int:
        """Cases of a unit."""
        return BLOCK if self.resolution == "column" else 1

    @property
    def size(self) -> int:
        """Number of units."""
        return -(-self.cases // self.unit_size)

    def check(self) -> None:
        """Raise `BadInput` for a design that is none, and for axes that cannot be."""
        skin_class(self.resolution)
        if self.design not in DESIGNS:
            remedy = suggest(self.design, DESIGNS)
            raise BadInput([Problem(f'there is no design "{self.design}"', source="`design`", remedy=remedy)])
        problems = [*self._size_problems()]
        if problems := problems or wrong(self.axes, self.scenario, self.parameters):
            raise BadInput(problems)

    def _size_problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the number of cases."""
        if not self.axes:
            yield Problem("a sweep needs an axis", source="`vary`", remedy=WRITTEN)
        number, grid = self.number, self.design == "grid"
        if grid and number is not None:
            remedy = "leave `n` out, or sample with `design` lhs or sobol"
            yield Problem("a grid has as many cases as its axes have values", source="`n`", remedy=remedy)
        for axis in self.axes if grid else ():
            if not axis.levels:
                ends = f"{axis.low:g}", f"{axis.high:g}"
                remedy = f"as in {axis.path}={':'.join(ends)}:5, in Python lin({', '.join(ends)}, 5)"
                yield Problem("an axis of a grid needs a number of values", source=f"`vary` {axis.path}", remedy=remedy)
        if grid and "seed" in skin_class(self.resolution).unused:
            yield from idle(vars(self), {"seed": 0}, f"nothing in a grid of cases of a {self.resolution} is random")
        low = too_low({"n": SAMPLES if number is None else number, "seed": self.seed}, {"n": 1, "seed": 0})
        yield from low
        if not low and self.cases > MOST:
            remedy = f"at most {MOST} cases; give fewer values, or sample with `design` lhs"
            yield Problem(f"the design has {self.cases:.3g} cases", source="`vary`", remedy=remedy)
        elif self.design == "sobol" and self.cases & (self.cases - 1):
            yield Problem("a Sobol design has a power of two of cases", source="`n`", remedy="as in 256")

    def rounds(self, store: Store | None = None) -> Iterator[Units]:
        """Yield all units at once; an id depends on the cases, neither on names nor on the rest of the design."""
        meaning, units = self.meaning, Units()
        for first in range(0, self.cases, self.unit_size):
            block = self.points(first, self.unit_size)
            units[identity(meaning, block)] = {"first": first, "points": block}
        yield units

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Simulate the cases of a unit."""
        arrays, failures = self.simulated(unit["points"])
        first, number = unit["first"], len(unit["points"])
        failed = [{"case": first + i, "reason": reason} for i, reason in failures.items()]
        return arrays, {"first": first, "cases": number, "failures": failed}

    @property
    def meaning(self) -> list[Any]:
        """All that the results of a point depend on besides the point."""
        seed = None if self.resolution == "column" else self.seed
        own = [[outcome.to_dict() for outcome in self.own], self.times] if self.own or self.times else []
        return [self.scenario.meaning, self.paths, self.inputs, self.resolution, RESULTS, seed, *own]

    def simulated(self, points: Sequence[Sequence[Any]]) -> tuple[Arrays, dict[int, str]]:
        """Return every outcome and measure at each point, and why there are none where there are none."""
        base = parameter_set(self.parameters).values()
        rows, courses, failures = [], [], {}
        missing = courses_at(None, self.times)
        for i, point in enumerate(points):
            try:
                arm = self.case(point)
                history = simulate(arm, base, self.resolution, self.seed, states=False, follow=states_of(self.own))
                row = outcomes(history, arm, self.own) | {
                    name: [compute(arm)] for name, (compute, _) in MEASURES.items()
                }
                rows.append([float(row[name][0]) for name in self.names])
                courses.append(courses_at(history, self.times))
            except (BadInput, RuntimeError) as error:
                rows.append([np.nan] * len(self.names))
                courses.append(missing)
                problems = error.problems if isinstance(error, BadInput) else []
                failures[i] = "; ".join(problem.message for problem in problems) or str(error)
        arrays = dict(zip(self.names, np.array(rows).T, strict=True)) | {"points": np.array(json.dumps(points))}
        return arrays | {name: np.concatenate([x[name] for x in courses]) for name in missing}, failures

    def case(self, point: Sequence[Any]) -> Scenario:
        """Return the scenario at a point; raise `BadInput` where there is none."""
        return self.scenario.with_values(dict(zip(self.paths, point, strict=True)))

    @property
    def column_units(self) -> dict[str, str]:
        """Unit of every axis and outcome."""
        own = {path: self.scenario.settable(path).unit or "1" for path in self.paths}
        courses = {name: column.unit for name, column in columns_at(self.times).items()}
        return own | {name: self.about(name)["units"] for name in self.names} | courses

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per case that is done: the point and every outcome; lists as text."""
        import pandas as pd

        parts = []
        for line in store.in_order():
            with store.read(line["unit"]) as block:
                points = [[cell(x) for x in point] for point in json.loads(str(block["points"]))]
                part = {"case": line["first"] + np.arange(line["cases"])}
                part |= dict(zip(self.paths, zip(*points, strict=True), strict=True))
                part |= {name: block[name] for name in self.names}
                part |= {name: block[x.course][:, x.place] for name, x in columns_at(self.times).items()}
            parts.append(pd.DataFrame(part))
        empty = pd.DataFrame(columns=["case", *self.paths, *self.names, *columns_at(self.times)])
        return pd.concat(parts, ignore_index=True) if parts else empty

    def summary(self, store: Store) -> dict[str, Any]:
        """Return how far the sweep is, and the range of every outcome."""
        table = self.table(store)
        known = {name: table[name].dropna() for name in numbers(self.own)}
        return {
            "parameters": str(self.parameters),
            "cases": len(table),
            "of": self.cases,
            **counted(store),
            "idle": self._idle(table),
            "implausible": int(np.any([x.implausible(table[x.name]) for x in OUTCOMES], axis=0).sum()),
            "outcomes": {
                name: {"cases": len(x)} | dict(zip(("low", "median", "high"), _span(x), strict=True))
                for name, x in known.items()
            },
        }

    def _idle(self, table: pd.DataFrame) -> list[str]:
        """Return the axes of a finished grid on which no outcome depends."""
        if self.design != "grid" or len(table) < self.cases:
            return []
        values = table[[*self.names]].to_numpy().reshape(*self.shape, len(self.names))
        firsts = (values.take([0], axis=i) for i in range(len(self.axes)))
        same = (np.array_equal(values, np.broadcast_to(x, values.shape), equal_nan=True) for x in firsts)
        return [path for path, idle in zip(self.paths, same, strict=True) if idle]

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the table of all cases."""
        return {"cases.csv": as_csv(self.table(store))}

    def datasets(self, store: Store) -> Iterator[xr.Dataset]:
        """Yield the outcomes of a grid over its axes, of any other design over its cases."""
        import xarray as xr

        table, (dims, shape, coords) = self.table(store), self.coordinates()
        values: dict[str, Any] = {name: np.full(self.cases, np.nan) for name in self.names}
        for name in self.names:
            values[name][table["case"]] = table[name]
        variables = {name: (dims, x.reshape(shape), self.about(name)) for name, x in values.items()}
        followed, days = variables_at(self.times, table, self.cases)
        variables |= {name: ([*dims, "time"], x.reshape(*shape, -1), about) for name, (x, about) in followed.items()}
        yield xr.Dataset(variables, coords | days, provenance(self) | {"scenario": self.scenario.to_toml()})

    def coordinates(self) -> tuple[list[str], tuple[int, ...], dict[str, Any]]:
        """Return dimensions, shape and coordinates of an array over all cases."""
        names = dimensions(self.paths)
        about = {path: {"long_name": path, "units": self.column_units[path]} for path in self.paths}
        if self.design == "grid":
            levels = [[cell(x) for x in axis.levels] for axis in self.axes]
            return names, self.shape, {n: (n, x, about[p]) for n, p, x in zip(names, self.paths, levels, strict=True)}
        points = [[cell(x) for x in column] for column in zip(*self.points(0, self.cases), strict=True)]
        coords = {n: ("case", x, about[p]) for n, p, x in zip(names, self.paths, points, strict=True)}
        coords["case"] = ("case", [*range(self.cases)], {"long_name": "number of the case"})
        return ["case"], (self.cases,), coords

    def about(self, name: str) -> dict[str, Any]:
        """Return the attributes of an outcome or a measure."""
        if name in MEASURES:
            return {"units": MEASURES[name][1], "long_name": name.replace("_", " ")}
        return described(name, own=self.own)


def _span(values: Any) -> tuple[float | None, ...]:
    """Return the lowest, the middle and the highest value; None where there is none, as of an onset never reached."""
    return (float(values.min()), float(values.median()), float(values.max())) if len(values) else (None,) * 3


def dimensions(paths: Sequence[str]) -> list[str]:
    """Return the names of axes in a dataset: the last part of a path, or all of it where that is not its own.

    >>> dimensions(["laser.energy_mj", "gel.after_days", "serum.after_days"])
    ['energy_mj', 'gel_after_days', 'serum_after_days']
    """
    last = [path.split(".")[-1] for path in paths]
    return [name if last.count(name) == 1 and name not in NAMES else path.replace(".", "_")
            for name, path in zip(last, paths, strict=True)]  # fmt: skip


def cell(value: Any) -> Any:
    """Return a value as a table has it: a list as text."""
    return json.dumps(value) if isinstance(value, list) else value
