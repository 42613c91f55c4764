"""No cliff: outcomes change little with any one setting of any treatment, in every shipped scenario."""

import numpy as np
import pytest

from exosim.parameters import parameter_set
from exosim.problems import BadInput
from exosim.results.outcomes import outcomes
from exosim.scenario.file import load, shipped
from exosim.simulation.loop import simulate
from exosim.simulation.setup import parameter_values
from exosim.treatments import catalogue

CLIFF = 15  # points of improvement


def outcome(scenario, parameters="article"):
    values = parameter_values(scenario, parameter_set(parameters).values())
    history = simulate(scenario, values, "column", states=False)
    return (
        {name: x[0] for name, x in outcomes(history, scenario).items()},
        history.observed.improvement_percent[:, 0],
        history.times,
    )


def settings(name):
    """Path and value of every number of every treatment of a shipped scenario, defaults included."""
    for i, entry in enumerate(load(name).treatments):
        for setting in catalogue()[entry.kind].model_fields:
            value = getattr(entry, setting)
            if isinstance(value, float | int) and not isinstance(value, bool):
                yield f"treatments.{i}.{setting}", value


@pytest.mark.parametrize("parameters", ["article", "trials"])
@pytest.mark.parametrize("name", shipped())
def test_a_quarter_more_or_less_of_any_setting_makes_no_cliff(name, parameters):
    before, _, _ = outcome(load(name), parameters)
    for path, value in settings(name):
        for factor in (0.75, 1.25):
            try:
                after, _, _ = outcome(load(name, [f"{path}={type(value)(value * factor)}"]), parameters)
            except BadInput:  # outside the range of the setting
                continue
            change = after["improvement_percent"] - before["improvement_percent"]
            assert abs(np.nan_to_num(change)) < CLIFF, (path, factor)


@pytest.mark.parametrize("parameters", ["article", "trials"])
@pytest.mark.parametrize(
    "changes",
    [
        ["sessions.number=1"],
        ["treatments.0.energy_mj=40"],
        ["treatments.0.density_per_cm2=800"],
        ["skin.phototype=4"],
        ["skin.phototype=6"],
    ],
    ids=["one session", "energy doubled", "density doubled", "phototype IV", "phototype VI"],
)
def test_unusual_regimens_stay_sane(changes, parameters):
    found, course, _ = outcome(load("fractional_co2_exosome", changes), parameters)
    assert 5 < found["improvement_percent"] < 60
    assert course.min() > -40
    assert 0 < found["downtime_days"] < 21
    assert -30 < found["melanin_index_peak_percent"] < 60


@pytest.mark.parametrize("parameters", ["article", "trials"])
def test_one_session_goes_on_gaining_and_keeps_it(parameters):
    changes = ["weeks=26", "sessions.number=1"]
    _, course, times = outcome(load("fractional_co2_exosome", changes), parameters)
    month, quarter, half = np.interp([30, 90, 182], times, course)
    assert 0 < month < quarter
    assert half > 0.9 * quarter
