"""Instruments of figures: clinical scales and ways to see redness, each of one class, within which its factor holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from exosim.evidence.nuisance import scale_of
from exosim.evidence.studies import READS, SHARES, Figure, shipped_text
from exosim.problems import KeyPath, Problem, brief


def measured(read: str) -> str:
    """Return what an instrument measures for a figure: of responders, improvement.

    >>> measured("responder_50")
    'improvement_percent'
    """
    return "improvement_percent" if read == "responder_50" else read


@cache
def _fitting(kind: str) -> str:
    """Return the reads of a class of instruments, as text."""
    return " or ".join(read for read in READS if scale_of(measured(read)).factor == kind)


@cache
def _shipped() -> dict[str, str]:
    """Return the class of every instrument of the shipped studies."""
    named = _named(tomllib.loads(shipped_text())["study"])
    return {figure["instrument"]: str(scale_of(measured(figure["read"])).factor) for _, figure in named}


def _named(tables: Sequence[Mapping[str, Any]]) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Yield the figures that name an instrument, each with the place of that name."""
    for i, table in enumerate(tables):
        figures = table.get("figures")
        for j, figure in enumerate(figures if isinstance(figures, list) else []):
            if isinstance(figure, Mapping) and isinstance(figure.get("instrument"), str):
                yield ("study", i, "figures", j, "instrument"), figure


def misspelt(tables: Sequence[Mapping[str, Any]], known: Iterable[str] = ()) -> Iterator[Problem]:
    """Yield instruments in tables of studies that differ from a known or earlier one only in case or spaces."""
    names = {_folded(name): name for name in (*_shipped(), *known)}
    for at, figure in _named(tables):
        own = figure["instrument"]
        if (first := names.setdefault(_folded(own), own)) != own:
            message = f'the instrument "{brief(own)}" differs from "{brief(first)}" only in case or spaces'
            remedy = f'did you mean "{brief(first)}"?   another scale needs another name'
            yield Problem(message, at, remedy)


def _folded(name: str) -> str:
    return "".join(name.casefold().split())


def misplaced(tables: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield instruments in tables of studies that belong to another class, here or in the shipped studies."""
    classes = dict(_shipped())
    for at, figure in _named(tables):
        name, read = figure["instrument"], figure.get("read")
        kind = scale_of(measured(read)).factor if isinstance(read, str) else None
        if kind is None or (first := classes.setdefault(name, kind)) == kind:
            continue
        message = f'the instrument "{brief(name)}" belongs to {_fitting(first)}, not to {read}'
        known = ", ".join(f'"{own}"' for own, its in _shipped().items() if its == kind)
        yield Problem(message, at, f"that fit: {known}, or a new name")


def without_effect(figure: Figure) -> Iterator[Problem]:
    """Yield the instrument of a figure in which no factor appears."""
    if figure.instrument is None:
        return
    if scale_of(measured(figure.read)).factor is None:
        reads = ", ".join(read for read in READS if scale_of(measured(read)).factor)
        yield Problem(
            f"an instrument has no effect on {figure.read}", ("instrument",), f"leave it out; it is of {reads}"
        )
    elif figure.form == "ratio" and figure.read not in SHARES:
        yield Problem("an instrument has no effect on a ratio: its scale cancels", ("instrument",), "leave it out")
