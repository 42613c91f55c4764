"""Parameter sets: defaults of the mechanisms with a few overrides, from a file named after its source.

`article` reproduces the founding article where it can; `trials` is calibrated to peer-reviewed figures only. A set of
one's own is a file of the same form, or one of these with values replaced (`own.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exosim.parameters.own import ParametersLike, parameter_set
from exosim.parameters.sets import Override, ParameterSet, names
from exosim.problems import BadInput, Problem

__all__ = [
    "DEFAULT", "Override", "ParameterSet", "ParametersLike", "draws", "ensemble", "names", "nuisance_draws",
    "parameter_set",
]  # fmt: skip
DEFAULT = "article"


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
                "`exosim fit` makes one, NAME.draws.csv beside NAME.toml; or set the value in a scenario, by `changes`"
            )
        raise BadInput([Problem(f'the parameter set "{chosen}" has no ensemble', remedy=remedy)])
    return chosen.values() | dict(chosen.draws)
