"""Separate columns of skin, one per subject, each at its own steps, by a compiled Rosenbrock method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from exosim.engine import tissue
from exosim.engine.rodas import STAGES
from exosim.engine.tissue import COLLAPSED, LANES, Array, Tissue
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
    reason: str = COLLAPSED


def compiled(equations: Equations, lanes: int = LANES) -> Callable[..., int]:
    """Return the kernel of these equations as machine code: for one column, or for `lanes` side by side."""
    return tissue.compiled("column" if lanes == 1 else "cohort", equations, "columns", lanes)


def interpreted(equations: Equations) -> Callable[..., int]:
    """Return the same kernel as plain Python."""
    return tissue.interpreted(equations, "columns")


class Columns(Tissue):
    """Columns side by side, all under one schedule; parameters as for `Tissue`, and these.

    Parameters
    ----------
    rtol : float, optional
        Relative tolerance of every state of every column; `RTOL` unless given.
    integrate : callable, optional
        The kernel; compiled unless given.

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
    ) -> None:
        super().__init__(equations, parameters, inputs, resting, columns)
        alone = all(isinstance(value, float) for value in parameters.values())
        self.integrate = integrate or compiled(equations, 1 if alone else LANES)
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
        self.steps += self.integrate(
            self.y, self.given, float(start), float(end), self.size, self.rtol, self.atol, at, chosen, samples,
            self.failed_row, self.failed_time, STAGES,
        )  # fmt: skip
        return samples.T
