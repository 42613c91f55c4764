"""Small systems of equations with known answers."""

import sympy

from exosim.biology.notation import State
from exosim.engine.layout import Layout
from exosim.engine.trace import Equations


def system(rates, states, parameters=(), **options):
    """Equations from ``rates(*states, *parameters)`` in symbols."""
    symbols = [sympy.Symbol(name, real=True) for name in (*states, *parameters)]
    layout = Layout(State(name, "1", (), 1.0, "", **options.get(name, {})) for name in states)
    return Equations(layout, tuple(parameters), (), lambda: [sympy.sympify(x) for x in rates(*symbols)])


TURNOVER = system(lambda a, made, lost: [made - lost * a], ["a"], ["made", "lost"])
OSCILLATOR = system(lambda a, b: [-a + b / 5, -a / 5 - b * b], ["a", "b"])
CHAIN = system(lambda a, b, c: [-3 * a, 3 * a - b / 10, b / 10], ["a", "b", "c"])
STIFF = system(lambda a, b, c: [-(a - 1) / 10, -30 * (b - 1), -3000 * (c - 1)], ["a", "b", "c"])
