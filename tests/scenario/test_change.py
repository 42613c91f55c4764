"""Scenarios made from scenarios: values set by path, sessions moved, treatments added; the first stays as it was."""

import pytest

from exosim.problems import BadInput
from exosim.scenario.file import load, shipped
from exosim.scenario.model import Scenario
from exosim.scenario.parts import Entry
from exosim.treatments.sunscreen import Sunscreen

VALUES = {"skin.scar": "icepick", "laser.energy_mj": 30, "tnf_clearance": 14, "weeks": 20}


def days(scenario):
    return [scenario.days_of(entry) for entry in scenario.treatments]


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
    for data in ({"skin": 3}, {"treatments": [3]}, {"treatments": 3}, {"assume": 3}, {"sessions": 3}):
        with pytest.raises(BadInput):
            Scenario.from_dict(
                {"name": "x", **data},
                {"skin.scar": "mixed", "tnf_clearance": 14, "treatments.0.days": [0], "sessions.number": 2},
            )


def test_sessions_that_lose_their_procedure_are_told(caplog):
    load("microneedling_exosome", {"needles.days": [0, 56]})
    assert "no procedure on day 28," in caplog.text
    caplog.clear()
    for name in shipped():
        load(name)
    load("microneedling_exosome", {"needles.depth_mm": 1})
    assert not caplog.text


def test_one_way_to_say_when_replaces_another():
    before = Scenario(name="x", treatments=[{"kind": "prp", "sessions": 2, "every_days": 20}])
    assert days(before.with_values({"treatments.0.days": [1, 2]})) == [[1, 2]]
    assert days(before.with_values({"treatments.0.after_days": [3]})) == [[3]]
    listed = Scenario(name="x", treatments=[{"kind": "prp", "days": [7, 28, 49]}])
    assert days(listed.with_values({"treatments.0.sessions": 2})) == [[7, 28]]
    assert days(listed.with_values({"treatments.0.every_days": 10})) == [[7, 17, 27]]


@pytest.mark.parametrize("written", [{"days": [0, 21, 42]}, {"every_days": 21, "number": 3}, {"every_days": 21}])
def test_sessions_are_moved_whatever_way_they_are_written(written):
    aftercare = {"kind": "exosome_gel", "label": "gel", "after_days": [0, 1]}
    before = Scenario(name="x", weeks=7, sessions=written, treatments=[{"kind": "fractional_co2_laser"}, aftercare])
    assert days(before) == [[0, 21, 42], [0, 1, 21, 22, 42, 43]]
    assert days(before.with_values({"sessions.number": 2})) == [[0, 21], [0, 1, 21, 22]]
    if "number" in written or "days" in written:
        assert days(before.with_values({"every_days": 14}))[0] == [0, 14, 28]
    assert days(before.with_values({"sessions": 2, "every_days": 14, "gel.after_days": [3]})) == [[0, 14], [3, 17]]
    assert days(before.with_values({"sessions.days": [1, 5]}))[0] == [1, 5]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sessions.number": 0}, "out of range"),
        ({"sessions.number": 2.5}, "whole number"),
        ({"sessions.number": 9}, "outside the 84 days"),
        ({"sessions.every_days": 0}, "out of range"),
        ({"sessions.days": [0, 0.0001]}, "same day twice"),
        ({"sessions.days": [-1]}, "before day 0"),
        ({"sessions.days": [1e308]}, "after day 728"),
        ({"sessions.days": [0, 9], "sessions.number": 3}, "contradict each other"),
        ({"sessions.number": 2, "sessions": 3}, "set twice"),
        ({"sessions.numbr": 2}, 'did you mean "sessions.number"'),
        ({"laser.energy": 2}, 'no "laser.energy"'),
        ({"lase.energy_mj": 2}, 'did you mean "laser.energy_mj"'),
        ({"treatments.0.sessions": 2}, "needs every_days"),
    ],
)
def test_sessions_that_cannot_be_are_refused(values, message):
    with pytest.raises(BadInput, match=message):
        load("fractional_co2").with_values(values)


def test_a_number_of_sessions_that_are_not_evenly_spaced_is_refused():
    uneven = Scenario(name="x", sessions={"days": [0, 14, 42]}, treatments=[{"kind": "prp"}])
    with pytest.raises(BadInput, match="days and number contradict"):
        uneven.with_values({"sessions.number": 2})


def test_sessions_that_nothing_follows_are_refused():
    with pytest.raises(BadInput, match="no treatment follows the sessions"):
        load("exosome_serum").with_values({"sessions.number": 2, "sessions.every_days": 7})
    own = load("fractional_co2").with_values({"laser.days": [0, 10]})
    assert days(own) == [[0, 10]]


def test_after_days_without_sessions_are_refused_beside_days_of_another_treatment():
    needles = {"kind": "microneedling", "every_days": 21, "sessions": 3}
    gel = {"kind": "exosome_gel", "after_days": [0, 1, 2]}
    with pytest.raises(BadInput, match=r"counts from \[sessions\]"):
        Scenario(name="x", treatments=[needles, gel])
    assert days(Scenario(name="x", treatments=[{"kind": "microneedling"}, gel])) == [[0], [0, 1, 2]]


def test_what_is_wrong_with_the_schedule_is_told_with_the_rest():
    late, wrong = {"kind": "prp", "days": [100]}, {"kind": "prp", "platelet_fold": -1}
    with pytest.raises(BadInput) as caught:
        Scenario(name="x", treatments=[wrong, late, {"kind": "prp", "label": "weeks"}])
    assert [problem.path[:2] for problem in caught.value.problems] == [("treatments", i) for i in (0, 2, 1)]


def test_labels_are_unique():
    table = {"kind": "prp", "label": "a"}
    with pytest.raises(BadInput, match='label "a" is that of another'):
        Scenario(name="x", treatments=[table, table])
    for name in ("skin", "weeks", "tnf_clearance", "A b"):
        with pytest.raises(BadInput, match="label"):
            Scenario(name="x", treatments=[{"kind": "prp", "label": name}])


def test_a_treatment_is_added():
    before = load("fractional_co2")
    table = {"kind": "sunscreen", "spf": 30}
    for entry in (table, Entry(**table), Sunscreen(spf=30)):
        after = before.plus(entry)
        assert after.treatments[:-1] == before.treatments
        assert after.treatments[-1] == Entry(**table)
    with pytest.raises(BadInput, match=r"treatments.1 \(sunscreen\) has no setting"):
        before.plus({"kind": "sunscreen", "spff": 30})


def test_what_the_author_fixed_is_known_after_changes():
    changed = load("hypertrophic_laser_exosome", {"weeks": 14}).with_values({"skin.phototype": 2}).plus({"kind": "prp"})
    assert changed.skin.model_fields_set == {"scar", "phototype"}


@pytest.mark.parametrize("name", shipped())
def test_no_change_is_the_same_scenario(name):
    assert load(name).with_values({}) == load(name, {}) == load(name)
