"""A lattice of skin columns that exchange with their neighbours, by a compiled explicit method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from exosim.engine import tissue
from exosim.engine.lattice import Lattice
from exosim.engine.tissue import COLLAPSED, LANES, Array, SolverError, Tissue
from exosim.engine.trace import Equations

RTOL = 1e-5  # keeps every state of every column within about 1e-5 (experiments/benchmarks)
ATOL = 1e-10  # absolute tolerance over the typical size of a state: keeps decayed states above -1e-9 of it
FIRST_STEP = 1e-3  # d, after a jump


def compiled(equations: Equations) -> Callable[..., int]:
    """Return the kernel of these equations as machine code."""
    return tissue.compiled("patch", equations, "field", LANES)


def interpreted(equations: Equations) -> Callable[..., int]:
    """Return the same kernel as plain Python."""
    return tissue.interpreted(equations, "field")


class Field(Tissue):
    """Columns of one patch; parameters as for `Tissue`, and these.

    Parameters
    ----------
    lattice : Lattice
    rtol : float, optional
        Relative tolerance of every state of every column; `RTOL` unless given.
    integrate : callable, optional
        The kernel; compiled unless given.

    Attributes
    ----------
    steps, evaluations : int
        Accepted steps and evaluations of all rates so far.
    """

    def __init__(
        self,
        equations: Equations,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, Array],
        resting: Mapping[str, Any],
        lattice: Lattice,
        rtol: float | None = None,
        integrate: Callable[..., int] | None = None,
    ) -> None:
        self.lattice = lattice
        states = equations.layout.states
        self._diffusivities = [q.diffusivity for q in states for _ in q.entries]
        self._levels = np.array([q.levels for q in states for _ in q.entries])
        super().__init__(equations, parameters, inputs, resting, lattice.columns)
        self.rtol, self.atol = rtol or RTOL, ATOL * self.layout.scales
        self.integrate = integrate or compiled(equations)
        self._memory = np.array([FIRST_STEP, 0.0])
        self._count = np.zeros(2, np.int64)

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Set the parameter values from now on."""
        super().set_parameters(parameters)
        spread = [parameters[name] if name else 0.0 for name in self._diffusivities]
        self._spread = np.array(spread, float) / self.lattice.spacing**2

    @property
    def steps(self) -> int:
        """Accepted steps so far."""
        return int(self._count[0])

    @property
    def evaluations(self) -> int:
        """Evaluations of all rates so far."""
        return int(self._count[1])

    def jump(self, changed: Mapping[str, Any]) -> None:
        """Set new values of some states at once; begin again with a small step."""
        super().jump(changed)
        self.y[self._levels] = self.y[self._levels].mean(axis=1, keepdims=True)
        self._memory[0] = min(self._memory[0], FIRST_STEP)

    def advance(self, start: float, end: float) -> None:
        """Integrate from `start` to `end`, days."""
        code = self.integrate(
            self.y, self.given, self._spread, self._levels, self.lattice.side, float(start), float(end), self.rtol,
            self.atol, self._memory, self._count,
        )  # fmt: skip
        if code != -1:
            row, reason = (code, COLLAPSED) if code >= 0 else (-2 - code, "a rate is not finite")
            raise SolverError(float(self._memory[1]), self.layout.entries[row], reason)
