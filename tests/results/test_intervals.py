"""The ensemble of a set under one scenario: intervals and bands."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim import parameters
from exosim.cli import app
from exosim.problems import BadInput
from exosim.results import intervals as bands

PAIR = ["fractional_co2", "fractional_co2_exosome"]


@pytest.fixture(scope="module")
def comparison():
    return ex.compare(PAIR, resolution="column", ensemble=True)


def test_intervals_enclose_the_best_fit(comparison):
    for arm in comparison.arms:
        low, high = arm.intervals["improvement_percent"]
        assert low < arm.outcomes["improvement_percent"] < high


def test_differences_are_paired(comparison):
    low, high = comparison.difference_intervals["improvement_percent"]
    first, last = (arm.intervals["improvement_percent"] for arm in comparison.arms)
    assert 0 < low < comparison.differences["improvement_percent"] < high
    assert high - low < (first[1] - first[0]) + (last[1] - last[0])


def test_bands_are_saved_with_the_run(comparison, tmp_path):
    arm = comparison.arms[1].save(tmp_path)
    again = ex.Result.load(arm.directory)
    assert again.intervals == arm.intervals
    low, high = again.dataset["band_improvement_percent"].values
    assert (low <= high).all()
    assert len(low) == len(again.dataset["time"])


def test_a_band_fits_the_course_of_a_patch():
    """A patch is observed at the same moments as the column that its band comes from."""
    result = ex.run("fractional_co2", changes=["weeks=1", "treatments.0.days=[0]"], ensemble=True)
    assert result.dataset["band_erythema"].shape == (2, result.dataset.sizes["time"])


def test_a_value_that_never_comes_counts_as_last():
    values = np.array([1.0, 2.0, 3.0, np.nan, np.nan])
    low, high = bands.between(values)
    assert low == 1
    assert np.isnan(high)


def test_a_set_without_ensemble_is_refused(monkeypatch):
    monkeypatch.setitem(vars(parameters.parameter_set("article")), "draws", {})
    with pytest.raises(BadInput, match="exosim fit article"):
        ex.run("untreated", resolution="column", ensemble=True)


def test_the_command_prints_intervals(tmp_path):
    options = ["--resolution", "column", "--ensemble", "--json", "--quiet", "--out", str(tmp_path)]
    found = json.loads(CliRunner().invoke(app, ["compare", *PAIR, *options]).stdout)
    assert found["difference_intervals"]["improvement_percent"][0] > 0
    assert all("intervals" in arm for arm in found["arms"])
    shown = CliRunner().invoke(app, ["run", "untreated", *(x for x in options if x != "--json")]).stdout
    assert "90 % interval" in shown


def test_every_set_has_an_ensemble():
    assert all(parameters.draws(name) for name in parameters.names())
