"""Parameter sets: defaults of the mechanisms with a few overrides, from a file named after its source.

`article` reproduces the founding article where it can; `trials` is calibrated to peer-reviewed figures only. A set of
one's own is a file of the same form, or one of these with values replaced (`own.py`).
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS, defaults
from exosim.files.names import identity
from exosim.problems import BadInput, Problem

DEFAULT = "article"


@dataclass(frozen=True)
class Override:
    """A value that a set gives to a parameter, and why."""

    value: float
    unit: str
    fitted: bool = False
    source: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class ParameterSet:
    """One set, shipped or one's own; two are equal when all their numbers are.

    Attributes
    ----------
    root : str
        The shipped set that it began as, whose figures it was fitted to as well; empty for a shipped one.
    given : mapping, optional
        ``draws`` and ``nuisance`` of one's own set; those of a shipped one are in files beside it.
    """

    name: str
    meaning: str = ""
    command: str = ""
    overrides: Mapping[str, Override] = field(default_factory=dict)
    studies: tuple[str, ...] = ()  # that it was calibrated to
    method: str = "best fit"  # or "posterior"
    root: str = ""
    given: Mapping[str, Mapping[str, Any]] | None = None

    def values(self) -> dict[str, float]:
        """Return every parameter of the model under this set."""
        return defaults() | {name: x.value for name, x in self.overrides.items()}

    @cached_property
    def draws(self) -> Mapping[str, Any]:
        """Its ensemble: one array per uncertain parameter, empty where none was made."""
        return _columns(f"{self.name}.draws.csv") if self.given is None else self.given["draws"]

    @cached_property
    def nuisance(self) -> Mapping[str, Any]:
        """What was fitted with it besides parameters, row by row as in `draws`; see `exosim.evidence.nuisance`."""
        return _columns(f"{self.name}.nuisance.csv") if self.given is None else self.given["nuisance"]

    def comes_from(self, sets: Iterable[str]) -> bool:
        """Return whether it is one of these sets, or began as one."""
        return not {self.name, self.root}.isdisjoint(sets)

    def replace(self, /, **values: float) -> ParameterSet:
        """Return the set with other values, in the units of the parameters; it has no ensemble.

        Examples
        --------
        >>> import exosim as ex
        >>> ex.parameter_set("article").replace(tnf_clearance=8)
        <ParameterSet: article with tnf_clearance=8, 9 of 109 values differ from the defaults, no ensemble>
        """
        from exosim.parameters.own import replaced

        return replaced(self, values)

    def to_plain(self) -> str | dict[str, Any]:
        """Return what `parameter_set` makes the same set of: the name of a shipped one, all numbers of one's own."""
        if self.given is None:
            return self.name
        from exosim.parameters.own import as_plain

        return as_plain(self)

    @cached_property
    def digest(self) -> str:
        """Short hash of its numbers."""
        drawn = {name: np.asarray(x).tolist() for name, x in {**self.draws, **self.nuisance}.items()}
        return identity(self.values(), drawn)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParameterSet) and (
            self is other or (self.name, self.digest) == (other.name, other.digest)
        )

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        number = sum(x.value != PARAMETERS[name].value for name, x in self.overrides.items())
        draws = f"{len(next(iter(self.draws.values())))} draws" if self.draws else "no ensemble"
        return f"<ParameterSet: {self}, {number} of {len(PARAMETERS)} values differ from the defaults, {draws}>"


ParametersLike = ParameterSet | Mapping[str, Any] | str | Path
"""A set, its plain data, its name, its TOML file, or the folder or manifest of a run that was made with it."""


def names() -> list[str]:
    """Return the names of all sets that come with exosim."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__name__).iterdir() if entry.name.endswith(".toml")
    )


def parameter_set(parameters: ParametersLike) -> ParameterSet:
    """Return a parameter set; raise `BadInput` with every problem.

    Parameters
    ----------
    parameters : ParameterSet, mapping, str or path
        A set, its plain data, the name of a shipped one (``article``, ``trials``), its TOML file (with its ensemble
        beside it, as ``NAME.draws.csv``), or the folder or ``manifest.json`` of a run that was made with it.
    """
    if isinstance(parameters, ParameterSet):
        return parameters
    if isinstance(parameters, str) and parameters in names():
        return _shipped(parameters)
    from exosim.parameters.own import own_set

    return own_set(parameters)


def draws(parameters: ParametersLike) -> Mapping[str, Any]:
    """Return the ensemble of a set: one array per uncertain parameter, empty where none was made."""
    return parameter_set(parameters).draws


def nuisance_draws(parameters: ParametersLike) -> Mapping[str, Any]:
    """Return what was fitted with a set besides parameters: an array per nuisance or scale, row by row as `draws`."""
    return parameter_set(parameters).nuisance


def ensemble(parameters: ParametersLike) -> dict[str, Any]:
    """Return every parameter of a set with its draws; raise `BadInput` when the set has none."""
    chosen = parameter_set(parameters)
    if not chosen.draws:
        remedy = f"make one: exosim fit {chosen}"
        if chosen.given is not None:
            remedy = (
                "`exosim fit` makes one, as NAME.draws.csv beside NAME.toml; or change a value of a set that has one"
            )
        raise BadInput([Problem(f'the parameter set "{chosen}" has no ensemble', remedy=remedy)])
    return chosen.values() | dict(chosen.draws)


@cache
def _shipped(name: str) -> ParameterSet:
    data = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    overrides = {key: Override(**table) for key, table in data["parameters"].items()}
    unknown = sorted(set(overrides) - set(PARAMETERS))
    if unknown:
        raise BadInput([Problem(f"{name}.toml names unknown parameters: {', '.join(unknown)}")])
    about = {key: data[key] for key in ("meaning", "command", "method") if key in data}
    return ParameterSet(name, overrides=overrides, studies=tuple(data.get("studies", ())), **about)


def _columns(file_name: str) -> dict[str, Any]:
    file = files(__name__).joinpath(file_name)
    if not file.is_file():
        return {}
    header, *rows = csv.reader(file.read_text("utf-8").splitlines())
    return dict(zip(header, np.array(rows, float).T, strict=True))
