"""The fit of one parameter set: searches, an ensemble that is moved towards the evidence, profiles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.files.names import digest, identity
from exosim.parameters.sets import toml_lines
from exosim.simulation.setup import RESULTS
from exosim.studies.fit import best, ensemble, profile
from exosim.studies.fit.targets import Targets
from exosim.studies.kinds import Study, Unit, Units, fitted
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 256  # at most this many are kept


@dataclass(frozen=True)
class Fit(Study):
    """The fit of a parameter set."""

    kind: ClassVar[str] = "fit"

    set: str
    seed: int = 0
    starts: int = 4  # searches for the best fit
    members: int = 4000  # draws that the ensemble begins with; those that agree with the figures are fewer

    @cached_property
    def sharp(self) -> Targets:
        """What the best fit aims at."""
        return Targets(self.set)

    @cached_property
    def believed(self) -> Targets:
        """What ensemble and profiles aim at."""
        return Targets(self.set, sharp=False)

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """What fits the ensemble."""
        return (("iterative_ensemble_smoother", "fit"),)

    @property
    def inputs(self) -> str:
        """Hash of figures, ranges and defaults."""
        targets = self.sharp
        checks = {name: [check.fit[self.set], check.target_text, check.arms] for name, check in targets.checks.items()}
        ranges = {name: [q.value, q.low, q.high] for name, q in PARAMETERS.items()}
        return identity(checks, ranges, targets.fixed, targets.free, RESULTS)

    @property
    def size(self) -> int:
        """Number of searches (one more for the middle of the profiles), iterations, checks and profiles."""
        return self.starts + 1 + ensemble.ITERATIONS + 1 + len(self.sharp.free)

    def rounds(self, store: Store) -> Iterator[Units]:
        """Yield searches, every iteration of the ensemble, its check with the middle of the profiles, profiles."""
        starts = self._units("start", range(self.starts))
        yield starts
        z = _lowest([store.value(unit) for unit in starts])
        draws = ensemble.prior(self.believed, self.members, self.seed)
        for i in range(ensemble.ITERATIONS):
            iteration = self._units("ensemble", [i], draws)
            yield iteration
            [draws] = map(store.value, iteration)
        [middle] = last = self._units("middle", [0], z)
        yield last | self._units("agreeing", [0], draws)
        yield self._units("profile", range(z.size), store.value(middle))

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Compute a search, an iteration, a check or a profile."""
        step, number, given = unit["step"], unit["number"], unit["given"]
        match step:
            case "start":
                z, cost = best.search(self.sharp, best.start(self.sharp, self.seed, number))
                value = np.array([*z, cost])
            case "ensemble":
                value = ensemble.updated(self.believed, given, self.seed, number)
            case "middle":
                value, _ = best.search(self.believed, given)
            case "agreeing":
                value = ensemble.agreeing(self.believed, given)
            case "profile":
                value = profile.profile(self.believed, given, number)
        return {"value": value}, {"piece": f"{step}-{number}"}

    def summary(self, store: Store) -> dict[str, Any]:
        """Return figures, parameters and profiles; how far the fit is before it is done."""
        head = {name: store.design[name] for name in ("set", "seed", "starts", "members", "version", "inputs")}
        pieces = _pieces(store)
        if len(pieces) < self.size:
            return {**head, "done": len(pieces), "of": self.size}
        targets = self.sharp
        starts = np.array([store.value(pieces[f"start-{n}"]) for n in range(self.starts)])
        z = _lowest(starts)
        profiles = [store.value(pieces[f"profile-{i}"]) for i in range(z.size)]
        figures = targets.simulated({k: np.atleast_1d(x) for k, x in targets.values(z).items()})[:, 0]
        rows = zip(targets.checks.items(), targets.target, figures, strict=True)
        return {
            **head,
            "figures": [
                {"figure": name, "asked": float(goal[0]), "published": check.target_text, "fitted": float(value)}
                for (name, check), goal, value in rows
            ],
            "parameters": [_parameter(*row) for row in zip(targets.free, map(float, z), profiles, strict=True)],
            "cost": float(starts[:, -1].min()),
            "starts_cost": sorted(starts[:, -1].tolist()),
            "draws_agreeing": int(store.value(pieces["agreeing-0"]).sum()),
            "profiles": {name: points.tolist() for name, points in zip(targets.free, profiles, strict=True)},
        }

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per fitted parameter."""
        return fitted(self, store)

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the fitted set, its ensemble and the summary, once the fit is done."""
        if "parameters" not in summary:
            return {}
        pieces, targets = _pieces(store), self.sharp
        agreeing = np.flatnonzero(store.value(pieces["agreeing-0"]))[:DRAWS]
        kept = store.value(pieces[f"ensemble-{ensemble.ITERATIONS - 1}"])[:, agreeing]
        drawn = ensemble.parameters(ensemble.uncertain(self.believed), kept)
        best_fit = {row["parameter"]: row["value"] for row in summary["parameters"]}
        overrides = {k: replace(x, value=best_fit.get(k, x.value)) for k, x in targets.set.overrides.items()}
        fitted_set = replace(targets.set, overrides=overrides)
        text = {
            f"{self.set}.toml": "".join(toml_lines(fitted_set)),
            f"{self.set}.draws.csv": "".join(ensemble.csv_lines(drawn)),
            "fit.json": json.dumps(summary, indent=2) + "\n",
        }
        return {name: content.encode() for name, content in text.items()}

    def _units(self, step: str, numbers: Iterable[int], given: Array | None = None) -> Units:
        """Return units of one step; an id depends on what they are given, not on how it came about."""
        meaning = None if given is None else digest(np.ascontiguousarray(given).tobytes())
        return {
            identity(self.inputs, self.seed, step, n, meaning): {"step": step, "number": n, "given": given}
            for n in numbers
        }


def _pieces(store: Store) -> dict[str, str]:
    """Return the unit of every piece that is done."""
    return {line["piece"]: unit for unit, line in store.done().items()}


def _lowest(starts: Iterable[Array]) -> Array:
    """Return the point of the search with the lowest cost."""
    rows = np.array([*starts])
    point: Array = rows[rows[:, -1].argmin(), :-1]
    return point


def _parameter(name: str, z: float, points: Array) -> dict[str, Any]:
    low, high = profile.interval(points)
    q = PARAMETERS[name]
    return {
        "parameter": name,
        "unit": q.unit,
        "value": float(np.exp(z)),
        "default": q.value,
        "low": low,
        "high": high,
        "range": [q.low, q.high],
        "identified": low is not None and high is not None,
    }
