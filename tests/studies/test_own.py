"""Outcomes of one's own and courses in studies: columns with units, the same anywhere."""

import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app

OWN = ["tnf_days = days_above(tnf_alpha, 50)", "m1 = max(macrophage_m1_upper)"]
SHORT = {"weeks": 9}


def test_a_sweep_gives_what_its_runs_give(tmp_path):
    vary = {"redness_tnf": [1.0, 2.0]}
    options = {"outcomes": OWN, "times": [0, 3], "changes": SHORT}
    s = ex.sweep("microneedling_exosome", vary, **options)
    table, cube = s.to_dataframe(), s.to_xarray()
    for i, value in enumerate(vary["redness_tnf"]):
        run = ex.run("microneedling_exosome", resolution="column", changes=SHORT | {"redness_tnf": value}, outcomes=OWN)
        assert table["m1"][i] == run.outcomes["m1"]
        assert table["erythema_day_3"][i] == run.at("erythema", 3) == cube["course_erythema"].sel(time=3)[i]
    assert (table.attrs["units"]["tnf_days"], cube["m1"].attrs["units"]) == ("d", "cell/mm^3")
    kept = ex.sweep("microneedling_exosome", vary, **options, out=tmp_path / "s", workers=2)
    assert kept.to_dataframe().equals(table)
    assert ex.load_study(tmp_path / "s").to_dataframe().equals(table)


def test_a_function_is_computed_for_every_person():
    own = {"red": ex.outcome(unit="d")(lambda run: run.days_above("erythema", 1.15))}
    table = ex.cohort(["fractional_co2"], 5, outcomes=own, times=[1], changes=SHORT).to_dataframe()
    assert table["red"].equals(table["erythema_days"].rename("red"))
    assert table["erythema_day_1"].nunique() == 5


@pytest.mark.parametrize("options", [{"out": "s"}, {"workers": 2}])
def test_a_function_that_nobody_can_import_stays_here(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = {"red": ex.outcome(unit="d")(lambda run: run.max("erythema"))}
    with pytest.raises(ex.BadInput, match="no other process can import"):
        ex.sweep("microneedling", {"redness_tnf": [1, 2]}, outcomes=own, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda run: "3", "no number"),
        (lambda run: run.max("macrophage_m1_upper"), "states="),
        (lambda run: 1 / 0, "fails"),
    ],
)
def test_a_function_is_tried_before_anything_is_computed(function, words):
    with pytest.raises(ex.BadInput, match=words):
        ex.sweep("microneedling", {"redness_tnf": [1, 2]}, outcomes={"x": ex.outcome(unit="d")(function)})


def test_sensitivity_and_a_search_take_them():
    table = ex.sensitivity("fractional_co2", method="local", outcomes=OWN, changes=SHORT).to_dataframe()
    assert {"m1", "tnf_days"} <= {*table["outcome"]}
    study = {
        "scenario": "fractional_co2_exosome", "vary": {"redness_tnf": [1.0, 3.0]}, "outcomes": OWN,
        "aims": {"tnf_days": "min", "improvement_percent": "max"}, "limits": {"m1": {"at_most": 1e6}},
        "population": 4, "generations": 1,
    }  # fmt: skip
    assert ex.optimise(study).to_dataframe()["m1"].notna().all()
    with pytest.raises(ex.BadInput, match='did you mean "tnf_days"'):
        ex.optimise(study | {"aims": {"tnf_day": "min"}})


def test_the_command_line_takes_them(tmp_path):
    options = ["--outcome", OWN[0], "--times", "0,3", "--set", "weeks=9", "--out", str(tmp_path / "s"), "--quiet"]
    done = CliRunner().invoke(app, ["sweep", "microneedling", "--vary", "redness_tnf=1,2", *options])
    assert done.exit_code == 0, done.output
    assert "tnf_days" in done.stdout
    head = (tmp_path / "s" / "cases.csv").read_text().splitlines()[0]
    assert "tnf_days" in head
    assert "tnf_alpha_day_3" in head
    done = CliRunner().invoke(app, ["run", "microneedling", "--outcome", "x = mx(erythem)", "--times", "a"])
    assert done.exit_code == 2
    assert done.stderr.count("error: --outcome") == 2
    assert "error: --times" in done.stderr
