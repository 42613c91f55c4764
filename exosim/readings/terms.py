"""Why two arms differ: the terms of the equations, integrated over the course of each arm.

Terms are those of the traced equations, taken apart at their sums; none is written again here. Every arm is
simulated as one column, whose states are known densely in time; jumps (injury, doses) are counted apart. What terms
and jumps leave of a quantity's change is the error of the integration, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import sympy

from exosim.biology.notation import DERMIS, State
from exosim.biology.system import PARAMETERS, SKIN_FIELDS, STATES
from exosim.engine.tissue import Array
from exosim.engine.trace import input_names
from exosim.events import edges, factors
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
"""What is traced: title -> states that are summed, those of the dermis as means over its thickness."""
NEGLIGIBLE = 1e-4  # of the largest flux of a quantity: not shown
Key = tuple[str, ...]
"""The parameters by which a term is known; none: what happens at once."""


@dataclass(frozen=True)
class Flux:
    """One term of a rate, integrated over the course of every arm; it `follows` when it is a loss of what is there."""

    parameters: Key
    formula: str
    follows: bool
    amounts: tuple[float, ...]

    @property
    def difference(self) -> float:
        """Last arm minus first."""
        return self.amounts[-1] - self.amounts[0]

    @property
    def meaning(self) -> str:
        """What its parameters stand for."""
        return "; ".join(PARAMETERS[name].meaning for name in self.parameters) or "injury and doses, at once"


@dataclass(frozen=True)
class Trace:
    """All fluxes of one quantity, the one that differs most first, losses that only follow its amount last.

    Attributes
    ----------
    title : str
    fluxes : tuple of Flux
    changes : tuple of float
        End minus start of the quantity in every arm.
    errors : tuple of float
        What the fluxes leave of those changes.
    """

    title: str
    fluxes: tuple[Flux, ...]
    changes: tuple[float, ...]
    errors: tuple[float, ...]


@dataclass(frozen=True)
class Course:
    """One arm as a column: states (rows, times), and pieces of time with the parameters that hold in each."""

    times: Array
    states: Array
    pieces: tuple[tuple[slice, Mapping[str, float]], ...]
    inputs: Mapping[str, float]
    thickness: Array


def why(arms: Sequence[Record]) -> list[Trace]:
    """The integrated fluxes of `FOLLOWED` in every arm."""
    courses = [_course(arm) for arm in arms]
    return [_trace(title, names, courses) for title, names in FOLLOWED.items()]


def _course(arm: Record) -> Course:
    scenario, values = arm.scenario, arm.manifest["parameter_values"]
    column = Column(scenario, values)
    run(column)
    times, y = column.sampled()
    pieces = []
    for start, stop in pairwise(edges(scenario.timeline, scenario.days)):
        changed = factors(scenario.timeline, start)
        first, last = np.searchsorted(times, start, side="right") - 1, np.searchsorted(times, stop)
        pieces.append((slice(first, last + 1), {k: v * changed.get(k, 1) for k, v in values.items()}))
    inputs = dict(
        zip(
            input_names(SKIN_FIELDS),
            np.concatenate([np.ravel(column.inputs[f]) for f in SKIN_FIELDS]),
            strict=True,
        )
    )
    return Course(times, y[..., 0], tuple(pieces), inputs, column.geometry.thickness[:, 0])


def _trace(title: str, names: tuple[str, ...], courses: Sequence[Course]) -> Trace:
    known = {term.key: term for name in reversed(names) for term in _terms(name)}
    known[()] = Term((), "", False, ())
    parts = [_fluxes(names, course) for course in courses]
    fluxes = [
        Flux(key, known[key].formula, known[key].follows, tuple(part[key] for part in parts))
        for key in parts[0]
    ]
    changes = tuple(_weighted(names, course, _change) for course in courses)
    errors = tuple(change - sum(part.values()) for change, part in zip(changes, parts, strict=True))
    least = NEGLIGIBLE * max(abs(amount) for flux in fluxes for amount in flux.amounts)
    shown = [flux for flux in fluxes if max(map(abs, flux.amounts)) > least]
    shown.sort(key=lambda flux: (flux.follows, -abs(flux.difference)))
    return Trace(title, tuple(shown), changes, errors)


def _fluxes(names: tuple[str, ...], course: Course) -> dict[Key, float]:
    """Every term of the states in `names`, integrated; jumps stand under the empty key."""
    found: dict[Key, float] = {}
    for name in names:
        share = _shares(_state(name), course)
        for term in _terms(name):
            amount = sum(s * _integral(f, course) for s, f in zip(share, term.functions, strict=True))
            found[term.key] = found.get(term.key, 0.0) + float(amount)
    return found | {(): _weighted(names, course, _jumps)}


def _integral(function: Callable[..., Any], course: Course) -> float:
    """A term over the whole course, by trapezoids within each piece."""
    total = 0.0
    for piece, parameters in course.pieces:
        times = course.times[piece]
        values = function(course.states[:, piece], parameters, course.inputs) + np.zeros(len(times))
        total += float((np.diff(times) * (values[1:] + values[:-1])).sum() / 2)
    return total


def _weighted(names: tuple[str, ...], course: Course, measure: Callable[[Course], Array]) -> float:
    """Something measured of every row, summed over `names` and averaged over the layers of each."""
    values, rows = measure(course), equations().layout.rows
    return float(sum((_shares(_state(name), course) * values[rows[name]]).sum() for name in names))


def _change(course: Course) -> Array:
    return np.asarray(course.states[:, -1] - course.states[:, 0])


def _jumps(course: Course) -> Array:
    at_once = np.diff(course.times) == 0
    return np.asarray(np.diff(course.states)[:, at_once].sum(axis=1))


def _shares(state: State, course: Course) -> Array:
    """Share of each layer in the dermis; 1 for a state of the surface."""
    dermis = course.thickness[-len(DERMIS) :]
    return dermis / dermis.sum() if state.layers else np.ones(1)


def _state(name: str) -> State:
    return next(state for state in STATES if state.name == name)


@dataclass(frozen=True)
class Term:
    """A term of a state's rate: its formula in the first layer that has it, and a function per layer."""

    key: Key
    formula: str
    follows: bool
    functions: tuple[Callable[..., Any], ...]


