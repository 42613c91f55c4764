"""The mathematics of a kernel: what is constant, what is shared, the Jacobian and the order of its elimination."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from exosim.engine.trace import Equations

Definitions = list[tuple[sympy.Symbol, sympy.Expr]]
Pattern = dict[int, set[int]]


@dataclass(frozen=True)
class Program:
    """Straight-line mathematics of a system: constants first, then what the rates and the Jacobian share."""

    constants: Definitions
    shared: Definitions
    rates: Sequence[sympy.Expr]
    jacobian: Mapping[tuple[int, int], sympy.Expr]

    @property
    def values(self) -> list[sympy.Expr]:
        """Everything that changes in time."""
        return [*(value for _, value in self.shared), *self.rates, *self.jacobian.values()]


def jacobian(equations: Equations) -> dict[tuple[int, int], sympy.Expr]:
    """Return the non-zero partial derivatives of the rates by (row, column)."""
    columns = {sympy.Symbol(name, real=True): j for j, name in enumerate(equations.layout.entries)}
    entries = {}
    for i, rate in enumerate(equations.rates):
        smooth = rate.rewrite(sympy.Piecewise) if rate.has(sympy.Max, sympy.Min, sympy.Abs) else rate
        for symbol in sorted(smooth.free_symbols & columns.keys(), key=str):
            slope = smooth.diff(symbol)
            if slope != 0 and not slope.has(sympy.Derivative, sympy.Subs):
                entries[i, columns[symbol]] = slope
    return entries


def program(equations: Equations, stiff: bool) -> Program:
    """Return shared subexpressions of rates and, if `stiff`, Jacobian; everything constant in time is moved out."""
    slopes = jacobian(equations) if stiff else {}
    shared, results = sympy.cse([*equations.rates, *slopes.values()], symbols=sympy.numbered_symbols("x"))
    moving = {sympy.Symbol(name, real=True) for name in equations.layout.entries}
    constants: Definitions = []
    changing: Definitions = []
    for symbol, value in shared:
        if value.free_symbols & moving:
            moving.add(symbol)
            changing.append((symbol, value))
        else:
            constants.append((symbol, value))
    hoisted: dict[sympy.Expr, sympy.Symbol] = {}
    changing = [(symbol, hoist(value, moving, hoisted)) for symbol, value in changing]
    results = [hoist(value, moving, hoisted) for value in results]
    constants += [(symbol, value) for value, symbol in hoisted.items()]
    rates, entries = results[: len(equations.rates)], results[len(equations.rates) :]
    return Program(constants, changing, rates, dict(zip(slopes, entries, strict=True)))


def hoist(value: sympy.Expr, moving: set[sympy.Symbol], constants: dict[sympy.Expr, sympy.Symbol]) -> sympy.Expr:
    """Return `value` with its largest parts free of `moving` symbols replaced by symbols registered in `constants`."""
    fixed = not value.free_symbols & moving
    if value.is_Atom or (fixed and not isinstance(value, sympy.Expr)):
        return value
    if fixed:
        return constants.setdefault(value, sympy.Symbol(f"c{len(constants)}", real=True))
    if isinstance(value, sympy.Add | sympy.Mul):
        still = [part for part in value.args if not part.free_symbols & moving]
        parts = [hoist(part, moving, constants) for part in value.args if part.free_symbols & moving]
        return value.func(*([hoist(value.func(*still), moving, constants)] if still else []), *parts)
    return value.func(*[hoist(part, moving, constants) for part in value.args])


def needed(results: Iterable[sympy.Expr], definitions: Definitions) -> Definitions:
    """Return the definitions that `results` rest on, in order."""
    wanted = set().union(*(x.free_symbols for x in results)) if results else set()
    kept = []
    for symbol, value in reversed(definitions):
        if symbol in wanted:
            kept.append((symbol, value))
            wanted |= value.free_symbols
    return kept[::-1]


def elimination(rows: int, entries: Iterable[tuple[int, int]]) -> tuple[list[int], Pattern]:
    """Return the pivot order and the non-zeros of each row after elimination, diagonal included.

    Always the pivot with the fewest products (Markowitz) next.
    """
    pattern: Pattern = {i: {i} for i in range(rows)}
    for i, j in entries:
        pattern[i].add(j)
    left, order = set(range(rows)), []
    while left:
        column = {k: [i for i in left if k in pattern[i]] for k in left}
        pivot = min(left, key=lambda k: ((len(column[k]) - 1) * (len(pattern[k] & left) - 1), k))
        left.remove(pivot)
        order.append(pivot)
        for i in column[pivot]:
            if i != pivot:
                pattern[i] |= pattern[pivot] & left
    return order, pattern
