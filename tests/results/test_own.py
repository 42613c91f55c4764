"""Outcomes of one's own are what they say: those of the model where they mean the same, interpolated, kept."""

import numpy as np
import pytest

import exosim as ex
from exosim.results.own import own_outcomes

OWN = {
    "red": "days_above(erythema, 1.15)",
    "end": "at(improvement_percent, 84)",
    "top": "max(melanin_change_percent)",
    "tnf": "auc(tnf_alpha)",
    "begin": "first_day(erythema, 1.15)",
    "m1": "max(macrophage_m1_upper)",
}


@ex.outcome(unit="d")
def red_by_function(run):
    """Days of visible redness."""
    return run.days_above("erythema", 1.15)


def test_they_agree_with_the_outcomes_of_the_model():
    run = ex.run("fractional_co2_exosome", resolution="column", outcomes=OWN)
    found = run.outcomes
    assert found["red"] == found["erythema_days"] == red_by_function(run)
    assert found["end"] == found["improvement_percent"]
    assert found["top"] == found["melanin_index_peak_percent"]
    assert found["tnf"] - 10 * 84 == pytest.approx(found["tnf_auc"])
    assert [x.unit for x in run.own] == ["d", "%", "%", "pg/mL*d", "d", "cell/mm^3"]
    days, values = run.course("erythema")
    i = int(np.argmax(values > 1.15))
    assert days[i - 1] < found["begin"] < days[i]  # interpolated
    assert run.at("erythema", found["begin"]) == pytest.approx(1.15)


def test_a_run_keeps_them(tmp_path):
    run = ex.run("microneedling", resolution="column", outcomes=["m1 = max(macrophage_m1_upper)", red_by_function])
    saved = run.save(tmp_path, figures="none", times=[0, 1, 3])
    again = ex.Result.load(saved.directory)
    assert again == run
    assert again.outcomes["m1"] == again.max("macrophage_m1_upper") == run.outcomes["m1"]
    assert again.own[1].definition == "Days of visible redness."
    rows = (saved.directory / "timecourse.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["0", "1", "3"]
    table = run.to_dataframe(times=[0, 0.5])
    assert table.loc[0.5, "erythema"] == run.at("erythema", 0.5)
    assert table.attrs["units"]["macrophage_m1_upper"] == "cell/mm^3"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("tnf_days = day_above(tnf_alph, 50)", ["days_above", "tnf_alpha"]),
        ("Tnf = max(erythema)", ["small letters"]),
        ("x = max(macrophage_m1)", ["macrophage_m1_papillary"]),
        ("downtime_days = max(erythema)", ["taken"]),
        ("x = days_above(erythema)", ["threshold"]),
        ("x = max(erythema, 3)", ["takes a course"]),
        ("x = at(erythema, __import__('os'))", ["this is no outcome"]),
        ("x = at(erythema, 1e999)", ["no number"]),
        ("x = at(erythema, 400)", ["day 400 of a run of 84 days"]),
        (["x = max(erythema)", "x = min(erythema)"], ["given twice"]),
        (lambda run: 1.0, ["@ex.outcome"]),
        (ex.outcome(unit="d")(lambda run: 1.0), ["no name of an outcome"]),
    ],
)
def test_what_is_wrong_is_said_in_words(given, words):
    with pytest.raises(ex.BadInput) as error:
        ex.run("fractional_co2", resolution="column", outcomes=given if isinstance(given, list) else [given])
    assert all(word in str(error.value) for word in words)


def test_all_problems_come_at_once():
    with pytest.raises(ex.BadInput) as error:
        own_outcomes(["a = mx(erythema)", "B = max(erythem)"])
    assert len(error.value.problems) == 3


def test_a_day_after_the_end_is_refused():
    run = ex.run("microneedling", changes={"weeks": 1, "sessions.number": 1}, resolution="column")
    assert run.max("needle_open") > 0
    with pytest.raises(ex.BadInput, match="not within the run"):
        run.at("erythema", 8)


def test_a_reading_that_there_is_not_is_said_with_the_outcome():
    @ex.outcome(unit="d", name="red")
    def wrong(run):
        return run.day_above("erythema", 1.3)

    with pytest.raises(ex.BadInput, match=r'"red" reads "day_above".*\n.*did you mean "days_above"'):
        ex.run("microneedling", resolution="column", outcomes=[wrong])
