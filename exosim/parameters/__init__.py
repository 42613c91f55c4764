"""Named parameter sets: defaults of the mechanisms with a few overrides from a file named after its source.

`article` reproduces the founding article where it can; `trials` is calibrated to peer-reviewed figures only.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS, defaults
from exosim.problems import BadInput, Problem, suggest

DEFAULT = "article"


@dataclass(frozen=True)
class Override:
    """A value that a set gives to a parameter, and why."""

    value: float
    fitted: bool
    source: str


@dataclass(frozen=True)
class ParameterSet:
    """One named set."""

    name: str
    meaning: str
    command: str
    overrides: Mapping[str, Override]
    studies: tuple[str, ...] = ()  # that it was calibrated to
    method: str = "best fit"  # or "posterior"

    def values(self) -> dict[str, float]:
        """Return every parameter of the model under this set."""
        return defaults() | {name: x.value for name, x in self.overrides.items()}


def names() -> list[str]:
    """Return the names of all sets."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__name__).iterdir() if entry.name.endswith(".toml")
    )


@cache
def draws(name: str) -> dict[str, Any]:
    """Return the ensemble of the set called `name`: one array per uncertain parameter, empty where none was made.

    A command of the set (`ParameterSet.command`) makes it; see `exosim.studies.fit.ensemble`.
    """
    return _columns(f"{name}.draws.csv")


@cache
def nuisance_draws(name: str) -> dict[str, Any]:
    """Return what was fitted with a set besides parameters: an array per nuisance or scale, row by row as in `draws`.

    Empty where nothing was; see `exosim.evidence.nuisance`.
    """
    return _columns(f"{name}.nuisance.csv")


def _columns(file_name: str) -> dict[str, Any]:
    file = files(__name__).joinpath(file_name)
    if not file.is_file():
        return {}
    header, *rows = csv.reader(file.read_text("utf-8").splitlines())
    return dict(zip(header, np.array(rows, float).T, strict=True))


@cache
def parameter_set(name: str) -> ParameterSet:
    """Return the set called `name`; raise `BadInput` with the nearest name."""
    if name not in names():
        raise BadInput([Problem(f'there is no parameter set "{name}"', remedy=suggest(name, names()))])
    data = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    overrides = {key: Override(**table) for key, table in data["parameters"].items()}
    unknown = sorted(set(overrides) - set(PARAMETERS))
    if unknown:
        raise BadInput([Problem(f"{name}.toml names unknown parameters: {', '.join(unknown)}")])
    about = {key: data[key] for key in ("meaning", "command", "method") if key in data}
    return ParameterSet(name, overrides=overrides, studies=tuple(data.get("studies", ())), **about)
