"""The Rosenbrock kernel of separate columns, run as plain Python on systems with known answers."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from exosim.engine.columns import Columns, interpreted
from tests.engine.systems import CHAIN, OSCILLATOR, STIFF, TURNOVER, system


def columns(equations, start, rtol=1e-6, **parameters):
    """Columns that begin at `start`, one value per state."""
    resting = dict(zip(equations.layout.entries, start, strict=True))
    number = max([1, *(np.size(x) for x in parameters.values())])
    return Columns(equations, parameters, {}, resting, number, rtol, interpreted(equations))


def test_turnover_follows_its_formula():
    made, lost, times = np.array([1.0, 0.2, 3.0]), np.array([2.0, 0.1, 30.0]), np.array([0.1, 1.0, 7.0])
    course = columns(TURNOVER, [5.0], 1e-8, made=made, lost=lost).advance(0, 10, times)
    exact = made / lost + (5 - made / lost) * np.exp(-lost * times[:, None])
    assert course[0] == pytest.approx(exact, rel=1e-6)


def test_the_error_falls_with_the_fifth_power_of_the_step():
    exact = solve_ivp(
        lambda t, y: [-y[0] + 0.2 * y[1], -0.2 * y[0] - y[1] ** 2], (0, 4), [1, 1], rtol=1e-13, atol=1e-15
    ).y[:, -1]
    errors, steps = [], []
    for rtol in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9):
        c = columns(OSCILLATOR, [1.0, 1.0], rtol)
        c.advance(0, 4)
        errors.append(np.abs(c.y[:, 0] - exact).max())
        steps.append(c.steps)
    order = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert 4.3 < order < 6.5


def test_stiffness_costs_no_steps():
    c = columns(STIFF, [0.0, 0.0, 0.0])
    c.advance(0, 5)
    assert c.y[:, 0] == pytest.approx(1 - np.exp([-0.5, -150, -15000]), rel=1e-5)
    assert c.steps < 150


def test_linear_balances_are_kept_to_rounding():
    c = columns(CHAIN, [5.0, 0.0, 0.0], 1e-3)
    c.advance(0, 50)
    assert c.y.sum() == pytest.approx(5, rel=1e-13)


def test_steps_do_not_depend_on_what_is_asked_for():
    ends, samples = [], []
    for spacing in (0.1, 1.0, 10.0):
        c = columns(OSCILLATOR, [1.0, 1.0])
        samples.append(c.advance(0, 20, np.arange(1, round(20 / spacing) + 1) * spacing)[:, -1])
        ends.append(c.y)
    assert (ends[0] == ends[1]).all()
    assert (ends[0] == ends[2]).all()
    assert samples[0] == pytest.approx(ends[0], rel=1e-12)


def test_a_column_is_the_same_whatever_its_neighbours():
    lost = np.array([0.1, 3.0, 30.0, 0.7, 5.0])
    together = columns(TURNOVER, [1.0], made=np.ones(5), lost=lost)
    together.advance(0, 3)
    alone = [columns(TURNOVER, [1.0], made=1.0, lost=x) for x in lost]
    for c in alone:
        c.advance(0, 3)
    assert (together.y[0] == [c.y[0, 0] for c in alone]).all()


def test_a_column_that_fails_is_reported_and_the_others_finish():
    blow_up = system(lambda a, rate: [rate * a * a], ["a"], ["rate"])
    c = columns(blow_up, [1.0], rate=np.array([0.0, 0.5, -1.0]))
    with np.errstate(all="ignore"):
        samples = c.advance(0, 4, [1.0, 3.0])
    (failure,) = c.failures
    assert (failure.subject, failure.state) == (1, "a")
    assert failure.time == pytest.approx(2, abs=0.01)  # a = 1 / (1 - t / 2)
    assert np.isnan(c.y[0, 1])
    assert np.isnan(samples[0, 1, 1])
    assert c.y[0, [0, 2]] == pytest.approx([1, 0.2], rel=1e-5)


def test_a_short_window_is_not_lost():
    """A 30-minute infusion inside 84 days: lost by a solver that steps over it, exact when cut at its edges."""

    def infusion(t, y):
        return [1.0 if 40 <= t < 40 + 1 / 48 else 0.0]

    naive = solve_ivp(infusion, (0, 84), [0.0], method="LSODA").y[0, -1]
    c = columns(TURNOVER, [0.0], made=0.0, lost=0.0)
    for start, end, rate in ((0, 40, 0.0), (40, 40 + 1 / 48, 1.0), (40 + 1 / 48, 84, 0.0)):
        c.set_parameters({"made": rate, "lost": 0.0})
        c.advance(start, end)
    assert naive == 0
    assert c.y[0, 0] == pytest.approx(1 / 48)
