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
from agents import timed
from subjects import ARTICLE, FLOOR, SCENARIO

from exosim.engine.field import RTOL, Field
from exosim.engine.program import jacobian
from exosim.engine.trace import Equations, compiled
from exosim.events import at
from exosim.scenario.file import load, shipped
from exosim.simulation.equations import equations
from exosim.simulation.grid import Grid
from exosim.simulation.impact import happen
from exosim.simulation.loop import run, simulate
from exosim.simulation.patch import Patch
from exosim.simulation.setup import parameter_values

PATCH = equations(agents=True)
ROWS = len(PATCH.layout.entries)
SPLIT = len(PATCH.parameters)
TIGHT = 1e-9
TOLERANCES = (1e-6, 1e-7, 1e-8, 1e-9)
Advance = Callable[[float, float], None]
"""From a start to an end, in place."""


# -- adapter: the only functions that know how a simulation of a patch is made and driven --------------------------


def patch_at_rest(grid: Grid) -> Patch:
    """A patch ready to run."""
    return Patch.build(SCENARIO, parameter_values(SCENARIO, ARTICLE), 0, grid, states=True)


@dataclass(frozen=True)
class Interval:
    """One coupling interval and the inputs of the equations in it."""

    start: float
    end: float
    inputs: np.ndarray


def recorded(days: float) -> list[Interval]:
    """What agents delivered up to a day in a run of the package."""
    patch, record = patch_at_rest(Grid()), []
    tissue, advance = patch.tissue, patch.tissue.advance

    def note(start: float, end: float) -> None:
        record.append(Interval(start, end, tissue.given[SPLIT:].copy()))
        advance(start, end)

    tissue.advance = note
    run(patch)
    return [interval for interval in record if interval.end <= days]


# -- solvers ---------------------------------------------------------------------------------------------------------


def own(tissue: Field, rtol: float) -> Advance:
    """The package's solver; `patch_at_rest` has given it its tolerance."""
    return tissue.advance


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
        p, inputs, spread, _levels, side, inverse = data
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


def cvode_gmres(tissue: Field, rtol: float, method: str = "BDF") -> Advance:
    """CVODE with GMRES, started anew at every interval: going on over their ends cost more than that."""
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
    options = {"method": method, "linsolver": "gmres", "krylov_dim": 20, "precond": CVODEPrecond(setup, solve)}
    cvode = CVODE(rates, rtol=rtol, atol=atol, max_num_steps=10**6, userdata=data, **options)

    def advance(start: float, end: float) -> None:
        cvode.init_step(start, tissue.y.ravel())
        found = cvode.step(end, tstop=end)
        assert found.success, found.message
        tissue.y[:] = found.y.reshape(tissue.y.shape)

    return advance


def cvode_adams(tissue: Field, rtol: float) -> Advance:
    """The same with the method for problems that are not stiff."""
    return cvode_gmres(tissue, rtol, "Adams")


def replay(record: list[Interval], rtol: float, solver: Callable[[Field, float], Advance]) -> tuple[np.ndarray, float]:
    """All rows of all columns on whole days, ``(days, rows, columns)``, and the solver's seconds."""
    patch = patch_at_rest(Grid(rtol=rtol))
    tissue, advance = patch.tissue, solver(patch.tissue, rtol)
    found, seconds, past = [], 0.0, -1.0
    for interval in record:
        if interval.start > past and (happening := at(SCENARIO.timeline, interval.start)):
            happen(happening, tissue, patch.geometry, patch.agents)
        tissue.given[SPLIT:] = interval.inputs
        begin = perf_counter()
        advance(interval.start, interval.end)
        seconds += perf_counter() - begin
        past = interval.start
        if interval.end == math.floor(interval.end):
            found.append(tissue.y.copy())
    return np.array(found), seconds


# -- measurements ----------------------------------------------------------------------------------------------------


def error(found: np.ndarray, reference: np.ndarray) -> float:
    """Largest error over days, rows and columns."""
    weight = FLOOR * PATCH.layout.scales[:, None]
    return float((np.abs(found - reference) / (np.abs(reference) + weight)).max())


SOLVERS = {own: (RTOL, 1e-3, 1e-4, 1e-6), cvode_gmres: TOLERANCES, cvode_adams: TOLERANCES}


def seconds_at(target: float, runs: list[tuple[float, float, float]]) -> float:
    """Time at an error, between tolerances on logarithmic scales."""
    known = sorted((error, seconds) for _, error, seconds in runs)
    assert known[0][0] < target < known[-1][0], "tolerances do not bracket the error"
    return float(np.exp(np.interp(np.log(target), *np.log(known).T)))


def compare(days: float, repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """CVODE against the package on the record of `days`, at the error of the package's default tolerance."""
    record = recorded(days)
    say(f"patch: reference of {days:g} days, {len(record)} intervals")
    reference, _ = replay(record, TIGHT, own)
    ratios: dict[str, list[float]] = {"cvode_gmres": [], "cvode_adams": []}
    runs: dict[str, list[tuple[float, float, float]]] = {}
    for i in range(repetitions):
        say(f"patch: replay {i + 1} of {repetitions}")
        for solver, tolerances in SOLVERS.items():
            points = [(rtol, *replay(record, rtol, solver)) for rtol in tolerances]
            runs[solver.__name__] = [(rtol, error(y, reference), seconds) for rtol, y, seconds in points]
        (_, target, seconds), *_ = runs["own"]
        for name, of in ratios.items():
            of.append(seconds_at(target, runs[name]) / seconds)
    return {
        "ratios": ratios,
        "ratio_cvode_gmres": min(map(median, ratios.values())),
        "max_error": target,
        "reference_from_cvode": runs["cvode_adams"][-1][1],
        "runs": runs,
    }


def scaling(repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Seconds of the first week, agents included, on patches of 10, 20 and 40 mm; slope against voxels."""
    week = load(shipped()["fractional_co2_exosome"], [
        "weeks=1", "treatments.0.days=[0]", "treatments.1.days=[0]", "treatments.2.days=[1, 2]",
    ])  # fmt: skip
    sizes, seconds = (10.0, 20.0, 40.0), []
    for i in range(repetitions):
        say(f"patch: sizes, {i + 1} of {repetitions}")
        grids = [Grid(size=size) for size in sizes]
        seconds.append([timed(lambda grid=grid: simulate(week, ARTICLE, "patch", grid=grid)) for grid in grids])
    typical = np.median(seconds, axis=0)
    voxels = [round(size / Grid().spacing) ** 2 for size in sizes]
    slope = np.polyfit(np.log(voxels), np.log(typical), 1)[0]
    return {"scaling_exponent": float(slope), "scaling_seconds": dict(zip(voxels, typical.tolist(), strict=True))}


def measure(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything about the patch."""
    say("patch: twelve weeks, agents included")
    simulate(SCENARIO, ARTICLE, "patch")
    repetitions = 3 if quick else 5
    seconds = median(timed(lambda: simulate(SCENARIO, ARTICLE, "patch")) for _ in range(repetitions))
    compared = compare(28 if quick else SCENARIO.days, repetitions, say)
    return {"seconds": seconds, **compared, **scaling(repetitions, say)}
