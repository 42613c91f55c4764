"""Who the people of a cohort are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from exosim.engine.tissue import Array
from exosim.evidence.readouts import PIH_SPREAD
from exosim.files.lines import located
from exosim.files.reading import read_toml
from exosim.files.writing import expanded
from exosim.problems import BadInput, Checked, Problem, brief, explained, suggest
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SCARS, SEVERITIES

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

KNOWN = {"phototype": [str(x) for x in RESPONSE], "scar": list(SCARS), "severity": list(SEVERITIES)}
"""What differs between people, besides their kinetics, and the names that it can have."""
ROUNDING = 1e-6  # by which shares may miss 1


def _shares(names: Iterable[str]) -> Any:
    """Return the type of a table of shares of these names; an empty one leaves the trait to the scenario."""
    known = list(names)

    def known_name(name: str) -> str:
        if name not in known:
            raise ValueError(f'there is no "{brief(name)}"\n{suggest(name, known)}')
        return name

    def whole(shares: dict[str, float]) -> dict[str, float]:
        total = sum(shares.values())
        if shares and not abs(total - 1) <= ROUNDING:
            raise ValueError(f"the shares sum to {total:.6g}\nthe shares of everybody sum to 1")
        return shares

    share = Annotated[float, Field(ge=0)]
    return Annotated[dict[Annotated[str, AfterValidator(known_name)], share], AfterValidator(whole)]


class Population(Checked):
    """Who the subjects are, all assumed.

    Shares of each trait sum to 1; without any, the trait is that of each scenario. Standard
    deviations: `pigment_spread` of the logarithm of the melanocyte response between people of one phototype,
    `score_error` of a clinical score of improvement about its true value, points.

    >>> Population(scar={"boxcar": 0.75, "icepick": 0.25}).weights("scar")[1:3].tolist()
    [0.25, 0.75]
    """

    phototype: _shares(KNOWN["phototype"]) = Field(  # type: ignore[valid-type]
        default={"3": 0.3, "4": 0.5, "5": 0.2}, description="share of each phototype"
    )
    scar: _shares(KNOWN["scar"]) = Field(  # type: ignore[valid-type]
        default={"mixed": 0.4, "boxcar": 0.25, "rolling": 0.25, "icepick": 0.1},
        description="share of each type of scar",
    )
    severity: _shares(KNOWN["severity"]) = Field(  # type: ignore[valid-type]
        default={"moderate": 0.6, "severe": 0.4}, description="share of each depth of the scars"
    )
    pigment_spread: float = Field(
        default=PIH_SPREAD, ge=0, le=3, description="sd of the log of the melanocyte response within a phototype"
    )
    score_error: float = Field(
        default=5.0, ge=0, le=100, description="sd of a clinical score of improvement about its true value, points"
    )

    @classmethod
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error of a failed validation."""
        return explained(detail, cls, (), "a population")

    def weights(self, trait: str) -> Array:
        """Return the probability of every name in `KNOWN` of a trait; equal ones where the trait is left open."""
        shares = getattr(self, trait) or dict.fromkeys(KNOWN[trait], 1.0)
        weights = np.array([shares.get(name, 0.0) for name in KNOWN[trait]])
        return np.asarray(weights / weights.sum())


def read_population(given: Population | Mapping[str, Any] | str | Path | None) -> Population:
    """Return the population of a TOML file or of the same data, or the default one; raise `BadInput`."""
    if given is None or isinstance(given, Population):
        return given or Population()
    if isinstance(given, Mapping):
        return Population(**_named(given))
    data, text = read_toml(expanded(given), "population")
    try:
        return Population(**data)
    except BadInput as error:
        raise BadInput([located(problem, str(given), text) for problem in error.problems]) from None


def _named(data: Mapping[Any, Any]) -> dict[str, Any]:
    """Return data with names as text: a phototype is 4 in Python as well."""
    return {str(name): _named(x) if isinstance(x, Mapping) else x for name, x in data.items()}
