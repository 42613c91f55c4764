"""MathML of SBML as SymPy expressions in real symbols.

`sbmlmath` reads identifiers, numbers and symbols. Operators are given here, because SBML calls some with any
number of arguments, lets numbers stand for truth values and the reverse, and rounds `rem` and `quotient`
towards zero. Only functions remain that NumPy has too.
"""

from itertools import pairwise

import libsbml
import sympy
from lxml import etree
from sbmlmath import SBMLMathMLParser
from sympy.logic.boolalg import Boolean


class Unsupported(NotImplementedError):
    """A construct of SBML that traced equations with a timeline of jumps cannot express; the message names it."""


def symbol(identifier):
    """The symbol of an SBML identifier; the underscore keeps it clear of keywords and of our own names."""
    return own(f"{identifier}_")


def own(name):
    """A symbol of our own; `name` does not end in an underscore."""
    return sympy.Symbol(name, real=True)


def rate_symbol(quantity):
    """What stands for the time derivative of a symbol until it is known."""
    return own(f"{quantity.name}rate")


TIME = own("time")
INFINITY = own("infinity")  # a parameter, because SymPy computes with its own infinity in its own way
UNDEFINED = own("undefined")
AVOGADRO = 6.02214179e23  # of SBML Level 3


def number(x):
    """A truth value as 1 or 0; a number as it is."""
    is_truth = isinstance(x, Boolean) and not isinstance(x, sympy.Symbol)
    return sympy.Piecewise((1, x), (0, True)) if is_truth else x


def truth(x):
    """A number as a truth value: anything but 0 is true."""
    is_truth = isinstance(x, Boolean) and not isinstance(x, sympy.Symbol)
    return x if is_truth else sympy.Ne(x, 0)


def relation(compare):
    """``a < b < c`` as a function of any number of arguments."""
    return lambda *args: sympy.And(*(compare(number(a), number(b)) for a, b in pairwise(args)))


def logical(combine):
    """A function of truth values."""
    return lambda *args: combine(*map(truth, args))


def numeric(function):
    """A function of numbers; what SymPy cannot make a real number of becomes infinite or undefined."""

    def call(*args):
        value = function(*map(number, args))
        if value.is_real is False and value.is_finite:
            return UNDEFINED
        return value.xreplace({sympy.zoo: INFINITY, sympy.oo: INFINITY, sympy.nan: UNDEFINED, sympy.I: UNDEFINED})

    return call


def divide(a, b):
    """``a / b``, where division by a literal 0 is infinite."""
    if b != 0:
        return a / b
    return UNDEFINED if a == 0 else a * INFINITY


def logarithm(*args):
    """Natural logarithm of one argument, or logarithm of the second to the base of the first."""
    if len(args) == 2:
        return logarithm(args[1]) / logarithm(args[0])
    return -INFINITY if args[0] == 0 else sympy.log(args[0])


def truncated(x):
    """`x` rounded towards zero."""
    return sympy.Piecewise((sympy.floor(x), x >= 0), (sympy.ceiling(x), True))


def quotient(a, b):
    """Whole part of ``a / b``."""
    return truncated(divide(a, b))


def odd(*args):
    """True where an odd number of arguments is true."""
    result = sympy.false
    for x in args:
        result = sympy.Or(sympy.And(result, sympy.Not(x)), sympy.And(sympy.Not(result), x))
    return result


