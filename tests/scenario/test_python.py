"""Scenarios built in Python: refused in the words of a file, given back whole, sent to other processes."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import exosim as ex
from exosim.engine.tissue import SolverError
from exosim.problems import BadInput, Problem
from exosim.scenario.file import load, parse, shipped
from exosim.scenario.model import Scenario
from exosim.scenario.parts import Assumption, Entry, Skin
from exosim.treatments.microneedling import Microneedling
from tests.scenario.test_file import REFUSED

PLAIN = {  # what a file of `test_file` says, as Python values
    "unknown key": {"what": 1},
    "unknown setting": {"treatments": [{"kind": "fractional_co2_laser", "energy_m": 20}]},
    "unknown treatment": {"treatments": [{"kind": "microneedeling"}]},
    "unknown scar": {"skin": {"scar": "boxcr"}},
    "treatment without kind": {"treatments": [{"days": [0]}]},
    "true for a number": {"treatments": [{"kind": "fractional_co2_laser", "energy_mj": True}]},
    "fraction for a whole number": {"skin": {"phototype": 2.5}},
    "nan dose": {"treatments": [{"kind": "exosome_gel", "particles_per_ml": float("nan")}]},
    "day outside": {"treatments": [{"kind": "fractional_co2_laser", "days": [0, 84]}]},
    "contradiction": {"treatments": [{"kind": "fractional_co2_laser", "days": [0], "sessions": 3}]},
    "unknown parameter": {"assume": {"tnf_clearence": {"value": 6, "why": "typo"}}},
    "assumption without why": {"assume": {"tnf_clearance": 6}},
    "assumption out of range": {"assume": {"tnf_clearance": {"value": 600, "why": "test"}}},
    "table for a list": {"treatments": {"kind": "prp"}},
    "skin is a number": {"skin": 3},
}


def problems(call, *args, **values):
    with pytest.raises(BadInput) as caught:
        call(*args, **values)
    return [(p.message, p.path, p.remedy) for p in caught.value.problems]


@pytest.mark.parametrize("case", PLAIN)
def test_python_is_refused_in_the_words_of_a_file(case):
    found = problems(Scenario, name="x", **PLAIN[case])
    assert found == problems(parse, REFUSED[case][0])
    assert found == problems(Scenario.from_dict, {"name": "x", **PLAIN[case]})


def test_all_problems_come_at_once():
    found = problems(
        ex.Scenario,
        name=1,
        weeks=-3,
        skin={"scar": "x", "phototype": 9},
        treatments=[{"kind": "prp", "platelet_fold": 99}, {"kind": "nothing"}],
        assume={"foo": 1, "tnf_clearance": {"value": 600, "why": ""}},
    )
    assert {path for _, path, _ in found} == {
        ("name",), ("weeks",), ("skin", "scar"), ("skin", "phototype"), ("treatments", 0, "platelet_fold"),
        ("treatments", 1, "kind"), ("assume", "foo"), ("assume", "tnf_clearance"), ("assume", "tnf_clearance", "why"),
    }  # fmt: skip
    assert len(found) == 9


@pytest.mark.parametrize(
    ("make", "values", "messages"),
    [
        (Skin, {"scar": "boxcr", "phototype": 9}, ['scar: there is no "boxcr"', "phototype = 9 is out of range"]),
        (Microneedling, {"depth_mm": 9.0}, ["depth_mm = 9.0 is out of range"]),
        (Entry, {"kind": "prp", "platelet_fold": 99}, ["platelet_fold = 99 is out of range"]),
        (Entry, {"kind": "pr"}, ['there is no treatment "pr"']),
        (Entry, {}, ['a treatment needs kind = "..."']),
        (Entry, {"kind": "prp", "fold": 3}, ['a treatment (prp) has no setting "fold"']),
        (Assumption, {"value": "6", "why": "no"}, ["value must be a number", "why must have at least 3 characters"]),
    ],
)  # fmt: skip
def test_a_part_is_refused_as_in_a_scenario(make, values, messages):
    found = [message for message, _, _ in problems(make, **values)]
    assert len(found) == len(messages)
    for message, begins in zip(found, messages, strict=True):
        assert message.startswith(begins)


def test_parts_make_the_same_scenario_as_tables():
    tables = {"name": "x", "skin": {"scar": "boxcar"}, "treatments": [{"kind": "microneedling", "depth_mm": 2}]}
    parts = ex.Scenario(name="x", skin=ex.Skin(scar="boxcar"), treatments=[Microneedling(depth_mm=2)])
    assert parts == Scenario(**tables) == Scenario.from_dict(tables)
    assert parts == ex.Scenario(name="x", skin=parts.skin, treatments=(ex.Entry(kind="microneedling", depth_mm=2.0),))


def test_numbers_of_numpy_are_numbers():
    entry = {"kind": "microneedling", "depth_mm": np.float32(2), "days": np.arange(0, 84, 28)}
    made = Scenario(name="x", weeks=np.int64(20), skin={"phototype": np.int64(3)}, treatments=[entry])
    assert parse(made.to_toml()) == made
    assert made.treatments[0].days == [0, 28, 56]


@pytest.mark.parametrize("name", shipped())
def test_plain_data_come_back_as_they_were(name):
    scenario = load(name, {"tnf_clearance": 14})
    for again in (Scenario.from_dict(scenario.to_dict()), Scenario(**scenario.to_dict()), load(scenario.to_dict())):
        assert again == scenario
        assert again.to_dict() == scenario.to_dict()
        assert again.digest == scenario.digest


def test_a_dict_runs_as_its_scenario_does_and_no_change_is_dropped():
    scenario = load("microneedling", {"sessions.number": 1})
    changes = {"weeks": 2}
    results = [
        ex.run(given, resolution="column", changes=changes)
        for given in (scenario, scenario.to_dict(), scenario.with_values(changes))
    ]
    assert all(result.scenario == scenario.with_values(changes) for result in results)
    assert results[0].outcomes == results[1].outcomes == results[2].outcomes


def test_the_digest_is_of_values():
    given = Scenario(name="x", weeks=12, treatments=[{"platelet_fold": 5, "kind": "prp"}])
    assert given.digest == Scenario(name="x", treatments=[{"kind": "prp"}]).digest
    assert given.digest != given.with_values({"weeks": 13}).digest


def test_changes_are_made_to_a_scenario_a_dict_a_file_and_a_name():
    file = shipped()["fractional_co2"]
    for changes in (["skin.scar=icepick", "weeks=20"], {"skin.scar": "icepick", "weeks": 20}):
        for scenario in (load(file), load(file).to_dict(), file, str(file), "fractional_co2"):
            changed = load(scenario, changes)
            assert (changed.skin.scar, changed.weeks) == ("icepick", 20)
    assert load(file).skin.scar == "mixed"


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_pickles_and_copies(name):
    scenario = load(name, {"tnf_clearance": 14})
    for again in (pickle.loads(pickle.dumps(scenario)), copy.deepcopy(scenario), copy.copy(scenario)):
        assert again == scenario
        assert again.digest == scenario.digest
        assert again.timeline == scenario.timeline


def turned(scenario):
    return scenario.with_values({"weeks": 20})


def refused(scenario):
    return scenario.with_values({"weeks": -1, "skin.scar": "x"})


def failed(scenario):
    error = SolverError(3.5, "tnf_alpha", "the step size collapsed")
    error.scenario, error.course, error.finished = scenario, {"day": np.array([0.0, 3.0])}, [1]
    error.add_note("last event: laser")
    raise error


def test_a_pool_of_processes_maps_over_scenarios_and_gives_errors_back_whole():
    scenarios = [load(name) for name in ("fractional_co2_exosome", "microneedling_prp")]
    with ProcessPoolExecutor(1) as pool:
        assert list(pool.map(turned, scenarios)) == list(map(turned, scenarios))
        bad = pool.submit(refused, scenarios[0]).exception()
        broken = pool.submit(failed, scenarios[0]).exception()
    with pytest.raises(BadInput) as here:
        refused(scenarios[0])
    assert isinstance(bad, BadInput)
    assert bad.problems == here.value.problems
    assert str(bad) == str(here.value)
    assert isinstance(broken, SolverError)
    assert str(broken) == "the step size collapsed on day 3.5000 in state tnf_alpha"
    assert (broken.time, broken.state, broken.reason) == (3.5, "tnf_alpha", "the step size collapsed")
    assert (broken.scenario, broken.finished) == (scenarios[0], [1])
    assert broken.course["day"].tolist() == [0, 3]
    assert "last event: laser" in broken.__notes__


def test_bad_input_pickles_whole():
    error = BadInput([Problem("a", ("skin", "scar"), "b", "c.toml", 3, "scar = 1"), Problem("d")])
    error.add_note("note")
    again = pickle.loads(pickle.dumps(error))
    assert (again.problems, str(again), again.__notes__) == (error.problems, str(error), ["note"])


def test_public_names_are_listed_and_there():
    assert set(dir(ex)) == {*ex.__all__, "__version__"}
    for name in dir(ex):
        assert getattr(ex, name)
