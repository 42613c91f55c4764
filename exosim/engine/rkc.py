"""A stabilised explicit integrator (Runge-Kutta-Chebyshev, second order).

The tissue is mildly stiff with real eigenvalues: diffusion and fast clearance set the spectral radius, nothing
oscillates. RKC adds stages until its stability interval, which grows with the square of their number, holds the step
that accuracy allows; no Jacobian is needed, and linear balances are kept to rounding.

Source: Sommeijer, Shampine and Verwer, RKC: an explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88 (1998)
315-326 (coefficients, error estimate, spectral radius by power iteration).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import acosh, cosh, isfinite, sinh, sqrt
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

DAMPING = 2 / 13
MAX_STAGES = 250
ESTIMATE_EVERY = 25  # accepted steps between two estimates of the spectral radius


class StepError(ArithmeticError):
    """The solver could not go on: a step collapsed or a rate was not finite."""

    def __init__(self, message: str, time: float, row: int) -> None:
        super().__init__(message)
        self.time = time
        self.row = row


@cache
def coefficients(stages: int) -> tuple[float, list[tuple[float, float, float, float]]]:
    """First-stage weight and the (mu, nu, mu_tilde, gamma_tilde) of stages 2..`stages`."""
    w0 = 1 + DAMPING / stages**2
    angle, root = acosh(w0), sqrt(w0 * w0 - 1)

    def chebyshev(j: int) -> tuple[float, float, float]:
        value, first = cosh(j * angle), j * sinh(j * angle) / root
        return value, first, (j * j * value - w0 * first) / (w0 * w0 - 1)

    t = [(1.0, 0.0, 0.0), (w0, 1.0, 0.0)] + [chebyshev(j) for j in range(2, stages + 1)]
    w1 = t[stages][1] / t[stages][2]
    b = [t[j][2] / t[j][1] ** 2 if j > 1 else 0.0 for j in range(stages + 1)]
    b[0] = b[1] = b[2]
    a = [1 - b[j] * t[j][0] for j in range(stages + 1)]
    steps = []
    for j in range(2, stages + 1):
        mu_tilde = 2 * b[j] * w1 / b[j - 1]
        steps.append((2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2], mu_tilde, -a[j - 1] * mu_tilde))
    return b[1] * w1, steps


class Integrator:
    """Integrates ``dy/dt = f(y)`` piece by piece, remembering step size and spectral radius.

    Parameters
    ----------
    f : callable
        ``f(y, out)`` fills `out` with the rates; both are ``(rows, columns)``.
    rtol : float
        Relative tolerance of every entry of every column.
    atol : array, shape (rows, 1)
        Absolute tolerance of each row.
    """

    def __init__(self, f: Callable[[Array, Array], None], rtol: float, atol: Array) -> None:
        self.f, self.rtol, self.atol = f, rtol, atol
        self.step = 1e-4
        self.radius = 0.0
        self.age = 0
        self.direction: Array | None = None
        self.evaluations = 0

    def rates(self, y: Array) -> Array:
        """Rates at `y`, in a new array."""
        out = np.empty_like(y)
        self.f(y, out)
        self.evaluations += 1
        return out

    def restart(self, step: float) -> None:
        """After a jump: begin with a small step and a fresh spectral radius."""
        self.step = min(self.step, step)
        self.age = 0

    def spectral_radius(self, y: Array, rates: Array) -> float:
        """Largest eigenvalue by non-linear power iteration, with a safety factor of 1.2."""
        scale = self.atol + self.rtol * np.abs(y)
        if self.direction is None or self.direction.shape != y.shape:
            sign = np.where(np.add.outer(np.arange(y.shape[0]), np.arange(y.shape[1])) % 2, -1.0, 1.0)
            self.direction = scale * sign
        value = 0.0
        for _ in range(60):
            size = float(np.sqrt(np.mean((self.direction / scale) ** 2)))
            if size == 0 or not isfinite(size):
                self.direction = None
                return 1.2 * value
            step = self.direction / size
            image = self.rates(y + step) - rates
            previous, value = value, float(np.sqrt(np.mean((image / scale) ** 2)))
            self.direction = image
            if abs(value - previous) < 0.02 * value:
                break
        return 1.2 * value

    def attempt(self, y: Array, rates: Array, h: float, stages: int) -> Array:
        """One step of `stages` stages."""
        first, steps = coefficients(stages)
        slope = h * rates
        before, now = y, y + first * slope
        out = np.empty_like(y)
        for mu, nu, mu_tilde, gamma_tilde in steps:
            self.f(now, out)
            before, now = (
                now,
                ((1 - mu - nu) * y + gamma_tilde * slope + mu * now + nu * before + (mu_tilde * h) * out),
            )
        self.evaluations += len(steps)
        return now

    @np.errstate(invalid="ignore", over="ignore", divide="ignore")
    def advance(
        self, y: Array, start: float, end: float, on_step: Callable[[float, Array], None] | None = None
    ) -> Array:
        """State at `end`; `on_step` sees time and state after every accepted step."""
        t, rates = start, self.rates(y)
        if not np.isfinite(rates).all():
            raise StepError("a rate is not finite", t, int(np.argmax(~np.isfinite(rates).all(axis=1))))
        while t < end:
            if self.age % ESTIMATE_EVERY == 0:
                estimate = self.spectral_radius(y, rates)
                self.radius = estimate if isfinite(estimate) else self.radius
            longest = (MAX_STAGES**2 - 1) * 0.65 / max(self.radius, 1e-12)
            h = min(self.step, longest)
            last = h >= (end - t) * (1 - 1e-9)
            h = end - t if last else min(h, (end - t) / 2) if h > (end - t) / 2 else h
            stages = max(2, 1 + int(sqrt(1 + 1.54 * h * self.radius)))
            new = self.attempt(y, rates, h, stages)
            new_rates = self.rates(new)
            error = np.abs(0.8 * (y - new) + 0.4 * h * (rates + new_rates))
            error /= self.atol + self.rtol * np.maximum(np.abs(y), np.abs(new))
            worst = float(error.max())
            if worst <= 1:
                t = end if last else t + h
                y, rates = new, new_rates
                self.age += 1
                grown = h * min(5.0, 0.8 / max(worst, 1e-6) ** (1 / 3))
                self.step = max(self.step, grown) if last else grown
                if on_step:
                    on_step(t, y)
                continue
            if not isfinite(worst):
                bad = int(np.argmax(~np.isfinite(error).all(axis=1)))
                self.step, self.age = h / 10, 0
            else:
                bad = int(np.argmax(error.max(axis=1)))
                self.step = h * max(0.1, 0.8 / worst ** (1 / 3))
                self.age += ESTIMATE_EVERY - self.age % ESTIMATE_EVERY
            if self.step < 1e-10:
                raise StepError("the step size collapsed", t, bad)
        return y