FUNCTIONS = {
    "plus": lambda *args: sympy.Add(*args),
    "times": lambda *args: sympy.Mul(*args),
    "minus": lambda a, b=None: -a if b is None else a - b,
    "divide": divide,
    "power": lambda a, b: INFINITY if a == 0 and b.is_negative else a**b,
    "root": lambda *args: args[-1] ** divide(1, args[0] if len(args) == 2 else sympy.Integer(2)),
    "log": logarithm,
    "ln": logarithm,
    "exp": sympy.exp,
    "abs": sympy.Abs,
    "floor": sympy.floor,
    "ceiling": sympy.ceiling,
    "factorial": lambda x: sympy.factorial(x) if x.is_number else sympy.gamma(x + 1),
    "max": sympy.Max,
    "min": sympy.Min,
    "quotient": quotient,
    "rem": lambda a, b: a - b * quotient(a, b),
    "sec": lambda x: divide(1, sympy.cos(x)),
    "csc": lambda x: divide(1, sympy.sin(x)),
    "cot": lambda x: divide(1, sympy.tan(x)),
    "sech": lambda x: divide(1, sympy.cosh(x)),
    "csch": lambda x: divide(1, sympy.sinh(x)),
    "coth": lambda x: divide(1, sympy.tanh(x)),
    "arcsec": lambda x: sympy.acos(divide(1, x)),
    "arccsc": lambda x: sympy.asin(divide(1, x)),
    "arccot": lambda x: sympy.atan(divide(1, x)),
    "arcsech": lambda x: sympy.acosh(divide(1, x)),
    "arccsch": lambda x: sympy.asinh(divide(1, x)),
    "arccoth": lambda x: sympy.atanh(divide(1, x)),
    **{name: getattr(sympy, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"arc{name}": getattr(sympy, f"a{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
}
OPERATORS = {
    **{name: numeric(function) for name, function in FUNCTIONS.items()},
    "eq": relation(sympy.Eq),
    "neq": relation(sympy.Ne),
    "lt": relation(sympy.Lt),
    "gt": relation(sympy.Gt),
    "leq": relation(sympy.Le),
    "geq": relation(sympy.Ge),
    "and": logical(sympy.And),
    "or": logical(sympy.Or),
    "xor": logical(odd),
    "not": logical(sympy.Not),
    "implies": logical(lambda a, b: sympy.Or(sympy.Not(a), b)),
}


class Parser(SBMLMathMLParser):
    """The parser of `sbmlmath` with the operators above, for the maths of one model.

    Parameters
    ----------
    model : libsbml.Model
        Its function definitions are written out where they are called.
    """

    def __init__(self, model):
        super().__init__(
            model.getLevel(),
            model.getVersion(),
            floats_as_rationals=False,
            ignore_units=True,
            symbol_kwargs={"real": True},
            evaluate=True,
        )
        self.namespaces = libsbml.SBMLNamespaces(model.getLevel(), model.getVersion())
        defined = (x for x in model.getListOfFunctionDefinitions() if x.isSetMath())
        self.functions = {x.getId(): self.tree(x.getMath()) for x in defined}
        self.arguments = {}

    def tree(self, node):
        """A libSBML formula as an XML element."""
        return etree.fromstring(libsbml.writeMathMLWithNamespaceToString(node, self.namespaces).encode())[0]

    def maths(self, thing):
        """The maths of an SBML object, or none where it has none."""
        node = None if thing is None else thing.getMath()
        return None if node is None else self._parse_element(self.tree(node))

    def value(self, thing):
        """The maths of an SBML object as a number, or none."""
        expression = self.maths(thing)
        return None if expression is None else number(expression)

    def preprocess_symbol_name(self, name, element=None):
        return symbol(name).name

    def handle_ci(self, element):
        found = super().handle_ci(element)
        return self.arguments.get(found, found)

    def handle_apply(self, element):
        operator, *operands = element
        name = etree.QName(operator).localname
        values = list(map(self._parse_element, operands))
        if name in OPERATORS:
            return OPERATORS[name](*values)
        if name == "ci":
            return self.called(operator.text.strip(), values)
        kind = operator.get("definitionURL", name).rpartition("/")[2]
        if kind == "rateOf" and values[0].is_Symbol:
            return rate_symbol(values[0])
        raise Unsupported(kind)

    def called(self, name, values):
        """A function definition with `values` for its arguments."""
        *variables, body = self.functions.get(name, [None])
        if body is None or etree.QName(body).localname == "bvar":
            return UNDEFINED
        outer = self.arguments
        names = [symbol(x[0].text.strip()) for x in variables]
        self.arguments = dict(zip(names, values, strict=True))
        try:
            return self._parse_element(body)
        finally:
            self.arguments = outer

    def handle_csymbol(self, element):
        kind = element.get("definitionURL").rpartition("/")[2]
        if kind not in ("time", "avogadro"):
            raise Unsupported(kind)
        return TIME if kind == "time" else sympy.Float(AVOGADRO)

    def handle_piecewise(self, element):
        pieces = [list(map(self._parse_element, piece)) for piece in element]  # the last may lack a condition
        pairs = [(number(x), truth(*condition) if condition else True) for x, *condition in pieces]
        return sympy.Piecewise(*pairs, (UNDEFINED, True))

    def handle_infinity(self, element):
        return INFINITY

    def handle_notanumber(self, element):
        return UNDEFINED
