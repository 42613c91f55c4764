"""Rodas5P: a stiffly accurate Rosenbrock method of order 5 with an embedded error estimate and dense output.

Source of the coefficients: Steinebach, Construction of Rosenbrock-Wanner method Rodas5P and numerical benchmarks
within the Julia Differential Equations package, BIT Numer. Math. 63 (2023) 27; values as in OrdinaryDiffEq.jl.

`integrate` is a template: `exosim.engine.kernel` writes it into a module that defines the names in capitals and the
functions `prepare`, `factor`, `stage`, `step` and `dense` for one system of equations.
"""

# ruff: noqa: E741, F821, N803, N806
# mypy: disable-error-code="name-defined"

from __future__ import annotations

from typing import Any

import numpy as np

STAGES = 8
SIGNATURE = (
    "int64(float64[:,::1], float64[:,::1], float64, float64, float64[::1], float64, float64[::1], float64[::1],"
    " int64[::1], float64[:,:,::1], int64[::1], float64[::1], int64)"
)
GAMMA = 0.21193756319429014
_A6 = (-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946)
A: tuple[tuple[float, ...], ...] = (
    (),
    (3.0,),
    (2.849394379747939, 0.45842242204463923),
    (-6.954028509809101, 2.489845061869568, -10.358996098473584),
    (2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641),
    _A6,
    (*_A6, 1.0),
    (*_A6, 1.0, 1.0),
)
C: tuple[tuple[float, ...], ...] = (
    (),
    (-14.155112264123755,),
    (-17.97296035885952, -2.859693295451294),
    (147.12150275711716, -1.41221402718213, 71.68940251302358),
    (165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306),
    (24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471),
    (30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623,
     -28.087943162872662),
    (37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002,
     -54.66780262877968, -9.48861652309627),
)  # fmt: skip
DENSE = (
    (25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073,
     1.1241088310450404, 0.4272876194431874, -0.17202221070155493),
    (-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796, 20.176138334709044,
     15.98066361424651, -6.789040303419874, -6.710236069923372),
    (11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654,
     -59.78993625266729, -0.15582684282751913, 4.883087185713722),
)  # fmt: skip


def combined(weights: tuple[float, ...], last: str) -> str:
    """Return the weighted sum of the stages so far, the newest of them in the variable `last`."""
    stages = [f"W[K + {j} * BLOCK + i]" for j in range(len(weights) - 1)] + [last]
    return " + ".join(f"({w!r}) * {k}" for w, k in zip(weights, stages, strict=True) if w)


def argument(s: int) -> str:
    """Return where stage `s` is evaluated; the last two only add the newest stage to the argument before."""
    if A[s] == (*A[s - 1], 1.0):
        return "W[STATE + i] + k"
    return f"W[Y + i] + {combined(A[s], 'k')}"


def step_source() -> str:
    """Return the source of `step(W)`: a step from `y`; `state` gets the last stage, `out` the correction."""
    lines = [
        "@inner",
        "def step(W, stages):",
        "    factor(W)",
        "    for s in range(stages):  # not a constant: unrolled, the code would not fit the instruction cache",
        "        if s == 0:",
        "            for i in range(BLOCK):",
        "                W[STATE + i] = W[Y + i]",
        "                W[RHS + i] = 0.0",
    ]
    for s in range(1, len(A)):
        lines += [
            f"        elif s == {s}:",
            "            for i in range(BLOCK):",
            "                k = W[OUT + i]",
            f"                W[K + {s - 1} * BLOCK + i] = k",
            f"                W[STATE + i] = W[Y + i] + {combined(A[s], 'k')}",
            f"                W[RHS + i] = {combined(C[s], 'k')}",
        ]
    lines.append("        stage(W)")
    return "\n".join(lines) + "\n"


def dense_source() -> str:
    """Return the source of `dense(W)`: the three vectors of the interpolant of the step just made."""
    lines = ["@inner", "def dense(W):", "    for i in range(BLOCK):", "        k = W[OUT + i]"]
    lines += [f"        W[DENSE + {n} * BLOCK + i] = {combined(row, 'k')}" for n, row in enumerate(DENSE)]
    return "\n".join(lines) + "\n"


def error(W: Any, rtol: float) -> None:
    """Write the largest error of each lane over its tolerance to `worst`, the sum of all to `total`."""
    for i in range(BLOCK):
        e = W[OUT + i]
        W[ERROR + i] = abs(e) / (W[ATOL + i] + rtol * max(abs(W[Y + i]), abs(W[STATE + i] + e)))
    for l in range(LANES):
        W[WORST + l] = 0.0
        W[TOTAL + l] = 0.0
    for i in range(ROWS):
        for l in range(LANES):
            W[WORST + l] = max(W[WORST + l], W[ERROR + i * LANES + l])
            W[TOTAL + l] += W[ERROR + i * LANES + l]


