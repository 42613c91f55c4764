"""A piece of skin in time: its states, its equations at the parameters of the moment, its solver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.engine.lattice import Lattice
from exosim.engine.rkc import Array, Integrator, StepError
from exosim.engine.trace import Equations, compiled

RTOL = 1e-4
ATOL_OF_SCALE = (
    1e-10  # absolute tolerance over the typical size of a state: keeps decayed states above -1e-9 of it
)
FIRST_STEP = 1e-4  # d, after a jump


class SolverError(RuntimeError):
    """Integration failed; carries when, in which state, and results of arms that were finished before."""

    def __init__(self, time: float, state: str, reason: str) -> None:
        super().__init__(f"{reason} on day {time:.4f} in state {state}")
        self.time, self.state, self.reason = time, state, reason
        self.finished: list[Any] = []


class Tissue:
    """Columns of skin side by side: subjects (no `lattice`) or places of one patch.

    Parameters
    ----------
    equations : Equations
    parameters : mapping
        Value of every parameter, a float or one value per column.
    inputs : mapping
        Value of every input field, ``(layers, columns)`` or ``(columns,)``.
    resting : mapping
        Values of the states that do not start at zero.
    """

    def __init__(
        self,
        equations: Equations,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, Array],
        resting: Mapping[str, Any],
        columns: int,
        lattice: Lattice | None = None,
        rtol: float = RTOL,
    ) -> None:
        self.layout = equations.layout
        self.lattice = lattice
        self.y: Array = np.zeros((len(self.layout.entries), columns))
        self.layout.write(self.y, resting)
        self._scalar = columns == 1 and all(np.ndim(value) == 0 for value in parameters.values())
        self._rates = compiled(equations, self._scalar)
        self._names = equations.parameters
        self._diffusing = self.layout.entry_rows(q for q in self.layout.states if q.diffusivity and lattice)
        self._diffusivities = [q.diffusivity for q in self.layout.states if q.diffusivity for _ in q.entries]
        self._films = self.layout.entry_rows(q for q in self.layout.states if q.levels and lattice)
        self.set_parameters(parameters)
        self.set_inputs(inputs)
        atol = ATOL_OF_SCALE * self.layout.scales[:, None]
        self.solver = Integrator(self._fill, rtol, atol)

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Parameter values from now on."""
        self.parameters = SimpleNamespace(**parameters)
        self._p = [parameters[name] for name in self._names]
        self._d = (
            np.array([parameters[name] for name in self._diffusivities if name], float)
            if self.lattice
            else None
        )

    def set_inputs(self, inputs: Mapping[str, Array]) -> None:
        """Input fields from now on."""
        self._u = np.vstack([np.atleast_2d(field) for field in inputs.values()])

    def _fill(self, y: Array, out: Array) -> None:
        if self._scalar:
            self._rates(y[:, 0].tolist(), self._p, self._u[:, 0].tolist(), out[:, 0])
            return
        self._rates(y, self._p, self._u, out)
        if self.lattice:
            moved = np.zeros((len(self._diffusing), y.shape[1]))
            self.lattice.diffuse(y[self._diffusing], self._d, moved)  # type: ignore[arg-type]
            out[self._diffusing] += moved
            self._level(out)

    def _level(self, values: Array) -> None:
        for row in self._films:
            values[row] = values[row].mean()

    @property
    def states(self) -> SimpleNamespace:
        """The states by name."""
        return self.layout.view(self.y)

    def jump(self, changed: Mapping[str, Any]) -> None:
        """Set new values of some states at once."""
        y = self.y.copy()
        self.layout.write(y, changed)
        self._level(y)
        self.y = y
        self.solver.restart(FIRST_STEP)

    def advance(
        self, start: float, end: float, on_step: Callable[[float, Array], None] | None = None
    ) -> None:
        """Integrate from `start` to `end`, days."""
        try:
            self.y = self.solver.advance(self.y, start, end, on_step)
        except StepError as error:
            raise SolverError(error.time, self.layout.entries[error.row], str(error)) from None
