"""One outcome of a study, drawn over what varies, or as its spread between people, on a reader's own axes too."""

import numpy as np
import pytest

import exosim as ex
from exosim.view.figures.canvas import subplots

SHORT = {"weeks": 5, "sessions.number": 1}
RED = "red = days_above(erythema, 1.2)"
ENERGIES, GAINS = {"laser.energy_mj": [10, 20, 40]}, {"redness_tnf": [1, 2]}


@pytest.fixture(scope="module")
def line():
    return ex.sweep("fractional_co2", ENERGIES, changes=SHORT, outcomes=RED, times=[1, 3])


def test_a_line_goes_through_every_case(line):
    for name in ("downtime_days", "red", "tnf_alpha_day_3", "exosomes_applied"):
        [axis] = line.plot(name).axes
        x, y = axis.lines[0].get_data()
        np.testing.assert_array_equal([x, y], line.to_dataframe()[["laser.energy_mj", name]].to_numpy().T)
    assert axis.get_xlabel() == "energy, mJ"
    assert line.plot("red").axes[0].get_ylabel() == "red, d"


def test_a_grid_is_a_map_and_draws_are_a_band():
    both = ex.sweep("fractional_co2", ENERGIES | GAINS, changes=SHORT)
    drawn = both.plot("downtime_days").axes[0].collections[0].get_array()
    np.testing.assert_array_equal(drawn, both.to_xarray()["downtime_days"].values.T)
    spread = ex.sweep("fractional_co2", GAINS, changes=SHORT, ensemble=True).plot("downtime_days_difference").axes[0]
    assert len(spread.collections) == 1
    assert "5 to 95 % of the draws" in spread.get_title("left")


def test_samples_have_a_panel_for_each_axis():
    ranges = {"laser.energy_mj": ex.between(10, 40), "redness_tnf": ex.between(1, 2)}
    sampled = ex.sweep("fractional_co2", ranges, design="lhs", n=4, changes=SHORT)
    assert [len(axis.lines[0].get_xdata()) for axis in sampled.plot("pih").axes] == [4, 4]
    with pytest.raises(ex.BadInput, match="2 axes vary"):
        sampled.plot("pih", ax=subplots()[1])


def test_an_outcome_that_is_never_reached_is_said(line):
    assert "in no case" in [text.get_text() for text in line.plot("onset_week").axes[0].texts]


def test_people_are_a_spread_per_arm():
    people = ex.cohort(["fractional_co2", "fractional_co2_exosome"], 8, changes=SHORT, times=[3])
    for name in ("improvement_percent", "tnf_alpha_day_3"):
        [axis] = people.plot(name).axes
        assert [sum(stairs.get_data().values) for stairs in axis.patches] == pytest.approx([100, 100])
        assert len(axis.get_legend().texts) == 2
    with pytest.raises(ex.BadInput, match="yes or no"):
        people.plot("pih")


def test_it_is_drawn_on_axes_of_the_reader(line):
    figure, (left, right) = subplots(1, 2)
    assert line.plot("red", ax=right) is figure
    assert (len(left.lines), len(right.lines)) == (0, 1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "downtime_dys"}, 'did you mean "downtime_days"'),
        ({"ax": subplots()[1]}, "name an outcome"),
        ({"name": "red", "ax": subplots(1, 2)[1]}, "one axes object"),
    ],
)
def test_a_wrong_name_or_place_is_refused(line, given, said):
    with pytest.raises(ex.BadInput, match=said):
        line.plot(**given)


def test_a_study_without_cases_or_people_says_what_it_draws():
    found = ex.sensitivity("fractional_co2", method="local", changes=SHORT)
    with pytest.raises(ex.BadInput, match='no figure "downtime_days"'):
        found.plot("downtime_days")
