"""Published comparisons as data, matched to simulated arms by their regimen."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from exosim.evidence.claims import Check, arm, claims
from exosim.scenario.model import Scenario

ARTICLE = "e-EXOSOMES Team, 'Exosomes for post-acne scarring', vendor blog at e-exosomes.com"
IGNORED = {"vehicle_gel", "sunscreen", "occlusion"}  # controls and care that do not make another regimen
ATROPHIC = {"mixed", "boxcar", "rolling", "icepick"}


@dataclass(frozen=True)
class Published:
    """The published value of one arm of a comparison; `checks` of claims refer to it, each on its own schedule."""

    id: str
    citation: str
    n: int
    outcome: str
    measure: str
    value: float
    tolerance: float
    checks: tuple[Check, ...]

    @property
    def fitted(self) -> tuple[str, ...]:
        """Parameter sets that were calibrated to it, on any schedule."""
        return tuple(sorted({name for check in self.checks for name in check.fit}))


@lru_cache(maxsize=1)
def comparisons() -> list[tuple[list[frozenset[str]], list[Published]]]:
    """Return every published comparison: the regimens of its arms and their values."""
    data = tomllib.loads(files(__name__).joinpath("published.toml").read_text("utf-8"))
    rows = []
    for c in data["comparison"]:
        shared = {name: c[name] for name in ("id", "citation", "n", "outcome", "measure")}
        targets = [check for key in c["claims"] for check in claims()[key].checks if check.read == c["outcome"]]
        regimens = [frozenset(a["treatments"]) for a in c["arms"]]
        checks = [tuple(x for x in targets if regimen(arm(x.arm)) == treatments) for treatments in regimens]
        values = [
            Published(**shared, value=a["value"], tolerance=a["tolerance"], checks=own)
            for a, own in zip(c["arms"], checks, strict=True)
        ]
        rows.append((regimens, values))
    return rows


def fitted(check: Check, parameters: str) -> bool:
    """Return whether a parameter set was calibrated to the figure of a check or to the published value behind it."""
    sharing = (value for _, values in comparisons() for value in values if check in value.checks)
    return parameters in check.fit or any(parameters in value.fitted for value in sharing)


@lru_cache(maxsize=1)
def keys() -> dict[str, dict[str, str]]:
    """Return what each key of a source means: A1..A15 claims of the article, C1..C12 figures of trials."""
    data = tomllib.loads(files(__name__).joinpath("claims.toml").read_text("utf-8"))
    article = {"text": "the founding article", "kind": "vendor", "source": ARTICLE}
    entries = {key: {name: entry[name] for name in ("text", "kind", "source")} for key, entry in data.items()}
    return {"article": article, **entries}


def regimen(scenario: Scenario) -> frozenset[str]:
    """Return the kinds of treatment that make up a scenario's regimen."""
    return frozenset(entry.kind for entry in scenario.treatments) - IGNORED


def published_for(scenarios: Sequence[Scenario]) -> list[dict[int, Published]]:
    """Return the published comparisons of which at least two arms are among `scenarios`.

    Each maps the number of an arm to its published value.
    """
    matches = []
    for regimens, values in comparisons():
        match = {
            i: values[regimens.index(regimen(s))]
            for i, s in enumerate(scenarios)
            if regimen(s) in regimens and s.skin.scar in ATROPHIC
        }
        if len({value.value for value in match.values()}) > 1:
            matches.append(match)
    return matches
