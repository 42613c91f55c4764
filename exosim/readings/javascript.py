"""The column as JavaScript: rates, rest, jumps, sessions and observables, all written from traces.

Nothing of the biology is written a second time. Rates are the traced equations; what a moment does is `happen` called
with symbols, once for each combination of events in the shipped scenarios; a session is the treatment's own `session`
called with symbols; what is observed is the recorder called with symbols. The solver and the reading of outcomes are in
``lesson/web``. States that only keep the books are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
from sympy.printing.jscode import JavascriptCodePrinter

from exosim.biology import channels, injury, system
from exosim.biology.notation import LAYERS, symbol
from exosim.engine import dopri
from exosim.engine.program import needed, program
from exosim.engine.trace import Equations
from exosim.events import Apply, Bolus, Event, Injury, Modulate
from exosim.results import outcomes
from exosim.simulation.equations import equations
from exosim.simulation.history import APART, OBSERVABLES, Moments, observation_times
from exosim.simulation.impact import traced
from exosim.treatments import shipped

Assignments = Sequence[tuple[str, sympy.Expr]]
SETTINGS = "s"  # prefix of a treatment's settings, which may be called like parameters


class JavaScript(JavascriptCodePrinter):  # type: ignore[misc]
    """The printer of SymPy expressions as JavaScript, with small whole powers as products."""

    def _print_Pow(self, expr: sympy.Pow) -> str:  # noqa: N802
        base, exponent = expr.as_base_exp()
        if exponent.is_Integer and 2 <= abs(int(exponent)) <= 4:
            product = "*".join([self.parenthesize(base, 1000)] * abs(int(exponent)))
            return f"({product})" if exponent > 0 else f"(1/({product}))"
        return str(super()._print_Pow(expr))

    def _print_Float(self, expr: sympy.Float) -> str:  # noqa: N802
        return repr(float(expr))


PRINTER = JavaScript()


def printed(value: Any) -> str:
    """Return an expression as JavaScript."""
    return str(PRINTER.doprint(sympy.sympify(value, strict=True)))


def column() -> tuple[Equations, list[int]]:
    """Return the traced column and those of its rows that do more than keep the books."""
    traced_column = equations()
    followed = [state for state in system.STATES if not state.ledger]
    return traced_column, traced_column.layout.entry_rows(followed)


def given() -> tuple[str, ...]:
    """Return the names of all numbers that equations take: parameters, then inputs that describe the skin."""
    return column()[0].parameters + column()[0].inputs


def function(name: str, places: Mapping[str, Sequence[str]], assigned: Assignments) -> str:
    """Write a JavaScript function that reads named places of arrays and then assigns.

    Parameters
    ----------
    places : mapping
        Array argument -> names of its entries, in order.
    assigned : sequence of (target, expression)
        Targets such as ``out[3]``.
    """
    shared, values = sympy.cse([value for _, value in assigned], symbols=sympy.numbered_symbols("q"))
    lines = _read(places, [*(v for _, v in shared), *values])
    lines += [f"const {name} = {printed(value)};" for name, value in shared]
    lines += [f"{target} = {printed(v)};" for (target, _), v in zip(assigned, values, strict=True)]
    return _block(name, places, lines)


def _read(places: Mapping[str, Sequence[str]], values: Iterable[Any]) -> list[str]:
    used = {str(x) for value in values for x in sympy.sympify(value, strict=True).free_symbols}
    return [
        f"const {name} = {array}[{i}];"
        for array, names in places.items()
        for i, name in enumerate(names)
        if name in used
    ]


def _block(name: str, places: Mapping[str, Sequence[str]], lines: list[str]) -> str:
    arguments = ", ".join([*places, "out"])
    return f"function {name}({arguments}) {{\n" + "\n".join(lines) + "\n}\n"


def rates_source() -> str:
    """Write ``constants(g, out)``, constant in time, and ``rates(y, g, c, out)``, the derivative of every row."""
    traced_column, rows = column()
    mathematics = program(traced_column, stiff=False)
    entries = [traced_column.layout.entries[row] for row in rows]
    names = [str(name) for name, _ in mathematics.constants]
    lines = _read({"g": given()}, [value for _, value in mathematics.constants])
    for i, (name, value) in enumerate(mathematics.constants):
        lines.append(f"const {name} = {printed(value)}; out[{i}] = {name};")
    constants = _block("constants", {"g": given()}, lines)
    results = [mathematics.rates[row] for row in rows]
    places = {"y": entries, "g": given(), "c": names}
    shared = needed(results, mathematics.shared)
    lines = _read(places, [*(value for _, value in shared), *results])
    lines += [f"const {name} = {printed(value)};" for name, value in shared]
    lines += [f"out[{i}] = {printed(value)};" for i, value in enumerate(results)]
    return constants + _block("rates", places, lines) + f"const CONSTANTS = {len(names)};\n"


def rest_source() -> str:
    """Write ``rest(g, out)``: every state at rest."""
    traced_column, rows = column()
    y = np.zeros(len(traced_column.layout.entries), dtype=object)
    traced_column.layout.write(y, system.rest(*system.symbols()))
    return function(
        "rest", {"g": given()}, [(f"out[{i}]", sympy.sympify(y[r], strict=True)) for i, r in enumerate(rows)]
    )


def sample(signature: str) -> tuple[list[Event], list[str]]:
    """Return the events of one moment with numbers as symbols, and the names of the numbers in order.

    >>> sample("injury:puncture+apply:gel")[1]
    ['e0_reach', 'e0_density', 'e0_radius', 'e1_amount']
    """
    events: list[Event] = []
    names: list[str] = []

    def number(what: str) -> Any:
        names.append(f"e{len(events)}_{what}")
        return symbol(names[-1])

    for part in signature.split("+"):
        kind, _, detail = part.partition(":")
        if kind == "injury":
            reach, density, radius = number("reach"), number("density"), number("radius")
            events.append(Injury(0.0, detail, reach, density, radius))
        elif kind == "apply":
            events.append(Apply(0.0, number("amount"), detail))
        else:
            events.append(Bolus(0.0, detail, number("amount")))
    return events, names


def jump_source(signature: str) -> str:
    """Write one entry of the table of jumps: ``(y, g, e, out)`` with the numbers of the events in `e`."""
    traced_column, rows = column()
    events, names = sample(signature)
    changed = traced(events, traced_column.layout, *system.symbols())
    entries = [traced_column.layout.entries[row] for row in rows]
    assigned = [(f"out[{i}]", changed[name]) for i, name in enumerate(entries) if name in changed]
    body = function("", {"y": entries, "g": given(), "e": names}, assigned)
    return f"{json.dumps(signature)}: {body.rstrip()},\n"


def depth_source(mode: str) -> str:
    """Write one entry of the table of depths: ``(g, [reach, radius])`` gives the depth of the zones of a pass, mm."""
    p, u = system.symbols()
    reach, radius, density = map(symbol, ("reach", "radius", "density"))
    (wound,) = injury.MODES[mode](p, u, [injury.Pass(reach, radius, density)])
    lines = _read({"g": given(), "e": ("reach", "radius")}, [wound.depth])
    return f"{json.dumps(mode)}: function (g, e) {{ {' '.join(lines)} return {printed(wound.depth)}; }},\n"


def event_source(event: Event) -> str:
    """Write an event as a JavaScript literal: what it is, and its numbers as expressions of the settings."""
    if isinstance(event, Modulate):
        until, factor = printed(event.until), printed(event.factor)
        name = json.dumps(event.parameter)
        return f'{{rank: 0, what: "modulate", parameter: {name}, until: {until}, factor: {factor}}}'
    if isinstance(event, Injury):
        numbers = [event.reach, event.density_per_cm2, event.radius_mm]
        return _happening(1, f"injury:{event.mode}", numbers)
    if isinstance(event, Apply):
        return _happening(2, f"apply:{event.film}", [event.amount])
    return _happening(3, f"bolus:{event.state}", [event.amount])


def _happening(rank: int, what: str, numbers: Sequence[Any]) -> str:
    return f"{{rank: {rank}, what: {json.dumps(what)}, numbers: [{', '.join(map(printed, numbers))}]}}"


def session_source(kind: str) -> str:
    """Write one entry of the table of sessions: ``(s, day)`` gives the events of a session of this treatment."""
    cls = shipped()[kind]
    names = list(cls.model_fields)
    symbols: Any = {name: symbol(f"{SETTINGS}_{name}") for name in names}
    events = cls.model_construct(**symbols).session(symbol("day"))
    read = "".join(f"const {SETTINGS}_{name} = s.{name}; " for name in names)
    return f"{json.dumps(kind)}: function (s, day) {{ {read}return [{', '.join(map(event_source, events))}]; }},\n"


def observe_source() -> str:
    """Write ``observe(y, g, out)``: every observable, as the recorder computes it."""
    traced_column, rows = column()
    layout = traced_column.layout
    y = np.array([symbol(name) for name in layout.entries], dtype=object)[:, None, None]
    _, u = system.symbols()
    states = layout.view(y)
    moments = Moments(states, channels.wound_area(states), u.thickness.reshape(len(LAYERS), 1), APART)
    values = [x.compute(moments)[0, 0] for x in OBSERVABLES]
    entries = [layout.entries[row] for row in rows]
    return function("observe", {"y": entries, "g": given()}, [(f"out[{i}]", v) for i, v in enumerate(values)])


def soon() -> list[float]:
    """Return the times after an event at which observables are taken in addition to every whole day."""
    start = 2.0**-10
    times = observation_times(start, 20.0)
    return [round(float(t - start), 6) for t in times if t != np.floor(t)]


def numbers_source() -> str:
    """Write the constants of the solver and of the outcomes."""
    traced_column, rows = column()
    a = [[dopri.A2], *map(list, (dopri.A3, dopri.A4, dopri.A5, dopri.A6, dopri.A7))]
    table = {
        "ENTRIES": [traced_column.layout.entries[row] for row in rows],
        "SCALES": [float(traced_column.layout.scales[row]) for row in rows],
        "GIVEN": given(),
        "OBSERVABLES": [x.name for x in OBSERVABLES],
        "SOON": soon(),
        "A": a,
        "E": dopri.E,
        "VISIBLE_REDNESS": outcomes.VISIBLE_REDNESS,
        "VISIBLE_IMPROVEMENT": outcomes.VISIBLE_IMPROVEMENT,
        "PIH_RISE": outcomes.PIH_RISE,
    }
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in table.items())


def generated(signatures: Iterable[str]) -> str:
    """Write everything that comes from traces, for moments with these combinations of events."""
    jumps = "".join(map(jump_source, signatures))
    sessions = "".join(map(session_source, shipped()))
    depths = "".join(map(depth_source, injury.MODES))
    return "".join(
        [
            numbers_source(),
            rates_source(),
            rest_source(),
            observe_source(),
            f"const JUMPS = {{\n{jumps}}};\n",
            f"const SESSIONS = {{\n{sessions}}};\n",
            f"const DEPTHS = {{\n{depths}}};\n",
        ]
    )
