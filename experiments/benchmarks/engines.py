"""The engines of the column, each with the best settings found for it (README: fairness).

``engine.run(values, rtol)`` returns every row of every subject on every day, ``(subjects, days, rows)``, and the
seconds it took. Timed is what one more subject costs: not compiling, reading the model or copying the result.
"""

from __future__ import annotations

import locale
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np
from subjects import (
    ARTICLE,
    COLUMN,
    DAYS,
    ROWS,
    SCENARIO,
    WINDOWS,
    Subject,
    count,
    pieces,
    subject,
    surroundings,
    weight,
)

from exosim.biology import system
from exosim.engine.columns import RTOL, Columns
from exosim.engine.program import jacobian
from exosim.engine.trace import Equations, compiled
from exosim.events import at
from exosim.simulation.impact import happen

Run = tuple[np.ndarray, float]
Values = dict[str, Any]
ENTRIES = list(COLUMN.layout.entries)
SPLIT = len(COLUMN.parameters)
SLOPES = Equations(COLUMN.layout, COLUMN.parameters, COLUMN.inputs, lambda: list(jacobian(COLUMN).values()), "slopes")
"""The entries of the Jacobian that are not zero, written as if they were rates."""


class Exosim:
    """This package: compiled columns, subjects side by side in vector registers."""

    name, tolerances = "exosim", tuple(sorted({1e-4, 3e-5, 1e-5, RTOL}, reverse=True))

    def run(self, values: Values, rtol: float) -> Run:
        begin, copying = perf_counter(), 0.0
        subjects = count(values)
        u = surroundings(SimpleNamespace(**values), subjects)
        skin = {name: getattr(u, name) for name in system.SKIN_FIELDS}
        resting = system.rest(SimpleNamespace(**values), u)
        columns = Columns(COLUMN, values, skin, resting, subjects, rtol)
        found = np.empty((subjects, DAYS, ROWS))
        for start, stop in WINDOWS:
            if happening := at(SCENARIO.timeline, start):
                happen(happening, columns, u, None)
            days = np.arange(start + 1, stop + 1)
            after, sampled = columns.y.T.copy(), columns.advance(start, stop, days).T
            copied = perf_counter()
            if start:
                found[:, round(start) - 1] = after
            found[:, round(start) : round(stop)] = sampled
            copying += perf_counter() - copied
        return found, perf_counter() - begin - copying


class OneByOne:
    """An engine that takes one subject after the other: `one(numbers, rtol)`."""

    def one(self, numbers: dict[str, float], rtol: float) -> Run:
        raise NotImplementedError

    def run(self, values: Values, rtol: float) -> Run:
        runs = [self.one(subject(values, i), rtol) for i in range(count(values))]
        return np.array([found for found, _ in runs]), sum(seconds for _, seconds in runs)


