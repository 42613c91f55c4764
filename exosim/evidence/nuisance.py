"""What lies between a number of the model and a published figure: scales, studies, people; as data and as draws."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.names import digest

FACTOR = "factor: "


@dataclass(frozen=True)
class Nuisance:
    """A log-normal quantity: its median, the standard deviation of its logarithm, and where they come from."""

    value: float
    spread: float
    unit: str
    evidence: str
    source: str
    meaning: str


@dataclass(frozen=True)
class Scale:
    """How figures of an outcome are compared with the model; see ``nuisance.toml``."""

    scale: str = "log"
    factor: str | None = None
    exact: tuple[str, ...] = ()
    additive: float = 0.0
    people: float = 0.0
    floor: float = 1e-6
    most: float = np.inf

    def measures(self, instrument: str | None) -> bool:
        """Return whether an instrument measures as the model does."""
        return self.factor is None or any(word in (instrument or "").lower() for word in self.exact)


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("nuisance.toml").read_text("utf-8"))


@cache
def nuisances() -> dict[str, Nuisance]:
    """Return every nuisance parameter by name."""
    return {name: Nuisance(**table) for name, table in _tables()["nuisance"].items()}


@cache
def scale_of(read: str) -> Scale:
    """Return how figures of an outcome are compared with the model; on a log scale, as it is, where nothing is said."""
    table = _tables()["reads"].get(read, {})
    return Scale(**table | {"exact": tuple(table.get("exact", ()))})


def column_of(instrument: str) -> str:
    """Return the name of the factor of an instrument among the nuisance draws of a parameter set."""
    return f"{FACTOR}{instrument}"


def instruments_of(columns: Iterable[str]) -> list[str]:
    """Return the instruments whose factors are among the nuisance draws of a parameter set.

    >>> instruments_of(["tau_level", "factor: ECCA"])
    ['ECCA']
    """
    return [name.removeprefix(FACTOR) for name in columns if name.startswith(FACTOR)]


@dataclass(frozen=True)
class Noise:
    """Random numbers by name, (draws, replicates): what is added to a file changes nothing of what was in it.

    Attributes
    ----------
    draws, replicates : int
        Draws of the parameters, and of the nuisance for each.
    posterior : mapping
        Nuisance parameters and factors that were fitted, one value per draw.
    """

    draws: int
    replicates: int
    seed: int = 0
    posterior: Mapping[str, Array] = field(default_factory=dict)

    def normal(self, *name: str) -> Array:
        """Return standard normal numbers."""
        return self.stream(*name).standard_normal((self.draws, self.replicates))

    def stream(self, *name: str) -> np.random.Generator:
        """Return the random generator of a name."""
        return np.random.default_rng([self.seed, int(digest("/".join(name).encode())[:12], 16)])

    def nuisance(self, name: str) -> Array:
        """Return a nuisance parameter: as it was fitted, or from its prior."""
        if name in self.posterior:
            return np.asarray(self.posterior[name])[:, None]
        about = nuisances()[name]
        return np.asarray(about.value * np.exp(about.spread * self.normal("nuisance", name)))

    def factor(self, kind: str, instrument: str) -> Array:
        """Return the factor of an instrument: as it was fitted, or from the spread between instruments."""
        if column_of(instrument) in self.posterior:
            return np.asarray(self.posterior[column_of(instrument)])[:, None]
        spread = self.nuisance(f"{kind}_spread") * self.normal("instrument", kind, instrument)
        return np.asarray(self.nuisance(f"{kind}_factor") * np.exp(spread))
