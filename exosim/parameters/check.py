"""Parameter values before they reach a solver: what is no number, or makes no skin, is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from exosim.biology import system
from exosim.biology.notation import Values
from exosim.problems import BadInput, Problem, suggest


def check(values: Mapping[str, Any], resting: Mapping[str, Values]) -> None:
    """Refuse values that are missing, unknown, not finite or negative, and resting levels below zero.

    Parameters
    ----------
    values : mapping
        Every parameter, a number or one per subject.
    resting : mapping
        Resting levels that follow from them, subjects on the last axis.

    Raises
    ------
    BadInput
        With all that is wrong, by parameter and subject.
    """
    problems = [] if _sound(values) else list(_unsound(values))
    if not problems:
        problems = [_less_than_none(name, x, values) for name, x in resting.items() if not np.min(x) >= 0]
    if problems:
        raise BadInput(sorted(problems, key=lambda p: p.message))


NAMES = tuple(system.PARAMETERS)
FLOORS = np.array([0 if q.low >= 0 else -np.inf for q in system.PARAMETERS.values()])


def _sound(values: Mapping[str, Any]) -> bool:
    """Return whether all parameters of one subject are valid; this is the quick answer to the usual case."""
    if tuple(values) != NAMES or not all(isinstance(x, float) for x in values.values()):
        return False
    numbers = np.fromiter(values.values(), float)
    return bool(((numbers >= FLOORS) & (numbers < np.inf)).all())


def _unsound(values: Mapping[str, Any]) -> Iterator[Problem]:
    known = system.PARAMETERS
    for name in known.keys() - values.keys():
        yield Problem(f"parameter {name} has no value")
    for name, value in values.items():
        if name not in known:
            yield Problem(f'there is no parameter "{name}"', remedy=suggest(name, known))
            continue
        array, about = np.asarray(value, float), known[name]
        wrong = ~np.isfinite(array) | ((array < 0) if about.low >= 0 else False)
        if wrong.any():
            what = f"parameter {name} is {array[wrong].flat[0]:g}{_of(wrong)}"
            yield Problem(what, remedy=f"plausible: {about.low:g} to {about.high:g} {about.unit}")


def _less_than_none(state: str, level: Values, values: Mapping[str, Any]) -> Problem:
    below = ~(np.atleast_1d(level) >= 0)
    given = ", ".join(f"{name} {_first(values[name], below):.4g}" for name in _behind(state))
    what = f"skin at rest would have less than no {state}{_of(below)}"
    return Problem(what, remedy=f"it follows from {given}")


def _of(wrong: Any) -> str:
    """Name the subject, where there are several."""
    subjects = np.atleast_1d(wrong).reshape(-1, np.atleast_1d(wrong).shape[-1]).any(axis=0)
    return f" for subject {int(subjects.argmax())}" if subjects.size > 1 else ""


def _first(value: Any, wrong: Any) -> float:
    subjects = wrong.reshape(-1, wrong.shape[-1]).any(axis=0)
    return float(np.broadcast_to(value, subjects.shape)[subjects.argmax()])


def _behind(state: str) -> Iterable[str]:
    """Return the parameters that a resting level is made of."""
    import sympy

    level = np.atleast_1d(system.rest(*system.symbols())[state])
    names = {str(s) for x in level for s in sympy.sympify(x, strict=True).free_symbols}
    return sorted(names & system.PARAMETERS.keys())
