"""A stabilised explicit integrator (Runge-Kutta-Chebyshev, second order) for a lattice of columns.

The tissue is mildly stiff with real eigenvalues: diffusion and fast clearance set the spectral radius, nothing
oscillates. RKC adds stages until its stability interval, which grows with the square of their number, holds the step
that accuracy allows; no Jacobian is needed, and linear balances are kept to rounding.

Source: Sommeijer, Shampine and Verwer, RKC: an explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88 (1998)
315-326 (coefficients, error estimate, spectral radius by power iteration).

The functions are templates: `exosim.engine.kernel` writes them into a module that defines the names in capitals and
`prepare` and `rates` for one system of equations. `y` and its rates are flat: row by row, one value per column.
"""

# ruff: noqa: E741, F821, N803, N806
# mypy: disable-error-code="name-defined, no-any-return"

from __future__ import annotations

from math import acosh, cosh, isfinite, sinh, sqrt
from typing import Any

import numpy as np

DAMPING = 2 / 13
MAX_STAGES = 250
ESTIMATE_EVERY = 25  # accepted steps between two estimates of the spectral radius
SMALLEST = 1e-10  # d, a step below which the solver gives up
SIGNATURE = (
    "int64(float64[:,::1], float64[:,::1], float64[::1], boolean[::1], int64, float64, float64, float64,"
    " float64[::1], float64[::1], int64[::1])"
)


