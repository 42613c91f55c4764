"""Where the sliders of the page end."""

import pytest

import exosim as ex
from exosim.lesson.data import entries, presets
from exosim.lesson.ranges import ends
from exosim.parameters import names

HIGHEST = {"depth_mm": 3, "energy_mj": 100}


def filled(preset, setting, value, parameters):
    scenario = ex.load(preset, [f"treatments.0.{setting}={value}", "sessions.number=1", "weeks=2"])
    return ex.run(scenario, resolution="column", parameters=parameters).outcomes["improvement_percent"]


@pytest.mark.parametrize(
    ("preset", "setting"),
    [("fractional_co2", "energy_mj"), ("nonablative_laser", "energy_mj"), ("microneedling", "depth_mm")],
)
def test_beyond_the_end_of_a_slider_nothing_changes_and_before_it_something_does(preset, setting):
    last = entries(presets()[preset])[0]["ends"][setting]
    moved = []
    for parameters in names():
        most = filled(preset, setting, HIGHEST[setting], parameters)
        assert filled(preset, setting, last, parameters) == pytest.approx(most, rel=1e-5)
        moved.append(abs(filled(preset, setting, 0.97 * last, parameters) - most))
    assert max(moved) > 1e-3


def test_what_does_not_injure_has_no_end():
    assert ends("exosome_gel", {"volume_ul_per_cm2": 5.0, "particles_per_ml": 1e10}) == {}
    assert "density_per_cm2" not in ends("microneedling", {"depth_mm": 1.5, "density_per_cm2": 250})
