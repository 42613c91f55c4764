"""Scenarios made from scenarios: values set, sessions moved, treatments added; the first stays as it was."""

import pytest

from exosim.problems import BadInput
from exosim.scenario.file import load, shipped
from exosim.scenario.model import Scenario
from exosim.scenario.parts import SESSION_DAYS, Entry
from exosim.treatments.sunscreen import Sunscreen

VALUES = {"skin.scar": "icepick", "treatments.0.energy_mj": 30, "tnf_clearance": 14, "weeks": 20}


def test_values_are_set_as_on_the_command_line():
    before = load("fractional_co2")
    data = before.to_dict()
    after = before.with_values(VALUES)
    assert (after.skin.scar, after.treatments[0].energy_mj, after.weeks) == ("icepick", 30, 20)
    assert after.assume["tnf_clearance"].value == 14
    assert before.to_dict() == data
    written = load("fractional_co2", [f"{path}={value}" for path, value in VALUES.items()])
    assert written.model_copy(update={"assume": after.assume}) == after
    assert written.assume["tnf_clearance"].value == 14


def test_values_are_values_and_no_texts_that_are_read_again():
    before = load("fractional_co2")
    assert before.with_values({"name": "20"}).name == "20"
    assert before.with_values({"name": 'a "quoted" = name'}).name == 'a "quoted" = name'
    with pytest.raises(BadInput, match="weeks must be a number"):
        before.with_values({"weeks": "20"})
    why = {"value": 14, "why": "measured here"}
    assert before.with_values({"assume.tnf_clearance": why}).assume["tnf_clearance"].why == "measured here"


def test_every_wrong_value_is_named_at_once():
    wrong = {"skin.phototyp": 3, "treatments.5.energy_mj": 3, "weeks": -1, "tnf_clearance": 3000, "skin.scar": "x"}
    with pytest.raises(BadInput) as caught:
        load("fractional_co2").with_values(wrong)
    shown = str(caught.value)
    for part in ("skin.phototype", "treatments.NUMBER", "weeks = -1", "tnf_clearance = 3000", 'there is no "x"'):
        assert part in shown
    assert len(caught.value.problems) == len(wrong)
    assert "--set" not in shown


def test_wrong_tables_are_refused_whatever_is_set_in_them():
    for data in ({"skin": 3}, {"treatments": [3]}, {"treatments": 3}, {"assume": 3}):
        with pytest.raises(BadInput):
            Scenario.from_dict(
                {"name": "x", **data}, {"skin.scar": "mixed", "tnf_clearance": 14, "treatments.0.days": [0]}
            )


def test_days_replace_any_other_way_to_say_when():
    before = Scenario(name="x", treatments=[{"kind": "prp", "sessions": 2, "every_days": 20}])
    assert before.with_values({"treatments.0.days": [1, 2]}).treatments[0].days_until(84) == [1, 2]


def test_sessions_move_apart():
    before = load("fractional_co2_exosome")
    assert [entry.days for entry in before.with_sessions(every_days=14, number=2).treatments] == [
        [0, 14], [0, 14], [1, 2, 15, 16],
    ]  # fmt: skip
    assert [entry.days for entry in before.with_sessions(number=1).treatments] == [[0], [0], [1, 2]]
    assert before.with_sessions() == before
    assert before.with_sessions(SESSION_DAYS, 3) == before


def test_what_is_given_every_day_stays_and_numbers_follow():
    daily = load("exosome_serum")
    assert daily.with_sessions(56, 2) == daily
    numbered = Scenario(name="x", treatments=[{"kind": "prp", "sessions": 3, "every_days": 7}])
    moved = numbered.with_sessions(every_days=14, number=2).treatments[0]
    assert (moved.every_days, moved.sessions) == (14, 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"number": 0}, "whole number from 1"),
        ({"number": 2.5}, "whole number from 1"),
        ({"number": 9}, "outside the 84 days"),
        ({"every_days": 0}, "same day twice"),
        ({"every_days": -1}, "before day 0"),
    ],
)
def test_sessions_that_cannot_be_are_refused(given, message):
    with pytest.raises(BadInput, match=message):
        load("fractional_co2").with_sessions(**given)


def test_a_treatment_is_added():
    before = load("fractional_co2")
    table = {"kind": "sunscreen", "spf": 30}
    for entry in (table, Entry(**table), Sunscreen(spf=30)):
        after = before.plus(entry)
        assert after.treatments[:-1] == before.treatments
        assert after.treatments[-1] == Entry(**table)
    with pytest.raises(BadInput, match=r"treatments.1 \(sunscreen\) has no setting"):
        before.plus({"kind": "sunscreen", "spff": 30})


@pytest.mark.parametrize("name", shipped())
def test_no_change_is_the_same_scenario(name):
    assert load(name).with_values({}) == load(name, {}) == load(name)
