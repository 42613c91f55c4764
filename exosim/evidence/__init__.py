"""Published values as data, and with which simulated arms they may be shown."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import inf
from typing import Any

from exosim.events import Apply, Bolus, Injury, Modulate
from exosim.evidence.claims import Check, arm, claims
from exosim.parameters import ParametersLike, names, parameter_set
from exosim.scenario.model import Scenario

ARTICLE = "e-EXOSOMES Team, 'Exosomes for post-acne scarring', vendor blog at e-exosomes.com"
IGNORED = {"vehicle_gel", "sunscreen"}  # controls and care that do not make another regimen
ATROPHIC = {"mixed", "boxcar", "rolling", "icepick"}


@dataclass(frozen=True)
class Requirement:
    """A particular of a schedule that must lie within `low`..`high`, and what the trial did."""

    name: str
    low: float
    high: float
    says: str


@dataclass(frozen=True)
class Published:
    """The published value of one arm of a comparison; `checks` of claims refer to it, each on its own schedule."""

    id: str
    citation: str
    n: int
    outcome: str
    measure: str
    treatments: frozenset[str]
    value: float
    tolerance: float
    regimen: tuple[Requirement, ...]
    checks: tuple[Check, ...]

    @property
    def schedule(self) -> str:
        """The regimen of the trial in words."""
        own = (x for x in self.regimen if "." not in x.name or x.name.split(".")[0] in self.treatments)
        return ", ".join(x.says for x in own)

    @property
    def fitted(self) -> tuple[str, ...]:
        """Parameter sets that were calibrated to it, on any schedule."""
        return tuple(sorted({name for check in self.checks for name in _fitted(check)}))


@dataclass(frozen=True)
class Match:
    """A published value of the treatments of a simulated arm, and what differs from the arm's own regimen."""

    published: Published
    differs: tuple[str, ...]

    @property
    def text(self) -> str:
        """The value, or why it is of another regimen."""
        return f"not this regimen: {', '.join(self.differs)}" if self.differs else f"{self.published.value:g}"


@cache
def published() -> tuple[Published, ...]:
    """Return the value of every arm of every published comparison."""
    data = tomllib.loads(files(__name__).joinpath("published.toml").read_text("utf-8"))
    return tuple(_value(comparison, about) for comparison in data["comparison"] for about in comparison["arms"])


def _value(comparison: dict[str, Any], about: dict[str, Any]) -> Published:
    """Return the value of one arm with the checks that ask for it."""
    treatments = frozenset(about["treatments"])
    asking = (check for key in comparison["claims"] for check in claims()[key].checks)
    return Published(
        **{name: comparison[name] for name in ("id", "citation", "n", "outcome", "measure")},
        treatments=treatments,
        value=about["value"],
        tolerance=about["tolerance"],
        regimen=tuple(Requirement(name, **limits) for name, limits in comparison["regimen"].items()),
        checks=tuple(x for x in asking if x.read == comparison["outcome"] and regimen(arm(x.arm)) == treatments),
    )


def fitted(check: Check, parameters: ParametersLike) -> bool:
    """Return whether a parameter set was calibrated to the figure of a check or to the published value behind it."""
    return any(parameter_set(parameters).comes_from(_fitted(x)) for x in (check, *_behind(check)))


def _behind(check: Check) -> Iterable[Check]:
    """Return the other checks of the published value behind a check."""
    return (x for value in published() if check in value.checks for x in value.checks)


def _fitted(check: Check) -> set[str]:
    """Return the sets that were fitted to a check, or to the study from which its claim is read."""
    claim = next(claim for claim in claims().values() if check in claim.checks)
    return {*check.fit, *(name for name in names() if claim.study in parameter_set(name).studies)}


@cache
def keys() -> dict[str, dict[str, str]]:
    """Return what each key of a source means: A1..A15 claims of the article, C1..C21 figures of studies."""
    data = tomllib.loads(files(__name__).joinpath("claims.toml").read_text("utf-8"))
    article = {"text": "the founding article", "kind": "vendor", "source": ARTICLE}
    entries = {key: {name: entry[name] for name in ("text", "kind", "source")} for key, entry in data.items()}
    return {"article": article, **entries}


def regimen(scenario: Scenario) -> frozenset[str]:
    """Return the kinds of treatment that make up a scenario's regimen."""
    return frozenset(entry.kind for entry in scenario.treatments) - IGNORED


def particulars(scenario: Scenario) -> dict[str, list[float]]:
    """Return what the requirements of a regimen are about, as the lesson page does (`particularsOf` in published.js).

    Settings by ``KIND.SETTING``; zones of all passes of a day by ``KIND.zones_per_cm2``; doses by ``KIND.per_session``
    (all that follow a procedure, in the unit of their event) and ``KIND.after_days`` (since the last procedure).
    """
    events = [(x.treatment, x.event) for x in scenario.timeline if not isinstance(x.event, Modulate)]
    injuries = [(kind, event) for kind, event in events if isinstance(event, Injury)]
    days = sorted({event.day for _, event in injuries})
    found: dict[str, list[float]] = {
        "sessions": [len(days)],
        "every_days": [b - a for a, b in pairwise(days)],
        "week": [(scenario.days - (days[0] if days else 0.0)) / 7],
    }
    for entry in scenario.treatments:
        for name in type(entry.treatment).model_fields:
            found.setdefault(f"{entry.kind}.{name}", []).append(getattr(entry, name))
    for kind in {kind for kind, _ in injuries}:
        passes = [(event.day, event.density_per_cm2) for own, event in injuries if own == kind]
        found[f"{kind}.zones_per_cm2"] = [sum(zones for at, zones in passes if at == day) for day in days]
    for kind, event in events:
        if isinstance(event, Apply | Bolus):
            after = event.day - max((day for day in days if day <= event.day), default=-inf)
            found.setdefault(f"{kind}.after_days", []).append(after)
            amount = event.amount
            found.setdefault(f"{kind}.per_session", [0.0])[0] += amount / max(len(days), 1)
    return found


def published_for(scenario: Scenario) -> list[Match]:
    """Return the published values of a scenario's treatments, each with what differs from its regimen."""
    kinds, found = regimen(scenario), particulars(scenario)
    return [
        Match(value, tuple(x.says for x in value.regimen if not _within(found.get(x.name, ()), x)))
        for value in published()
        if value.treatments == kinds and scenario.skin.scar in ATROPHIC
    ]


def _within(found: Iterable[float], required: Requirement) -> bool:
    return all(required.low <= value <= required.high for value in found)
