"""Named parameter sets: defaults of the mechanisms with a few overrides from a file named after its source.

`article` reproduces the founding article where it can; `trials` is calibrated to peer-reviewed figures only.
"""

from __future__ import annotations

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
    file = files(__name__).joinpath(f"{name}.draws.csv")
    if not file.is_file():
        return {}
    header, *rows = file.read_text("utf-8").splitlines()
    columns = np.array([row.split(",") for row in rows], float).T
    return dict(zip(header.split(","), columns, strict=True))


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
    return ParameterSet(name, data["meaning"], data["command"], overrides)