def diffuse(y: Any, out: Any, row: int, side: int, rate: float) -> None:
    """Add ``rate`` times the difference to each neighbour in the square of columns; nothing crosses the sides."""
    first = row * side * side
    for i in range(side):
        for j in range(side):
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
    """Rates of all columns at `y`: those of each, and what neighbours exchange."""
    columns = side * side
    for first in range(0, columns, LANES):
        lanes = min(LANES, columns - first)
        for i in range(FIXED * LANES):
            W[CONSTANT + i] = fixed[first // LANES, i]
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


def coefficients(stages: int, table: Any) -> float:
    """Fill `table` with mu, nu, mu_tilde and gamma_tilde of stages 2..`stages`; return the weight of the first."""
    w0 = 1 + DAMPING / stages**2
    angle, root = acosh(w0), sqrt(w0 * w0 - 1)
    last = cosh(stages * angle), stages * sinh(stages * angle) / root
    w1 = last[1] / ((stages * stages * last[0] - w0 * last[1]) / (w0 * w0 - 1))
    t2 = cosh(2 * angle), 2 * sinh(2 * angle) / root
    b2 = (4 * t2[0] - w0 * t2[1]) / (w0 * w0 - 1) / t2[1] ** 2
    before, now, a = b2, b2, 1 - b2 * w0
    for j in range(2, stages + 1):
        value, slope = cosh(j * angle), j * sinh(j * angle) / root
        b = (j * j * value - w0 * slope) / (w0 * w0 - 1) / slope**2
        mu_tilde = 2 * b * w1 / now
        table[j, 0], table[j, 1] = 2 * b * w0 / now, -b / before
        table[j, 2], table[j, 3] = mu_tilde, -a * mu_tilde
        before, now, a = now, b, 1 - b * value
    return b2 * w1


def attempt(
    y: Any, slope: Any, h: float, stages: int, new: Any, older: Any, out: Any, table: Any, W: Any, fixed: Any,
    spread: Any, levels: Any, side: int,
) -> None:  # fmt: skip
    """One step of `stages` stages from `y` with rates `slope`, into `new`."""
    first = coefficients(stages, table)
    for i in range(y.size):
        older[i] = y[i]
        new[i] = y[i] + first * h * slope[i]
    for j in range(2, stages + 1):
        all_rates(new, out, W, fixed, spread, levels, side)
        mu, nu, rise, fall = table[j, 0], table[j, 1], table[j, 2] * h, table[j, 3] * h
        rest = 1 - mu - nu
        for i in range(y.size):
            now = new[i]
            new[i] = rest * y[i] + fall * slope[i] + mu * now + nu * older[i] + rise * out[i]
            older[i] = now


def size_of(vector: Any, y: Any, rtol: float, atol: Any) -> float:
    """Root mean square of `vector` over the tolerance of `y`."""
    columns = y.size // ROWS
    total = 0.0
    for i in range(ROWS):
        for c in range(i * columns, (i + 1) * columns):
            total += (vector[c] / (atol[i] + rtol * abs(y[c]))) ** 2
    return sqrt(total / y.size)


def spectral_radius(
    y: Any, slope: Any, direction: Any, rtol: float, atol: Any, shifted: Any, out: Any, W: Any, fixed: Any,
    spread: Any, levels: Any, side: int,
) -> float:  # fmt: skip
    """Largest eigenvalue by non-linear power iteration from `direction`, with a safety factor of 1.2."""
    value = 0.0
    for _ in range(60):
        size = size_of(direction, y, rtol, atol)
        if size == 0 or not isfinite(size):
            columns = y.size // ROWS
            for i in range(y.size):
                sign = -1.0 if (i // columns + i % columns) % 2 else 1.0
                direction[i] = sign * (atol[i // columns] + rtol * abs(y[i]))
            size = 1.0
        for i in range(y.size):
            shifted[i] = y[i] + direction[i] / size
        all_rates(shifted, out, W, fixed, spread, levels, side)
        for i in range(y.size):
            direction[i] = out[i] - slope[i]
        previous, value = value, size_of(direction, y, rtol, atol)
        if abs(value - previous) < 0.02 * value or not isfinite(value):
            break
    return 1.2 * value


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
    memory : array, shape (3 + rows * columns,)
        Next step size, spectral radius, time reached, and direction of its eigenvector; changed in place.
    count : array of int, shape (3,)
        Accepted steps since a jump, all accepted steps, evaluations of the rates; changed in place.

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
    old, new, older, out = y.reshape(n), np.empty(n), np.empty(n), np.empty(n)
    slope, new_slope = np.empty(n), np.empty(n)
    table = np.empty((MAX_STAGES + 2, 4))
    direction = memory[3:]
    t, wish, radius = start, memory[0], memory[1]
    all_rates(old, slope, W, fixed, spread, levels, side)
    count[2] += 1
    for i in range(n):
        if not isfinite(slope[i]):
            memory[2] = t
            return -2 - i // columns
    while t < end:
        if count[0] % ESTIMATE_EVERY == 0:
            estimate = spectral_radius(
                old, slope, direction, rtol, atol, older, out, W, fixed, spread, levels, side
            )
            radius = estimate if isfinite(estimate) else radius
        h = min(wish, (MAX_STAGES**2 - 1) * 0.65 / max(radius, 1e-12))
        last = h >= (end - t) * (1 - 1e-9)
        if last:
            h = end - t
        elif h > (end - t) / 2:
            h = (end - t) / 2
        stages = max(2, 1 + int(sqrt(1 + 1.54 * h * radius)))
        attempt(old, slope, h, stages, new, older, out, table, W, fixed, spread, levels, side)
        all_rates(new, new_slope, W, fixed, spread, levels, side)
        count[2] += stages
        worst, bad, finite = 0.0, 0, True
        for i in range(ROWS):
            largest = 0.0
            for c in range(i * columns, (i + 1) * columns):
                off = abs(0.8 * (old[c] - new[c]) + 0.4 * h * (slope[c] + new_slope[c]))
                off /= atol[i] + rtol * max(abs(old[c]), abs(new[c]))
                if off > largest:
                    largest = off
                if not isfinite(off):
                    finite = False
                    bad = i
            if finite and largest > worst:
                worst, bad = largest, i
        if finite and worst <= 1:
            t = end if last else t + h
            for i in range(n):
                old[i], slope[i] = new[i], new_slope[i]
            count[0] += 1
            count[1] += 1
            grown = h * min(5.0, 0.8 / max(worst, 1e-6) ** (1 / 3))
            wish = max(wish, grown) if last else grown
            continue
        if finite:
            wish = h * max(0.1, 0.8 / worst ** (1 / 3))
            count[0] += ESTIMATE_EVERY - count[0] % ESTIMATE_EVERY
        else:
            wish = h / 10
            count[0] = 0
        if wish < SMALLEST:
            memory[2] = t
            return bad
    memory[0], memory[1], memory[2] = wish, radius, t
    return -1
