"""What columns and a lattice have in common: states by name, jumps, failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.engine import cache, machine
from exosim.engine.trace import Equations

Array = np.ndarray[Any, np.dtype[np.float64]]

LANES = 4  # columns side by side: with more, their states no longer fit the first-level cache

COLLAPSED = "the step size collapsed"  # why integration fails; the other reason is a rate that is not finite


@lru_cache(maxsize=16)
def compiled(name: str, equations: Equations, write: str, lanes: int) -> Callable[..., int]:
    """Return the kernel that `exosim.engine.kernel.<write>` writes, as machine code, from disk where it can."""

    def source() -> str:
        from exosim.engine import kernel

        text: str = getattr(kernel, write)(equations, lanes)
        return text

    key = cache.joint_digest(equations.key, str(lanes), cache.own_source())
    return cache.compiled(name, key, source)


@lru_cache(maxsize=16)
def interpreted(equations: Equations, write: str) -> Callable[..., int]:
    """Return the same kernel as plain Python: slow, but nothing to compile."""
    from exosim.engine import kernel

    return machine.interpreted(getattr(kernel, write)(equations, 1))


class SolverError(RuntimeError):
    """Integration failed.

    Attributes
    ----------
    time, state, reason
        When, in which state, and how.
    scenario : Scenario
        What was simulated.
    course : dict
        Days and every state on them up to the last good ones: of the first subject, or means of a patch.
    finished : list of Result
        Arms of the same comparison that did not fail.
    """

    def __init__(self, time: float, state: str, reason: str) -> None:
        super().__init__(time, state, reason)  # from which it is made again in another process
        self.time, self.state, self.reason = time, state, reason
        self.scenario: Any = None
        self.course: dict[str, Array] = {}
        self.finished: list[Any] = []

    def __str__(self) -> str:
        return f"{self.reason} on day {self.time:.4f} in state {self.state}"


class Tissue:
    """States of several columns of skin, and what is given to their equations.

    Parameters
    ----------
    equations : Equations
    parameters : mapping
        Value of every parameter, a float or one value per column.
    inputs : mapping
        Value of every input field, ``(layers, columns)`` or ``(columns,)``.
    resting : mapping
        Values of the states that do not start at zero.

    Attributes
    ----------
    y : array, shape (rows, columns)
        Changed in place, never replaced.
    states : namespace
        Views of `y` by name.
    given : array, shape (parameters and inputs, columns)
    """

    def __init__(
        self,
        equations: Equations,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, Array],
        resting: Mapping[str, Any],
        columns: int,
    ) -> None:
        self.layout, self.names = equations.layout, equations.parameters
        self.y: Array = np.zeros((len(self.layout.entries), columns))
        self.states = self.layout.view(self.y)
        self.layout.write(self.y, resting)
        self.given: Array = np.zeros((len(self.names) + len(equations.inputs), columns))
        self.set_parameters(parameters)
        self.set_inputs(inputs)

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Set the parameter values from now on."""
        self.parameters = SimpleNamespace(**parameters)
        if all(isinstance(value, float) for value in parameters.values()):
            self.given[: len(self.names)] = np.array([parameters[name] for name in self.names])[:, None]
            return
        for row, name in enumerate(self.names):
            self.given[row] = parameters[name]

    def set_inputs(self, inputs: Mapping[str, Array]) -> None:
        """Set the input fields from now on, in their order."""
        row = len(self.names)
        for field in inputs.values():
            rows = np.atleast_2d(field)
            self.given[row : row + len(rows)] = rows
            row += len(rows)

    def jump(self, changed: Mapping[str, Any]) -> None:
        """Set new values of some states at once."""
        self.layout.write(self.y, changed)
