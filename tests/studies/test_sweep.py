"""Sweeps and searches: designs, refusals, known optima."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.problems import BadInput
from exosim.scenario.file import load
from exosim.studies import optimise, sweep
from exosim.studies.conduct import conduct
from exosim.studies.designs import load_axes
from exosim.studies.store import existing

SHORT = ["weeks=10", "sessions.number=2"]


def asked(*vary, changes=SHORT, scenario="fractional_co2", **options):
    arm = load(scenario, changes)
    return sweep.Sweep(arm, load_axes(vary, arm, changes), **options)


def swept(folder, *vary, **options):
    study = asked(*vary, **options)
    conduct(study, folder)
    return study.table(existing(folder)), existing(folder)


def refused(*arguments, code=2):
    done = CliRunner().invoke(app, [*arguments, "--quiet"])
    assert done.exit_code == code, done.output
    return done.output


def test_a_case_is_its_scenario(tmp_path):
    table, _ = swept(tmp_path / "s", "laser.energy_mj=10:40:4", "redness_tnf=1,2")
    assert len(table) == 8
    row = table.iloc[5]
    changes = [*SHORT, f"laser.energy_mj={row['laser.energy_mj']}", f"redness_tnf={row['redness_tnf']}"]
    alone = ex.run("fractional_co2", resolution="column", changes=changes)
    assert row["improvement_percent"] == pytest.approx(alone.outcomes["improvement_percent"])
    assert row["procedures"] == 2


@pytest.mark.parametrize("every", [21, 28, 35])
def test_a_number_of_sessions_is_that_number_whatever_their_spacing(every, tmp_path):
    changes = ["weeks=30", f"sessions.every_days={every}"]
    table, _ = swept(tmp_path / "s", "sessions.number=1:4", scenario="fractional_co2_exosome", changes=changes)
    assert table["procedures"].tolist() == [1, 2, 3, 4]
    for number, improvement in zip(table["sessions.number"], table["improvement_percent"], strict=True):
        alone = ex.run(
            "fractional_co2_exosome", resolution="column", changes=[*changes, f"sessions.number={number}"]
        ).outcomes
        assert improvement == pytest.approx(alone["improvement_percent"], abs=1e-9)


def test_fields_of_any_type_are_axes_of_any_design(tmp_path):
    """Text, lists, whole numbers and a range in steps of a factor, each as what it is."""
    vary = ["skin.scar=icepick,rolling", "gel.after_days=[0],[0,3]", "gel.particles_per_ml=1e10:1e12:3:log"]
    options = {"scenario": "fractional_co2_exosome", "changes": []}
    table, _ = swept(tmp_path / "grid", *vary, **options)
    assert len(table) == 12
    assert table["gel.particles_per_ml"].unique() == pytest.approx([1e10, 1e11, 1e12])
    assert table.groupby("skin.scar")["improvement_percent"].mean().idxmax() == "rolling"
    assert table.groupby("gel.after_days")["exosomes_applied"].sum()["[0, 3]"] > 0
    sampled, _ = swept(tmp_path / "lhs", *vary[:2], "skin.phototype=1:6", design="lhs", number=12, **options)
    assert sampled["skin.phototype"].value_counts().tolist() == [2] * 6
    assert sampled["skin.scar"].value_counts().to_dict() == {"icepick": 6, "rolling": 6}
    assert sampled["improvement_percent"].notna().all()


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_other_designs_fill_the_ranges(kind):
    study = asked("laser.energy_mj=10:40", "redness_tnf=1:3", "gel.particles_per_ml=1e10:1e12:log",
                  scenario="fractional_co2_exosome", changes=[], design=kind, number=64)  # fmt: skip
    points = np.array(study.points(0, 64))
    assert points.min(axis=0) == pytest.approx([10, 1, 1e10], rel=0.1)
    assert points.max(axis=0) == pytest.approx([40, 3, 1e12], rel=0.1)
    assert np.median(points[:, 2]) == pytest.approx(1e11, rel=0.2)
    assert study.points(0, 64) == asked_again(study).points(0, 64)
    steps = asked("redness_tnf=1:3:5", design=kind, number=64)
    assert {x for [x] in steps.points(0, 64)} == {1, 1.5, 2, 2.5, 3}


def asked_again(study):
    return sweep.Sweep.from_dict(json.loads(study.text))


def test_a_case_that_cannot_be_is_counted_and_stops_no_other(tmp_path):
    options = ["--vary", "sessions.number=1,3", "--vary", "sessions.every_days=14,42", "--set", "weeks=10"]
    out = tmp_path / "s"
    done = CliRunner().invoke(app, ["sweep", "fractional_co2", *options, "--out", str(out), "--quiet"])
    assert done.exit_code == 0
    assert "1 of 4 cases failed:" in done.stdout
    assert "1 x treatments.0" in done.stdout
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["failures"], summary["tried"], summary["reasons"][0]["cases"]) == (1, 4, 1)
    table = pd.read_csv(out / "cases.csv")
    assert table["improvement_percent"].isna().tolist() == [False, False, False, True]


def test_a_sweep_of_which_nothing_can_be_fails(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("no skin on day 3.7")

    monkeypatch.setattr(sweep, "simulate", fail)
    output = refused("sweep", "fractional_co2", "--vary", "redness_tnf=1,2,3", "--out", str(tmp_path / "s"), code=1)
    assert "3 of 3 cases failed" in output
    assert "3 x no skin on day 3.7" in output
    assert json.loads((tmp_path / "s/summary.json").read_text())["failures"] == 3


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        (["laser.enrgy_mj=1:2:3"], "energy_mj"),
        (["redness_tnf=3:1:5"], "empty"),
        (["redness_tnf=a:b:c"], "takes a number, not a"),
        (["redness_tnf=1:4:1000000000000"], "10000000 values"),
        (["redness_tnf=0:4:3:log"], "above 0"),
        (["redness_tnf=1:99:5"], "out of range"),
        (["redness_tnf=1:2"], "number of values"),
        (["skin.phototype=1:3:4"], "whole number"),
        (["skin.phototype=1.5,2"], "whole number"),
        (["skin.scar=icepick,roling"], '"rolling"'),
        (["gel.after_days=soon"], "takes lists"),
        (["laser.energy=1:2:3"], "--vary laser.energy"),
        (["nonsense"], "PATH=LOW:HIGH:N"),
        (["sessions.number=1,2,1"], "given twice"),
        (["redness_tnf=1,2", "redness_tnf=2,3"], "axis twice"),
        (["redness_tnf=1,2", "assume.redness_tnf=2,3"], "redness_tnf is an axis twice"),
        (["laser.energy_mj=10,20", "treatments.0.energy_mj=30,40"], "set the same"),
        (["sessions.number=1,2", "sessions.days=[0],[0,7]"], "set the same"),
        (["name=a,b"], "changes no case"),
        (["redness_tnf=1:2:3", "-n", "8"], "leave -n out"),
        (["redness_tnf=1,2", "--design", "sobol", "-n", "12"], "power of two"),
        (["skin.phototype=1:6", "--set", "skin.phototype=3"], "meets --set skin.phototype=3"),
        (["redness_tnf=1,2", "--set", "assume.redness_tnf=2"], "meets --set assume.redness_tnf=2"),
        (["laser.energy_mj=10,20", "--set", "treatments.0.energy_mj=30"], "meets --set"),
        (["sessions.number=1,2", "--set", "sessions.days=[0,28]"], "meets --set"),
        (["skin.phototype=1:6", "--set", "phototype_response=1"], "changes no case"),
    ],
)
def test_bad_designs_are_refused_at_once(vary, said, tmp_path):
    axes = [text for text in vary if "=" in text or text == "nonsense"]
    if "--set" in vary:
        axes, options = vary[:1], vary[1:]
    else:
        options = [text for text in vary if text not in axes]
    flags = [x for axis in axes for x in ("--vary", axis)]
    output = refused("sweep", "fractional_co2_exosome", *flags, *options, "--out", str(tmp_path / "s"))
    assert said in output
    assert not (tmp_path / "s").exists()


def test_every_problem_of_every_axis_is_said_at_once(tmp_path):
    vary = ["redness_tnf=1:99:5", "laser.energy_mj=10:1e9:3", "skin.scar=icepick,roling"]
    output = refused("sweep", "fractional_co2", *(x for v in vary for x in ("--vary", v)), "--out", str(tmp_path / "s"))
    assert all(word in output for word in ("redness_tnf", "energy_mj", "rolling", "3 problems"))


def test_an_axis_that_needs_another_is_none_that_changes_nothing(tmp_path):
    """The days between sessions mean nothing for one session, and something for more."""
    one = ["weeks=30", "sessions.number=1"]
    with pytest.raises(BadInput, match="changes no case"):
        asked("sessions.every_days=14,21", changes=one).check()
    table, _ = swept(tmp_path / "s", "sessions.every_days=14,21", "sessions.number=1,2", changes=["weeks=30"])
    assert table["procedures"].tolist() == [1, 2, 1, 2]


def test_an_axis_on_which_nothing_depends_is_named(tmp_path):
    vary = ["--vary", "exosome_clearance=1:3:3", "--vary", "redness_tnf=1,2"]
    done = CliRunner().invoke(app, ["sweep", "fractional_co2", *vary, "--out", str(tmp_path / "s"), "--quiet"])
    assert "no outcome depends on exosome_clearance" in done.stdout
    assert "depends on redness_tnf" not in done.stdout


def test_no_scheduler_is_said_and_nothing_is_lost(tmp_path):
    options = ["--vary", "redness_tnf=1,2", "--dask", "tcp://127.0.0.1:9", "--out", str(tmp_path / "s")]
    assert "no Dask scheduler answers" in refused("sweep", "fractional_co2", *options)


def test_a_grid_is_an_array_over_its_axes(tmp_path):
    table, _ = swept(tmp_path / "s", "laser.energy_mj=10,20,40", "skin.scar=icepick,rolling")
    with xr.open_zarr(tmp_path / "s/results.zarr", chunks=None) as data:
        found = data["improvement_percent"]
        assert found.dims == ("energy_mj", "scar")
        assert float(found.sel(energy_mj=20, scar="rolling")) == table["improvement_percent"][3]
        between = float(found.sel(scar="rolling").interp(energy_mj=30))
        assert table["improvement_percent"][3] < between < table["improvement_percent"][5]
        assert found.attrs["units"] == "%"
        assert data["energy_mj"].attrs == {"long_name": "laser.energy_mj", "units": "mJ"}
        assert data.attrs["parameters"] == "article"
        assert load_text(data.attrs["scenario"], tmp_path) == load("fractional_co2", SHORT)


def load_text(text, folder):
    (folder / "x.toml").write_text(text)
    return load(folder / "x.toml")


def test_a_finished_part_of_a_larger_design_is_read_again():
    """A unit is known by what is simulated, not by the design that asked for it."""
    one = asked("redness_tnf=1,2")
    assert units(one) == units(replace(one, seed=1))
    assert units(replace(one, scenario=one.scenario.with_values({"name": "another name"}))) == units(one)
    blocks = asked("redness_tnf=1:3:128")
    fewer = (replace(blocks.axes[0], values=blocks.axes[0].values[: sweep.BLOCK]),)
    assert units(replace(blocks, axes=fewer)) < units(blocks)


def units(study):
    return {unit for batch in study.rounds(None) for unit in batch}


def constrained(points):
    """Minimise x**2 + y**2 and (x - 2)**2 + y**2 with x + y >= 1: the front is x + y = 1 and then y = 0."""
    x, y = points.T
    return np.stack([x**2 + y**2, (x - 2) ** 2 + y**2], axis=1), (1 - x - y)[:, None]


def test_the_search_finds_a_known_front():
    low, high = np.array([-1.0, -1.0]), np.array([3.0, 3.0])
    search = optimise.Search(low, high, aims=2, limits=1, population=40, seed=0)
    for _ in range(60):
        search.tell(*constrained(search.ask()))
    points, aims = search.front()
    assert len(points) > 15
    x, y = points.T
    assert (x + y >= 1 - 1e-9).all()
    near = np.where(x < 1, np.abs(x + y - 1), np.abs(y))
    assert np.median(near) < 0.03
    assert aims[:, 0].min() == pytest.approx(0.5, abs=0.02)
    assert aims[:, 1].min() == pytest.approx(0.0, abs=0.02)


STUDY = """
scenario = "fractional_co2"
set = ["weeks=10"]
population = 8
generations = 2
[vary]
"laser.energy_mj" = { low = 10, high = 40, log = true }
"sessions.number" = [1, 2]
"skin.scar" = ["icepick", "rolling"]
[aims]
improvement_percent = "max"
erythema_days = "min"
[limits]
downtime_days = { at_most = 9 }
"""


def test_a_search_writes_scenarios_and_reads_what_it_has(tmp_path):
    (tmp_path / "s.toml").write_text(STUDY)
    options = ["optimise", str(tmp_path / "s.toml"), "--out", str(tmp_path / "o"), "--quiet", "--json"]
    found = json.loads(CliRunner().invoke(app, options).stdout)
    assert all(row["outcomes"]["downtime_days"] <= 9 for row in found)
    assert {row["setting"]["skin.scar"] for row in found} <= {"icepick", "rolling"}
    assert {row["setting"]["sessions.number"] for row in found} <= {1, 2}
    first = load(tmp_path / "o/front/01.toml")
    alone = ex.run(first, resolution="column").outcomes["improvement_percent"]
    assert alone == pytest.approx(found[0]["outcomes"]["improvement_percent"])
    log = (tmp_path / "o/log.jsonl").read_text()
    again = CliRunner().invoke(app, [*options, "--resume"])
    assert json.loads(again.stdout) == found
    assert (tmp_path / "o/log.jsonl").read_text() == log


@pytest.mark.parametrize(
    ("study", "said"),
    [
        ('[vary]\n"x" = [2, 1]\n[aims]\nimprovment = "max"\n[limits]\ndowntime_days = 3\n',
         ('needs "scenario"', "improvement_percent", "limits.downtime_days", "3 problems")),
        ('scenario = 3\nvary = 3\naims = []\nlimits = 3\npopulation = "many"\ngenerations = -1\n',
         ("scenario must", "vary must", "aims must", "limits must", "population must", "generations", "6 problems")),
        ('scenario = "."\nvary = {x = [1, 2]}\naims = {downtime_days = "min"}\n', ("this is a folder",)),
        ('scenario = "fractional_co2"\npopulation = 0\nvary = {}\naims = {downtime_days = "up"}\n'
         "limits = {downtime_days = {most = 1}, erythema_days = {}}\n",
         ("population = 0", "vary must have", "max", "at_most", "at_least", "5 problems")),
        ('scenario = "fractional_co2"\naims = {downtime_days = "min"}\n[vary]\nsessions = [1, "x"]\n'
         '"skin.scar" = ["icepik", "mixed"]\n"laser.energy_mj" = [40, 10]\n',
         ("takes a whole number, not x", "  4 | sessions", "empty")),
        ('scenario = "fractional_co2"\nset = ["laser.energy_mj=20"]\naims = {downtime_days = "min"}\n'
         'vary = {"laser.energy_mj" = [10, 40]}\n', ("meets set laser.energy_mj=20",)),
        ('scenario = "fractional_co2"\nset = ["weeks=x"]\naims = {downtime_days = "min"}\n'
         'vary = {"laser.energy_mj" = [10, 40]}\n', ("set weeks=x: weeks must be a number",)),
    ],
)  # fmt: skip
def test_a_bad_study_is_refused_with_everything(study, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(study)
    output = refused("optimise", "s.toml", "--out", "o")
    assert all(word in output for word in said), output
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("content", [STUDY.encode("utf-16"), b"", b"[vary\n"])
def test_a_file_that_is_no_text_or_no_toml_is_refused(content, tmp_path):
    (tmp_path / "s.toml").write_bytes(content)
    refused("optimise", str(tmp_path / "s.toml"), "--out", str(tmp_path / "o"))
    refused("cohort", "untreated", "--population", str(tmp_path / "s.toml"), "--out", str(tmp_path / "o"))
    assert not (tmp_path / "o").exists()


def test_a_search_of_which_nothing_can_be_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "simulate", lambda *_, **__: 1 / 0)
    (tmp_path / "s.toml").write_text(STUDY)
    output = refused("optimise", str(tmp_path / "s.toml"), "--out", str(tmp_path / "o"), code=1)
    assert "ZeroDivisionError" in output
