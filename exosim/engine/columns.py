"""Separate columns of skin, one per subject, each at its own steps, by a compiled Rosenbrock method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from exosim.engine import cache
from exosim.engine.rodas import STAGES
from exosim.engine.tissue import LANES, Array, Tissue
from exosim.engine.trace import Equations

RTOL = 3e-5  # keeps every state of every subject within about 1e-5 (experiments/benchmarks)
ATOL = 1e-3  # absolute tolerance over relative tolerance times the typical size of a state
FIRST_STEP = 1e-2  # d, after a jump


@dataclass(frozen=True)
class Failure:
    """A subject that could not be integrated further: when, and the state with the largest error."""

    subject: int
    time: float
    state: str


@lru_cache(maxsize=16)
def compiled(equations: Equations, lanes: int = LANES) -> Callable[..., int]:
    """The kernel of these equations as machine code, from disk if this machine ever compiled it."""

    def source() -> str:
        from exosim.engine import kernel

        return kernel.columns(equations, lanes)

    key = cache.digest(equations.key, str(lanes), cache.own_source())
    return cache.compiled("column" if lanes == 1 else "cohort", key, source).integrate  # type: ignore[no-any-return]


@lru_cache(maxsize=8)
def interpreted(equations: Equations) -> Callable[..., int]:
    """The same kernel as plain Python: slow, but nothing to compile."""
    from exosim.engine import kernel

    return cache.interpreted(kernel.columns(equations, 1)).integrate  # type: ignore[no-any-return]


class Columns(Tissue):
    """Columns side by side, all under one schedule; parameters as for `Tissue`, and these.

    Parameters
    ----------
    rtol : float, optional
        Relative tolerance of every state of every column; `RTOL` unless given.
    integrate : callable, optional
        The kernel; compiled unless given.
    threads : int
        Threads that share the columns.

    Attributes
    ----------
    steps : int
        Accepted steps of all columns so far.
    """

    def __init__(
        self,
        equations: Equations,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, Array],
        resting: Mapping[str, Any],
        columns: int,
        rtol: float | None = None,
        integrate: Callable[..., int] | None = None,
        threads: int = 1,
    ) -> None:
        super().__init__(equations, parameters, inputs, resting, columns)
        alone = all(isinstance(value, float) for value in parameters.values())
        self.integrate = integrate or compiled(equations, 1 if alone else LANES)
        self.threads = threads
        self.rtol = rtol or RTOL
        self.atol = self.rtol * ATOL * self.layout.scales
        self.size = np.full(columns, FIRST_STEP)
        self.failed_row, self.failed_time = np.full(columns, -1), np.zeros(columns)
        self.steps = 0

    @property
    def failures(self) -> list[Failure]:
        """Columns that were given up, in order."""
        return [
            Failure(int(i), float(self.failed_time[i]), self.layout.entries[self.failed_row[i]])
            for i in np.flatnonzero(self.failed_row >= 0)
        ]

    def jump(self, changed: Mapping[str, Any]) -> None:
        """Set new values of some states at once."""
        super().jump(changed)
        np.minimum(self.size, FIRST_STEP, out=self.size)

    def advance(
        self,
        start: float,
        end: float,
        times: Sequence[float] | Array = (),
        rows: Sequence[int] | np.ndarray[Any, Any] | None = None,
    ) -> Array:
        """Integrate from `start` to `end`; return states at `times` after `start`, (rows, times, columns).

        `rows` chooses which states, all unless given. Steps never depend on `times`.
        """
        chosen = np.arange(len(self.y)) if rows is None else np.asarray(rows, np.int64)
        at = np.asarray(times, float)
        samples = np.full((self.y.shape[1], len(at), len(chosen)), np.nan)
        part = -(-self.y.shape[1] // (self.threads * LANES)) * LANES

        def advance(first: int) -> int:
            mine = slice(first, first + part)
            y = np.ascontiguousarray(self.y[:, mine])
            steps = self.integrate(
                y, np.ascontiguousarray(self.given[:, mine]), float(start), float(end), self.size[mine], self.rtol,
                self.atol, at, chosen, samples[mine], self.failed_row[mine], self.failed_time[mine], STAGES,
            )  # fmt: skip
            self.y[:, mine] = y
            return steps

        firsts = range(0, self.y.shape[1], part)
        if len(firsts) == 1:
            self.steps += advance(0)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                self.steps += sum(pool.map(advance, firsts))
        return samples.T
