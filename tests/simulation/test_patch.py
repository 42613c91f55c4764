"""Patch against column and against itself on other grids (the full table: experiments/grid_independence)."""

import numpy as np
import pytest

from exosim.results.ledger import balance
from exosim.results.outcomes import as_plain
from exosim.scenario.file import load, shipped
from exosim.simulation.grid import Grid
from exosim.simulation.loop import simulate
from tests.helpers import WORLDS, world


def outcome(name, parameters, resolution, seed=0, **grid):
    scenario = load(shipped()[name])
    history = simulate(scenario, world(parameters), resolution, seed, Grid(**grid))
    return history, as_plain(history, scenario)


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("parameters", WORLDS)
def test_a_patch_is_its_column_on_average(name, parameters):
    _, column = outcome(name, parameters, "column")
    history, patch = outcome(name, parameters, "patch")
    assert patch["improvement_percent"] == pytest.approx(column["improvement_percent"], abs=1.5)
    assert patch["downtime_days"] == pytest.approx(column["downtime_days"], abs=0.75)
    assert max(e["balance_error"].max() for e in balance(history)) < 1e-10
    assert (history.means / history.layout.scales[:, None]).min() > -1e-9
    assert np.isfinite(history.frames).all()


@pytest.mark.slow
@pytest.mark.parametrize("variant", [{"spacing": 0.25}, {"horizon": 0.125}, {"seed": 7}], ids=str)
@pytest.mark.parametrize("parameters", WORLDS)
def test_no_result_hangs_on_the_grid(variant, parameters):
    _, base = outcome("fractional_co2_exosome", parameters, "patch")
    _, other = outcome("fractional_co2_exosome", parameters, "patch", **variant)
    assert other["improvement_percent"] == pytest.approx(base["improvement_percent"], abs=1.5)
    assert other["downtime_days"] == pytest.approx(base["downtime_days"], abs=0.5)
