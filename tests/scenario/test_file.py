"""Scenario files: what is refused and how, and what round-trips."""

import contextlib
import json
import tomllib
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exosim.files.lines import line_of
from exosim.problems import BadInput, nearest
from exosim.scenario.file import json_schema, load, parse, shipped
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from tests.helpers import article

LASER = '[[treatments]]\nkind = "fractional_co2_laser"\n'

REFUSED = {
    "unknown key": ('name = "x"\nwhat = 1', "what", 2),
    "unknown setting": (f'name = "x"\n{LASER}energy_m = 20', 'did you mean "energy_mj"', 4),
    "unknown treatment": ('name = "x"\n[[treatments]]\nkind = "microneedeling"', 'did you mean "microneedling"', 3),
    "unknown scar": ('name = "x"\n[skin]\nscar = "boxcr"', 'did you mean "boxcar"', 3),
    "treatment without kind": ('name = "x"\n[[treatments]]\ndays = [0]', "needs kind", 2),
    "text for a number": (f'name = "x"\n{LASER}energy_mj = "20"', "must be a number", 4),
    "true for a number": (f'name = "x"\n{LASER}energy_mj = true', "must be a number", 4),
    "fraction for a whole number": ('name = "x"\n[skin]\nphototype = 2.5', "must be a whole number", 3),
    "negative dose": ('name = "x"\n[[treatments]]\nkind = "exosome_gel"\nparticles_per_ml = -1', "out of range", 4),
    "nan dose": ('name = "x"\n[[treatments]]\nkind = "exosome_gel"\nparticles_per_ml = nan', "not a finite number", 4),
    "infinite weeks": ('name = "x"\nweeks = inf', "not a finite number", 2),
    "no weeks": ('name = "x"\nweeks = 0', "out of range", 2),
    "day outside": (f'name = "x"\n{LASER}days = [0, 84]', "outside the 84 days", 4),
    "day before": (f'name = "x"\n{LASER}days = [-1]', "before day 0", 4),
    "nan day": (f'name = "x"\n{LASER}days = [nan]', "not a finite number", 4),
    "day twice": (f'name = "x"\n{LASER}days = [3, 3]', "same day twice", 4),
    "too many sessions": (f'name = "x"\n{LASER}every_days = 28\nsessions = 4', "outside the 84 days", 5),
    "contradiction": (f'name = "x"\n{LASER}days = [0]\nsessions = 3', "contradict", 2),
    "no sessions": (f'name = "x"\n{LASER}sessions = 0', "out of range", 4),
    "syntax": ('name = "x"\nweeks = = 3', "not valid TOML", 2),
    "key twice": ('name = "x"\nname = "y"', "not valid TOML", 2),
    "unknown parameter": ('name = "x"\n[assume]\ntnf_clearence = { value = 6, why = "typo" }', '"tnf_clearance"', 3),
    "assumption without why": ('name = "x"\n[assume]\ntnf_clearance = 6', "say why", 3),
    "assumption out of range": (
        'name = "x"\n[assume]\ntnf_clearance = { value = 600, why = "test" }',
        "4 to 33 1/d",
        3,
    ),
    "no name": ("weeks = 3", 'needs "name"', None),
    "wrong version": ('schema = 3\nname = "x"', "schema", 1),
    "table for a list": ('name = "x"\n[treatments]\nkind = "prp"', "must be a list", 2),
    "skin is a number": ('name = "x"\nskin = 3', "must be a table", 2),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_where_it_stands(case):
    text, message, line = REFUSED[case]
    with pytest.raises(BadInput) as caught:
        parse(text, "a.toml")
    shown = str(caught.value)
    assert message in shown
    if line:
        assert f"a.toml:{line}:" in shown
    for word in ("pydantic", "https://", "Traceback", "ValidationError", "NoneType"):
        assert word not in shown


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = 'name = 1\nweeks = -3\n[skin]\nscar = "x"\nphototype = 9\n' + LASER + "energy_mj = 1000\n[assume]\nfoo = 1\n"
    with pytest.raises(BadInput) as caught:
        parse(text, "a.toml")
    lines = [p.line for p in caught.value.problems]
    assert lines == sorted(lines) == [1, 2, 4, 5, 8, 10]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\x00\x01", "not a text"),
        (b"\xff\xfe\xfa", "not a text"),
        (b" \n", "empty"),
        (None, "no such file"),
    ],
)
def test_files_that_are_no_scenario(tmp_path, content, message):
    file = tmp_path / "a.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        load(file)


