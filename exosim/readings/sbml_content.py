"""What an SBML file says, as symbols: constants, initial values, rates and moments of the schedule.

Nothing is written a second time: rates are the traced equations, and what a moment does is `happen` called with
symbols.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, count
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy

from exosim.biology import system
from exosim.biology.notation import symbol
from exosim.events import Apply, Bolus, Event, Injury, Modulate, Scheduled, pieces
from exosim.readings.sbml_units import unit
from exosim.scenario.model import Scenario
from exosim.simulation.equations import equations
from exosim.simulation.impact import traced
from exosim.simulation.setup import parameter_values
from exosim.skin.scars import fields

REACH = {"puncture": ("mm", "needle length")}
"""Unit and meaning of the reach of an injury, where it is a length."""
STATES = {state.name: state for state in system.STATES}


@dataclass(frozen=True)
class Constant:
    """A number with its unit and meaning."""

    value: float
    unit: str
    meaning: str


@dataclass(frozen=True)
class Moment:
    """What one moment does: new values of entries and factors."""

    day: float
    name: str
    assigned: dict[str, sympy.Expr]


@dataclass
class Content:
    """Everything the file says."""

    constants: dict[str, Constant] = field(default_factory=dict)
    factors: list[str] = field(default_factory=list)
    initial: dict[str, sympy.Expr] = field(default_factory=dict)
    shared: dict[str, sympy.Expr] = field(default_factory=dict)
    rates: dict[str, sympy.Expr] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)

    def named(self, name: str, value: float, measure: str, meaning: str) -> sympy.Symbol:
        """Return the constant that holds a number of the schedule; sessions with equal numbers share it."""
        constant = Constant(value, measure, meaning)
        names = chain([name], (f"{name}_{i}" for i in count(2)))
        return symbol(next(x for x in names if self.constants.setdefault(x, constant) == constant))


def factor(parameter: str) -> str:
    """Return the name of the factor of a modulated parameter."""
    return f"{parameter}_factor"


def content(scenario: Scenario, values: Mapping[str, float]) -> Content:
    """Return equations, numbers and schedule of a scenario."""
    column = equations()
    entries = column.layout.entries
    contents = Content(constants=_numbers(scenario, values))
    p, u = system.symbols()

    initial = np.zeros(len(entries), dtype=object)
    column.layout.write(initial, system.rest(p, u))
    contents.initial = dict(zip(entries, (sympy.sympify(x, strict=True) for x in initial), strict=True))

    timeline = [x for x in scenario.timeline if x.event.day < scenario.days]
    contents.factors = sorted({x.event.parameter for x in timeline if isinstance(x.event, Modulate)})
    modulated = {symbol(name): symbol(name) * symbol(factor(name)) for name in contents.factors}
    rates = _share([rate.xreplace(modulated) for rate in column.rates], contents.shared, "shared")
    contents.rates = dict(zip(entries, rates, strict=True))

    moments = _moments(timeline, scenario.days, contents, p, u)
    new = [value for moment in moments for value in moment.assigned.values()]
    # What moments have in common and does not read the tissue: depths and shares of the skin.
    reduced = iter(_share(new, contents.shared, "jump", apart=set(map(symbol, entries))))
    contents.moments = [replace(m, assigned={name: next(reduced) for name in m.assigned}) for m in moments]
    return contents


def _moments(
    timeline: Sequence[Scheduled], end: float, contents: Content, p: SimpleNamespace, u: SimpleNamespace
) -> list[Moment]:
    """Return the moments at which something happens or a factor changes.

    Windows change first, as in the loop.
    """
    named = [replace(x, event=_with_names(x, contents)) for x in timeline]
    before: dict[str, float] = {}
    moments = []
    for piece in pieces(named, end):
        day, now = piece.start, piece.factors
        p_now = SimpleNamespace(**{name: value * now.get(name, 1) for name, value in vars(p).items()})
        changed = {k: now.get(k, 1.0) for k in contents.factors if now.get(k) != before.get(k)}
        assigned = {factor(k): sympy.Float(v) for k, v in changed.items()}
        assigned |= traced(piece.happening, equations().layout, p_now, u)
        before = now
        if assigned:
            treatments = dict.fromkeys(x.treatment for x in timeline if x.event.day == day)
            moments.append(Moment(day, f"day {day:g}: {', '.join(treatments) or 'a window ends'}", assigned))
    return moments


def _numbers(scenario: Scenario, values: Mapping[str, float]) -> dict[str, Constant]:
    """Return the parameters of the model and what describes the skin."""
    merged = parameter_values(scenario, values)
    numbers = {
        name: Constant(float(merged[name]), q.unit, f"{q.meaning}; {q.evidence}: {q.source}")
        for name, q in system.PARAMETERS.items()
    }
    skin = fields(scenario.skin.scar, scenario.skin.severity)
    for layer, density in zip(system.SKIN_FIELDS["collagen_rest"], skin.collagen_rest[:, 0], strict=True):
        meaning = f"resting collagen density of the scar, 1 = healthy ({layer})"
        numbers[f"collagen_rest_{layer}"] = Constant(float(density), "1", meaning)
    numbers["held"] = Constant(
        float(skin.held[0]), "1", "share of the gap of the scar that a tract or tethers hold open"
    )
    numbers["melanocyte_rest"] = Constant(
        float(skin.melanocyte_rest[0]), "1", "resting melanocyte activation, 1 in ordinary skin"
    )
    return numbers


def _with_names(scheduled: Scheduled, contents: Content) -> Event:
    """Return an event whose numbers are named constants of the file."""
    event, treatment = scheduled.event, scheduled.treatment
    changed: dict[str, Any] = {}
    if isinstance(event, Injury):
        reach = REACH.get(event.mode, ("1", "energy relative to the reference pulse"))
        density = contents.named(f"{treatment}_density", event.density_per_cm2 / 100, "1/mm^2", "zones per skin area")
        changed = {
            "reach": contents.named(f"{treatment}_reach", event.reach, *reach),
            "density_per_cm2": 100 * density,
            "radius_mm": contents.named(f"{treatment}_radius", event.radius_mm, "mm", "radius of the core of a zone"),
        }
    elif isinstance(event, Apply):
        changed = {
            "amount": contents.named(f"{treatment}_dose", event.amount, STATES[event.film].unit, "amount applied")
        }
    elif isinstance(event, Bolus):
        per_area = str(unit(STATES[event.state].unit) * unit("mm"))
        changed = {
            "amount": contents.named(f"{treatment}_amount", event.amount, per_area, "amount injected per skin area")
        }
    return replace(event, **changed)


def _share(
    expressions: list[sympy.Expr], shared: dict[str, sympy.Expr], prefix: str, apart: Set[sympy.Symbol] = frozenset()
) -> list[sympy.Expr]:
    """Return `expressions` with what they have in common moved to `shared`.

    A mere sign, and what reads a symbol of `apart`, is not moved.
    """
    common, reduced = sympy.cse(expressions, symbols=sympy.numbered_symbols(prefix, real=True))
    put_back: dict[sympy.Symbol, sympy.Expr] = {}
    for name, value in common:
        value = value.xreplace(put_back)
        if (-value).is_Symbol or value.free_symbols & apart:
            put_back[name] = value
        else:
            shared[str(name)] = value
    return [x.xreplace(put_back) for x in reduced]
