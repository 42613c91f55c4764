"""Files of schema 1: read as they meant, and rewritten with their comments."""

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exosim.cli.verbs.runs import migrate
from exosim.scenario.file import parse
from exosim.scenario.migrate import migrated, rewritten
from exosim.scenario.model import Scenario

OLD = """# A trial
schema = 1                 # of the first days
name = "old"
weeks = 30

# three sessions
[[treatments]]
kind = "fractional_co2_laser"
days = [0, 21, 42]         # three weeks apart
energy_mj = 20             # per zone

[[treatments]]
kind = "exosome_gel"
days = [0, 1, 21, 22, 42, 43]   # and the day after
particles_per_ml = 1e10
"""


def days(scenario):
    return [scenario.days_of(entry) for entry in scenario.treatments]


def test_listed_days_become_sessions_that_can_be_moved(caplog):
    with caplog.at_level(logging.WARNING, "exosim"):
        read = parse(OLD, "old.toml")
    assert "old.toml is of schema 1" in caplog.text
    assert read.sessions.to_dict() == {"every_days": 21, "number": 3}
    for number in (1, 2, 3, 4):
        assert len(days(read.with_values({"sessions.number": number}))[0]) == number
    assert days(read.with_values({"sessions.every_days": 30}))[0] == [0, 30, 60]


def test_a_file_is_rewritten_with_its_comments():
    new = rewritten(OLD)
    assert parse(new) == parse(OLD)
    assert "schema = 2" in new
    for comment in (
        "A trial",
        "of the first days",
        "three sessions",
        "three weeks apart",
        "per zone",
        "and the day after",
    ):
        assert f"# {comment}" in new
    assert "after_days = [0, 1]" in new
    assert rewritten(new) == new


KIND = st.sampled_from(["fractional_co2_laser", "microneedling", "exosome_gel", "prp", "sunscreen"])
SCHEDULE = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"days": st.lists(st.integers(0, 120), min_size=1, max_size=6, unique=True)}),
    st.fixed_dictionaries({"start_day": st.sampled_from([0, 1, 7, 9.5])}),
    st.fixed_dictionaries(
        {"every_days": st.sampled_from([7, 21, 28, 10.5])},
        optional={"start_day": st.sampled_from([0, 1, 7]), "sessions": st.integers(1, 4)},
    ),
)


def before(table, end=200.0):
    """The days of a treatment as schema 1 meant them."""
    if "days" in table:
        return sorted(table["days"])
    daily = table["kind"] == "sunscreen"
    start, step = table.get("start_day", 0), table.get("every_days", 1 if daily else 28)
    number = table.get("sessions", None if daily or "every_days" in table else 1)
    return [start + i * step for i in range(300) if (i < number if number else start + i * step < end)]


@given(st.lists(st.tuples(KIND, SCHEDULE), min_size=1, max_size=4))
@settings(max_examples=300)
def test_any_schedule_means_the_same_as_before(drawn):
    tables = [{"kind": kind, **schedule} for kind, schedule in drawn]
    scenario = Scenario.from_dict({"schema": 1, "name": "x", "weeks": 200 / 7, "treatments": tables})
    assert days(scenario) == [pytest.approx(before(table), abs=1e-3) for table in tables]
    text = "schema = 1\nname = 'x'\nweeks = 28.571428571428573\n"
    for table in tables:
        text += "[[treatments]]\n" + "".join(f"{k} = {v!r}\n" for k, v in table.items())
    assert parse(rewritten(text)).timeline == scenario.timeline


WRONG = [3, [3], [{"kind": 3}], [{"kind": "prp", "days": "x"}], [{"kind": "prp", "sessions": {}}]]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_read_stays_to_be_refused(wrong):
    assert migrated({"schema": 1, "treatments": wrong}) == {"schema": 2, "treatments": wrong}


def test_the_verb_rewrites_files_in_place(tmp_path, capsys):
    file = tmp_path / "old.toml"
    file.write_text(OLD)
    migrate([file])
    assert file.read_text() == rewritten(OLD)
    migrate([file])
    assert "schema 2 already" in capsys.readouterr().out
