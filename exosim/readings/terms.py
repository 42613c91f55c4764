"""Why two arms differ: the terms of the equations, integrated over the course of each arm.

The terms are those of the traced equations, split at their sums; none is written again here. Every arm is simulated as
one column, whose states are known densely in time; jumps (injury, doses) are counted separately. The part of a
quantity's change that terms and jumps do not explain is the error of the integration, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy

from exosim.biology.notation import DERMIS, State, symbol
from exosim.biology.system import PARAMETERS, SKIN_FIELDS, STATES
from exosim.engine.tissue import Array
from exosim.engine.trace import input_names
from exosim.results.result import Record
from exosim.simulation.column import Column
from exosim.simulation.equations import equations
from exosim.simulation.loop import run

FOLLOWED = {
    "Collagen, share of healthy": ("collagen_3", "collagen_1_new", "collagen_1_mature"),
    "Activated fibroblasts, cell/mm3": ("myofibroblast",),
    "TNF-alpha, pg/mL": ("tnf_alpha",),
    "Inflammatory macrophages, cell/mm3": ("macrophage_m1",),
    "Epidermal melanin, rest = 1": ("melanin_epidermal",),
}
"""The quantities: title -> states that are summed, those of the dermis as means over its thickness."""
NEGLIGIBLE = 1e-4  # of the largest flux of a quantity: not shown
ParameterNames = tuple[str, ...]
"""The parameters that a term is proportional to, by which it is known; empty for what happens at once."""
AT_ONCE: ParameterNames = ()
BY_NAME = {state.name: state for state in STATES}


@dataclass(frozen=True)
class Flux:
    """One term of a rate, integrated over the course of every arm; `follows` when it only takes from what is there."""

    parameters: ParameterNames
    formula: str
    follows: bool
    amounts: tuple[float, ...]

    @property
    def difference(self) -> float:
        """Last arm minus first."""
        return self.amounts[-1] - self.amounts[0]

    @property
    def meaning(self) -> str:
        """What its parameters mean."""
        return "; ".join(PARAMETERS[name].meaning for name in self.parameters) or "injury and doses, at once"


@dataclass(frozen=True)
class Budget:
    """All fluxes of one quantity: the one that differs most first, losses that only follow its amount last.

    Attributes
    ----------
    title : str
    fluxes : tuple of Flux
    changes : tuple of float
        End minus start of the quantity in every arm.
    errors : tuple of float
        The part of those changes that the fluxes do not explain.
    """

    title: str
    fluxes: tuple[Flux, ...]
    changes: tuple[float, ...]
    errors: tuple[float, ...]


@dataclass(frozen=True)
class ColumnRun:
    """One arm as a column: states (rows, times), and pieces of time with the parameters that hold in each."""

    times: Array
    states: Array
    pieces: tuple[tuple[slice, Mapping[str, float]], ...]
    inputs: Mapping[str, float]
    thickness: Array


def budgets(arms: Sequence[Record]) -> list[Budget]:
    """Return the integrated fluxes of every quantity in `FOLLOWED`."""
    runs = [_column_run(arm) for arm in arms]
    return [_budget(title, names, runs) for title, names in FOLLOWED.items()]


def _column_run(arm: Record) -> ColumnRun:
    """Simulate an arm as a column, with the parameters that hold between its events."""
    scenario, values = arm.scenario, arm.manifest["parameter_values"]
    column = Column(scenario, values)
    run(column)
    times, y = column.sampled()
    pieces = []
    for piece in scenario.pieces:
        first, last = np.searchsorted(times, piece.start, side="right") - 1, np.searchsorted(times, piece.stop)
        pieces.append((slice(first, last + 1), {k: v * piece.factors.get(k, 1) for k, v in values.items()}))
    inputs = dict(
        zip(input_names(SKIN_FIELDS), np.concatenate([np.ravel(column.inputs[f]) for f in SKIN_FIELDS]), strict=True)
    )
    return ColumnRun(times, y[..., 0], tuple(pieces), inputs, column.geometry.thickness[:, 0])


def _budget(title: str, names: tuple[str, ...], runs: Sequence[ColumnRun]) -> Budget:
    terms = {term.parameters: term for name in reversed(names) for term in _terms(name)}
    terms[AT_ONCE] = Term(AT_ONCE, "", False, ())
    amounts = [_amounts(names, run) for run in runs]
    fluxes = [
        Flux(key, terms[key].formula, terms[key].follows, tuple(amount[key] for amount in amounts))
        for key in amounts[0]
    ]
    changes = tuple(_weighted(names, run, _change) for run in runs)
    errors = tuple(change - sum(amount.values()) for change, amount in zip(changes, amounts, strict=True))
    least = NEGLIGIBLE * max(abs(amount) for flux in fluxes for amount in flux.amounts)
    shown = [flux for flux in fluxes if max(map(abs, flux.amounts)) > least]
    shown.sort(key=lambda flux: (flux.follows, -abs(flux.difference)))
    return Budget(title, tuple(shown), changes, errors)


def _amounts(names: tuple[str, ...], run: ColumnRun) -> dict[ParameterNames, float]:
    """Return every term of the states in `names`, integrated, and the sum of their jumps."""
    amounts: dict[ParameterNames, float] = {}
    for name in names:
        shares = _shares(BY_NAME[name], run)
        for term in _terms(name):
            amount = sum(x * _integral(f, run) for x, f in zip(shares, term.functions, strict=True))
            amounts[term.parameters] = amounts.get(term.parameters, 0.0) + float(amount)
    return amounts | {AT_ONCE: _weighted(names, run, _jumps)}


def _integral(function: Callable[..., Any], run: ColumnRun) -> float:
    """Integrate a term over the whole course, by trapezoids within each piece."""
    total = 0.0
    for piece, parameters in run.pieces:
        times = run.times[piece]
        values = function(run.states[:, piece], parameters, run.inputs) + np.zeros(len(times))
        total += float((np.diff(times) * (values[1:] + values[:-1])).sum() / 2)
    return total


def _weighted(names: tuple[str, ...], run: ColumnRun, measure: Callable[[ColumnRun], Array]) -> float:
    """Return what is measured of every row, summed over `names` and averaged over the layers of each."""
    values, rows = measure(run), equations().layout.rows
    return float(sum((_shares(BY_NAME[name], run) * values[rows[name]]).sum() for name in names))


def _change(run: ColumnRun) -> Array:
    return np.asarray(run.states[:, -1] - run.states[:, 0])


def _jumps(run: ColumnRun) -> Array:
    at_once = np.diff(run.times) == 0
    return np.asarray(np.diff(run.states)[:, at_once].sum(axis=1))


def _shares(state: State, run: ColumnRun) -> Array:
    """Return the share of each layer in the dermis; 1 for a state of the surface."""
    dermis = run.thickness[-len(DERMIS) :]
    return dermis / dermis.sum() if state.layers else np.ones(1)


@dataclass(frozen=True)
class Term:
    """A term of a state's rate: its formula in the first layer that has it, and a function per layer."""

    parameters: ParameterNames
    formula: str
    follows: bool
    functions: tuple[Callable[..., Any], ...]


