"""The fit of free parameters to one's own data: draws of the posterior, the best point, profiles, what data say of it.

Chains begin at draws of the prior and move by slice sampling (`slices.py`) with the model itself as likelihood; their
last states are the ensemble.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.evidence.nuisance import Noise, nuisances
from exosim.evidence.predict import REPLICATES, Forecast, forecast
from exosim.evidence.predictive import predicted, without_error
from exosim.files.names import digest, identity
from exosim.parameters import ParameterSet
from exosim.parameters.sets import toml_lines
from exosim.simulation.history import COURSES
from exosim.simulation.setup import RESULTS
from exosim.studies.fit.ensemble import csv_lines
from exosim.studies.fit.objective import Objective, lowest, profile
from exosim.studies.fit.own import Own
from exosim.studies.fit.profile import ends
from exosim.studies.fit.slices import sampled
from exosim.studies.kinds import Study, Unit, Units, fitted, unfinished
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd

CHAINS = 64  # that one unit moves
ROUNDS, STEPS = 10, 8  # of every chain, and steps in a round
SETTLED = 1.1  # scale reduction above which chains have not come to rest
NEAR = 1e-3  # share of a prior from its end within which the best value is at it
CHANCE = 0.01  # of fewer data inside their intervals, below which the fit is doubted
TOLD = 0.1  # share of a prior's variance that the data must take away before they say something of a parameter


@dataclass(frozen=True)
class OwnFit(Study):
    """A fit to one's own data."""

    kind: ClassVar[str] = "own fit"

    name: str
    asked: Mapping[str, Any]  # the fit as plain data, which depend on no file
    seed: int = 0
    members: int = 256  # draws

    @cached_property
    def own(self) -> Own:
        """What is unknown, and how likely the data are."""
        return Own(self.asked)

    @property
    def objective(self) -> Objective:
        """What is minimised, as a function."""
        return Objective(self.own)

    @property
    def inputs(self) -> str:
        """Hash of what else decides the numbers: parameters, ranges, clinical scales."""
        ranges = {name: [q.value, q.low, q.high] for name, q in PARAMETERS.items()}
        scales = {name: [x.value, x.spread] for name, x in nuisances().items()}
        return identity(self.own.base.values(), ranges, scales, RESULTS)

    @property
    def parts(self) -> int:
        """Number of units in which chains move."""
        return max(1, self.members // CHAINS)

    @property
    def size(self) -> int:
        """Number of units: moves of every round, the best point, profiles, predictions of the data."""
        return ROUNDS * self.parts + 1 + len(self.own.parameters) + 1

    def rounds(self, store: Store) -> Iterator[Units]:
        """Yield the moves of each round, the best point with the predictions, the profiles."""
        begun = np.random.default_rng([self.seed, 0]).standard_normal((self.own.number, self.members))
        chains = np.array_split(begun, self.parts, axis=1)
        for number in range(ROUNDS):
            moves = self._units(f"move-{number}", [{"z": z} for z in chains])
            yield moves
            chains = [store.value(unit) for unit in moves]
        z = np.hstack(chains)
        last = self._units("best", [{"z": z}])
        yield last | self._units("data", [{"z": z}])
        [found] = map(store.value, last)
        given = {"best": found[:, 0], "spread": z.std(axis=1)}
        yield self._units("profile", [given] * len(self.own.parameters))

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Move chains, find the best point, follow a profile, or predict the data."""
        step, part, given = unit["step"], unit["part"], unit["given"]
        piece = {"piece": f"{step}-{part}"}
        match step.partition("-")[0]:
            case "move":
                random = np.random.default_rng([self.seed, 1 + int(step.partition("-")[2]), part])
                return {"value": sampled(self.own.log_likelihood, given["z"], STEPS, random)}, piece
            case "best":
                z = given["z"]
                best, _ = lowest(self.own.cost, z[:, self.own.cost(z).argmin()])
                return {"value": np.column_stack([best, z[:, middle(z[: len(self.own.parameters)])]])}, piece
            case "profile":
                return {"value": profile(self.own, given["best"], float(given["spread"][part]), part)}, piece
        courses, numbers = self.own.simulated(given["z"])
        noise = Noise(given["z"].shape[1], REPLICATES, self.seed, self.own.nuisance(given["z"]))
        rows = [asdict(forecast(predicted(q, numbers, noise))) for q in self.own.figures]
        return {"value": np.vstack([np.zeros((0, given["z"].shape[1])), *courses])}, {**piece, "forecasts": rows}

    def draws(self, store: Store) -> list[Array]:
        """Return the chains after each round of the second half, (unknowns, draws); raise `BadInput` before that."""
        pieces = _pieces(store)
        if len(pieces) < self.size:
            raise unfinished(self, store)
        late = range(ROUNDS // 2, ROUNDS)
        return [np.hstack([store.value(pieces[f"move-{n}-{i}"]) for i in range(self.parts)]) for n in late]

    def fitted(self, store: Store) -> ParameterSet:
        """Return the fitted set with its ensemble; raise `BadInput` before the study is finished."""
        z = self.draws(store)[-1]
        return self.own.fitted(self.name, store.value(_pieces(store)["best-0"])[:, 1], z)

    def summary(self, store: Store) -> dict[str, Any]:
        """Return estimates, profiles and diagnostics; how far the fit is before it is done."""
        head = {key: store.design[key] for key in ("name", "seed", "members", "version", "inputs")}
        pieces = _pieces(store)
        if len(pieces) < self.size:
            return {**head, "done": len(pieces), "of": self.size}
        late = self.draws(store)
        best, central = store.value(pieces["best-0"]).T
        profiles = [store.value(pieces[f"profile-{i}"]) for i in range(len(self.own.parameters))]
        rows = [self._row(i, late, (central[i], best[i]), points) for i, points in enumerate(profiles)]
        data = [*self._points(store.value(pieces["data-0"])), *self._figures(store, pieces["data-0"])]
        known = [row["inside"] for row in data if row["inside"] is not None]
        left_out = without_error((x.study, x.figure) for x in self.own.figures)
        return {
            **head,
            "base": str(self.own.base),
            "parameters": rows,
            "cost": float(self.own.cost(best[:, None])[0]),
            "data": data,
            "inside": float(np.mean(known)) if known else None,
            "profiles": {row["parameter"]: points.tolist() for row, points in zip(rows, profiles, strict=True)},
            "warnings": [*_warnings(rows), *_misfit(known), *left_out],
        }

    def _row(self, i: int, late: list[Array], at: tuple[float, float], points: Array) -> dict[str, Any]:
        """Return what the data say of one parameter; `at` is where the set and the best point are."""
        prior, z = self.own.priors[i], late[-1][i]
        low, median, high = np.quantile(prior.value(z), (0.05, 0.5, 0.95)).tolist()
        value, best = prior.value(np.array(at)).tolist()
        from_profile = ends(points[:, 0], points[:, 1])
        gone = 1 - float(z.var())
        return {
            "parameter": prior.name,
            "unit": PARAMETERS[prior.name].unit,
            "value": value,
            "best": best,
            "median": median,
            "low": low,
            "high": high,
            "profile": list(from_profile),
            "prior": prior.kind,
            "range": [prior.low, prior.high],
            "told": gone,
            "identified": gone >= TOLD,
            "scale_reduction": scale_reduction([part for x in late for part in np.array_split(x[i], self.parts)]),
        }

    def _points(self, simulated: Array) -> Iterator[dict[str, Any]]:
        """Yield every measured value with what the fit predicts for it, scatter included."""
        random = np.random.default_rng([self.seed, 99])
        rows = iter(simulated)
        for course in self.own.courses:
            for day, value, sd in zip(course.days, course.values, course.sd, strict=True):
                scattered = next(rows) + sd * random.standard_normal(simulated.shape[1])
                low, median, high = np.quantile(scattered, (0.05, 0.5, 0.95)).tolist()
                about = {"arm": course.arm, "read": course.read, "unit": COURSES[course.read].unit, "day": day}
                about |= {"observed": value, "sd": sd}
                yield {**about, "median": median, "low": low, "high": high, "inside": bool(low <= value <= high)}

    def _figures(self, store: Store, unit: str) -> Iterator[dict[str, Any]]:
        """Yield every figure of the studies with what the fit predicts for it."""
        for row in store.done()[unit]["forecasts"]:
            found = Forecast(**row)
            about = {"arm": f"{found.study}: {found.compared}", "unit": None, "day": None, "sd": None}
            yield about | {key: row[key] for key in ("read", "observed", "median", "low", "high", "inside")}

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per fitted parameter."""
        return fitted(self, store)

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the fitted set with its draws, ready for `parameters`, and the summary, once the fit is done."""
        if "parameters" not in summary:
            return {}
        made = self.fitted(store)
        text = {f"{self.name}.toml": toml_lines(made), f"{self.name}.draws.csv": csv_lines(made.draws)}
        if made.nuisance:
            text[f"{self.name}.nuisance.csv"] = csv_lines(made.nuisance)
        return {name: "".join(lines).encode() for name, lines in text.items()} | {
            "fit.json": (json.dumps(summary, indent=2) + "\n").encode()
        }

    def _units(self, step: str, given: Iterable[Mapping[str, Array]]) -> Units:
        """Return units of one step; an id depends on what they are given, not on how it came about."""
        units: Units = {}
        for part, arrays in enumerate(given):
            meaning = [digest(np.ascontiguousarray(x).tobytes()) for x in arrays.values()]
            unit = {"step": step, "part": part, "given": dict(arrays)}
            units[identity(self.asked, self.inputs, self.seed, step, part, meaning)] = unit
        return units


def middle(z: Array) -> int:
    """Return the number of the draw in the middle of all, (unknowns, draws): it follows the data, and is usual."""
    away = z - z.mean(axis=1, keepdims=True)
    spread = np.linalg.pinv(np.cov(z).reshape(len(z), len(z)))
    return int((away * (spread @ away)).sum(axis=0).argmin())


def scale_reduction(groups: Iterable[Array]) -> float:
    """Return by how much wider all draws are than each group; near 1 where groups agree (Gelman and Rubin, 1992).

    >>> round(scale_reduction([np.array([0.0, 1, 2]), np.array([0.0, 1, 2])]), 2)
    0.82
    """
    known = [*groups]
    number = np.mean([len(x) for x in known])
    within = float(np.mean([x.var(ddof=1) for x in known]))
    between = float(np.var([x.mean() for x in known], ddof=1))
    return float(np.sqrt((number - 1) / number + between / within)) if within else 1.0


def _warnings(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what makes the estimates less sure than they look."""
    for row in rows:
        if row["scale_reduction"] > SETTLED:
            yield f"{row['parameter']} has not settled: scale reduction {row['scale_reduction']:.2f}, not near 1"
        if (end := _end(row)) is not None:
            yield f"the best {row['parameter']} is at an end of its prior, {end:g}: the data ask for more than it has"
        if not row["identified"]:
            yield f"the data say next to nothing of {row['parameter']}: its interval is that of its prior"


def _end(row: Mapping[str, Any]) -> float | None:
    """Return the end of a prior at which the best value lies."""
    low, high = row["range"]
    return next((end for end in (low, high) if abs(row["best"] - end) < NEAR * (high - low)), None)


def _misfit(inside: list[bool]) -> Iterator[str]:
    """Yield that too few data lie inside their intervals for chance."""
    from scipy.stats import binom

    if inside and binom.cdf(sum(inside), len(inside), 0.9) < CHANCE:
        yield (
            f"only {sum(inside)} of {len(inside)} data lie inside their 90 % intervals: "
            "the model does not follow them, or they scatter more than their deviations say"
        )


def _pieces(store: Store) -> dict[str, str]:
    """Return the unit of every piece that is done."""
    return {line["piece"]: unit for unit, line in store.done().items()}