class Pieces(OneByOne):
    """A general solver of ODEs from Python: integration is cut where something happens."""

    def solver(self, one: Subject, rtol: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        """A function of state and days: the state on each later day."""
        raise NotImplementedError

    def one(self, numbers: dict[str, float], rtol: float) -> Run:
        one, seconds = Subject(numbers), 0.0
        advance = self.solver(one, rtol)

        def timed(y: np.ndarray, days: np.ndarray) -> np.ndarray:
            nonlocal seconds
            begin = perf_counter()
            found = advance(y, days)
            seconds += perf_counter() - begin
            return found

        found = pieces(one, timed)
        return found, seconds


class Cvode(Pieces):
    """CVODE of SUNDIALS (BDF) by scikit-sundae: rates and exact Jacobian compiled by numba, rows in banded order."""

    name, tolerances = "CVODE", (1e-5, 1e-6, 1e-7, 1e-8)

    @cached_property
    def order(self) -> np.ndarray:
        """Rows in the order that keeps the Jacobian in a narrow band."""
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import reverse_cuthill_mckee

        rows, columns = np.transpose(list(jacobian(COLUMN)))
        both = np.append(rows, columns), np.append(columns, rows)
        filled = csr_matrix((np.ones(len(both[0])), both), (ROWS, ROWS))
        return reverse_cuthill_mckee(filled, symmetric_mode=True).astype(np.int64)

    @cached_property
    def functions(self) -> tuple[Any, Any, dict[str, int]]:
        """Rates and Jacobian as machine code, which read the subject from the user data; widths of the band."""
        import numba

        njit = numba.njit(error_model="numpy", fastmath={"contract", "nsz", "arcp"})
        fill, fill_slopes = njit(compiled(COLUMN, scalar=True)), njit(compiled(SLOPES, scalar=True))
        order, place = self.order, np.argsort(self.order)
        rows, columns = (place[list(x)] for x in zip(*jacobian(COLUMN), strict=True))

        @njit
        def rates(t, y, out, data):
            state, rate = np.empty(ROWS), np.empty(ROWS)
            for k in range(ROWS):
                state[order[k]] = y[k]
            fill(state, data[0][:SPLIT], data[0][SPLIT:], rate)
            for k in range(ROWS):
                out[k] = rate[order[k]]

        @njit
        def slopes(t, y, rate, out, data):
            state, entries = np.empty(ROWS), np.empty(len(rows))
            for k in range(ROWS):
                state[order[k]] = y[k]
            fill_slopes(state, data[0][:SPLIT], data[0][SPLIT:], entries)
            for k in range(len(rows)):
                out[rows[k], columns[k]] = entries[k]

        return rates, slopes, {"lband": int((rows - columns).max()), "uband": int((columns - rows).max())}

    def solver(self, one: Subject, rtol: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        from sksundae.cvode import CVODE

        (rates, slopes, band), order, place = self.functions, self.order, np.argsort(self.order)
        options = {"linsolver": "band", "jacfn": slopes, "userdata": (one.given,), "max_num_steps": 10**6, **band}
        cvode = CVODE(rates, rtol=rtol, atol=(rtol * weight())[order], **options)

        def advance(y: np.ndarray, days: np.ndarray) -> np.ndarray:
            # With two times, CVODE would return every step of its own; a third time in between prevents that.
            times = days if len(days) > 2 else np.array([days[0], days.mean(), days[1]])
            solution = cvode.solve(times, y[order])
            assert solution.success, solution.message
            return solution.y[1 - len(days) :, place]

        return advance


def python(one: Subject) -> Callable[[float, np.ndarray], np.ndarray]:
    """The rates of one subject in plain Python."""
    rates, p, u = compiled(COLUMN, scalar=True), one.given[:SPLIT].tolist(), one.given[SPLIT:].tolist()

    def slope(t: float, y: np.ndarray) -> np.ndarray:
        out = np.empty(ROWS)
        rates(y.tolist(), p, u, out)
        return out

    return slope


class Scipy(Pieces):
    """SciPy's LSODA on a right-hand side in plain Python."""

    name, tolerances = "SciPy LSODA", (1e-5, 1e-6, 1e-7)

    def solver(self, one: Subject, rtol: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        from scipy.integrate import solve_ivp

        slope = python(one)

        def advance(y: np.ndarray, days: np.ndarray) -> np.ndarray:
            found = solve_ivp(slope, (days[0], days[-1]), y, "LSODA", days[1:], rtol=rtol, atol=rtol * weight())
            assert found.success, found.message
            return found.y.T

        return advance


class Sbml(OneByOne):
    """A simulator of the exported file."""

    @cached_property
    def text(self) -> str:
        from exosim.readings.sbml import document

        return document(SCENARIO, ARTICLE)


class LibRoadRunner(Sbml):
    """libRoadRunner: CVODE on machine code from LLVM."""

    name, tolerances = "libRoadRunner", (1e-5, 1e-6, 1e-7, 1e-8)

    @cached_property
    def runner(self) -> Any:
        import roadrunner

        roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
        runner = roadrunner.RoadRunner(self.text)
        runner.timeCourseSelections = ENTRIES
        runner.integrator.maximum_num_steps = 10**6
        return runner

    @cached_property
    def places(self) -> tuple[list[int], list[int]]:
        """Where parameters and entries stand among the model's own parameters."""
        known = {name: i for i, name in enumerate(self.runner.model.getGlobalParameterIds())}
        return [known[name] for name in COLUMN.parameters], [known[name] for name in ENTRIES]

    def one(self, numbers: dict[str, float], rtol: float) -> Run:
        # Day 0 is over when the file is read: it does not happen again to values set later, so they come with it.
        one, days = Subject(numbers), [float(day) for day in range(DAYS + 1)]
        y = one.rest()
        one.jump(0.0, y)
        self.tighten(rtol)
        (parameters, entries), model = self.places, self.runner.model
        begin = perf_counter()
        model.reset()
        model.setGlobalParameterValues(parameters, one.given[:SPLIT])
        model.setGlobalParameterValues(entries, y)
        found = self.runner.simulate(times=days)
        return np.array(found)[1:], perf_counter() - begin

    def tighten(self, rtol: float) -> None:
        """Set the tolerances, state by state."""
        integrator = self.runner.integrator
        if integrator.relative_tolerance == rtol:
            return
        integrator.relative_tolerance = rtol
        integrator.absolute_tolerance = float(rtol * weight().min())
        tolerance = dict(zip(ENTRIES, rtol * weight(), strict=True))
        for name in self.runner.model.getRateRuleSymbols():
            integrator.setIndividualTolerance(name, float(tolerance[name]))


class Copasi(Sbml):
    """COPASI: LSODA, driven by COPASI's own objects."""

    name, tolerances = "COPASI", (1e-5, 1e-6, 1e-7)
    SMALLEST = 1e-5  # absolute over relative tolerance; COPASI scales it by the initial value of a quantity

    @cached_property
    def model(self) -> Any:
        before = locale.setlocale(locale.LC_ALL)
        import basico

        locale.setlocale(locale.LC_ALL, before)  # COPASI sets its own for the whole process
        return basico.load_model_from_string(self.text)

    @cached_property
    def quantities(self) -> dict[str, Any]:
        model = self.model.getModel()
        found = [model.getModelValue(i) for i in range(model.getNumModelValues())]
        return {quantity.getSBMLId(): quantity for quantity in found}

    @cached_property
    def task(self) -> Any:
        import COPASI

        task = self.model.getTask("Time-Course")
        task.setMethodType(COPASI.CTaskEnum.Method_deterministic)
        problem = task.getProblem()
        problem.setDuration(float(DAYS))
        problem.setTimeSeriesRequested(True)
        problem.setUseValues(True)
        problem.setValues(" ".join(map(str, range(DAYS + 1))))
        task.getMethod().getParameter("Max Internal Steps").setUIntValue(10**6)
        return task

    def one(self, numbers: dict[str, float], rtol: float) -> Run:
        import COPASI

        method, quantities = self.task.getMethod(), self.quantities
        method.getParameter("Relative Tolerance").setDblValue(rtol)
        method.getParameter("Absolute Tolerance").setDblValue(rtol * self.SMALLEST)
        begin = perf_counter()
        changed = COPASI.ObjectStdVector()
        for name in COLUMN.parameters:
            quantities[name].setInitialValue(numbers[name])
            changed.append(quantities[name].getInitialValueReference())
        self.model.getModel().updateInitialValues(changed)
        self.task.initializeRaw(COPASI.CCopasiTask.OUTPUT_UI)
        assert self.task.processRaw(True)
        return self.collected(perf_counter() - begin)

    def collected(self, seconds: float) -> Run:
        """The time series as an array; what is always zero is no variable to COPASI."""
        series = self.task.getTimeSeries()
        columns = {series.getSBMLId(i, self.model): i for i in range(series.getNumVariables())}
        found = np.zeros((DAYS, ROWS))
        for row, name in enumerate(ENTRIES):
            if name in columns:
                found[:, row] = [series.getConcentrationData(1 + day, columns[name]) for day in range(DAYS)]
        return found, seconds


class Oracle(Pieces):
    """SciPy's Radau with the exact Jacobian, from day to day, so that nothing is interpolated."""

    name = "Radau"

    def solver(self, one: Subject, rtol: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        from scipy.integrate import Radau

        slope, slopes = python(one), compiled(SLOPES, scalar=True)
        where = tuple(np.array(list(jacobian(COLUMN))).T)

        def jac(t: float, y: np.ndarray) -> np.ndarray:
            out, entries = np.zeros((ROWS, ROWS)), np.empty(len(where[0]))
            slopes(y.tolist(), one.given[:SPLIT], one.given[SPLIT:], entries)
            out[where] = entries
            return out

        def advance(y: np.ndarray, days: np.ndarray) -> np.ndarray:
            found = []
            for start, stop in pairwise(days):
                solver = Radau(slope, start, y, stop, rtol=rtol, atol=0.1 * rtol * weight(), jac=jac)
                while solver.status == "running":
                    solver.step()
                y = solver.y
                found.append(y)
            return np.array(found)

        return advance


PEERS = (LibRoadRunner, Copasi, Cvode, Scipy)
