"""Reads a model of the SBML Test Suite into the engine's equations and a timeline of jumps.

Species are followed as amounts, whatever the model calls them; an identifier of the model then stands for an
expression of states and parameters (a concentration is an amount over a size, a reaction its kinetic law).
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import libsbml
import numpy as np
import sympy

from exosim.biology.notation import State
from exosim.engine.layout import Layout
from exosim.engine.trace import Equations
from tests.sbml_suite.maths import INFINITY, TIME, UNDEFINED, Parser, Unsupported, own, rate_symbol, symbol, truth
from tests.sbml_suite.timeline import Event, Foreseen, Timeline, evaluated

HARMLESS_PACKAGES = {"layout", "render", "groups", "l3v2extendedmath"}


@dataclass(frozen=True)
class Settings:
    """What a case asks for."""

    variables: list
    start: float = 0.0
    duration: float = 10.0
    steps: int = 10
    absolute: float = 1e-6
    relative: float = 1e-4
    amount: list = field(default_factory=list)
    concentration: list = field(default_factory=list)

    @classmethod
    def read(cls, path):
        """From the lines ``name: value`` of a settings file."""
        lines = (line.partition(":") for line in path.read_text().splitlines())
        found = {name.strip(): text.strip() for name, _, text in lines}
        lists = ("variables", "amount", "concentration")
        numbers = {name: float(found[name]) for name in ("start", "duration", "absolute", "relative")}
        names = {name: [x.strip() for x in found.get(name, "").split(",") if x.strip()] for name in lists}
        return cls(**numbers, **names, steps=int(found["steps"]))

    @property
    def end(self):
        return self.start + self.duration


@dataclass(frozen=True)
class Model:
    """An SBML model as the engine takes it."""

    equations: Equations
    values: dict
    initial: np.ndarray
    timeline: list
    outputs: dict


def read(folder):
    """The model of a case folder, of the highest level and version there."""
    folder = Path(folder)
    path = max(folder.glob("*-sbml-l*v*.xml"))
    settings = Settings.read(folder / f"{folder.name}-settings.txt")
    return translate(libsbml.readSBMLFromFile(str(path)), settings)


def translate(document, settings):
    """A libSBML document as a `Model`."""
    system = System(modern(document), settings.start)
    system.read()
    return system.model(settings)


def modern(document):
    """The model in Level 3 Version 2, without submodels and local parameters."""
    if document.getNumErrors(libsbml.LIBSBML_SEV_FATAL):
        raise ValueError(document.getErrorLog().toString())
    source = document.getModel() or document.createModel()
    for reaction in source.getListOfReactions():
        if document.getLevel() * 10 + document.getVersion() < 32 and reaction.getFast():
            raise Unsupported(f"fast reaction ({reaction.getId()})")
    for i in range(document.getNumPlugins()):
        package = document.getPlugin(i).getPackageName()
        if package == "comp":
            convert(document, "flatten comp")
        elif package not in HARMLESS_PACKAGES:
            raise Unsupported(f"package {package}")
    if (document.getLevel(), document.getVersion()) != (3, 2):
        succeeded(document.setLevelAndVersion(3, 2, False), "Level 3 Version 2")
    convert(document, "promoteLocalParameters")
    return document.getModel()


def convert(document, option):
    properties = libsbml.ConversionProperties()
    properties.addOption(option, True)
    succeeded(document.convert(properties) == libsbml.LIBSBML_OPERATION_SUCCESS, option)


def succeeded(success, what):
    if not success:
        raise ValueError(f"libSBML failed at: {what}")


class System:
    """All quantities of a model.

    Attributes
    ----------
    defined : dict
        Symbols that stand for an expression.
    initials : dict
        All other symbols, states and parameters, with their initial values: expressions.
    rates : dict
        Time derivatives of those that the model changes continuously.
    amounts : dict
        Species identifiers in concentrations: the symbols of amount and size.
    """

    def __init__(self, source, start):
        self.source = source
        self.parser = Parser(source)
        self.start = start
        self.defined = {}
        self.initials = {INFINITY: sympy.oo, UNDEFINED: sympy.nan}
        self.rates = {}
        self.amounts = {}
        self.meanings = {}
        self.first = {TIME: start}

    def read(self):
        """Take in the whole model; what it leaves open is as simulators have it: size 1, amount 0, count 1."""
        for parameter in self.source.getListOfParameters():
            self.quantity(parameter, parameter.getValue() if parameter.isSetValue() else np.nan)
        for compartment in self.source.getListOfCompartments():
            self.quantity(compartment, compartment.getSize() if compartment.isSetSize() else 1.0)
        for species in self.source.getListOfSpecies():
            self.species(species)
        for reaction in self.source.getListOfReactions():
            self.reaction(reaction)
        for target, expression in self.rate_rules.items():
            self.rate_rule(target, expression)
        for rule in self.source.getListOfRules():
            if rule.isAlgebraic() and rule.isSetMath():
                self.algebraic_rule(rule)

    # --- what the model says about an identifier

    @cached_property
    def assignments(self):
        """Assignment rules by symbol."""
        return self.rules(lambda rule: rule.isAssignment())

    @cached_property
    def rate_rules(self):
        """Rate rules by symbol."""
        return self.rules(lambda rule: rule.isRate())

    def rules(self, chosen):
        rules = [rule for rule in self.source.getListOfRules() if chosen(rule) and rule.isSetMath()]
        return {symbol(rule.getVariable()): self.parser.value(rule) for rule in rules}

    @cached_property
    def initial_assignments(self):
        """Initial assignments by symbol."""
        given = [x for x in self.source.getListOfInitialAssignments() if x.isSetMath()]
        return {symbol(x.getSymbol()): self.parser.value(x) for x in given}

    def quantity(self, thing, default):
        """A parameter, a compartment or a species reference."""
        target = symbol(thing.getId())
        if target in self.assignments:
            self.defined[target] = self.assignments[target]
        else:
            self.initials[target] = self.initial_assignments.get(target, literal(default))
        return target

    def species(self, species):
        """A species: its amount is the state, its identifier a concentration or the amount."""
        target = symbol(species.getId())
        amount = own(f"{target.name}amount")
        volume = symbol(species.getCompartment())
        size = sympy.Integer(1) if species.getHasOnlySubstanceUnits() else volume
        self.amounts[target] = amount, size
        if target in self.assignments:
            self.defined[target] = self.assignments[target]
            self.defined[amount] = target * size
            return
        self.defined[target] = amount / size
        if target in self.initial_assignments:
            self.initials[amount] = self.initial_assignments[target] * size
        elif species.isSetInitialAmount():
            self.initials[amount] = literal(species.getInitialAmount())
        elif species.isSetInitialConcentration():
            self.initials[amount] = literal(species.getInitialConcentration()) * volume
        else:
            self.initials[amount] = sympy.Integer(0)

    def reaction(self, reaction):
        """A reaction: its identifier is its rate, which changes the amounts of its species."""
        law = self.parser.value(reaction.getKineticLaw())
        rate = symbol(reaction.getId())
        self.defined[rate] = sympy.Integer(0) if law is None else law
        for side, references in ((-1, reaction.getListOfReactants()), (1, reaction.getListOfProducts())):
            for reference in references:
                self.turnover(reference, side * rate)

    def turnover(self, reference, rate):
        """Add what a reaction does to one species."""
        count = reference.getStoichiometry() if reference.isSetStoichiometry() else 1.0
        count = self.quantity(reference, count) if reference.isSetId() else literal(count)
        species = self.source.getSpecies(reference.getSpecies())
        target = symbol(species.getId())
        ruled = target in self.assignments or target in self.rate_rules
        if species.getBoundaryCondition() or species.getConstant() or ruled:
            return
        factor = species.getConversionFactor() or self.source.getConversionFactor()
        amount, _ = self.amounts[target]
        self.rates[amount] = self.rates.get(amount, 0) + rate * count * (symbol(factor) if factor else 1)

    def rate_rule(self, target, expression):
        """A rate rule; one for a concentration also carries the amount that a changing size would dilute."""
        if target in self.amounts:
            amount, size = self.amounts[target]
            dilution = target * rate_symbol(size) if size.is_Symbol else 0
            self.rates[amount] = expression * size + dilution
        else:
            self.rates[target] = expression

    def algebraic_rule(self, rule):
        """Turn ``0 = expression`` into the definition of the one quantity that nothing else determines."""
        expression = self.closed(self.parser.value(rule))
        free = [s for s in expression.free_symbols & self.initials.keys() if self.is_undetermined(s)]
        solutions = sympy.solve(expression, free[0]) if len(free) == 1 else []
        if len(solutions) != 1:
            raise Unsupported(f"algebraic rule that cannot be solved for one quantity ({expression})")
        del self.initials[free[0]]
        self.defined[free[0]] = solutions[0]
        self.meanings.clear()

    def is_undetermined(self, base):
        name = base.name.removesuffix("amount").removesuffix("_")
        thing = self.source.getElementBySId(name)
        return not (thing is None or thing.getConstant() or base in self.rates or base in self.assigned)

    # --- what symbols mean

    def closed(self, expression):
        """`expression` in states, parameters and time only."""
        return expression.xreplace({s: self.meaning(s) for s in expression.free_symbols})

    def meaning(self, s):
        """What a symbol stands for, in states, parameters and time only."""
        if s not in self.meanings:
            self.meanings[s] = None
            self.meanings[s] = self.looked_up(s)
        if self.meanings[s] is None:
            raise Unsupported(f"circular definition ({s})")
        return self.meanings[s]

    def looked_up(self, s):
        if s in self.defined:
            return self.closed(self.defined[s])
        if s.name.endswith("rate"):
            return self.derivative(own(s.name.removesuffix("rate")))
        return s

    def derivative(self, s):
        """The time derivative of a symbol."""
        if s not in self.defined:
            return self.closed(sympy.sympify(self.rates.get(s, int(s == TIME))))
        inner = self.meaning(s)
        terms = [inner.diff(x) * self.meaning(rate_symbol(x)) for x in inner.free_symbols - {TIME}]
        result = sympy.Add(inner.diff(TIME), *terms)
        if result.has(sympy.Derivative, sympy.Subs):
            raise Unsupported(f"rateOf of {inner}")
        return result

    def initial(self, s):
        """The value of a state or parameter at the start."""
        if s not in self.first:
            expression = self.closed(self.initials[s])
            self.first[s] = evaluated(expression, {x: self.initial(x) for x in expression.free_symbols})
        return self.first[s]

    # --- events

    @cached_property
    def events(self):
        """All events that can ever fire."""
        listed = enumerate(self.source.getListOfEvents())
        return [
            self.event(x, x.getIdAttribute() or str(i))
            for i, x in listed
            if self.parser.maths(x.getTrigger()) is not None
        ]

    def event(self, source, name):
        def optional(expression, default):
            return default if expression is None else self.closed(expression)

        trigger = source.getTrigger()
        given = {
            symbol(x.getVariable()): self.parser.value(x) for x in source.getListOfEventAssignments() if x.isSetMath()
        }
        return Event(
            name=name,
            trigger=self.closed(truth(self.parser.maths(trigger))),
            delay=optional(self.parser.value(source.getDelay()), sympy.Integer(0)),
            priority=optional(self.parser.value(source.getPriority()), -INFINITY),
            assignments={target: self.closed(expression) for target, expression in given.items()},
            from_trigger=source.getUseValuesFromTriggerTime(),
            persistent=trigger.getPersistent(),
            before=trigger.getInitialValue(),
        )

    @cached_property
    def assigned(self):
        """States and parameters that events change."""
        variables = (x.getVariable() for e in self.source.getListOfEvents() for x in e.getListOfEventAssignments())
        return {self.base(symbol(x)) for x in variables}

    def base(self, target):
        return self.amounts[target][0] if target in self.amounts else target

    def jump(self, assignments):
        """What assigning to identifiers does to states; a new concentration counts in the size before."""
        new = {target: x for target, x in assignments.items() if target not in self.amounts}
        for target in assignments.keys() & self.amounts.keys():
            amount, size = self.amounts[target]
            new[amount] = assignments[target] * self.closed(size)
        return new

    # --- the outcome

    def model(self, settings):
        """Equations, values and timeline of what was read."""
        states = [s for s in self.initials if s in self.rates or s in self.assigned]
        rates = {s: self.closed(sympy.sympify(self.rates.get(s, 0))) for s in states}
        parameters = [s for s in self.initials if s not in rates]
        foreseen = self.foreseen(rates, parameters)
        timeline = Timeline(self.events, self.jump, foreseen, list(rates.values()), settings.start, settings.end)
        jumps = timeline.run()
        rates |= dict.fromkeys(timeline.saved, sympy.Integer(0)) | {TIME: sympy.Integer(1)}
        initial = np.array([0.0 if s in timeline.saved else self.initial(s) for s in rates])
        return Model(
            equations(rates, initial, parameters),
            {s.name: self.initial(s) for s in parameters},
            initial,
            [(moment, {s.name: x for s, x in jump.items()}) for moment, jump in jumps],
            {name: self.closed(self.output(name, settings)) for name in settings.variables},
        )

    def foreseen(self, rates, parameters):
        """What is known of the future: constants, and what grows at a constant rate."""
        constant = {s: self.initial(s) for s in [*parameters, *(s for s, rate in rates.items() if rate == 0)]}
        growing = {s: self.initial(s) for s, rate in rates.items() if rate.free_symbols <= constant.keys()}
        return Foreseen(constant, {s: x for s, x in growing.items() if s not in constant}, rates, self.start)

    def output(self, name, settings):
        """The expression of a variable, as an amount or a concentration where the settings say so."""
        target = symbol(name)
        if target not in self.amounts:
            return target
        amount, _ = self.amounts[target]
        if name in settings.amount:
            return amount
        if name in settings.concentration:
            return amount / symbol(self.source.getSpecies(name).getCompartment())
        return target


def literal(x):
    """A number of the model; infinite and undefined ones become symbols."""
    if np.isnan(x):
        return UNDEFINED
    return sympy.Float(x) if np.isfinite(x) else INFINITY * int(np.sign(x))


def equations(rates, initial, parameters):
    """The engine's equations; a state's scale is its initial value."""
    scales = [abs(x) if np.isfinite(x) and x != 0 else 1.0 for x in initial]
    states = [
        State(s.name, unit="1", layers=(), scale=scale, meaning="A quantity of an SBML model.")
        for s, scale in zip(rates, scales, strict=True)
    ]
    return Equations(Layout(states), tuple(s.name for s in parameters), (), lambda: tuple(rates.values()))
