"""Dormand-Prince 5(4), explicit, for a lattice of columns.

The agents change what the tissue is given every few hours, so steps are short with any method; within them
accuracy and the stability of diffusion ask for about the same step. No Jacobian is needed, and linear balances are kept
to rounding.

Source: Dormand and Prince, A family of embedded Runge-Kutta formulae, J. Comput. Appl. Math. 6 (1980) 19-26.

The functions are templates: `exosim.engine.kernel` writes them into a module that defines the names in capitals and
`prepare` and `rates` for one system of equations. `y` and its rates are flat: row by row, one value per column.
"""

# ruff: noqa: E741, F821, N803, N806
# mypy: disable-error-code="name-defined, no-any-return"

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

A2 = 1 / 5
A3 = (3 / 40, 9 / 40)
A4 = (44 / 45, -56 / 15, 32 / 9)
A5 = (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729)
A6 = (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656)
A7 = (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84)
E = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
SMALLEST = 1e-10  # d, a step below which the solver gives up
SIGNATURE = (
    "int64(float64[:,::1], float64[:,::1], float64[::1], boolean[::1], int64, float64, float64, float64,"
    " float64[::1], float64[::1], int64[::1])"
)


def diffuse(y: Any, out: Any, row: int, side: int, rate: float) -> None:
    """Add ``rate`` times the difference to each neighbour in the square of columns; nothing crosses the sides."""
    first = row * side * side
    for i in range(1, side - 1):
        for c in range(first + i * side + 1, first + i * side + side - 1):
            out[c] += rate * (y[c - side] + y[c + side] + y[c - 1] + y[c + 1] - 4 * y[c])
    for i in range(side):
        for j in range(0, side, 1 if i in (0, side - 1) else max(side - 1, 1)):
            c = first + i * side + j
            flow = 0.0
            if i > 0:
                flow += y[c - side] - y[c]
            if i < side - 1:
                flow += y[c + side] - y[c]
            if j > 0:
                flow += y[c - 1] - y[c]
            if j < side - 1:
                flow += y[c + 1] - y[c]
            out[c] += rate * flow


