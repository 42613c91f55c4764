"""What a person is told of a study: the parameter set, what no case reaches, what bounds a search, what differs."""

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app

SHORT = {"weeks": 5, "sessions.number": 1}
SET = ["--set", "weeks=5", "--set", "sessions.number=1"]
SWEEP = ["sweep", "fractional_co2", "--vary", "laser.energy_mj=10,40", *SET, "--parameters", "trials", "--quiet"]


def told(*arguments, code=0):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


def test_a_sweep_names_its_set_and_keeps_the_row_of_an_onset_that_no_case_reaches(tmp_path):
    said = told(*SWEEP, "--out", tmp_path / "s").stdout
    assert "parameters trials" in said
    [onset] = [line for line in said.splitlines() if "onset_week" in line]
    assert re.search(r"never.*0 of 2", onset)
    summary = json.loads((tmp_path / "s/summary.json").read_text())
    assert summary["parameters"] == "trials"
    assert summary["outcomes"]["onset_week"] == {"cases": 0, "low": None, "median": None, "high": None}
    draws = told(*SWEEP, "--ensemble", "--out", tmp_path / "e").stdout
    assert "an onset in 0 of 2 cases" in draws
    assert "parameters trials" in draws


def test_some_cases_have_an_onset():
    found = ex.sweep("fractional_co2", {"laser.energy_mj": [10, 40]}, changes={"weeks": 9}).summary["outcomes"]
    assert (found["onset_week"]["cases"], found["tnf_auc"]["cases"]) == (1, 2)


SEARCH = {"scenario": ex.load("fractional_co2", SHORT), "population": 4, "generations": 1,
          "vary": {"laser.energy_mj": ex.between(10, 40)}, "aims": {"improvement_percent": "max"}}  # fmt: skip


def test_a_search_that_finds_nothing_says_which_limit_bound_it(tmp_path):
    limits = {"downtime_days": {"at_most": 1}, "tnf_auc": {"at_least": 0}}
    result = ex.optimise(SEARCH | {"limits": limits}, out=tmp_path / "o")
    [said] = result.warnings
    assert re.match(
        "no schedule of 4 keeps all limits: downtime_days at most 1 is kept by 0, the nearest is [5-9]", said
    )
    [hard, easy] = result.summary["limits"]
    assert (hard["kept"], easy["kept"]) == (0, 4)
    shown = told("study", tmp_path / "o").stdout
    assert "the front is empty" in shown
    assert "kept by 0 of 4 schedules" in shown
    assert ex.optimise(SEARCH | {"limits": {"tnf_auc": {"at_least": 0}}}).warnings == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"scenarios": ["fractional_co2"]}, "arms were 2, are 1\n"),
        (
            {"changes": SHORT | {"skin.severity": "moderate"}},
            "what the arms fix of the skin was nothing, is severity\n",
        ),
    ],
)
def test_a_cohort_that_differs_is_refused_in_words(given, said, tmp_path):
    call = {"scenarios": ["fractional_co2", "untreated"], "n": 2, "changes": SHORT, "out": tmp_path / "c"}
    ex.cohort(**call | {"changes": {"weeks": 5, "sessions.number": 1}} | {"scenarios": ["fractional_co2"] * 2})
    with pytest.raises(ex.BadInput) as refused:
        ex.cohort(**call | {"scenarios": ["fractional_co2"] * 2} | given, resume=True)
    assert said in str(refused.value)


def stopped(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("exosim.api_studies.together", "nothing was computed yet"),
        ("exosim.studies.sweep.simulate", "no unit was done yet: nothing is kept"),
        ("exosim.api_studies._result", "nothing was computed yet"),
    ],
)
def test_an_interruption_says_what_is_kept_of_a_sweep(place, said, tmp_path, monkeypatch):
    monkeypatch.setattr(place, stopped)
    assert said in told(*SWEEP, "--out", tmp_path / "s", code=130).stderr


def test_an_interruption_after_a_study_was_begun_says_how_to_go_on(tmp_path, monkeypatch):
    told(*SWEEP, "--out", tmp_path / "s")
    monkeypatch.setattr("exosim.api_studies.together", stopped)
    said = told(*SWEEP, "--out", tmp_path / "s", "--resume", code=130).stderr
    assert f"in {tmp_path / 's'} is kept; go on with --resume" in said


def test_an_interruption_keeps_nothing_of_a_run(tmp_path, monkeypatch):
    monkeypatch.setattr("exosim.api.simulate", stopped)
    assert "a run is saved once it is whole" in told("run", "untreated", "--out", tmp_path, code=130).stderr
    assert [*tmp_path.iterdir()] == []


def test_an_interruption_while_python_still_imports_is_no_traceback():
    script = """
import sys
class Stop:
    def find_spec(self, name, *_):
        if name == "exosim.cli.verbs.studies":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stop())
from exosim.cli import main
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (130, "interrupted before anything was done\n")
