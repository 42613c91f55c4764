"""Cohorts: paired arms, the same people whatever the number of workers, honest statistics."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from exosim.cli import app
from exosim.problems import BadInput
from exosim.scenario.file import load
from exosim.studies import cohort, trial
from exosim.studies.execute import execute
from exosim.studies.population import KNOWN, Population, read_population
from exosim.studies.store import opened

ARMS = ["fractional_co2", "fractional_co2_exosome"]


def run(folder, number=24, who=None, workers=1, address=None, block=8, arms=ARMS, seed=0, resolution="column"):
    """A small cohort of short arms."""
    scenarios = [
        load(
            arm, ["weeks=4", *(f"treatments.{i}.days=[{d}]" for i, d in enumerate((0, 0, 1)[: 1 + 2 * ("exo" in arm)]))]
        )
        for arm in arms
    ]
    people = who or Population()
    study = cohort.Cohort(tuple(scenarios), number, people, "article", resolution, seed, block)
    with opened(folder, study.to_dict(), True) as store:
        execute(study, store, workers, address)
        return study.results(store)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return run(tmp_path_factory.mktemp("cohort") / "s")


def table(results):
    names = [f"{i}.{name}" for i in range(2) for name in cohort.SCORED]
    return np.array([results.column(name) for name in names])


def test_people_differ_and_arms_are_paired(plain):
    laser, both = (plain.outcome(i, "improvement_percent") for i in range(2))
    assert len(laser) == 24
    assert np.std(laser) > 1
    assert (both > laser).all()
    assert np.corrcoef(laser, both)[0, 1] > 0.3


def test_traits_follow_their_shares():
    who = Population(phototype={"2": 1}, scar={"boxcar": 3, "icepick": 1}, severity={}, pigment_spread=0)
    traits = cohort.Cohort((load("untreated"),), 4000, who).traits(0, 4000)
    assert set(traits["phototype"]) == {KNOWN["phototype"].index("2")}
    assert np.mean(traits["scar"] == KNOWN["scar"].index("boxcar")) == pytest.approx(0.75, abs=0.03)
    assert set(traits["severity"]) == {KNOWN["severity"].index("moderate")}
    assert set(traits["response"]) == {0.5}


def test_one_person_is_the_scenario(tmp_path):
    """A person of one type with the best fit's parameters has the outcome of the scenario."""
    import exosim as ex

    who = Population({"4": 1}, {"mixed": 1}, {"moderate": 1}, pigment_spread=0)
    results = run(tmp_path / "s", 8, who)
    alone = ex.run(load(ARMS[0], ["weeks=4", "treatments.0.days=[0]"]), resolution="column", ensemble=True)
    draw = results.trait("draw")
    assert results.outcome(0, "improvement_percent") == pytest.approx(
        alone.ensemble["improvement_percent"][draw], rel=1e-6
    )


@pytest.mark.slow
def test_workers_and_clusters_change_nothing(plain, tmp_path):
    two = run(tmp_path / "two", workers=2)
    np.testing.assert_array_equal(table(two), table(plain))
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "18786",
         "--no-dashboard"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(2)
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", "tcp://127.0.0.1:18786", "--nthreads", "1",
             "--host", "127.0.0.1", "--no-dashboard"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        remote = run(tmp_path / "remote", address="tcp://127.0.0.1:18786")
        np.testing.assert_array_equal(table(remote), table(plain))
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def test_a_patch_cohort_is_paired_too(tmp_path):
    results = run(tmp_path / "s", number=2, resolution="patch")
    laser, both = (results.outcome(i, "improvement_percent") for i in range(2))
    assert (both > laser).all()


def test_a_share_and_a_mean_have_their_intervals():
    assert trial.share(np.array([1, 0, 0, 0]) > 0)["share"] == 0.25
    wide, narrow = (trial.share(np.arange(n) % 4 == 0) for n in (8, 8000))
    assert wide["low"] < narrow["low"] < 0.25 < narrow["high"] < wide["high"]
    random = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        found = trial.paired(random.normal(3, 2, 100))
        inside += found["ci_low"] < 3 < found["ci_high"]
    assert 180 <= inside <= 199


def test_the_power_of_a_trial_is_that_of_its_test():
    """Half a standard deviation, 25 people: the power of a paired t test is 0.67."""
    difference = np.random.default_rng(0).normal(0.5, 1, 20_000)
    assert trial.trial(difference, 25, 0)["power"] == pytest.approx(0.67, abs=0.04)
    assert trial.trial(difference - 0.5, 25, 0)["power"] == pytest.approx(0.05, abs=0.03)


def test_a_bad_population_is_refused_with_everything(tmp_path):
    file = tmp_path / "who.toml"
    file.write_text('color = "red"\n[phototype]\n9 = 1\n[scar]\nmixed = 1\nboxcar = -1\n[severity]\nsevre = 1\n')
    with pytest.raises(BadInput) as caught:
        read_population(file)
    text = str(caught.value)
    assert all(word in text for word in ("color", '"9"', "boxcar", '"severe"'))


def test_the_command_writes_report_figures_and_zarr(tmp_path):
    out = tmp_path / "s"
    short = ["--set", "weeks=2", "--set", "treatments.0.days=[0]"]
    arms = ["fractional_co2", "microneedling"]
    runner = CliRunner()
    done = runner.invoke(app, ["cohort", *arms, *short, "-n", "20", "--out", str(out), "--quiet", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["subjects"] == 20
    assert "Virtual cohort" in (out / "report.md").read_text()
    assert xr.open_zarr(out / "results.zarr", consolidated=False)["improvement_percent"].shape == (20, 2)
    again = runner.invoke(app, ["cohort", *arms, *short, "-n", "20", "--out", str(out), "--quiet"])
    assert again.exit_code == 2
    assert "--resume" in again.output
    assert "20 of 20" in runner.invoke(app, ["study", str(out)]).stdout
    assert runner.invoke(app, ["study", str(tmp_path)]).exit_code == 2
