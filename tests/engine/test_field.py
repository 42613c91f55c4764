"""The explicit kernel of a lattice, run as plain Python on systems with known answers."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from exosim.engine.field import Field, interpreted
from exosim.engine.lattice import Lattice
from exosim.engine.tissue import SolverError
from tests.engine.systems import CHAIN, OSCILLATOR, STIFF, system


def field(equations, start, side=1, rtol=1e-6, **parameters):
    """A lattice of `side` x `side` columns at 1 mm that begins at `start`, one value per state."""
    resting = dict(zip(equations.layout.entries, start, strict=True))
    made = Field(equations, parameters, {}, resting, Lattice(side, 1.0), rtol, interpreted(equations))
    made.atol = np.full(len(start), 1e-12)
    return made


def test_the_error_falls_with_the_fifth_power_of_the_step():
    exact = solve_ivp(
        lambda t, y: [-y[0] + 0.2 * y[1], -0.2 * y[0] - y[1] ** 2], (0, 4), [1, 1], rtol=1e-13, atol=1e-15
    ).y[:, -1]
    errors = []
    for steps in (40, 80, 160):
        f = field(OSCILLATOR, [1.0, 1.0], rtol=1e6)  # one step to each end
        for start, end in pairwise(np.linspace(0, 4, steps + 1)):
            f._memory[0] = 1.0
            f.advance(start, end)
        assert f.steps == steps
        errors.append(np.abs(f.y[:, 0] - exact).max())
    assert np.log2(np.divide(errors[:-1], errors[1:])).min() > 4.7


def test_a_stiff_decay_stays_stable_and_accurate():
    f = field(STIFF, [0.0, 0.0, 0.0], rtol=1e-5)
    f.advance(0, 5)
    assert f.y[:, 0] == pytest.approx(1 - np.exp([-0.5, -150, -15000]), rel=1e-4)
    assert f.evaluations < 60_000


def test_linear_balances_are_kept_to_rounding():
    f = field(CHAIN, [5.0, 0.0, 0.0], rtol=1e-3)
    f.advance(0, 50)
    assert f.y.sum() == pytest.approx(5, rel=1e-13)


def test_a_wave_across_the_lattice_decays_at_its_rate():
    still = system(lambda a, d: [0 * a], ["a"], ["d"], a={"diffusivity": "d"})
    side = 8
    f = field(still, [0.0], side, d=0.3)
    wave = np.cos(np.pi * (np.arange(side) + 0.5) / side)
    f.y[0] = (1 + wave[:, None] + 0 * wave).ravel()
    f.advance(0, 4)
    rate = 0.3 * (2 - 2 * np.cos(np.pi / side))
    assert f.y[0].reshape(side, side) == pytest.approx(1 + wave[:, None] * np.exp(-4 * rate) + 0 * wave, rel=1e-5)
    assert f.y.sum() == pytest.approx(side**2, rel=1e-13)


def test_a_film_evens_out_at_once():
    drying = system(lambda a, lost: [-lost * a], ["a"], ["lost"], a={"levels": True})
    f = field(drying, [0.0], 3, lost=1.0)
    f.jump({"a": np.arange(9.0)})
    f.advance(0, 1)
    assert f.y[0] == pytest.approx(4 * np.exp(-1), rel=1e-4)


def test_a_collapse_and_a_rate_that_is_not_finite_are_reported():
    blow_up = system(lambda a, b: [a * a, -b], ["a", "b"])
    with pytest.raises(SolverError, match="state a") as caught, np.errstate(all="ignore"):
        field(blow_up, [1.0, 1.0]).advance(0, 4)
    assert caught.value.time == pytest.approx(1, abs=0.01)
    with pytest.raises(SolverError, match=r"not finite on day 0\.0000 in state b"):
        field(blow_up, [1.0, np.nan]).advance(0, 4)
