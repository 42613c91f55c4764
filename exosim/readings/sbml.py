"""The column as SBML Level 3, so that other simulators can run what this package runs.

Every state is a parameter with a rate rule (states are densities; there are no reactions), and every moment of the
schedule is one event. A parameter that a treatment modulates keeps its value and gets a factor, which the events set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from xml.sax.saxutils import escape

import libsbml
import sympy
from sympy.printing.str import StrPrinter

from exosim.biology import system
from exosim.biology.notation import symbol
from exosim.readings.sbml_content import Content, Moment, content, factor
from exosim.readings.sbml_units import ATOMS, unit, unit_id, unit_of
from exosim.results.result import NOTICE
from exosim.scenario.model import Scenario

LEVEL, VERSION = 3, 2


class Formulas(StrPrinter):  # type: ignore[misc]
    """The printer of SymPy expressions in the infix of SBML Level 3."""

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:  # noqa: N802
        return str(super()._print_Pow(expr, rational)).replace("**", "^")

    def _print_Float(self, expr: sympy.Float) -> str:  # noqa: N802
        return repr(float(expr))

    def _print_Max(self, expr: sympy.Max) -> str:  # noqa: N802
        return f"max({', '.join(map(self._print, expr.args))})"

    def _print_Min(self, expr: sympy.Min) -> str:  # noqa: N802
        return f"min({', '.join(map(self._print, expr.args))})"


def maths(expression: sympy.Expr) -> libsbml.ASTNode:
    """Return an expression as MathML; its bare numbers are dimensionless."""
    node = libsbml.parseL3Formula(Formulas().doprint(expression))
    _dimensionless(node)
    return node


def _dimensionless(node: libsbml.ASTNode) -> None:
    if node.isNumber():
        node.setUnits("dimensionless")
    for i in range(node.getNumChildren()):
        _dimensionless(node.getChild(i))


def document(scenario: Scenario, values: Mapping[str, float], parameters: str = "") -> str:
    """Return the SBML document of a scenario at column resolution.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter of the model, as from ``parameter_set(name).values()``.
    parameters : str
        Name of the parameter set, for the notes.
    """
    file = libsbml.SBMLDocument(LEVEL, VERSION)
    model = file.createModel()
    model.setId("exosim")
    model.setName(_clean(scenario.name))
    model.setNotes(_notes(scenario, parameters))
    model.setTimeUnits("d")
    _Writer(model).write(content(scenario, values))
    return str(libsbml.writeSBMLToString(file))


class _Writer:
    """Writes content into an SBML model; knows the unit of every identifier it has written."""

    def __init__(self, model: libsbml.Model) -> None:
        self.model = model
        self.units: dict[sympy.Symbol, sympy.Expr] = {}
        self.unit_id(unit("d"))

    def write(self, contents: Content) -> None:
        for name, x in contents.constants.items():
            self.parameter(name, unit(x.unit), x.meaning, x.value, constant=True)
        for name in contents.factors:
            self.parameter(factor(name), unit("1"), f"what treatments multiply {name} by", 1.0)
        for state in system.STATES:
            for entry, layer in zip(state.entries, state.layers or ("",), strict=True):
                self.parameter(entry, unit(state.unit), state.meaning + (f" ({layer})" if layer else ""))
                self.initial(entry, contents.initial[entry])
        for name, value in contents.shared.items():
            self.parameter(name, unit_of(value, self.units), "")
            rule = self.model.createAssignmentRule()
            rule.setVariable(name)
            rule.setMath(maths(value))
        for name, value in contents.rates.items():
            if value != 0:
                rule = self.model.createRateRule()
                rule.setVariable(name)
                rule.setMath(maths(value))
        for number, moment in enumerate(contents.moments, start=1):
            self.event(number, moment)

    def parameter(
        self, name: str, measure: sympy.Expr, meaning: str, value: float | None = None, constant: bool = False
    ) -> None:
        self.units[symbol(name)] = measure
        written = self.model.createParameter()
        written.setId(name)
        written.setUnits(self.unit_id(measure))
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

    def unit_id(self, measure: sympy.Expr) -> str:
        name = unit_id(measure)
        if name == "dimensionless" or self.model.getUnitDefinition(name):
            return name
        definition = self.model.createUnitDefinition()
        definition.setId(name)
        for atom, power in sorted(measure.as_powers_dict().items(), key=str):
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
        f"Written by exosim {version('exosim')}" + (f" with the parameter set {parameters}." if parameters else "."),
        "One column of skin: channels appear as their expected behaviour. The agents that open and close one by one "
        "on a patch live in the Python package only.",
        "Time is in days; the moments of the schedule are events.",
    )


def _paragraphs(*texts: str) -> str:
    inside = "".join(f"<p>{escape(_clean(text))}</p>" for text in texts)
    return f'<body xmlns="http://www.w3.org/1999/xhtml">{inside}</body>'


def _clean(text: str) -> str:
    """Return `text` without characters that XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", text)
