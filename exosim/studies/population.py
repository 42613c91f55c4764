"""Who the people of a cohort are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from exosim.evidence.readouts import PIH_SPREAD
from exosim.problems import BadInput, Problem, suggest
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SCARS, SEVERITIES

KNOWN = {"phototype": [str(x) for x in RESPONSE], "scar": list(SCARS), "severity": list(SEVERITIES)}
SPREADS = ("pigment_spread", "score_error")


@dataclass(frozen=True)
class Population:
    """Who the subjects are, all assumed.

    Shares of each trait are divided by their sum; without any, the trait is that of the first scenario. Standard
    deviations: `pigment_spread` of the logarithm of the melanocyte response between people of one phototype,
    `score_error` of a clinical score of improvement about its true value, points.
    """

    phototype: Mapping[str, float] = field(default_factory=lambda: {"3": 0.3, "4": 0.5, "5": 0.2})
    scar: Mapping[str, float] = field(
        default_factory=lambda: {"mixed": 0.4, "boxcar": 0.25, "rolling": 0.25, "icepick": 0.1}
    )
    severity: Mapping[str, float] = field(default_factory=lambda: {"moderate": 0.6, "severe": 0.4})
    pigment_spread: float = PIH_SPREAD
    score_error: float = 5.0


def read_population(file: Path | None) -> Population:
    """Return the population in a TOML file, or the default one; raise `BadInput` with every problem."""
    if not file:
        return Population()
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadInput([Problem(f"the population cannot be read: {error}", source=str(file))]) from None
    keys = [*KNOWN, *SPREADS]
    wrong = [(f'a population has no "{key}"', suggest(key, keys)) for key in data.keys() - {*keys}]
    for trait, known in KNOWN.items():
        shares = data.get(trait, {})
        if not isinstance(shares, dict) or (shares and not sum(x for x in shares.values() if _share(x)) > 0):
            wrong.append((f"{trait} must be a table of shares", ""))
            continue
        for name, share in shares.items():
            if name not in known:
                wrong.append((f'there is no {trait} "{name}"', suggest(name, known)))
            if not _share(share):
                wrong.append((f"the share of {trait} {name} must be a number from 0", ""))
    wrong += [(f"{key} must be a number from 0", "") for key in SPREADS if not _share(data.get(key, 0))]
    if wrong:
        raise BadInput([Problem(message, source=str(file), remedy=remedy) for message, remedy in wrong])
    return Population(**data)


def _share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < np.inf