@cache
def _terms(name: str) -> tuple[Term, ...]:
    """Return the terms of a state; those known by the same parameters are added."""
    column, state = equations(), BY_NAME[name]
    rows = column.layout.entry_rows([state])
    layers: list[dict[ParameterNames, sympy.Expr]] = []
    for row in rows:
        sums: dict[ParameterNames, sympy.Expr] = {}
        for term in (x for part in sympy.Add.make_args(column.rates[row]) for x in _split(part)):
            key = _parameters_of(term, state)
            sums[key] = sums.get(key, sympy.Integer(0)) + term
        layers.append(sums)
    keys = dict.fromkeys(key for sums in layers for key in sums)
    return tuple(_term(key, state, [sums.get(key, sympy.Integer(0)) for sums in layers]) for key in keys)


def _term(parameters: ParameterNames, state: State, layers: Sequence[sympy.Expr]) -> Term:
    first = next(x for x in layers if x != 0)
    formula = str(first)
    for layer in DERMIS:
        formula = formula.replace(f"_{layer}", "")
    read = {str(x) for x in first.free_symbols & _states()}
    follows = bool(read) and read <= set(state.entries) and bool(first.could_extract_minus_sign())
    return Term(parameters, formula, follows, tuple(_function(x) for x in layers))


def _function(term: Any) -> Callable[..., Any]:
    """Return a term as a function of rows of states, parameter values and inputs."""
    column = equations()
    used = sorted(map(str, sympy.sympify(term, strict=True).free_symbols))
    compute = sympy.lambdify([symbol(name) for name in used], term, "numpy")
    rows = {entry: row for row, entry in enumerate(column.layout.entries)}

    def function(states: Array, parameters: Mapping[str, float], inputs: Mapping[str, float]) -> Any:
        known = {**inputs, **parameters}
        return compute(*(states[rows[name]] if name in rows else known[name] for name in used))

    return function


@cache
def _states() -> frozenset[sympy.Symbol]:
    return frozenset(symbol(entry) for entry in equations().layout.entries)


def _split(term: sympy.Expr) -> list[sympy.Expr]:
    """Return a product with a sum as the terms of that sum, where they mean something of their own."""
    factors = sympy.Mul.make_args(term)
    for i, factor in enumerate(factors):
        rest = sympy.Mul(*factors[:i], *factors[i + 1 :])
        if factor.is_Add and _means_something(factor, rest):
            return [x for part in factor.args for x in _split(part * rest)]
    return [term]


def _means_something(total: sympy.Expr, rest: sympy.Expr) -> bool:
    """Check that a sum is more than a sum of parameters, a smoothed corner, or part of a saturating response."""
    if not total.free_symbols & _states() or any(x.exp == sympy.Rational(1, 2) for x in total.atoms(sympy.Pow)):
        return False
    below = [x.base for x in rest.atoms(sympy.Pow) if x.exp == -1]
    return all((base - total).free_symbols & _states() for base in below)


def _parameters_of(term: sympy.Expr, state: State) -> ParameterNames:
    """Return the parameters that a term is proportional to; for exchange between layers, the diffusivity."""
    if state.diffusivity and state.diffusivity in map(str, term.free_symbols):
        return (state.diffusivity,)
    alone = [x for x in sympy.Mul.make_args(term) if not x.free_symbols & _states()]
    names = {str(x) for factor in alone for x in factor.free_symbols}
    return tuple(name for name in PARAMETERS if name in names)
