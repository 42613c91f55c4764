"""The patch: this package's solver against CVODE with GMRES on the same recorded work of the agents, and scaling.

A run of the package is recorded: every coupling interval and what agents delivered in it. Solvers replay the record,
so that they solve one and the same problem; what happens at an event is computed afresh from the solver's own state.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from subjects import ARTICLE, FLOOR, SCENARIO

from exosim.engine.field import RTOL, Field
from exosim.engine.program import jacobian
from exosim.engine.trace import Equations, compiled
from exosim.events import at
from exosim.impact import happen
from exosim.scenario_file import load, shipped
from exosim.simulate import Grid, Simulation, equations, parameter_values, simulate

PATCH = equations("patch")
ROWS = len(PATCH.layout.entries)
SPLIT = len(PATCH.parameters)
EQUAL = 1e-4
Advance = Callable[[float, float, bool], None]
"""Start, end, and whether something has just happened."""


# -- adapter: the only functions that know how a simulation of a patch is made and driven --------------------------


def simulation(days: float, grid: Grid) -> Simulation:
    """A patch ready to run for `days`."""
    scenario = SCENARIO if days == SCENARIO.days else load(shipped()["fractional_co2_exosome"], short(days))
    return Simulation(scenario, parameter_values(scenario, ARTICLE), "patch", 0, grid)


def short(days: float) -> list[str]:
    """Changes that leave the sessions within `days`."""
    return [f"weeks={days / 7:g}", *(f"treatments.{i}.days={[d for d in of if d < days]}" for i, of in enumerate(SESSIONS))]


SESSIONS = ([0, 28, 56], [0, 28, 56], [1, 2, 29, 30, 57, 58])


@dataclass(frozen=True)
class Interval:
    """One coupling interval and the inputs of the equations in it."""

    start: float
    end: float
    inputs: np.ndarray


def recorded(days: float) -> list[Interval]:
    """What agents delivered in a run of the package."""
    run, record = simulation(days, Grid()), []
    tissue, advance = run.tissue, run.tissue.advance

    def note(start: float, end: float) -> None:
        record.append(Interval(start, end, tissue.given[SPLIT:].copy()))
        advance(start, end)

    tissue.advance = note
    run.run()
    return record


# -- solvers ---------------------------------------------------------------------------------------------------------


def own(tissue: Field) -> Advance:
    """The package's solver."""
    return lambda start, end, jumped: tissue.advance(start, end)


@cache
def functions() -> tuple[Any, Any, Any]:
    """Rates of a patch; what prepares, and what applies, the inverse of the Jacobian's diagonal, as machine code."""
    import numba

    slopes = {i: x for (i, j), x in jacobian(PATCH).items() if i == j}
    diagonal = Equations(PATCH.layout, PATCH.parameters, PATCH.inputs, lambda: list(slopes.values()), "diagonal")
    njit = numba.njit(error_model="numpy", fastmath={"contract", "nsz", "arcp"})
    fill, fill_diagonal = njit(compiled(PATCH, scalar=True)), njit(compiled(diagonal, scalar=True))
    filled = np.array(list(slopes))

    @njit
    def rates(t, flat, flat_out, data):
        p, inputs, spread, levels, side, _ = data
        columns = side * side
        y, out = flat.reshape(ROWS, columns), flat_out.reshape(ROWS, columns)
        for c in range(columns):
            fill(y[:, c], p, inputs[:, c], out[:, c])
        for row in range(ROWS):
            if spread[row] > 0:
                now, rate = y[row].reshape(side, side), out[row].reshape(side, side)
                for i in range(side):
                    for j in range(side):
                        moved = 0.0
                        if i > 0:
                            moved += now[i - 1, j] - now[i, j]
                        if i < side - 1:
                            moved += now[i + 1, j] - now[i, j]
                        if j > 0:
                            moved += now[i, j - 1] - now[i, j]
                        if j < side - 1:
                            moved += now[i, j + 1] - now[i, j]
                        rate[i, j] += spread[row] * moved
            if levels[row]:
                out[row] = out[row].mean()

    @njit
    def prepare(flat, gamma, data):
        p, inputs, spread, levels, side, inverse = data
        columns = side * side
        y, entries = flat.reshape(ROWS, columns), np.empty(len(filled))
        for c in range(columns):
            fill_diagonal(y[:, c], p, inputs[:, c], entries)
            for row in range(ROWS):
                inverse[row, c] = 4 * spread[row]
            for k in range(len(filled)):
                inverse[filled[k], c] -= entries[k]
            for row in range(ROWS):
                inverse[row, c] = 1 / (1 + gamma * inverse[row, c])

    return rates, prepare


def cvode_gmres(tissue: Field, rtol: float, preconditioned: bool = True) -> Advance:
    """CVODE (BDF) with GMRES; it goes on over the ends of intervals and starts anew only where something happens."""
    from sksundae.cvode import CVODE, CVODEPrecond

    rates, prepare = functions()
    inverse = np.ones_like(tissue.y)
    inputs, p = tissue.given[SPLIT:], np.ascontiguousarray(tissue.given[:SPLIT, 0])
    data = (p, inputs, tissue._spread, tissue._levels, tissue.lattice.side, inverse)

    def setup(t, y, rate, jok, jnew, gamma, data):
        prepare(y, gamma, data)
        jnew[0] = 1

    def solve(t, y, rate, r, z, gamma, delta, lr, data):
        np.multiply(r, inverse.ravel(), out=z)

    atol = np.repeat(rtol * FLOOR * tissue.layout.scales, tissue.y.shape[1])
    precond = {"precond": CVODEPrecond(setup, solve)} if preconditioned else {}
    cvode = CVODE(
        rates, rtol=rtol, atol=atol, linsolver="gmres", krylov_dim=20, max_num_steps=10**6, userdata=data, **precond
    )

    def advance(start: float, end: float, jumped: bool) -> None:
        if jumped:
            cvode.init_step(start, tissue.y.ravel())
        found = cvode.step(end, tstop=end)
        assert found.success, found.message
        tissue.y[:] = found.y.reshape(tissue.y.shape)

    return advance


def replay(record: list[Interval], rtol: float, solver: Callable[..., Advance]) -> tuple[np.ndarray, float]:
    """All rows of all columns on whole days, ``(days, rows, columns)``, and the solver's seconds."""
    run = simulation(SCENARIO.days, Grid(rtol=rtol))
    tissue, advance = run.tissue, None
    advance = solver(tissue) if solver is own else solver(tissue, rtol)
    found, seconds, last = [], 0.0, -1.0
    for interval in record:
        happening = at(SCENARIO.timeline, interval.start) if interval.start > last else []
        if happening:
            happen(happening, tissue, run.u, run.agents)
        tissue.given[SPLIT:] = interval.inputs
        begin = perf_counter()
        advance(interval.start, interval.end, bool(happening))
        seconds += perf_counter() - begin
        last = interval.start
        if interval.end == math.floor(interval.end):
            found.append(tissue.y.copy())
    return np.array(found), seconds
