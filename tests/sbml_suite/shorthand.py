"""Small SBML models from a few lines of text.

::

    compartment C 2
    species S in C amount 3 substance boundary constant
    species T in C concentration 1
    parameter k 0.5
    function f(x, y) = x + 2 * y
    S = 2 * k               initial assignment
    x := k * S              assignment rule
    x' = 2                  rate rule
    0 = x + k               algebraic rule
    J: 2 S + n=1 T -> U; k * S
    event E: time > 3; x = 1, k = 2; delay 1; priority 5; late; fickle; initially false
"""

import re

import libsbml


def document(text, level=3, version=2):
    """An SBML document of the lines of `text`."""
    made = libsbml.SBMLDocument(level, version)
    model = made.createModel()
    for line in filter(None, map(str.strip, text.strip().splitlines())):
        pattern, write = next((p, write) for p, write in LINES if re.match(p, line))
        write(model, *re.match(pattern, line).groups())
    return made


def formula(thing, text):
    node = libsbml.parseL3Formula(text)
    if node is None or thing.setMath(node) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise ValueError(libsbml.getLastParseL3Error() or text)


def compartment(model, name, size):
    made = model.createCompartment()
    made.setId(name)
    made.setSpatialDimensions(3)
    made.setConstant(False)
    if size:
        made.setSize(float(size))


def parameter(model, name, value):
    made = model.createParameter()
    made.setId(name)
    made.setConstant(False)
    if value:
        made.setValue(float(value))


def species(model, name, place, kind, value, flags):
    made = model.createSpecies()
    made.setId(name)
    made.setCompartment(place)
    made.setHasOnlySubstanceUnits("substance" in flags)
    made.setBoundaryCondition("boundary" in flags)
    made.setConstant("constant" in flags)
    if kind:
        setter = {"amount": made.setInitialAmount, "concentration": made.setInitialConcentration}[kind]
        setter(float(value))


def function(model, name, arguments, text):
    made = model.createFunctionDefinition()
    made.setId(name)
    formula(made, f"lambda({arguments}, {text})")


def initial(model, name, text):
    made = model.createInitialAssignment()
    made.setSymbol(name)
    formula(made, text)


def rule(create):
    def write(model, *target_and_text):
        *target, text = target_and_text
        made = create(model)
        if target:
            made.setVariable(target[0])
        formula(made, text)

    return write


def reaction(model, name, before, after, law):
    made = model.createReaction()
    made.setId(name)
    made.setReversible(False)
    if made.getLevel() * 10 + made.getVersion() < 32:
        made.setFast(False)
    references(made.createReactant, before)
    references(made.createProduct, after)
    formula(made.createKineticLaw(), law)


def references(create, text):
    for count, name in re.findall(r"(?:([\w.=]+) )?([A-Za-z_]\w*)", text):
        made = create()
        made.setSpecies(name)
        identifier, _, number = count.rpartition("=") if "=" in count or not count[:1].isalpha() else (count, "", "")
        if identifier:
            made.setId(identifier)
        if number or not count:
            made.setStoichiometry(float(number or 1))
        made.setConstant(False)


def event(model, name, trigger, assignments, options):
    made = model.createEvent()
    made.setId(name)
    made.setUseValuesFromTriggerTime("late" not in options)
    start = made.createTrigger()
    start.setPersistent("fickle" not in options)
    start.setInitialValue("initially false" not in options)
    formula(start, trigger)
    for option, create in (("delay", made.createDelay), ("priority", made.createPriority)):
        for text in re.findall(rf"{option} ([^;]+)", options):
            formula(create(), text)
    for assignment in re.split(r", (?=\w+ = )", assignments):
        target, text = assignment.split(" = ")
        one = made.createEventAssignment()
        one.setVariable(target.strip())
        formula(one, text)


LINES = [
    (r"compartment (\w+) ?(\S+)?$", compartment),
    (r"parameter (\w+) ?(\S+)?$", parameter),
    (r"function (\w+)\((.*?)\) = (.+)$", function),
    (r"species (\w+) in (\w+)(?: (amount|concentration) (\S+))?(.*)$", species),
    (r"event (\w+): ([^;]+); ([^;]+)(.*)$", event),
    (r"0 = (.+)$", rule(libsbml.Model.createAlgebraicRule)),
    (r"(\w+) := (.+)$", rule(libsbml.Model.createAssignmentRule)),
    (r"(\w+)' = (.+)$", rule(libsbml.Model.createRateRule)),
    (r"(\w+) = (.+)$", initial),
    (r"(\w+): ([^;]*)->([^;]*); (.+)$", reaction),
]