@cache
def _terms(name: str) -> tuple[Term, ...]:
    """Terms of a state, those with the same key together."""
    system, state = equations(), _state(name)
    rows = np.atleast_1d(np.arange(len(system.layout.entries))[system.layout.rows[name]])
    layers: list[dict[Key, sympy.Expr]] = []
    for row in rows:
        found: dict[Key, sympy.Expr] = {}
        for term in (x for part in sympy.Add.make_args(system.rates[row]) for x in _split(part)):
            key = _key(term, state)
            found[key] = found.get(key, sympy.Integer(0)) + term
        layers.append(found)
    keys = dict.fromkeys(key for found in layers for key in found)
    return tuple(_term(key, state, [found.get(key, sympy.Integer(0)) for found in layers]) for key in keys)


def _term(key: Key, state: State, layers: Sequence[sympy.Expr]) -> Term:
    first = next(x for x in layers if x != 0)
    formula = str(first)
    for layer in DERMIS:
        formula = formula.replace(f"_{layer}", "")
    read = {str(symbol) for symbol in first.free_symbols & _states()}
    follows = bool(read) and read <= set(state.entries) and bool(first.could_extract_minus_sign())
    return Term(key, formula, follows, tuple(_function(x) for x in layers))


def _function(term: Any) -> Callable[..., Any]:
    """A term as a function of rows of states, parameter values and inputs."""
    system = equations()
    used = sorted(map(str, sympy.sympify(term).free_symbols))
    compute = sympy.lambdify([sympy.Symbol(name, real=True) for name in used], term, "numpy")
    rows = {entry: row for row, entry in enumerate(system.layout.entries)}

    def function(states: Array, parameters: Mapping[str, float], inputs: Mapping[str, float]) -> Any:
        known = {**inputs, **parameters}
        return compute(*(states[rows[name]] if name in rows else known[name] for name in used))

    return function


@cache
def _states() -> frozenset[sympy.Symbol]:
    return frozenset(sympy.Symbol(entry, real=True) for entry in equations().layout.entries)


def _split(term: sympy.Expr) -> list[sympy.Expr]:
    """A product over a sum as the sum of products, where the parts mean something of their own."""
    factors = sympy.Mul.make_args(term)
    for i, factor in enumerate(factors):
        rest = sympy.Mul(*factors[:i], *factors[i + 1 :])
        if factor.is_Add and _means_something(factor, rest):
            return [x for part in factor.args for x in _split(part * rest)]
    return [term]


def _means_something(total: sympy.Expr, rest: sympy.Expr) -> bool:
    """Not a sum of parameters, not a smoothed corner, not the numerator of a saturating response."""
    if not total.free_symbols & _states() or any(
        x.exp == sympy.Rational(1, 2) for x in total.atoms(sympy.Pow)
    ):
        return False
    below = [x.base for x in rest.atoms(sympy.Pow) if x.exp == -1]
    return all((base - total).free_symbols & _states() for base in below)


def _key(term: sympy.Expr, state: State) -> Key:
    """The parameters that a term is in proportion to; exchange between layers is one."""
    if state.diffusivity and state.diffusivity in map(str, term.free_symbols):
        return (state.diffusivity,)
    alone = [x for x in sympy.Mul.make_args(term) if not x.free_symbols & _states()]
    names = {str(symbol) for factor in alone for symbol in factor.free_symbols}
    return tuple(name for name in PARAMETERS if name in names)
