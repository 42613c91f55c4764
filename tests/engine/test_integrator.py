"""The integrator: order, stability, failure, and SciPy as an independent oracle."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from exosim.engine.rkc import Integrator, StepError
from exosim.engine.tissue import SolverError
from exosim.parameters import parameter_set
from exosim.scenario_file import load
from exosim.simulate import Grid, Simulation, parameter_values, simulate
from tests.helpers import GEL, LASER, article, scenario


def integrator(f, rows, rtol=1e-6, atol=1e-12):
    return Integrator(f, rtol, np.full((rows, 1), atol))


def oscillator(y, out):
    out[0] = -y[0] + 0.2 * y[1]
    out[1] = -0.2 * y[0] - y[1] * y[1]


def test_convergence_is_second_order():
    exact = solve_ivp(
        lambda t, y: [-y[0] + 0.2 * y[1], -0.2 * y[0] - y[1] ** 2], (0, 1), [1, 1], rtol=1e-12, atol=1e-14
    ).y[:, -1]
    errors = []
    for steps in (10, 20, 40):
        solver, y = integrator(oscillator, 2), np.ones((2, 1))
        for _ in range(steps):
            y = solver.attempt(y, solver.rates(y), 1 / steps, 4)
        errors.append(np.abs(y[:, 0] - exact).max())
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert orders == pytest.approx([2, 2], abs=0.25)


def test_a_stiff_decay_stays_stable_and_accurate():
    speeds = np.array([[0.1], [30.0], [3000.0]])
    solver = integrator(lambda y, out: np.multiply(-speeds, y - 1, out=out), 3)
    y = solver.advance(np.zeros((3, 1)), 0, 5)
    assert y[:, 0] == pytest.approx(1 - np.exp(-5 * speeds[:, 0]), rel=1e-4)
    assert solver.evaluations < 20_000


def test_linear_balances_are_kept_to_rounding():
    solver = integrator(
        lambda y, out: out.__setitem__(slice(None), [-3 * y[0], 3 * y[0] - 0.1 * y[1], 0.1 * y[1]]),
        3,
        rtol=1e-3,
    )
    y = solver.advance(np.array([[5.0], [0.0], [0.0]]), 0, 50)
    assert y.sum() == pytest.approx(5, rel=1e-13)


def test_a_rate_that_is_not_finite_is_reported_with_time_and_row():
    def f(y, out):
        out[0] = 1
        out[1] = np.nan if y[0, 0] > 0.5 else 0

    with pytest.raises(StepError) as caught:
        integrator(f, 2).advance(np.zeros((2, 1)), 0, 1)
    assert caught.value.row == 1
    assert caught.value.time == pytest.approx(0.5, abs=0.05)


def test_a_failing_solver_names_day_state_and_last_event():
    simulation = Simulation(
        scenario(LASER, weeks=1), parameter_values(scenario(LASER), article()), "column", 0, Grid()
    )
    real = simulation.tissue._rates

    def broken(y, p, u, out):
        real(y, p, u, out)
        if y[simulation.tissue.layout.rows["debris"]][0] < 0.01:
            out[simulation.tissue.layout.rows["erythema"]] = np.inf

    simulation.tissue._rates = broken
    with pytest.raises(SolverError, match="erythema") as caught:
        simulation.run()
    assert "ablation" in caught.value.__notes__[0]
    assert 0 < caught.value.time < 7


@pytest.mark.parametrize(
    "name", ["fractional_co2_exosome", "microneedling_exosome", "pigmented_microneedling_exosome"]
)
def test_a_scenario_agrees_with_scipy(name):
    """Radau at tight tolerance, restarted at the same edges, against the solver's answer."""
    arm = load(f"scenarios/{name}.toml", ["weeks=5", *_only_first(name)])
    values = parameter_values(arm, parameter_set("article").values())
    mine = simulate(arm, article(), "column", grid=Grid(rtol=1e-6))
    simulation = Simulation(arm, values, "column", 0, Grid())
    tissue = simulation.tissue

    def rates(_, y):
        out = np.empty_like(y)
        tissue._rates(y.tolist(), tissue._p, tissue._u[:, 0].tolist(), out)
        return out

    def advance(start, end, on_step=None):
        solved = solve_ivp(
            rates, (start, end), tissue.y[:, 0], method="Radau", rtol=1e-9, atol=1e-12 * tissue.layout.scales
        )
        assert solved.success
        tissue.y = solved.y[:, -1:]

    tissue.advance = advance
    oracle = simulation.run()
    difference = np.abs(mine.means - oracle.means) / (
        np.abs(oracle.means) + 1e-3 * mine.layout.scales[:, None]
    )
    assert difference.max() < 2e-4


def _only_first(name):
    count = len(load(f"scenarios/{name}.toml").treatments)
    days = {i: e.days for i, e in enumerate(load(f"scenarios/{name}.toml").treatments) if e.days}
    return [f"treatments.{i}.days={[d for d in days[i] if d < 35]}" for i in range(count) if i in days]


def test_a_short_window_is_not_lost():
    """A 30-minute infusion inside 84 days: lost by a solver that steps over it, exact when cut at its edges."""

    def infusion(t, y):
        return [1.0 if 40 <= t < 40 + 1 / 48 else 0.0]

    naive = solve_ivp(infusion, (0, 84), [0.0], method="LSODA").y[0, -1]
    total = 0.0
    for a, b in ((0, 40), (40, 40 + 1 / 48), (40 + 1 / 48, 84)):
        total += solve_ivp(lambda t, y, middle=(a + b) / 2: infusion(middle, y), (a, b), [0.0]).y[0, -1]
    assert naive == 0
    assert total == pytest.approx(1 / 48)


def test_a_short_occlusion_acts():
    """The same in the model: three hours of occlusion in 12 weeks must change delivery."""
    covered = '[[treatments]]\nkind = "occlusion"\ndays = [1]\nhours = 3\n'
    needles = '[[treatments]]\nkind = "microneedling"\ndays = [1]\n' + GEL + "days = [1]\n"
    plain, occluded = (
        simulate(s, article(), "column") for s in (scenario(needles), scenario(needles, covered))
    )
    ratio = occluded.state("exosome_delivered")[-1].sum() / plain.state("exosome_delivered")[-1].sum()
    assert ratio > 1.2
