"""The engines of the column, each with the best settings found for it.

``engine.run(values, rtol)`` returns all rows of all subjects on all days, ``(subjects, days, rows)``, and the seconds
it took. Only what every further subject costs is timed: compiling, reading a model and copying results are not.
Absolute tolerances fit the error that is measured: a thousandth of a state's typical size per unit of relative
tolerance, state by state where an engine can.
"""

from __future__ import annotations

import locale
from collections.abc import Callable
from functools import cached_property
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np
from subjects import ARTICLE, COLUMN, DAYS, ROWS, SCENARIO, WINDOWS, Subject, Values, pieces, subject, surroundings, weight

from exosim.biology import system
from exosim.engine.columns import Columns
from exosim.engine.trace import compiled, source
from exosim.events import at
from exosim.impact import happen

Run = tuple[np.ndarray, float]
ENTRIES = list(COLUMN.layout.entries)


def each(values: Values, one: Callable[[dict[str, float]], Run]) -> Run:
    """Subjects one after the other."""
    runs = [one(subject(values, i)) for i in range(len(next(iter(values.values()))))]
    return np.array([found for found, _ in runs]), sum(seconds for _, seconds in runs)


class Exosim:
    """This package: compiled columns, several subjects side by side in vector registers."""

    name, tolerances = "exosim", (1e-3, 3e-4, 1e-4, 3e-5, 1e-5)

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def run(self, values: Values, rtol: float) -> Run:
        begin = perf_counter()
        subjects = len(next(iter(values.values())))
        u = surroundings(SimpleNamespace(**values), subjects)
        skin = {name: getattr(u, name) for name in system.SKIN_FIELDS}
        resting = system.rest(SimpleNamespace(**values), u)
        columns = Columns(COLUMN, values, skin, resting, subjects, rtol, threads=self.threads)
        found = np.empty((ROWS, DAYS, subjects))
        for start, stop in WINDOWS:
            if happening := at(SCENARIO.timeline, start):
                happen(happening, columns, u, None)
            if start:
                found[:, round(start) - 1] = columns.y
            found[:, round(start) : round(stop)] = columns.advance(start, stop, np.arange(start + 1, stop + 1))
        seconds = perf_counter() - begin
        return found.transpose(2, 1, 0), seconds


class Cvode:
    """CVODE (BDF) of SUNDIALS by scikit-sundae: rates and exact sparse Jacobian compiled by numba."""

    name, tolerances = "CVODE", (1e-5, 1e-6, 1e-7, 1e-8)

    def __init__(self, linsolver: str = "sparse") -> None:
        self.linsolver = linsolver

    @cached_property
    def functions(self) -> tuple[Any, Any, Any]:
        """Rates, Jacobian and where the Jacobian is not zero."""
        import numba
        import sympy

        from exosim.engine.kernel import jacobian

        slopes = jacobian(COLUMN)
        places = sorted(slopes, key=lambda place: (place[1], place[0]))
        filled = np.zeros((ROWS, ROWS))
        filled[tuple(np.transpose(places))] = 1
        y, p, u = (
            [sympy.Symbol(name, real=True) for name in names] for names in (ENTRIES, COLUMN.parameters, COLUMN.inputs)
        )
        entries = sympy.lambdify([y, p, u], [slopes[place] for place in places], "math", cse=True)
        inner = numba.njit(compiled(COLUMN, scalar=True), error_model="numpy")
        split = len(COLUMN.parameters)
        dense = self.linsolver != "sparse"

        @numba.njit(error_model="numpy")
        def rates(t, y, out, given):
            inner(y, given[:split], given[split:], out)

        return rates, None, filled
