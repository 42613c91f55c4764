"""Runs cases of the SBML Test Suite through the engine and compares them with what the suite expects.

``python -m tests.sbml_suite.run FOLDER`` prints the verdict of every case in FOLDER.
"""

import signal
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import sympy

from exosim.engine.columns import FIRST_STEP, Columns, interpreted
from exosim.engine.trace import Equations
from tests.sbml_suite.importer import Settings, read
from tests.sbml_suite.maths import TIME, Unsupported
from tests.sbml_suite.timeline import evaluated, width

RTOL, ATOL = 1e-7, 1e-12
PATIENCE = 120  # seconds for one case


def integrate(equations, parameter_values, y, start, end, samples, rtol, atol, kernel=interpreted):
    """Rows at `samples` and at the end, where `y` are the rows at `start`."""
    columns = Columns(equations, parameter_values, {}, {}, 1, rtol, kernel(equations))
    columns.atol = atol * equations.layout.scales
    columns.size[:] = min(FIRST_STEP, (end - start) / 100)
    columns.y[:, 0] = y
    rows = np.empty((len(samples), len(y)))
    inside = samples > start
    rows[~inside] = y
    with np.errstate(all="ignore"):
        rows[inside] = columns.advance(start, end, samples[inside])[:, :, 0].T
    if columns.failures:
        raise ArithmeticError(f"{columns.failures[0].reason}: {columns.failures[0]}")
    return rows, columns.y[:, 0]


def solve(model, times, integrate=integrate, rtol=RTOL, atol=ATOL):
    """Outputs of `model` at `times`; where a jump falls on one of them, after the jump."""
    times = np.asarray(times, float)
    rows = np.empty((len(times), len(model.initial)))
    clock = model.equations.layout.rows[TIME.name]
    y, now, done = model.initial, times[0], 0
    for moment, jump in [*(x for x in model.timeline if x[0] <= times[-1]), (times[-1], {})]:
        until = int(np.searchsorted(times, moment - width(moment) / 10))
        rows[done:until] = y
        if moment - now > 3 * width(moment):
            y = y.copy()
            y[clock] = now
            rows[done:until], y = advance(model, integrate, y, now, moment, times[done:until], rtol, atol)
        y = jumped(model, y, moment, jump)
        now, done = moment, until
    rows[done:] = y
    rows[:, clock] = times
    values = at(model, rows.T)
    return {name: np.broadcast_to(evaluated(x, values), times.shape) for name, x in model.outputs.items()}


def at(model, y):
    """Values of all symbols, where the states are `y`."""
    values = dict(zip(model.equations.layout.entries, y, strict=True)) | model.values
    return {sympy.Symbol(name, real=True): x for name, x in values.items()}


def advance(model, integrate, y, start, end, samples, rtol, atol):
    """Integrate what can be; states that are infinite or undefined, or are about to be, stay so."""
    values = at(model, y)
    slopes = np.array([evaluated(x, values) for x in model.equations.rates])
    lost = ~np.isfinite(y + slopes)
    if not lost.any():
        return integrate(model.equations, model.values, y, start, end, samples, rtol, atol)
    equations = without(model.equations, lost)
    rows, y_end = integrate(equations, model.values, np.where(lost, 0.0, y), start, end, samples, rtol, atol)
    rows[:, lost] = np.where(samples[:, None] > start, (y + slopes)[lost], y[lost])
    y_end[lost] = (y + slopes)[lost]
    return rows, y_end


def without(equations, lost):
    """`equations` in which the `lost` rows stand still."""
    rates = [sympy.Integer(0) if gone else x for x, gone in zip(equations.rates, lost, strict=True)]
    return Equations(equations.layout, equations.parameters, equations.inputs, lambda: rates)


def jumped(model, y, moment, jump):
    """The states after a jump; all its new values follow from the states before."""
    values = at(model, y) | {TIME: moment}
    y = y.copy()
    model.equations.layout.write(y, {name: evaluated(x, values) for name, x in jump.items()})
    return y


# --- cases


def expected(folder):
    """Names of variables and a table of the expected values, time first."""
    lines = (folder / f"{folder.name}-results.csv").read_text().split("\n")
    table = [[float(x) for x in line.split(",")] for line in lines[1:] if line.strip()]
    return [x.strip() for x in lines[0].split(",")], np.array(table)


def differences(folder, integrate=integrate):
    """Variables of a case that leave the tolerance of the case, and by how much at worst."""
    settings = Settings.read(folder / f"{folder.name}-settings.txt")
    names, table = expected(folder)
    found = solve(read(folder), table[:, 0], integrate)
    columns = {name: table[:, i] for i, name in enumerate(names) if i and name in found}
    missing = set(settings.variables) - columns.keys()
    wrong = {name: excess(found[name], column, settings) for name, column in columns.items()}
    return {name: x for name, x in wrong.items() if x > 1} | dict.fromkeys(missing, np.inf)


def excess(ours, theirs, settings):
    """The worst difference in units of the tolerance; undefined and infinite values must be the same."""
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    with np.errstate(invalid="ignore"):
        ratio = np.abs(ours - theirs) / (settings.absolute + settings.relative * np.abs(theirs))
    return np.max(np.where(same, 0.0, np.nan_to_num(ratio, nan=np.inf, posinf=np.inf)))


def verdict(folder, integrate=integrate):
    """What became of a case: ``passed``, ``wrong``, ``refused`` or ``error``, with details."""
    signal.alarm(PATIENCE)
    try:
        wrong = differences(folder, integrate)
    except Unsupported as problem:
        return "refused", str(problem)
    except Exception as problem:
        return "error", f"{type(problem).__name__}: {problem}".split("\n")[0][:200]
    finally:
        signal.alarm(0)
    text = ", ".join(f"{name} {x:.3g} tolerances off" for name, x in wrong.items())
    return ("wrong", text) if wrong else ("passed", "")


def give_up(*_):
    raise TimeoutError(f"more than {PATIENCE} s")


def main(folder):
    """Print the verdict of every case in `folder`, then totals."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, give_up)
    totals, refusals = Counter(), Counter()
    for case in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
        outcome, details = verdict(case)
        totals[outcome] += 1
        refusals[details.partition(" (")[0]] += outcome == "refused"
        print(case.name, outcome, details, flush=True)
    print(f"\n{totals.total()} cases:", ", ".join(f"{n} {outcome}" for outcome, n in totals.most_common()))
    for construct, n in (+refusals).most_common():
        print(f"  refused {n}: {construct}")


if __name__ == "__main__":
    main(sys.argv[1])
