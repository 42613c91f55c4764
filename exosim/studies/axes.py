"""Axes: what varies in a sweep or a search, read by the type of the field that it names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np

from exosim.files.reading import parse_value
from exosim.problems import BadInput, Problem, brief, flags, plain
from exosim.scenario.model import Scenario

MOST = 10_000_000  # values of an axis
TRIED = 64  # texts or lists of an axis that are tried before anything is run
WRITTEN = "write PATH=LOW:HIGH:N, PATH=LOW:HIGH:N:log, PATH=A,B,C, or PATH=LOW:HIGH for whole numbers and samples"


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`: `number` of them, evenly spaced (`log`: by a factor), or all for samples."""

    low: Any
    high: Any
    number: Any = None
    log: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return what a study file says."""
        return {name: x for name, x in vars(self).items() if x not in (None, False)}


def lin(low: float, high: float, n: int) -> Range:
    """Return `n` evenly spaced numbers of an axis."""
    return Range(low, high, n)


def log(low: float, high: float, n: int) -> Range:
    """Return `n` numbers of an axis, each the same factor above the one before."""
    return Range(low, high, n, log=True)


def between(low: float, high: float, log: bool = False) -> Range:
    """Return the range of an axis for samples and searches, or every whole number; `log` spreads by factors."""
    flags(log=log)
    return Range(low, high, None, log)


@dataclass(frozen=True)
class Axis:
    """One setting or parameter with what it takes: listed `values`, else everything from `low` to `high`.

    `whole` takes whole numbers alone; `log` spreads values evenly on a logarithmic scale.

    >>> Axis("skin.phototype", low=1, high=6, whole=True).levels
    (1, 2, 3, 4, 5, 6)
    """

    path: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False

    @property
    def levels(self) -> tuple[Any, ...]:
        """All values that it takes; none where they are too many to be listed."""
        return self.values or (tuple(range(int(self.low), int(self.high) + 1)) if self.whole else ())

    @property
    def tried(self) -> list[Any]:
        """Values to try before anything is run: of numbers the ends and one between."""
        if not self.levels:
            return [self.low, self.high]
        many = 3 if isinstance(self.levels[0], int | float) else TRIED
        places = np.linspace(0, len(self.levels) - 1, min(many, len(self.levels)))
        return [self.levels[round(i)] for i in places.tolist()]

    def at(self, share: float) -> Any:
        """Return the value at a share of the axis, 0..1: every value has an equal part of it.

        >>> axis = Axis("skin.phototype", low=1, high=3, whole=True)
        >>> [axis.at(share) for share in (0.0, 0.33, 0.34, 0.66, 0.67, 1.0)]
        [1, 1, 2, 2, 3, 3]
        """
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        end = self.high + self.whole
        value = self.low * (end / self.low) ** share if self.log else self.low + share * (end - self.low)
        return min(int(value), int(self.high)) if self.whole else min(max(value, self.low), self.high)


def read_axis(text: str, scenario: Scenario) -> Axis:
    """Return the axis of a text, as `WRITTEN` says, by the type of the field that it names; raise `BadInput`."""
    path, equals, written = (part.strip() for part in text.partition("="))
    source = f"`vary` {text if len(text) < 80 else text[:77] + '...'}"
    if not equals or not path or not written:
        raise BadInput([Problem("this is no axis", source=source, remedy=WRITTEN)])
    with _told(source):
        kind = scenario.settable(path).kind
        return _axis(path, _given(written, kind), kind)


def axis_of(path: str, given: Any, scenario: Scenario) -> Axis:
    """Return the axis of a list of values or a `Range`; raise `BadInput`."""
    with _told(f"`vary` {path}"):
        kind = scenario.settable(path).kind
        return _axis(path, _in_lists(given) if kind == "list" else given, kind)


def searched(path: str, given: Any, scenario: Scenario) -> Axis:
    """Return the axis of a search: [low, high], a table with low, high and perhaps log, or a list of texts or lists."""
    with _told(f"`vary` {path}"):
        kind = scenario.settable(path).kind
        if kind in ("text", "list"):
            return _axis(path, given, kind)
        if isinstance(given, list | tuple) and len(given) == 2:
            given = {"low": given[0], "high": given[1]}
        if not isinstance(given, Mapping) or not {"low", "high"} <= given.keys() <= {"low", "high", "log"}:
            _refuse(
                f"{path} takes [low, high] or {{ low = ..., high = ..., log = true }}, in Python between(low, high)"
            )
        return _range(path, Range(**given), kind)


def _given(written: str, kind: str) -> Any:
    """Return what a text gives to a field: a list of values, or a range."""
    if kind == "list":
        return _lists(written)
    parts = [x.strip().strip("\"'") if kind == "text" else x for x in written.split(",")]
    if kind == "text" or ":" not in written:
        return parts
    numbers = written.split(":")
    if log := numbers[-1] == "log":
        numbers.pop()
    if not 2 <= len(numbers) <= 3:
        _refuse("this is no range", WRITTEN)
    return Range(numbers[0], numbers[1], numbers[2] if numbers[2:] else None, log)


def _axis(path: str, given: Any, kind: str) -> Axis:
    """Return the axis of what is given to a field of a kind."""
    given = plain(given)
    if isinstance(given, Range) and kind not in ("text", "list"):
        return _range(path, given, kind)
    if not isinstance(given, list | range) or not given:
        more = "" if kind in ("text", "list") else ", lin(low, high, n), log(low, high, n) or between(low, high)"
        _refuse(f"{path} takes a list of {kind}s{more}", _as_in(path, given))
    if kind not in ("text", "list"):
        return listed(path, [_number(path, x, kind) for x in given])
    if not all(isinstance(x, str if kind == "text" else list) for x in given):
        _refuse(f"{path} takes a list of {kind}s", _as_in(path, given))
    return listed(path, given)


def _as_in(path: str, given: Any) -> str:
    """Return what was probably meant by a text, which is no list in Python."""
    return (
        f'as a text it is "{path}={brief(given)}", in a list: vary=["PATH=VALUES", ...]'
        if isinstance(given, str)
        else ""
    )


def listed(path: str, values: Sequence[Any]) -> Axis:
    """Return an axis of listed values, none of them twice."""
    if twice := [x for i, x in enumerate(values) if x in values[:i]]:
        _refuse(f"{twice[0]} is given twice")
    numbers = [x for x in values if isinstance(x, int | float)] or [0.0]
    return Axis(path, tuple(values), float(min(numbers)), float(max(numbers)))


def spread(path: str, low: float, high: float, kind: str, log: bool = False) -> Axis:
    """Return an axis of everything between two ends."""
    if not low < high:
        _refuse(f"the range {low:g} to {high:g} is empty", "give the lower end first, then a higher one")
    if log and low <= 0:
        _refuse(f"a logarithmic range cannot begin at {low:g}", "begin above 0")
    if kind == "whole number" and high - low >= MOST:
        _refuse(f"{high - low + 1:.3g} values are too many", f"at most {MOST}")
    return Axis(path, (), low, high, kind == "whole number", log)


def _range(path: str, given: Range, kind: str) -> Axis:
    """Return the axis of a range."""
    if not isinstance(given.log, bool):
        _refuse("log must be true or false")
    low, high = (_number(path, end, kind) for end in (given.low, given.high))
    axis = spread(path, low, high, kind, given.log)
    if given.number is None:
        return axis
    many = _number("the number of values", given.number, "whole number")
    if not 2 <= many <= MOST:
        _refuse(f"a range has 2 to {MOST} values, not {many}")
    steps = (np.geomspace if given.log else np.linspace)(axis.low, axis.high, int(many))
    if axis.whole:
        if len({*np.round(steps)}) < many or not np.allclose(steps, np.round(steps), rtol=1e-9, atol=0):
            _refuse(f"{path} takes whole numbers, which {many} steps from {axis.low:g} to {axis.high:g} are not",
                    f"write {path}={axis.low:g}:{axis.high:g} for each of them, or list some")  # fmt: skip
        return replace(axis, values=tuple(int(x) for x in np.round(steps)))
    return replace(axis, values=tuple(steps.tolist()))


@contextmanager
def _told(source: str) -> Iterator[None]:
    """Say of every problem where it is."""
    try:
        yield
    except BadInput as error:
        raise BadInput([replace(problem, source=source) for problem in error.problems]) from None


def _refuse(message: str, remedy: str = "") -> NoReturn:
    raise BadInput([Problem(message, remedy=remedy)])


def _in_lists(given: Any) -> Any:
    """Return values of an axis of lists; a number is a list of one: ``after_days`` 0, 1 and 3 are [0], [1] and [3]."""
    given = plain(given)
    if not isinstance(given, list | range):
        return given
    return [[x] if isinstance(x, int | float) and not isinstance(x, bool) else x for x in given]


def _lists(written: str) -> list[Any]:
    values = _in_lists(parse_value(f"[{written}]"))
    if not isinstance(values, list) or not values or not all(isinstance(x, list) for x in values):
        _refuse("this field takes lists and numbers", "as in 0,[0, 1, 2]")
    return values


def _number(path: str, written: Any, kind: str) -> Any:
    """Return a number of the kind that a field takes."""
    try:
        value = float(written) if isinstance(written, str | int | float) and not isinstance(written, bool) else math.nan
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        _refuse(f"{path} takes a {kind}, not {str(written)[:40]}")
    if kind == "whole number" and value % 1:
        _refuse(f"{path} takes a whole number, not {value:g}")
    return int(value) if kind == "whole number" else value
