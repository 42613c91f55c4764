"""Sweeps: outcomes of one scenario over a design of settings and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from exosim.engine.tissue import Array
from exosim.events import Apply, Injury
from exosim.files.names import identity
from exosim.parameters import DEFAULT, parameter_set
from exosim.problems import BadInput, Problem, every, suggest
from exosim.results.intervals import NUMBERS
from exosim.results.outcomes import OUTCOMES, outcomes
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.simulation.setup import RESULTS, skin_class
from exosim.studies.kinds import Study, Unit, Units
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

BLOCK = 64  # cases of a unit at column resolution
MOST = 10_000_000  # cases of a design that is accepted
DESIGNS = ("grid", "lhs", "sobol")


def _applied(arm: Scenario) -> float:
    """Return particles applied in all, 1e6 per mm2."""
    return sum(x.event.particles for x in arm.timeline if isinstance(x.event, Apply))


def _sessions(arm: Scenario) -> float:
    return float(len({x.event.day for x in arm.timeline if isinstance(x.event, Injury)}))


MEASURES = {"exosomes_applied": _applied, "procedures": _sessions}
"""What a schedule takes, besides outcomes: particles (1e6 per mm2), and days with a procedure."""
NAMES = (*(outcome.name for outcome in OUTCOMES), *MEASURES)


@dataclass(frozen=True)
class Axis:
    """One setting or parameter, with its values (grid) or its range (other designs)."""

    path: str
    low: float
    high: float
    values: tuple[float, ...]


def axis(text: str) -> Axis:
    """Return an axis from ``PATH=LOW:HIGH:NUMBER`` or ``PATH=A,B,C``; raise `BadInput`."""
    path, equals, written = text.partition("=")
    source = f"`vary` {text}"
    remedy = "as in treatments.0.energy_mj=10:40:7 or skin.phototype=2,4,6"
    wrong = Problem("an axis is PATH=LOW:HIGH:NUMBER or PATH=A,B,C", source=source, remedy=remedy)
    try:
        if ":" in written:
            low, high, number = written.split(":")
            ends, many = (float(low), float(high)), int(number)
            if many > MOST:
                raise BadInput([Problem(f"{many} values are too many", source=source, remedy=f"at most {MOST}")])
            values = tuple(np.linspace(*ends, many).tolist())
        else:
            values = tuple(float(x) for x in written.split(","))
            ends = min(values), max(values)
    except ValueError:
        raise BadInput([wrong]) from None
    if not equals or not path or not values or not np.isfinite(values).all():
        raise BadInput([wrong])
    if ":" in written and not ends[0] < ends[1]:
        raise BadInput([Problem(f"the range {written} is empty", source=source, remedy="give the lower end first")])
    return Axis(path.strip(), *ends, values)


def points(axes: Sequence[Axis], kind: str, number: int, seed: int) -> Array:
    """Return the design, (cases, axes): every combination of a grid, or `number` points spread over the ranges."""
    from scipy.stats import qmc

    if kind == "grid":
        mesh = np.meshgrid(*(a.values for a in axes), indexing="ij")
        return np.stack([m.ravel() for m in mesh], axis=1)
    sampler = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[kind](d=len(axes), rng=np.random.default_rng(seed))
    scaled: Array = qmc.scale(sampler.random(number), [a.low for a in axes], [a.high for a in axes])
    whole = [i for i, a in enumerate(axes) if a.path == "sessions"]
    scaled[:, whole] = np.round(scaled[:, whole])
    return scaled


@dataclass(frozen=True)
class Sweep(Study):
    """One scenario over a design of settings and parameters."""

    kind: ClassVar[str] = "sweep"
    needs: ClassVar[tuple[tuple[str, str], ...]] = (("zarr", "studies"),)

    scenario: Scenario
    axes: tuple[Axis, ...]
    design: str = "grid"  # or another of `DESIGNS`
    number: int = 64  # cases of a design that is no grid
    parameters: str = DEFAULT
    resolution: str = "column"
    seed: int = 0  # of the design, and of patches

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design."""
        axes = tuple(Axis(**row | {"values": tuple(row["values"])}) for row in data["axes"])
        return super().from_dict({**data, "axes": axes})

    @property
    def inputs(self) -> str:
        """Hash of the parameter set."""
        return identity(parameter_set(self.parameters).values())

    @property
    def paths(self) -> list[str]:
        """What varies."""
        return [axis.path for axis in self.axes]

    @property
    def cases(self) -> int:
        """Number of cases."""
        return prod(len(axis.values) for axis in self.axes) if self.design == "grid" else self.number

    @cached_property
    def points(self) -> Array:
        """The point of every case, (cases, axes)."""
        return points(self.axes, self.design, self.cases, self.seed)

    @property
    def unit_size(self) -> int:
        """Cases of a unit."""
        return BLOCK if self.resolution == "column" else 1

    @property
    def size(self) -> int:
        """Number of units."""
        return -(-self.cases // self.unit_size)

    def check(self) -> None:
        """Raise `BadInput` for a design that is none, or an end of an axis that no case could have."""
        skin_class(self.resolution)
        if self.design not in DESIGNS:
            remedy = suggest(self.design, DESIGNS)
            raise BadInput([Problem(f'there is no design "{self.design}"', remedy=remedy)])
        if not 1 <= self.cases <= MOST:
            remedy = f"at most {MOST} cases; give fewer values, or sample with `design` lhs"
            raise BadInput([Problem(f"the design has {self.cases:.3g} cases", source="`vary`", remedy=remedy)])
        if self.design == "sobol" and self.number & (self.number - 1):
            raise BadInput(
                [Problem("a Sobol design has a power of two of cases", source="`number`", remedy="as in 256")]
            )
        for axis in self.axes:
            for end in (axis.low, axis.high):
                try:
                    case(self.scenario, {axis.path: end})
                except BadInput as error:
                    source = f"`vary` {axis.path}"
                    raise BadInput([replace(problem, source=source) for problem in error.problems]) from None

    def rounds(self, store: Store | None = None) -> Iterator[Units]:
        """Yield all units at once; an id depends on the cases, neither on names nor on the rest of the design."""
        meaning, units = self.meaning, Units()
        for first in range(0, self.cases, self.unit_size):
            block = self.points[first : first + self.unit_size].tolist()
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
        return [self.scenario.meaning, self.paths, self.inputs, self.resolution, RESULTS, seed]

    def simulated(self, points: Sequence[Sequence[float]]) -> tuple[Arrays, dict[int, str]]:
        """Return every outcome and measure at each point, and why there are none where there are none."""
        base = parameter_set(self.parameters).values()
        rows, failures = [], {}
        for i, point in enumerate(points):
            try:
                arm = case(self.scenario, dict(zip(self.paths, point, strict=True)))
                history = simulate(arm, base, self.resolution, self.seed, states=False)
                row = outcomes(history, arm) | {name: [compute(arm)] for name, compute in MEASURES.items()}
                rows.append([float(row[name][0]) for name in NAMES])
            except (BadInput, RuntimeError) as error:
                rows.append([np.nan] * len(NAMES))
                failures[i] = str(error).splitlines()[0]
        return dict(zip(NAMES, np.array(rows).T, strict=True)) | {"points": np.array(points)}, failures

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per case that is done: the point and every outcome."""
        import pandas as pd

        parts = []
        for line in store.in_order():
            with store.read(line["unit"]) as block:
                part = {"case": line["first"] + np.arange(line["cases"])}
                part |= dict(zip(self.paths, block["points"].T, strict=True))
                part |= {name: block[name] for name in NAMES}
            parts.append(pd.DataFrame(part))
        empty = pd.DataFrame(columns=["case", *self.paths, *NAMES])
        return pd.concat(parts, ignore_index=True) if parts else empty

    def summary(self, store: Store) -> dict[str, Any]:
        """Return how far the sweep is, and the range of every outcome."""
        table = self.table(store)
        known = {name: table[name].dropna() for name in NUMBERS}
        return {
            "cases": len(table),
            "of": self.cases,
            "failures": store.failures()[:20],
            "outcomes": {
                name: {"low": float(x.min()), "median": float(x.median()), "high": float(x.max())}
                for name, x in known.items()
                if len(x)
            },
        }

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the table of all cases."""
        return {"cases.csv": self.table(store).to_csv(index=False).encode()}

    def datasets(self, store: Store) -> Iterator[xr.Dataset]:
        """Yield the table of all cases."""
        import xarray as xr

        yield xr.Dataset.from_dataframe(self.table(store).set_index("case"))


def case(scenario: Scenario, point: Mapping[str, float]) -> Scenario:
    """Return the scenario at a point; raise `BadInput` where there is none."""
    values: dict[str, Any] = {path: int(x) if float(x).is_integer() else float(x) for path, x in point.items()}
    return scenario.with_values(values)


def load_axes(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Return all axes, or raise every problem of all of them."""
    return tuple(every(axis, texts))
