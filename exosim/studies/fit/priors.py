"""What is known of a parameter before one's own data: uniform, uniform in the logarithm, or normal, within a range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.parameters.sets import out_of_range, wrong_unit
from exosim.problems import Problem, brief, shown, suggest
from exosim.studies.fit.ensemble import CERTAIN

KINDS = {"uniform": ("low", "high"), "log": ("low", "high"), "normal": ("mean", "sd", "low", "high")}
"""Kind -> its numbers; `low` and `high` are the range of the parameter where they are left out."""
FAR = 1e-12  # share of a prior that is told from none


@dataclass(frozen=True)
class Prior:
    """The prior of one parameter; `mean` and `sd` are those of a normal one before it is cut at its ends."""

    name: str
    kind: str
    low: float
    high: float
    mean: float = 0.0
    sd: float = 1.0

    @classmethod
    def of(cls, name: str, table: Mapping[str, Any]) -> Prior:
        """Return the prior of a checked table."""
        numbers = {key: float(table[key]) for key in KINDS[table["prior"]] if key in table}
        ends = {"low": PARAMETERS[name].low, "high": PARAMETERS[name].high}
        return cls(name, table["prior"], **(ends | numbers))

    def value(self, z: Array) -> Array:
        """Return the parameter of standard normal numbers.

        >>> Prior("tnf_clearance", "log", 4, 9).value(np.array([-40, 0, 40])).round(6).tolist()
        [4.0, 6.0, 9.0]
        """
        share = np.clip(ndtr(z), FAR, 1 - FAR)
        if self.kind == "log":
            found = np.exp(np.log(self.low) + share * np.log(self.high / self.low))
        elif self.kind == "normal":
            low, high = self._tails
            found = self.mean + self.sd * ndtri(low + share * (high - low))
        else:
            found = self.low + share * (self.high - self.low)
        return np.asarray(np.clip(found, self.low, self.high))

    def normal(self, x: Array) -> Array:
        """Return the standard normal numbers of a parameter."""
        if self.kind == "log":
            share = np.log(x / self.low) / np.log(self.high / self.low)
        elif self.kind == "normal":
            low, high = self._tails
            share = (ndtr((x - self.mean) / self.sd) - low) / (high - low)
        else:
            share = (x - self.low) / (self.high - self.low)
        return np.asarray(ndtri(np.clip(share, FAR, 1 - FAR)))

    def penalty(self, x: Array) -> Array:
        """Return how unlikely a normal prior makes a value; the others prefer none."""
        return np.asarray(0.5 * ((x - self.mean) / self.sd) ** 2 if self.kind == "normal" else np.zeros(np.shape(x)))

    @property
    def _tails(self) -> tuple[float, float]:
        return float(ndtr((self.low - self.mean) / self.sd)), float(ndtr((self.high - self.mean) / self.sd))


def wrong(name: str, table: Any) -> Iterator[Problem]:
    """Yield what is wrong with the prior that a person gives to a parameter."""
    if name not in PARAMETERS:
        yield Problem(f'there is no parameter "{brief(name)}"', remedy=suggest(name, PARAMETERS))
        return
    if name in CERTAIN:
        yield Problem(f"{name} cannot be fitted: skin and sunlight of a scenario, or its definition, decide it")
        return
    kind = table.get("prior") if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping) or kind not in KINDS:
        what = f"not {shown(table)}" if not isinstance(table, Mapping) else f"not {shown(kind)}"
        yield Problem(f"{name} needs a prior, {', '.join(KINDS)}, {what}", remedy='as in { prior = "uniform" }')
        return
    numbers = [key for key in KINDS[kind] if key in table]
    for key in table:
        if key not in ("prior", "unit", *KINDS[kind]):
            remedy = suggest(str(key), ("prior", "unit", *KINDS[kind]))
            yield Problem(f'a {kind} prior has no setting "{brief(key)}"', (key,), remedy)
    if numbers or "unit" in table:
        yield from wrong_unit(name, table.get("unit"))
    bad = [p for key in numbers if key != "sd" for p in out_of_range(name, key, table[key])]
    yield from bad
    if kind == "normal":
        yield from _normal(name, table)
    low, high = (table.get(key, getattr(PARAMETERS[name], key)) for key in ("low", "high"))
    if not bad and low >= high:
        yield Problem(f"the prior of {name} goes from {low:g} to {high:g}", ("low",), "low is below high")
    elif not bad and kind == "log" and low <= 0:
        yield Problem(f"a log prior of {name} cannot begin at {low:g}", ("low",), "write low above 0")


def _normal(name: str, table: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("mean", "sd"):
        if key not in table:
            yield Problem(f'the normal prior of {name} needs "{key}"')
    sd = table.get("sd", 1)
    if isinstance(sd, bool) or not isinstance(sd, int | float) or not 0 < sd < np.inf:
        yield Problem(f"sd of {name} must be a number above 0, not {shown(sd)}", ("sd",))
