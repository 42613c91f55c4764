"""An oracle for the column: SciPy's Radau with an exact Jacobian on the traced equations, none of the engine's solver.

Integration is cut at every edge of the schedule and at every whole day, so that no sample is interpolated.
"""

from functools import cache
from types import SimpleNamespace

import numpy as np
import sympy
from scipy.integrate import Radau

from exosim.biology import system
from exosim.biology.notation import symbol
from exosim.events import at, factors
from exosim.simulation.equations import equations
from exosim.simulation.impact import Snapshot, happen
from exosim.simulation.setup import parameter_values
from exosim.skin.scars import fields


@cache
def functions():
    """Rates and Jacobian of the column, as functions of entries, parameters and inputs."""
    column = equations()
    y, p, u = ([symbol(name) for name in names] for names in (column.layout.entries, column.parameters, column.inputs))
    filled = [(i, j) for i, rate in enumerate(column.rates) for j, x in enumerate(y) if x in rate.free_symbols]
    slopes = [column.rates[i].diff(y[j]) for i, j in filled]
    rates = sympy.lambdify([y, p, u], list(column.rates), "math", cse=True)
    entries = sympy.lambdify([y, p, u], slopes, "math", cse=True)
    where = tuple(np.array(filled).T)

    def jacobian(*arguments):
        out = np.zeros((len(y), len(y)))
        out[where] = entries(*arguments)
        return out

    return rates, jacobian


def radau(scenario, values, rtol=1e-10):
    """All entries at whole days, ``(days + 1, rows)``: on day 0 before, on other days after what happens."""
    column = equations()
    layout, timeline, end = column.layout, scenario.timeline, scenario.days
    values = parameter_values(scenario, values)
    skin = fields(scenario.skin.scar, scenario.skin.severity)
    collagen, melanocyte = skin.collagen_rest[:, 0], float(skin.melanocyte_rest[0])
    p = SimpleNamespace(**values)
    u = system.with_geometry(p, collagen_rest=collagen, melanocyte_rest=melanocyte, held=skin.held[0])
    inputs = [*collagen.tolist(), melanocyte, float(skin.held[0])]
    y = np.zeros(len(layout.entries))
    layout.write(y, system.rest(p, u))
    samples = [y.copy()]
    cuts = sorted({*(piece.start for piece in scenario.pieces), end, *map(float, range(int(end) + 1))})
    for start, stop in zip(cuts, [*cuts[1:], end], strict=True):
        active = factors(timeline, start)
        now = {name: value * active.get(name, 1) for name, value in values.items()}
        if start < end:
            happen(at(timeline, start), Snapshot(layout, y, SimpleNamespace(**now)), u, None)
        if 0 < start == int(start):
            samples.append(y.copy())
        if stop > start:
            y = _advance(y, [now[name] for name in column.parameters], inputs, start, stop, rtol, layout.scales)
    return np.array(samples)


def _advance(y, p, inputs, start, stop, rtol, scales):
    rates, jacobian = functions()
    solver = Radau(
        lambda t, y: np.array(rates(y.tolist(), p, inputs)),
        start,
        y,
        stop,
        rtol=rtol,
        atol=1e-4 * rtol * scales,
        jac=lambda t, y: jacobian(y.tolist(), p, inputs),
    )
    while solver.status == "running":
        solver.step()
    assert solver.status == "finished", (start, stop)
    return solver.y
