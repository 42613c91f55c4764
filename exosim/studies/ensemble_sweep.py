"""Sweeps of every draw of a parameter set, each case paired draw by draw with a reference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.names import identity
from exosim.parameters import ensemble, parameter_set
from exosim.problems import BadInput, Problem
from exosim.results.times import DAYS, columns_at
from exosim.scenario.arms import differences
from exosim.scenario.model import Scenario
from exosim.simulation.history import COURSES
from exosim.simulation.setup import RESULTS
from exosim.studies.draws import Members, columns, known_draws
from exosim.studies.kinds import Unit, Units, provenance
from exosim.studies.store import Arrays, Store
from exosim.studies.sweep import MEASURES, MOST, Sweep, cell

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS = 1024  # columns of a unit
REFERENCE = -1  # first case of the unit that is the reference


@dataclass(frozen=True)
class EnsembleSweep(Sweep):
    """A sweep in which every case has every draw of the parameter set.

    `reference` is the scenario from which all cases differ; the one that is swept unless given.
    """

    kind: ClassVar[str] = "ensemble_sweep"

    reference: Scenario | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design."""
        given = data.get("reference")
        return super().from_dict({**data, "reference": Scenario.from_dict(given) if given else None})

    @cached_property
    def members(self) -> Members:
        """The parameter set, and its draws."""
        return Members(self.parameters, self.own, self.times)

    @property
    def base(self) -> Scenario:
        """The scenario from which all cases differ."""
        return self.reference or self.scenario

    @property
    def inputs(self) -> str:
        """Hash of the parameter set and its ensemble."""
        return identity(super().inputs, {name: np.asarray(x).tolist() for name, x in ensemble(self.parameters).items()})

    @property
    def unit_size(self) -> int:
        """Cases of a unit."""
        return max(1, COLUMNS // len(self.members))

    @property
    def size(self) -> int:
        """Number of units, with the reference."""
        return super().size + 1

    def check(self) -> None:
        """Raise `BadInput` for a design that is none, axes that cannot be, and what has no draws."""
        if self.resolution != "column":
            remedy = "leave it out: draws are simulated as columns"
            raise BadInput(
                [Problem(f"no draws of a {self.resolution} are simulated", source="`resolution`", remedy=remedy)]
            )
        super().check()
        if (number := self.cases * len(self.members)) > MOST:
            message = f"{self.cases} cases of {len(self.members)} columns are {number:.3g}"
            raise BadInput([Problem(message, source="`ensemble`", remedy=f"at most {MOST}: give fewer values")])

    def rounds(self, store: Store | None = None) -> Iterator[Units]:
        """Yield the reference and all units at once."""
        meaning = [*self.meaning[1:], self.base.meaning, RESULTS]
        [units] = super().rounds(store)
        yield {identity("reference", meaning): {"first": REFERENCE, "points": []}} | units

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Simulate all members in the cases of a unit, or in the reference."""
        if unit["first"] == REFERENCE:
            found, lost = self.members.simulated(self.base)
            return {name: x[None] for name, x in found.items()}, {"first": REFERENCE, "cases": 0, "lost": len(lost)}
        return super().work(unit)

    def simulated(self, points: Sequence[Sequence[Any]]) -> tuple[Arrays, dict[int, str]]:
        """Return every outcome and measure of every member at each point, and why there are none."""
        rows, failures = list[dict[str, Array]](), {}
        for i, point in enumerate(points):
            try:
                found, _ = self.members.simulated(self.case(point))
                rows.append(found)
            except (BadInput, RuntimeError) as error:
                rows.append(dict.fromkeys(self.columns, np.full(len(self.members), np.nan)))
                problems = error.problems if isinstance(error, BadInput) else []
                failures[i] = "; ".join(problem.message for problem in problems) or str(error)
        stacked = {name: np.stack([row[name] for row in rows]) for name in self.columns}
        return stacked | {"points": np.array(json.dumps(points))}, failures

    @property
    def columns(self) -> tuple[str, ...]:
        """Every outcome and measure, and courses on days."""
        return (*self.names, *columns_at(self.times))

    @property
    def column_units(self) -> dict[str, str]:
        """Unit of every axis, outcome, and what is said of it over the draws."""
        units = super().column_units
        one = dict.fromkeys((*self.columns, "procedures"), np.ones((1, 2)))
        told = {head: units[name] for name in self.columns for head in columns(name, one, one)}
        return units | {head: "1" if "_share" in head and head not in units else unit for head, unit in told.items()}

    def blocks(self, store: Store, names: Sequence[str]) -> Iterator[tuple[dict[str, Any], dict[str, Array]]]:
        """Yield the line of every unit that is done, the reference first, with arrays of (cases, members)."""
        for line in store.in_order():
            with store.read(line["unit"]) as block:
                yield line, {name: block[name] for name in names if name in block.files}

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per case that is done: the point, how many draws there are, and what they say."""
        import pandas as pd

        parts, other = [], None
        for line, found in self.blocks(store, [*self.columns, "points"]):
            if line["first"] == REFERENCE:
                other = found
                continue
            points = [[cell(x) for x in point] for point in json.loads(str(found["points"]))]
            part = {"case": line["first"] + np.arange(line["cases"])}
            part |= dict(zip(self.paths, zip(*points, strict=True), strict=True))
            part["draws"] = known_draws(found).sum(axis=-1)
            for name in self.columns:
                part |= columns(name, found, other)
            parts.append(pd.DataFrame(part))
        empty = pd.DataFrame(columns=["case", *self.paths, "draws", *self.columns])
        return pd.concat(parts, ignore_index=True) if parts else empty

    def summary(self, store: Store) -> dict[str, Any]:
        """Return how far the sweep is, the range of every outcome of the set itself, and what was lost."""
        table, number = self.table(store), len(self.members) - 1
        few = int(((table["draws"] < number) & (table["draws"] > 0)).sum())
        lost = next((line.get("lost", 0) for line in store.in_order() if line["first"] == REFERENCE), 0)
        told = [*differences([self.scenario, self.base]), *self._unpaired()]
        told += [f"in {few} cases some draws could not be simulated: they are left out"] if few else []
        told += [f"{lost} draws could not be simulated in the reference: they are left out"] if lost else []
        return super().summary(store) | {"draws": number, "reference": self.base.name, "warnings": told}

    def _unpaired(self) -> Iterator[str]:
        """Yield which parameters are drawn in the reference and fixed in the cases."""
        chosen, fixed = parameter_set(self.parameters), {*self.paths, *self.scenario.assume}
        values = chosen.values() | {name: x.value for name, x in self.scenario.assume.items()}
        for name in sorted(fixed & chosen.draws.keys() - self.base.assume.keys()):
            yield (
                f"{name} is fixed in every case and drawn in the reference: differences are not the effect of {name}; "
                f"fix it there as well, as in `reference` {name}={values[name]:g}"
            )

    def datasets(self, store: Store) -> Iterator[xr.Dataset]:
        """Yield one outcome after the other over the axes and draws, with that of the set and of the reference."""
        import xarray as xr

        *_, coords = self.coordinates()
        coords["draw"] = ("draw", [*range(len(self.members) - 1)], {"long_name": "number of the draw"})
        coords |= {"time": ("time", [*self.times], DAYS)} if self.times else {}
        about = provenance(self) | {"scenario": self.scenario.to_toml(), "reference": self.base.to_toml()}
        yield xr.Dataset({}, coords, about)
        courses = {f"course_{name}": [f"{name}_day_{day:g}" for day in self.times] for name in COURSES if self.times}
        for name in self.names:
            values, other = self._whole(store, [name])
            yield self._variables(name, values[..., 0], other[..., 0], self.about(name), [])
        for course, days in courses.items():
            followed = COURSES[course.removeprefix("course_")]
            attrs = {"units": followed.unit, "long_name": followed.definition}
            yield self._variables(course, *self._whole(store, days), attrs, ["time"])

    def _variables(self, name: str, values: Array, other: Array, attrs: dict[str, Any], over: list[str]) -> xr.Dataset:
        """Return an outcome, (cases, members, over), and that of the reference, (members, over), as a dataset."""
        import xarray as xr

        dims, shape, _ = self.coordinates()
        spread, at = values.reshape(*shape, *values.shape[1:]), len(shape)
        if name in MEASURES:
            return xr.Dataset({name: (dims, spread.take(0, axis=at), attrs)})
        return xr.Dataset(
            {
                name: ([*dims, "draw", *over], np.delete(spread, 0, axis=at), attrs),
                f"{name}_of_set": ([*dims, *over], spread.take(0, axis=at), attrs),
                f"{name}_reference": (["draw", *over], other[1:], attrs),
            }
        )

    def _whole(self, store: Store, names: Sequence[str]) -> tuple[Array, Array]:
        """Return arrays of one or more columns over all cases, (cases, members, columns), and in the reference."""
        values = np.full((self.cases, len(self.members), len(names)), np.nan)
        other = np.full(values.shape[1:], np.nan)
        for line, found in self.blocks(store, names):
            stacked = np.stack([found[name] for name in names], axis=-1)
            if line["first"] == REFERENCE:
                other = stacked[0]
            else:
                values[line["first"] : line["first"] + line["cases"]] = stacked
        return values, other
