"""Published comparisons as data, matched to simulated arms by their regimen."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from exosim.scenario import Scenario

ARTICLE = "e-EXOSOMES Team, 'Exosomes for post-acne scarring', vendor blog at e-exosomes.com"
IGNORED = {"vehicle_gel", "sunscreen", "occlusion"}  # controls and care that do not make another regimen
ATROPHIC = {"mixed", "boxcar", "rolling", "icepick"}


@dataclass(frozen=True)
class Published:
    """The published value of one arm of a comparison."""

    id: str
    citation: str
    n: int
    outcome: str
    measure: str
    value: float
    tolerance: float
    fitted: tuple[str, ...]


@lru_cache(maxsize=1)
def comparisons() -> list[tuple[list[frozenset[str]], list[Published]]]:
    """Every published comparison: the regimens of its arms and their values."""
    data = tomllib.loads(files(__name__).joinpath("published.toml").read_text("utf-8"))
    found = []
    for c in data["comparison"]:
        shared = {name: c[name] for name in ("id", "citation", "n", "outcome", "measure")}
        values = [
            Published(**shared, value=a["value"], tolerance=a["tolerance"], fitted=tuple(c["fitted"]))
            for a in c["arms"]
        ]
        found.append(([frozenset(a["treatments"]) for a in c["arms"]], values))
    return found


@lru_cache(maxsize=1)
def keys() -> dict[str, dict[str, str]]:
    """What each key of a source stands for: A1..A15 claims of the article, C1..C12 figures of trials."""
    data = tomllib.loads(files(__name__).joinpath("claims.toml").read_text("utf-8"))
    article = {"text": "the founding article", "kind": "vendor", "source": ARTICLE}
    entries = {key: {name: entry[name] for name in ("text", "kind", "source")} for key, entry in data.items()}
    return {"article": article, **entries}


def regimen(scenario: Scenario) -> frozenset[str]:
    """The kinds of treatment that make up a scenario's regimen."""
    return frozenset(entry.kind for entry in scenario.treatments) - IGNORED


def published_for(scenarios: Sequence[Scenario]) -> list[dict[int, Published]]:
    """Published comparisons of which at least two arms are among `scenarios`: arm number -> published value."""
    found = []
    for regimens, values in comparisons():
        match = {
            i: values[regimens.index(regimen(s))]
            for i, s in enumerate(scenarios)
            if regimen(s) in regimens and s.skin.scar in ATROPHIC
        }
        if len({value.value for value in match.values()}) > 1:
            found.append(match)
    return found
