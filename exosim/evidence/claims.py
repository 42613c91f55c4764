"""Claims of the article and figures of trials as data, each with the checks that answer it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from importlib.resources import files
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.scenario.file import load
from exosim.scenario.model import Scenario


@dataclass(frozen=True)
class Check:
    """One figure: what is read of which arm, and what it should be.

    Parameters
    ----------
    read : str
        An outcome or readout.
    arm, over, minus : str
        Arms; the figure is that of `arm`, over or minus that of another.
    target, tolerance, at_least, at_most : float, optional
        ``target`` within `tolerance`, or a bound.
    fit : mapping
        Parameter set -> value and standard deviation that its best fit was given.
    """

    read: str
    arm: str
    over: str | None = None
    minus: str | None = None
    target: float | None = None
    tolerance: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    fit: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms it needs."""
        return tuple(name for name in (self.arm, self.over, self.minus) if name)

    @property
    def name(self) -> str:
        """What is read, as text."""
        other = f" over {self.over}" if self.over else f" minus {self.minus}" if self.minus else ""
        return f"{self.read}: {self.arm}{other}"

    @property
    def target_text(self) -> str:
        """What it should be, as text."""
        if self.target is not None:
            return f"{self.target:g} +/- {self.tolerance:g}"
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"

    @property
    def goal(self) -> float:
        """The target, or the bound."""
        return next(x for x in (self.target, self.at_least, self.at_most) if x is not None)

    def simulated(self, readings: Mapping[str, Mapping[str, Array]]) -> Array:
        """Return the figure, one value per subject, from readings by arm."""
        value = readings[self.arm][self.read].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.over:
                value = value / readings[self.over][self.read]
            if self.minus:
                value = value - readings[self.minus][self.read]
        return value

    def excess(self, value: float) -> float:
        """Return how far `value` is from what it should be, in tolerances: right up to 1; nan is infinitely far."""
        if np.isnan(value):
            return np.inf if self.at_least is None or self.read != "onset_week" else 0.0
        if self.target is not None:
            return abs(value - self.target) / (self.tolerance or 1)
        short = self.at_least - value if self.at_least is not None else value - (self.at_most or 0)
        return 1 + short if short > 0 else 0.0


@dataclass(frozen=True)
class Claim:
    """A claim of the article, a figure of trials, or a judgement."""

    id: str
    text: str
    kind: str
    source: str
    checks: tuple[Check, ...]
    n: int | None = None
    scale: str | None = None
    contested: str | None = None
    note: str | None = None
    quantity: str | None = None
    study: str | None = None


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def claims() -> dict[str, Claim]:
    """Return all claims by id."""
    return {
        key: Claim(id=key, **entry | {"checks": tuple(Check(**check) for check in entry["checks"])})
        for key, entry in _table("claims").items()
    }


@cache
def scales() -> dict[str, dict[str, Any]]:
    """Return the clinical scales by name: the study and the arm that tie each to the model."""
    return _table("scales")


@cache
def arm(name: str) -> Scenario:
    """Return the scenario of an arm."""
    entry = _table("arms")[name]
    return reduce(Scenario.plus, entry.get("add", ()), load(entry["scenario"], entry.get("set", ())))