def test_a_folder_is_no_scenario(tmp_path):
    with pytest.raises(BadInput, match="folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("skin.phototyp=3", "skin.phototype"),
        ("treatments.5.energy_mj=3", "treatments.0"),
        ("treatments.0.energy_m=3", "energy_mj"),
        ("tnf_clearence=3", "tnf_clearance"),
        ("tnf_clearance=3000", "out of range"),
        ("weeks", "PATH=VALUE"),
        ("weeks=many", "must be a number"),
        ("treatments.0.energy_mj=nan", "not a finite number"),
        ("=3", "PATH=VALUE"),
        ("skin=3", 'no "skin"'),
        ("weeks.x=3", 'no "weeks.x"'),
    ],
)
def test_bad_changes_are_refused(change, message):
    with pytest.raises(BadInput, match=message) as caught:
        load("scenarios/fractional_co2.toml", [change])
    assert f"`changes` {change}" in str(caught.value)


def test_changes_are_made():
    changes = ["weeks=20", "skin.scar=icepick", "treatments.0.energy_mj=30", "tnf_clearance=8"]
    changed = load("scenarios/fractional_co2.toml", changes)
    assert (changed.weeks, changed.skin.scar, changed.treatments[0].energy_mj) == (20, "icepick", 30)
    assert changed.assume["tnf_clearance"].value == 8


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(BadInput):
        parse(text, "a.toml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(
                st.sampled_from(["skin", "treatments", "assume", "kind", "days", "scar", "name", "value", "prp"]),
                x,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=200, deadline=None)
def test_no_structure_breaks_the_validator(data):
    tables = data if isinstance(data, dict) else {"skin": data, "treatments": data, "assume": data}
    try:
        scenario, problems = Scenario.from_dict(tables), []
    except BadInput as error:
        scenario, problems = None, error.problems
    assert (scenario is None) == bool(problems)


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_are_plain_valid_and_round_trip(name):
    text = shipped()[name].read_text()
    scenario = parse(text)
    assert parse(scenario.to_toml()) == scenario
    data = tomllib.loads(text)
    assert set(data) <= {"schema", "name", "weeks", "skin", "sessions", "treatments"}
    assert text.startswith("#")
    jsonschema.validate(data, json_schema())
    jsonschema.validate(tomllib.loads(scenario.to_toml()), json_schema())


def test_the_schema_refuses_what_the_reader_refuses():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"name": "x", "treatments": [{"kind": "prp", "platelet_fod": 3}]}, json_schema())


def test_the_shipped_schema_is_fresh():
    written = json.loads((Path(__file__).parents[2] / "exosim/scenario/scenario.schema.json").read_text())
    assert written == json_schema()


def test_the_order_of_treatments_in_a_file_is_irrelevant():
    text = load("scenarios/pigmented_microneedling_exosome.toml", ["weeks=9"])
    turned = text.model_copy(update={"treatments": list(reversed(text.treatments))})
    assert turned.timeline == text.timeline
    a, b = (simulate(s, article(), "column") for s in (text, turned))
    assert np.array_equal(a.means, b.means)


def test_schedules():
    def days(schedule, weeks=12):
        scenario = parse(f'name = "x"\nweeks = {weeks}\n{LASER}{schedule}')
        return scenario.days_of(scenario.treatments[0])

    assert days("") == [0]
    assert days("sessions = 3\nevery_days = 28") == [0, 28, 56]
    assert days("start_day = 3\nevery_days = 10\nsessions = 2") == [3, 13]
    assert days("every_days = 28") == [0, 28, 56]
    assert days("days = [5, 1]") == [1, 5]
    daily = parse('name = "x"\nweeks = 2\n[[treatments]]\nkind = "exosome_serum"\nstart_day = 4')
    assert daily.days_of(daily.treatments[0]) == list(range(4, 14))


def test_what_follows_a_session_belongs_to_it():
    events = load("fractional_co2_exosome").timeline
    gel = [(x.event.day, x.session) for x in events if x.treatment == "exosome_gel"]
    assert gel == [(0, 1), (1, 1), (2, 1), (28, 2), (29, 2), (30, 2), (56, 3), (57, 3), (58, 3)]


def test_lines_and_nearest_names():
    text = '# a\nname = "x"\n[skin]\nscar = "y"\n[[treatments]]\nkind = "a"\n[[treatments]]\nkind = "b"\n'
    assert line_of(text, ("treatments", 1, "kind")) == 8
    assert line_of(text, ("treatments", 1, "missing")) == 7
    assert nearest("tnf_alfa", ["tnf_half", "tnf_alpha"]) == "tnf_alpha"
    assert nearest("zzz", ["tnf_alpha"]) == ""
