"""Sweeps and searches: designs, refusals, known optima."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.problems import BadInput
from exosim.scenario.file import load
from exosim.studies import optimise, sweep
from exosim.studies.execute import execute
from exosim.studies.store import opened

SHORT = ["weeks=10", "treatments.0.days=[0, 28]"]


def swept(folder, *vary, kind="grid", number=8):
    study = sweep.Sweep(load("fractional_co2", SHORT), sweep.load_axes(vary), kind, number)
    study.check()
    with opened(folder, study.to_dict(), True) as store:
        execute(study, store)
        return study.table(store), store


def test_a_case_is_its_scenario(tmp_path):
    table, _ = swept(tmp_path / "s", "treatments.0.energy_mj=10:40:4", "redness_tnf=1,2")
    assert len(table) == 8
    row = table.iloc[5]
    changes = [*SHORT, f"treatments.0.energy_mj={row['treatments.0.energy_mj']}", f"redness_tnf={row['redness_tnf']}"]
    alone = ex.run("fractional_co2", resolution="column", changes=changes)
    assert row["improvement_percent"] == pytest.approx(alone.outcomes["improvement_percent"])
    assert row["procedures"] == 2


def test_sessions_and_spacing_are_axes(tmp_path):
    table, _ = swept(tmp_path / "s", "sessions=1,2,3", "every_days=14,21")
    assert table["procedures"].tolist() == [1, 1, 2, 2, 3, 3]
    assert table["improvement_percent"].is_monotonic_increasing or len(set(table["improvement_percent"])) > 3


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_other_designs_fill_the_ranges(kind):
    axes = sweep.load_axes(["treatments.0.energy_mj=10:40:2", "redness_tnf=1:3:2"])
    points = sweep.points(axes, kind, 64, seed=0)
    assert points.shape == (64, 2)
    assert points.min(axis=0) == pytest.approx([10, 1], abs=1)
    assert points.max(axis=0) == pytest.approx([40, 3], abs=1)
    assert (points == sweep.points(axes, kind, 64, seed=0)).all()


def test_a_case_that_cannot_be_is_noted_and_stops_no_other(tmp_path):
    table, store = swept(tmp_path / "s", "sessions=1,3", "every_days=14,42")
    assert len(table) == 4
    assert [failure["case"] for failure in store.failures()] == [3]
    assert "outside" in store.failures()[0]["reason"]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("treatments.0.enrgy_mj=1:2:3", "energy_mj"),
        ("redness_tnf=3:1:5", "empty"),
        ("redness_tnf=a:b:c", "PATH=LOW:HIGH:NUMBER"),
        ("redness_tnf=1:4:1000000000000", "too many"),
        ("redness_tnf=1:99:5", "out of range"),
        ("sessions=1:3:4", "whole number"),
        ("treatments.0.energy=1:2:3", "--vary treatments.0.energy"),
        ("nonsense", "PATH=LOW:HIGH:NUMBER"),
    ],
)
def test_bad_designs_are_refused_at_once(vary, said, tmp_path):
    options = ["--vary", vary, "--out", str(tmp_path / "s"), "--quiet"]
    done = CliRunner().invoke(app, ["sweep", "fractional_co2", *options])
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "s").exists()


def test_no_scheduler_is_said_and_nothing_is_lost(tmp_path):
    options = ["--vary", "redness_tnf=1,2", "--dask", "tcp://127.0.0.1:9", "--out", str(tmp_path / "s"), "--quiet"]
    done = CliRunner().invoke(app, ["sweep", "fractional_co2", *options])
    assert done.exit_code == 2
    assert "no Dask scheduler answers" in done.output


def test_a_finished_part_of_a_larger_design_is_read_again(tmp_path):
    """A unit is known by what is simulated, not by the design that asked for it."""
    axes = sweep.load_axes(["redness_tnf=1,2"])
    scenario = load("fractional_co2", SHORT)
    one, other = (sweep.Sweep(scenario, axes, seed=seed) for seed in (0, 1))
    assert units(one) == units(other)
    named = replace(one, scenario=scenario.with_values({"name": "another name"}))
    assert units(named) == units(one)
    blocks = sweep.load_axes(["redness_tnf=1:3:128"])
    fewer = (replace(blocks[0], values=blocks[0].values[: sweep.BLOCK]),)
    assert units(replace(one, axes=fewer)) < units(replace(one, axes=blocks))


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
set = ["weeks=10", "treatments.0.days=[0]"]
population = 8
generations = 2
[vary]
"treatments.0.energy_mj" = [10, 40]
sessions = [1, 3]
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
    first = load(tmp_path / "o/front/01.toml")
    alone = ex.run(first, resolution="column").outcomes["improvement_percent"]
    assert alone == pytest.approx(found[0]["outcomes"]["improvement_percent"])
    log = (tmp_path / "o/log.jsonl").read_text()
    again = CliRunner().invoke(app, [*options, "--resume"])
    assert json.loads(again.stdout) == found
    assert (tmp_path / "o/log.jsonl").read_text() == log


def test_a_bad_study_is_refused_with_everything(tmp_path):
    (tmp_path / "s.toml").write_text('[vary]\n"x" = [2, 1]\n[aims]\nimprovment = "up"\n[limits]\ndowntime_days = 3\n')
    with pytest.raises(BadInput) as caught:
        optimise.read(tmp_path / "s.toml")
    text = str(caught.value)
    assert all(word in text for word in ("needs scenario", "[low, high]", "improvement_percent", '"max"', "at_least"))
