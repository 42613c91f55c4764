"""The column as SBML Level 3, so that other simulators can run what this package runs.

Nothing is written a second time: rates are the traced equations, and what a moment does is `happen` called with
symbols. Every state is a parameter with a rate rule (states are densities; there are no reactions), every moment of
the schedule one event. A parameter that a treatment modulates keeps its value and gets a factor beside it, which the
events set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import chain, count
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import libsbml
import numpy as np
import sympy
from sympy.printing.str import StrPrinter

from exosim.biology import system
from exosim.biology.notation import State
from exosim.engine.trace import symbols_by_layer
from exosim.events import Apply, Bolus, Event, Injury, Modulate, Scheduled, at, edges, factors
from exosim.results.result import NOTICE
from exosim.scenario.model import Scenario
from exosim.simulation.equations import equations
from exosim.simulation.impact import traced
from exosim.simulation.setup import parameter_values
from exosim.skin.scars import fields

LEVEL, VERSION = 3, 2
ATOMS: dict[str, list[tuple[int, int, float]]] = {
    "d": [(libsbml.UNIT_KIND_SECOND, 1, 86400)],
    "mm": [(libsbml.UNIT_KIND_METRE, 1, 1e-3)],
    "mL": [(libsbml.UNIT_KIND_LITRE, 1, 1e-3)],
    "ng": [(libsbml.UNIT_KIND_GRAM, 1, 1e-9)],
    "pg": [(libsbml.UNIT_KIND_GRAM, 1, 1e-12)],
    "cell": [(libsbml.UNIT_KIND_ITEM, 1, 1)],
    "Mparticle": [(libsbml.UNIT_KIND_ITEM, 1, 1e6)],
    "SED": [(libsbml.UNIT_KIND_JOULE, 1, 100), (libsbml.UNIT_KIND_METRE, -2, 1)],  # erythemal dose, 100 J/m2
}
"""What units are made of, as SBML kinds: (kind, exponent, multiplier)."""
REACH = {"puncture": ("mm", "needle length")}
"""Unit and meaning of the reach of an injury, where it is a length."""


# -- units -----------------------------------------------------------------------------------------------------------


def unit(text: str) -> sympy.Expr:
    """A unit as an expression, so that units multiply and cancel.

    >>> unit("pg/mL") * unit("mL/d")
    pg/d
    """
    return sympy.sympify(text.replace("^", "**"), {atom: sympy.Symbol(atom) for atom in ATOMS})


def unit_of(expression: sympy.Expr, units: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """Unit of an expression whose symbols have `units`; the terms of a sum agree, which libSBML checks in the tests."""
    if expression.is_Symbol:
        return units[expression]
    if expression.is_Mul:
        return sympy.prod(unit_of(factor, units) for factor in expression.args)
    if expression.is_Pow and expression.exp.is_number:
        return unit_of(expression.base, units) ** sympy.nsimplify(expression.exp)
    if expression.is_Add:
        return unit_of(next(term for term in expression.args if not term.is_number), units)
    return sympy.Integer(1)


def unit_id(of: sympy.Expr) -> str:
    """An SBML identifier, made of its atoms.

    >>> unit_id(unit("pg/mL/d")), unit_id(unit("1"))
    ('pg_per_d_per_mL', 'dimensionless')
    """
    powers = {str(atom): int(power) for atom, power in of.as_powers_dict().items() if atom != 1}
    above = [f"{x}{n if n > 1 else ''}" for x, n in sorted(powers.items()) if n > 0]
    below = [f"per_{x}{-n if n < -1 else ''}" for x, n in sorted(powers.items()) if n < 0]
    return "_".join(above + below) or "dimensionless"


# -- what the file says, as symbols ----------------------------------------------------------------------------------


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

    def named(self, name: str, value: float, of: str, meaning: str) -> sympy.Symbol:
        """The constant that holds a number of the schedule; sessions that agree share it."""
        constant = Constant(value, of, meaning)
        names = chain([name], (f"{name}_{i}" for i in count(2)))
        return symbol(next(x for x in names if self.constants.setdefault(x, constant) == constant))


def symbol(name: str) -> sympy.Symbol:
    """The symbol that the traced equations use for `name`."""
    return symbols_by_layer(name, ())


def factor(parameter: str) -> str:
    """Name of the factor of a modulated parameter."""
    return f"{parameter}_factor"


def content(scenario: Scenario, values: Mapping[str, float]) -> Content:
    """Equations, numbers and schedule of a scenario."""
    column = equations()
    entries = column.layout.entries
    found = Content(constants=_numbers(scenario, values))
    p = SimpleNamespace(**{name: symbol(name) for name in column.parameters})
    skin = {name: symbols_by_layer(name, layers) for name, layers in system.SKIN_FIELDS.items()}
    u = system.with_geometry(p, **skin)

    initial = np.zeros(len(entries), dtype=object)
    column.layout.write(initial, system.rest(p, u))
    found.initial = dict(zip(entries, map(sympy.sympify, initial), strict=True))

    timeline = [x for x in scenario.timeline if x.event.day < scenario.days]
    found.factors = sorted({x.event.parameter for x in timeline if isinstance(x.event, Modulate)})
    modulated = {symbol(name): symbol(name) * symbol(factor(name)) for name in found.factors}
    rates = _share([rate.xreplace(modulated) for rate in column.rates], found.shared, "shared")
    found.rates = dict(zip(entries, rates, strict=True))

    moments = _moments(timeline, scenario.days, found, p, u)
    new = [value for moment in moments for value in moment.assigned.values()]
    # What moments have in common and does not read the tissue: depths and shares of the skin.
    reduced = iter(_share(new, found.shared, "jump", but=set(map(symbol, entries))))
    found.moments = [replace(m, assigned={name: next(reduced) for name in m.assigned}) for m in moments]
    return found


def _moments(
    timeline: Sequence[Scheduled], end: float, found: Content, p: SimpleNamespace, u: SimpleNamespace
) -> list[Moment]:
    """The moments at which something happens or a factor changes; windows change first, as in the loop."""
    named = [replace(x, event=_with_names(x, found)) for x in timeline]
    before: dict[str, float] = {}
    moments = []
    for day in edges(timeline, end)[:-1]:
        now = factors(timeline, day)
        p_now = SimpleNamespace(**{name: value * now.get(name, 1) for name, value in vars(p).items()})
        changed = {k: now.get(k, 1.0) for k in found.factors if now.get(k) != before.get(k)}
        assigned = {factor(k): sympy.Float(v) for k, v in changed.items()}
        assigned |= traced(at(named, day), equations().layout, p_now, u)
        before = now
        if assigned:
            who = dict.fromkeys(x.treatment for x in timeline if x.event.day == day)
            moments.append(Moment(day, f"day {day:g}: {', '.join(who) or 'a window ends'}", assigned))
    return moments


def _numbers(scenario: Scenario, values: Mapping[str, float]) -> dict[str, Constant]:
    """Parameters of the model and what describes the skin."""
    merged = parameter_values(scenario, values)
    numbers = {
        name: Constant(float(merged[name]), q.unit, f"{q.meaning}; {q.evidence}: {q.source}")
        for name, q in system.PARAMETERS.items()
    }
    skin = fields(scenario.skin.scar, scenario.skin.severity)
    for layer, density in zip(system.SKIN_FIELDS["collagen_rest"], skin.collagen_rest[:, 0], strict=True):
        meaning = f"resting collagen density of the scar, 1 = healthy ({layer})"
        numbers[f"collagen_rest_{layer}"] = Constant(float(density), "1", meaning)
    numbers["melanocyte_rest"] = Constant(
        float(skin.melanocyte_rest[0]), "1", "resting melanocyte activation, 1 in ordinary skin"
    )
    return numbers


def _with_names(scheduled: Scheduled, found: Content) -> Event:
    """An event whose numbers are named constants of the file."""
    event, of = scheduled.event, scheduled.treatment
    changed: dict[str, Any] = {}
    if isinstance(event, Injury):
        reach = REACH.get(event.mode, ("1", "energy relative to the reference pulse"))
        density = found.named(f"{of}_density", event.density_per_cm2 / 100, "1/mm^2", "zones per skin area")
        changed = {
            "reach": found.named(f"{of}_reach", event.reach, *reach),
            "density_per_cm2": 100 * density,
            "radius_mm": found.named(f"{of}_radius", event.radius_mm, "mm", "radius of the core of a zone"),
        }
    elif isinstance(event, Apply):
        changed = {
            "particles": found.named(f"{of}_dose", event.particles, "Mparticle/mm^2", "exosomes applied")
        }
    elif isinstance(event, Bolus):
        per_area = str(unit(_state(event.state).unit) * unit("mm"))
        changed = {
            "amount": found.named(f"{of}_amount", event.amount, per_area, "amount injected per skin area")
        }
    return replace(event, **changed)


def _state(name: str) -> State:
    return next(state for state in system.STATES if state.name == name)


def _share(
    expressions: list[sympy.Expr],
    shared: dict[str, sympy.Expr],
    prefix: str,
    but: Set[sympy.Symbol] = frozenset(),
) -> list[sympy.Expr]:
    """Compute what `expressions` have in common once, unless it is a mere sign or reads a symbol of `but`."""
    common, reduced = sympy.cse(expressions, symbols=sympy.numbered_symbols(prefix, real=True))
    put_back: dict[sympy.Symbol, sympy.Expr] = {}
    for name, value in common:
        value = value.xreplace(put_back)
        if (-value).is_Symbol or value.free_symbols & but:
            put_back[name] = value
        else:
            shared[str(name)] = value
    return [x.xreplace(put_back) for x in reduced]


# -- writing it ------------------------------------------------------------------------------------------------------


class Formulas(StrPrinter):  # type: ignore[misc]
    """SymPy to the infix of SBML Level 3."""

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:  # noqa: N802
        return str(super()._print_Pow(expr, rational)).replace("**", "^")

    def _print_Float(self, expr: sympy.Float) -> str:  # noqa: N802
        return repr(float(expr))

    def _print_Max(self, expr: sympy.Max) -> str:  # noqa: N802
        return f"max({', '.join(map(self._print, expr.args))})"

    def _print_Min(self, expr: sympy.Min) -> str:  # noqa: N802
        return f"min({', '.join(map(self._print, expr.args))})"


def maths(expression: sympy.Expr) -> libsbml.ASTNode:
    """An expression as MathML; its bare numbers are dimensionless."""
    node = libsbml.parseL3Formula(Formulas().doprint(expression))
    _dimensionless(node)
    return node


def _dimensionless(node: libsbml.ASTNode) -> None:
    if node.isNumber():
        node.setUnits("dimensionless")
    for i in range(node.getNumChildren()):
        _dimensionless(node.getChild(i))


def document(scenario: Scenario, values: Mapping[str, float], parameters: str = "") -> str:
    """The SBML document of a scenario at column resolution.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter of the model, as from ``parameter_set(name).values()``.
    parameters : str
        Name of the parameter set, for the notes.
    """
    found = content(scenario, values)
    file = libsbml.SBMLDocument(LEVEL, VERSION)
    model = file.createModel()
    model.setId("exosim")
    model.setName(_clean(scenario.name))
    model.setNotes(_notes(scenario, parameters))
    model.setTimeUnits("d")
    _Writer(model).write(found)
    return str(libsbml.writeSBMLToString(file))


class _Writer:
    """Puts content into an SBML model; knows the unit of every identifier it has written."""

    def __init__(self, model: libsbml.Model) -> None:
        self.model = model
        self.units: dict[sympy.Symbol, sympy.Expr] = {}
        self.unit_id(unit("d"))

    def write(self, found: Content) -> None:
        for name, x in found.constants.items():
            self.parameter(name, unit(x.unit), x.meaning, x.value, constant=True)
        for name in found.factors:
            self.parameter(factor(name), unit("1"), f"what treatments multiply {name} by", 1.0)
        for state in system.STATES:
            for entry, layer in zip(state.entries, state.layers or ("",), strict=True):
                self.parameter(entry, unit(state.unit), state.meaning + (f" ({layer})" if layer else ""))
                self.initial(entry, found.initial[entry])
        for name, value in found.shared.items():
            self.parameter(name, unit_of(value, self.units), "")
            rule = self.model.createAssignmentRule()
            rule.setVariable(name)
            rule.setMath(maths(value))
        for name, value in found.rates.items():
            if value != 0:
                rule = self.model.createRateRule()
                rule.setVariable(name)
                rule.setMath(maths(value))
        for number, moment in enumerate(found.moments, start=1):
            self.event(number, moment)

    def parameter(
        self, name: str, of: sympy.Expr, meaning: str, value: float | None = None, constant: bool = False
    ) -> None:
        self.units[symbol(name)] = of
        written = self.model.createParameter()
        written.setId(name)
        written.setUnits(self.unit_id(of))
        written.setConstant(constant)
        if meaning:
            written.setName(name.replace("_", " "))
            written.setNotes(_paragraphs(meaning))
        if value is not None:
            written.setValue(value)

    def initial(self, name: str, value: sympy.Expr) -> None:
        if value.is_number:
            self.model.getParameter(name).setValue(float(value))
        else:
            assignment = self.model.createInitialAssignment()
            assignment.setSymbol(name)
            assignment.setMath(maths(value))

    def event(self, number: int, moment: Moment) -> None:
        event = self.model.createEvent()
        event.setId(f"moment{number}")
        event.setName(moment.name)
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setInitialValue(False)  # so that a moment at day 0 happens too
        trigger.setPersistent(True)
        trigger.setMath(libsbml.parseL3Formula(f"time >= {moment.day!r} d"))
        for name, value in moment.assigned.items():
            assignment = event.createEventAssignment()
            assignment.setVariable(name)
            assignment.setMath(maths(value))

    def unit_id(self, of: sympy.Expr) -> str:
        name = unit_id(of)
        if name == "dimensionless" or self.model.getUnitDefinition(name):
            return name
        definition = self.model.createUnitDefinition()
        definition.setId(name)
        for atom, power in sorted(of.as_powers_dict().items(), key=str):
            for kind, exponent, multiplier in ATOMS[str(atom)]:
                part = definition.createUnit()
                part.setKind(kind)
                part.setExponent(int(power) * exponent)
                part.setScale(0)
                part.setMultiplier(multiplier)
        return name


def _notes(scenario: Scenario, parameters: str) -> str:
    return _paragraphs(
        NOTICE,
        f"Scenario: {scenario.name}; {scenario.days:g} days.",
        *([scenario.note] if scenario.note else []),
        f"Written by exosim {version('exosim')}"
        + (f" with the parameter set {parameters}." if parameters else "."),
        "One column of skin: channels appear as their expected behaviour. The agents that open and close one by one "
        "on a patch live in the Python package only.",
        "Time is in days; the moments of the schedule are events.",
    )


def _paragraphs(*texts: str) -> str:
    inside = "".join(f"<p>{escape(_clean(text))}</p>" for text in texts)
    return f'<body xmlns="http://www.w3.org/1999/xhtml">{inside}</body>'


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", text)
