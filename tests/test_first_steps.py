"""What a new user tries first: where it is wrong, the message says what to write instead."""

import pytest

import exosim as ex

NEEDLES = [{"kind": "microneedling"}]


@pytest.mark.parametrize(
    ("attempt", "remedy"),
    [
        (lambda: ex.Scenario(name="x", sessions=3), 'sessions={"number": 3}'),
        (lambda: ex.Scenario(name="x", skin="boxcar"), 'skin={"scar": "boxcar"}'),
        (lambda: ex.Scenario(name="x", scar="boxcar"), "skin.scar"),
        (lambda: ex.compare("microneedling", vary={"sessions.every_days": [28, 56]}), "raise weeks above 16,"),
        (lambda: ex.compare("microneedling", vary={"needles.depth_mm": "1,2"}), '"needles.depth_mm=1,2"'),
        (lambda: ex.run("microneedling", parameters={"tnf_clearance": 8}), "tnf_clearance=VALUE"),
    ],
)
def test_a_first_attempt_is_put_right(attempt, remedy):
    with pytest.raises(ex.BadInput) as refused:
        attempt()
    assert remedy in str(refused.value)


def test_what_a_message_says_to_write_works():
    ex.Scenario(name="x", sessions={"every_days": 28, "number": 3}, skin={"scar": "boxcar"}, treatments=NEEDLES)
    late = {"weeks": 17}  # above 16
    assert (
        len(ex.compare("microneedling", vary={"sessions.every_days": [28, 56]}, changes=late, resolution="column")) == 2
    )
    depths = ex.compare("microneedling", vary=["needles.depth_mm=1,2"], resolution="column")
    assert depths.names == ["needles.depth_mm=1", "needles.depth_mm=2"]


def test_a_number_of_an_axis_of_lists_is_a_list_of_one():
    listed, plain, text = (
        ex.compare("fractional_co2_exosome", vary=vary, resolution="column").names
        for vary in ({"gel.after_days": [[0], [1]]}, {"gel.after_days": [0, 1]}, ["gel.after_days=0,1"])
    )
    assert listed == plain == text


def test_a_scenario_prints_as_its_file_and_is_short_in_a_list():
    scenario = ex.Scenario(name="x", treatments=NEEDLES)
    assert str(scenario) == scenario.to_toml()
    assert repr([scenario]) == "[<Scenario: x, 12 weeks, microneedling>]"


def test_predictions_are_a_table_and_short():
    figures = [{"arm": "a", "read": "improvement_percent", "day": 84, "value": 20, "se": 4}]
    trial = {"study": [{"id": "t", "n": 9, "arms": {"a": {"treatments": NEEDLES}}, "figures": figures}]}
    found = ex.predict(trial)
    assert found.to_dataframe().loc[0, "observed"] == 20
    assert len(repr(found)) < 150