def all_rates(y: Any, out: Any, W: Any, fixed: Any, spread: Any, levels: Any, side: int) -> None:
    """Return the rates of all columns at `y`: those of each, and what neighbours exchange."""
    columns = side * side
    for first in range(0, columns, LANES):
        lanes = min(LANES, columns - first)
        for i in range(FIXED * LANES):
            W[CONSTANT + i] = fixed[first // LANES, i]
        if lanes == LANES:  # loops of constant length become vector moves
            for i in range(ROWS):
                for l in range(LANES):
                    W[STATE + i * LANES + l] = y[i * columns + first + l]
            rates(W)
            for i in range(ROWS):
                for l in range(LANES):
                    out[i * columns + first + l] = W[OUT + i * LANES + l]
            continue
        for i in range(ROWS):
            for l in range(lanes):
                W[STATE + i * LANES + l] = y[i * columns + first + l]
        rates(W)
        for i in range(ROWS):
            for l in range(lanes):
                out[i * columns + first + l] = W[OUT + i * LANES + l]
    for i in range(ROWS):
        if spread[i] > 0:
            diffuse(y, out, i, side, spread[i])
        if levels[i]:
            mean = 0.0
            for c in range(columns):
                mean += out[i * columns + c] / columns
            for c in range(columns):
                out[i * columns + c] = mean


def integrate(
    y: Any, given: Any, spread: Any, levels: Any, side: int, start: float, end: float, rtol: float, atol: Any,
    memory: Any, count: Any,
) -> int:  # fmt: skip
    """Advance the lattice from `start` to `end`.

    Parameters
    ----------
    y : array, shape (rows, columns)
        States, changed in place.
    given : array, shape (parameters and inputs, columns)
    spread : array, shape (rows,)
        Lateral diffusivity over the square of the spacing, 1/d.
    levels : array of bool, shape (rows,)
        Rows that even out over the patch at once.
    memory : array, shape (2,)
        Next step size, and the time reached where the solver gave up; changed in place.
    count : array of int, shape (2,)
        Accepted steps and evaluations of the rates so far; changed in place.

    Returns
    -------
    int
        -1, or the row with the largest error where the step collapsed, or ``-2 - row`` of a rate that is not finite.
    """
    columns = y.shape[1]
    n = ROWS * columns
    W = np.zeros(SIZE)
    fixed = np.zeros((-(-columns // LANES), FIXED * LANES))
    for first in range(0, columns, LANES):
        for i in range(GIVENS):
            for l in range(LANES):
                W[GIVEN + i * LANES + l] = given[i, min(first + l, columns - 1)]
        prepare(W)
        for i in range(FIXED * LANES):
            fixed[first // LANES, i] = W[CONSTANT + i]
    old, new = y.reshape(n), np.empty(n)
    k1, k2, k3, k4 = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    k5, k6, k7 = np.empty(n), np.empty(n), np.empty(n)
    t, wish = start, memory[0]
    all_rates(old, k1, W, fixed, spread, levels, side)
    count[1] += 1
    for i in range(n):
        if not isfinite(k1[i]):
            memory[1] = t
            return -2 - i // columns
    while t < end:
        h = min(wish, end - t)
        last = h >= (end - t) * (1 - 1e-9)
        if not last and h > (end - t) / 2:
            h = (end - t) / 2
        for i in range(n):
            new[i] = old[i] + h * A2 * k1[i]
        all_rates(new, k2, W, fixed, spread, levels, side)
        for i in range(n):
            new[i] = old[i] + h * (A3[0] * k1[i] + A3[1] * k2[i])
        all_rates(new, k3, W, fixed, spread, levels, side)
        for i in range(n):
            new[i] = old[i] + h * (A4[0] * k1[i] + A4[1] * k2[i] + A4[2] * k3[i])
        all_rates(new, k4, W, fixed, spread, levels, side)
        for i in range(n):
            new[i] = old[i] + h * (A5[0] * k1[i] + A5[1] * k2[i] + A5[2] * k3[i] + A5[3] * k4[i])
        all_rates(new, k5, W, fixed, spread, levels, side)
        for i in range(n):
            new[i] = old[i] + h * (A6[0] * k1[i] + A6[1] * k2[i] + A6[2] * k3[i] + A6[3] * k4[i] + A6[4] * k5[i])
        all_rates(new, k6, W, fixed, spread, levels, side)
        for i in range(n):
            new[i] = old[i] + h * (A7[0] * k1[i] + A7[2] * k3[i] + A7[3] * k4[i] + A7[4] * k5[i] + A7[5] * k6[i])
        all_rates(new, k7, W, fixed, spread, levels, side)
        count[1] += 6
        worst, bad, finite = 0.0, 0, True
        for i in range(ROWS):
            largest, total = 0.0, 0.0
            for c in range(i * columns, (i + 1) * columns):
                off = E[0] * k1[c] + E[2] * k3[c] + E[3] * k4[c] + E[4] * k5[c] + E[5] * k6[c] + E[6] * k7[c]
                off = abs(h * off) / (atol[i] + rtol * max(abs(old[c]), abs(new[c])))
                largest = max(largest, off)
                total += off
            if finite and not isfinite(total):
                finite, bad = False, i
            if finite and largest > worst:
                worst, bad = largest, i
        grown = h * min(5.0, max(0.2, 0.9 * max(worst, 1e-9) ** -0.2)) if finite else h / 10
        if finite and worst <= 1:
            t = end if last else t + h
            for i in range(n):
                old[i] = new[i]
            k1, k7 = k7, k1
            count[0] += 1
            wish = max(wish, grown) if last else grown
        else:
            wish = grown
            if wish < SMALLEST:
                memory[1] = t
                return bad
    memory[0] = wish
    return -1
