"""From equations written as plain arithmetic to symbols, and from symbols to a NumPy function.

Nothing here knows biology: any function ``rates(s, p, u) -> {state: derivative}`` can be traced.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.biology.notation import SURFACE, State, symbol, symbolic
from exosim.engine.layout import Layout

if TYPE_CHECKING:
    import sympy

RateFunction = Callable[[Any, Any, Any, Any], None]
"""``f(y, p, u, out)``: rows of states, parameter values, rows of inputs, rows to fill."""


class Equations:
    """A system of ordinary differential equations: names now, symbols when somebody asks.

    Parameters
    ----------
    layout : Layout
    parameters, inputs : tuple of str
    derive : callable
        Makes the rates, one SymPy expression per row, in real symbols of the names above.
    key : str, optional
        Digest of everything that decides the rates, so that they need not be derived to know a compiled kernel.
    """

    def __init__(
        self,
        layout: Layout,
        parameters: tuple[str, ...],
        inputs: tuple[str, ...],
        derive: Callable[[], Sequence[sympy.Expr]],
        key: str = "",
    ) -> None:
        twice = {x for x, n in Counter([*layout.entries, *parameters, *inputs]).items() if n > 1}
        if twice:
            raise ValueError(f"one name means two things: {', '.join(sorted(twice))}")
        self.layout, self.parameters, self.inputs = layout, parameters, inputs
        self._derive, self._key = derive, key

    @cached_property
    def rates(self) -> tuple[sympy.Expr, ...]:
        """Time derivative of every row."""
        return tuple(self._derive())

    @cached_property
    def key(self) -> str:
        """Text that is the same only for the same equations."""
        names = (self.layout.entries, self.parameters, self.inputs)
        return f"{names} {self._key or self.rates}"


def input_names(fields: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the names of all scalar inputs of `fields` (field -> layers), in order."""
    return [name for field, layers in fields.items() for name in ([f"{field}_{x}" for x in layers] or [field])]


def trace(
    rates: Callable[[Any, Any, Any], Mapping[str, Any]],
    states: Iterable[State],
    parameters: Iterable[str],
    inputs: Callable[[SimpleNamespace], SimpleNamespace],
    input_fields: Mapping[str, tuple[str, ...]],
    key: str = "",
) -> Equations:
    """Return the equations that come out when `rates` is called with symbols.

    Parameters
    ----------
    inputs : callable
        Makes the inputs ``u`` from ``p``; symbols of `input_fields` are added to it.
    key : str, optional
        Digest of the files in which `rates` is written.
    """
    layout, names = Layout(states), tuple(parameters)

    def derive() -> list[sympy.Expr]:
        import sympy

        s = symbolic({q.name: q.layers for q in layout.states})
        p = symbolic(dict.fromkeys(names, SURFACE))
        u = SimpleNamespace(**vars(inputs(p)) | vars(symbolic(input_fields)))
        out: list[Any] = [sympy.Integer(0)] * len(layout.entries)
        for name, value in rates(s, p, u).items():
            rows = layout.rows[name]
            if isinstance(rows, slice):
                out[rows] = list(value)
            else:
                out[rows] = value
        return [sympy.sympify(x, strict=True) for x in out]

    return Equations(layout, names, tuple(input_names(input_fields)), derive, key)


@lru_cache(maxsize=4)
def source(equations: Equations) -> str:
    """Return the Python source of the rate function; common subexpressions are computed once."""
    import sympy
    from sympy.printing.numpy import NumPyPrinter

    printer = NumPyPrinter({"fully_qualified_modules": False})
    shared, results = sympy.cse(equations.rates, symbols=sympy.numbered_symbols("shared"))
    used = set().union(*(x.free_symbols for x in [*(value for _, value in shared), *results]))
    lines = ["def rates(y, p, u, out):"]
    for array, names in (("y", equations.layout.entries), ("p", equations.parameters), ("u", equations.inputs)):
        lines += [f"    {name} = {array}[{i}]" for i, name in enumerate(names) if symbol(name) in used]
    lines += [f"    {name} = {printer.doprint(value)}" for name, value in shared]
    lines += [f"    out[{i}] = {printer.doprint(value)}" for i, value in enumerate(results)]
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=8)
def compiled(equations: Equations, scalar: bool = False) -> RateFunction:
    """Return the rate function: on plain floats for one column (`scalar`), else vectorised over columns with NumPy."""
    module = math if scalar else np
    namespace: dict[str, Any] = {name: getattr(module, name) for name in ("exp", "sqrt")}
    exec(compile(source(equations), "<traced equations>", "exec"), namespace)
    function: RateFunction = namespace["rates"]
    return function