def integrate(
    y: Any, given: Any, start: float, end: float, size: Any, rtol: float, atol: Any, times: Any, rows: Any,
    samples: Any, failed_row: Any, failed_time: Any, stages: int,
) -> int:  # fmt: skip
    """Advance all subjects from `start` to `end`, each at its own step, a lane taking the next when it is done.

    Parameters
    ----------
    y : array, shape (rows, subjects)
        States, changed in place; nan where the step collapsed.
    given : array, shape (parameters and inputs, subjects)
    size : array, shape (subjects,)
        Next step size, changed in place.
    times, rows, samples : arrays, shapes (m,), (r,) and (subjects, m, r)
        `samples` receives the states in `rows` at `times`, within the step by dense output.
    failed_row, failed_time : arrays, shape (subjects,)
        Where the step collapses: row with the largest error, and time.

    Returns
    -------
    int
        Accepted steps of all subjects.
    """
    subjects = y.shape[1]
    accepted, waiting = 0, 0
    W = np.zeros(SIZE)
    t, wish, trial = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    ok, failed = np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_)
    upcoming = np.zeros(LANES, np.int64)
    subject = np.full(LANES, -1)
    for l in range(LANES):
        for i in range(ROWS):
            W[ATOL + i * LANES + l] = atol[i]
            W[Y + i * LANES + l] = y[i, 0]  # a lane without a subject does not move
        for i in range(GIVENS):
            W[GIVEN + i * LANES + l] = given[i, 0]
    while True:
        busy = fresh = False
        for l in range(LANES):
            if subject[l] < 0:
                while waiting < subjects and failed_row[waiting] >= 0:
                    waiting += 1
                if waiting < subjects:
                    subject[l], fresh = waiting, True
                    t[l], wish[l], upcoming[l], failed[l] = start, size[waiting], 0, False
                    for i in range(ROWS):
                        W[Y + i * LANES + l] = y[i, waiting]
                    for i in range(GIVENS):
                        W[GIVEN + i * LANES + l] = given[i, waiting]
                    waiting += 1
            trial[l] = min(wish[l], end - t[l]) if subject[l] >= 0 else 0.0
            W[H + l] = trial[l]
            busy = busy or subject[l] >= 0
        if not busy:
            return accepted
        if fresh:
            prepare(W)
        step(W, stages)
        error(W, rtol)
        smooth, sampled = True, False
        for l in range(LANES):
            ok[l] = False
            if subject[l] >= 0:
                worst = W[WORST + l] if np.isfinite(W[TOTAL + l]) else 1e9
                ok[l] = worst <= 1.0
                grown = trial[l] * min(6.0, max(0.1, 0.9 * max(worst, 1e-9) ** -0.2))
                if ok[l] and trial[l] < wish[l]:
                    wish[l] = max(wish[l], grown)
                else:
                    wish[l] = grown
                if not ok[l]:
                    smooth = False
                    failed[l] = grown < 1e-12 * max(1.0, abs(t[l]))
                elif upcoming[l] < times.size and times[upcoming[l]] <= t[l] + trial[l]:
                    sampled = True
        if sampled:
            dense(W)
        for l in range(LANES):
            if ok[l]:
                accepted += 1
                reached = end if trial[l] == end - t[l] else t[l] + trial[l]
                while upcoming[l] < times.size and times[upcoming[l]] <= reached:
                    n = upcoming[l]
                    a = (times[n] - t[l]) / trial[l]
                    b = a * (1 - a)
                    for r in range(rows.size):
                        i = rows[r] * LANES + l
                        bend = W[DENSE + i] + a * (W[DENSE + BLOCK + i] + a * W[DENSE + 2 * BLOCK + i])
                        samples[subject[l], n, r] = W[Y + i] + a * (W[STATE + i] + W[OUT + i] - W[Y + i]) + b * bend
                    upcoming[l] += 1
                t[l] = reached
        if smooth:
            for i in range(BLOCK):
                W[Y + i] = W[STATE + i] + W[OUT + i]
        else:
            for l in range(LANES):
                if ok[l]:
                    for i in range(ROWS):
                        W[Y + i * LANES + l] = W[STATE + i * LANES + l] + W[OUT + i * LANES + l]
        for l in range(LANES):
            s = subject[l]
            if s >= 0 and (failed[l] or t[l] >= end):
                size[s], subject[l] = wish[l], -1
                for i in range(ROWS):
                    y[i, s] = np.nan if failed[l] else W[Y + i * LANES + l]
                if failed[l]:
                    failed_row[s], failed_time[s] = 0, t[l]
                    largest = 0.0
                    for i in range(ROWS):
                        off = W[ERROR + i * LANES + l]
                        if not off <= largest and largest == largest:
                            failed_row[s], largest = i, off
