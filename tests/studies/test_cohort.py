"""Cohorts: paired arms, the same people whatever the number of workers, honest statistics."""

import json
import re
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
from exosim.studies.conduct import conduct
from exosim.studies.execute import execute
from exosim.studies.population import KNOWN, Population, read_population
from exosim.studies.store import existing, opened

ARMS = ["fractional_co2", "fractional_co2_exosome"]


SHORT = ["weeks=4", "sessions.number=1"]


def run(folder, number=24, who=None, workers=1, address=None, block=8, arms=ARMS, seed=0, resolution="column"):
    """A small cohort of short arms."""
    scenarios = tuple(load(arm, SHORT) for arm in arms)
    people = who or Population()
    study = cohort.Cohort(scenarios, number, people, "article", resolution, seed, block)
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
    who = Population(phototype={"2": 1}, scar={"boxcar": 0.75, "icepick": 0.25}, severity={}, pigment_spread=0)
    study = cohort.Cohort((load("untreated"),), 4000, who)
    traits = study.in_arm(0, study.traits(0, 4000))
    assert set(traits["phototype"]) == {KNOWN["phototype"].index("2")}
    assert np.mean(traits["scar"] == KNOWN["scar"].index("boxcar")) == pytest.approx(0.75, abs=0.03)
    assert set(traits["severity"]) == {KNOWN["severity"].index("moderate")}
    assert set(traits["response"]) == {0.5}


def traits_of(*arms, who=None):
    """Names of the traits that people have in each arm."""
    study = cohort.Cohort(tuple(arms), 200, who or Population())
    drawn = study.traits(0, 200)
    own = [study.in_arm(i, drawn) for i in range(len(arms))]
    named = [{trait: {KNOWN[trait][i] for i in x[trait]} for trait in KNOWN} for x in own]
    return study, named, own


def test_what_the_author_fixed_holds_for_everybody():
    _, [free], _ = traits_of(load("fractional_co2"))
    assert free["scar"] == {"mixed", "boxcar", "rolling", "icepick"}
    assert free["phototype"] == {"3", "4", "5"}
    fixed = load("fractional_co2", ["skin.scar=none", "skin.phototype=6"])
    study, [own], _ = traits_of(fixed.with_values({"weeks": 14}))
    assert own["scar"] == {"none"}
    assert own["phototype"] == {"6"}
    assert own["severity"] == {"moderate", "severe"}
    assert study.held == (("phototype", "scar"),)
    _, [raised], _ = traits_of(load("hypertrophic_laser_exosome"))
    assert raised["scar"] == {"hypertrophic"}
    _, _, [assumed] = traits_of(load("fractional_co2", ["phototype_response=0.3"]))
    assert set(assumed["response"]) == {0.3}


def test_what_is_fixed_decides_the_outcomes(tmp_path):
    free, same, six, none = (
        cohort.Cohort((load("fractional_co2", [*SHORT, *fixed]),), 16)
        for fixed in ((), (), ["skin.phototype=6"], ["phototype_response=0.2"])
    )
    melanin = []
    for i, study in enumerate((free, same, six, none)):
        conduct(study, tmp_path / str(i))
        melanin.append(study.results(existing(tmp_path / str(i))).outcome(0, "melanin_index_peak_percent"))
    assert (melanin[0] == melanin[1]).all()
    assert melanin[2].mean() > melanin[0].mean()
    assert melanin[3].std() < melanin[0].std()


def test_a_population_replaces_what_it_names_and_says_so(tmp_path):
    arm = load("hypertrophic_laser_exosome", ["skin.phototype=6"])
    study, [own], _ = traits_of(arm, who=Population(scar={"boxcar": 1}))
    assert own["scar"] == {"boxcar"}
    assert own["phototype"] == {"6"}
    assert study.replaced == ("scar",)
    assert cohort.Cohort.from_dict(json.loads(study.text)) == study


def test_arms_that_differ_are_warned_of(tmp_path):
    one, other = (load(arm, SHORT) for arm in ARMS)
    assert cohort.differences((one, other), cohort.Cohort((one, other), 2).skins) == []
    for changes, said in (
        ({"skin.scar": "none"}, "skin"),
        ({"weeks": 5}, "length"),
        ({"tnf_clearance": 14}, "assumed"),
    ):
        study = cohort.Cohort((one, other.with_values(changes)), 2)
        [warning] = cohort.differences(study.arms, study.skins)
        assert said in warning
    runner = CliRunner()
    (tmp_path / "a.toml").write_text(one.to_toml())
    (tmp_path / "b.toml").write_text(one.with_values({"weeks": 6}).to_toml())
    arms, out = [str(tmp_path / name) for name in ("a.toml", "b.toml")], tmp_path / "s"
    done = runner.invoke(app, ["cohort", *arms, "-n", "3", "--out", str(out), "--quiet", "--json"])
    assert "warning: the arms differ in length" in done.stderr
    summary = json.loads(done.stdout)
    assert list(summary["arms"]) == ["a", "b"]
    assert "length" in summary["warnings"][0]
    assert "Warning: the arms differ in length" in (out / "report.md").read_text()


def test_no_two_seeds_share_people_or_channels():
    one, other = (cohort.Cohort((load("untreated"),), 100, seed=seed) for seed in (0, 1))
    channels = [{study._channels(i) for i in range(100)} for study in (one, other)]
    assert len(channels[0]) == 100
    assert not channels[0] & channels[1]
    people = [study.traits(0, 100)["pigment"] for study in (one, other)]
    assert not set(people[0]) & set(people[1])


def test_one_person_is_the_scenario(tmp_path):
    """A person of one type with the best fit's parameters has the outcome of the scenario."""
    import exosim as ex

    who = Population(phototype={"4": 1}, scar={"mixed": 1}, severity={"moderate": 1}, pigment_spread=0)
    results = run(tmp_path / "s", 8, who)
    alone = ex.run(load(ARMS[0], SHORT), resolution="column", ensemble=True)
    draw = results.traits(0)["draw"]
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
    assert trial.share(np.array([1, 0, 0, 0, np.nan]), 1)["share"] == 0.25
    wide, narrow = (trial.share(1.0 * (np.arange(n) % 4 == 0), 1) for n in (8, 8000))
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


def test_shares_that_do_not_sum_to_1_are_refused():
    with pytest.raises(BadInput, match=r"the shares sum to 0\.9"):
        read_population({"phototype": {3: 0.5, 4: 0.4}})
    assert read_population({"phototype": {1: 1 / 3, 2: 1 / 3, 3: 1 / 3}})


@pytest.mark.parametrize(
    ("arms", "who", "number", "said"),
    [
        (ARMS, "", 1, "the cohort has 1 people with a difference, too few"),
        (ARMS, "[scar]\nnone = 1\n", 30, "no improvement is defined"),
        (ARMS[:1] * 2, "score_error = 0\n", 30, "the same in everybody"),
        (ARMS[:1] * 2, "", 3, "Fractional CO2 laser (2)"),
        (ARMS[:1] * 9, "", 2, "Fractional CO2 laser (9)"),
        (["untreated"], "", 1, "0.0 (0.0 to 0.0)"),
    ],
)
def test_a_cohort_without_statistics_says_so(arms, who, number, said, tmp_path):
    """One person, no scar, equal arms, many arms: words or -, never an error nor nan."""
    file, out = tmp_path / "who.toml", tmp_path / "s"
    file.write_text(who or "score_error = 5\n")
    flags = ["--set", "weeks=3", *(["--set", "sessions.number=1"] if arms[0] != "untreated" else [])]
    options = ["-n", str(number), "--population", str(file), "--out", str(out), "--quiet"]
    done = CliRunner().invoke(app, ["cohort", *arms, *flags, *options])
    assert done.exit_code == 0, (done.output, done.exception)
    text = " ".join(re.sub("[│┃]", " ", done.stdout).split())
    assert said in text or said.split(" (")[0] in text
    assert said in (out / "report.md").read_text()
    assert not re.search(r"\bnan\b|\bNone\b|[{}|#*]{2}", done.stdout)
    json.loads((out / "summary.json").read_text(), parse_constant=lambda name: pytest.fail(name))


def test_a_cohort_of_nobody_is_refused():
    with pytest.raises(BadInput) as caught:
        cohort.Cohort((), 0, people=1, seed=-1).check()
    assert len(caught.value.problems) == 4
    assert "`n` must be a whole number from 1, not 0" in str(caught.value)


def test_a_cohort_in_which_nobody_can_be_simulated_fails(tmp_path, monkeypatch):
    def failing(self, arm, traits):
        number = len(traits["draw"])
        nothing = {name: np.full(number, np.nan) for name in cohort.SCORED}
        return nothing, [(i, f"step too small on day {i}.5 in tnf") for i in range(number)]

    monkeypatch.setattr(cohort.Cohort, "_columns", failing)
    done = CliRunner().invoke(app, ["cohort", "untreated", "-n", "3", "--out", str(tmp_path / "s"), "--quiet"])
    assert done.exit_code == 1
    assert "3 of 3 cases failed" in done.output
    assert "3 x step too small" in done.output


def test_the_command_writes_report_figures_and_zarr(tmp_path):
    out = tmp_path / "s"
    short = ["--set", "weeks=2", "--set", "sessions.number=1", "--set", "skin.phototype=6"]
    arms = ["fractional_co2", "microneedling"]
    runner = CliRunner()
    done = runner.invoke(app, ["cohort", *arms, *short, "-n", "20", "--out", str(out), "--quiet", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["subjects"] == 20
    assert "Virtual cohort" in (out / "report.md").read_text()
    with xr.open_zarr(out / "results.zarr", consolidated=True, chunks=None) as data:
        assert data["improvement_percent"].dims == ("subject", "arm")
        assert list(data["arm"].values) == ["Fractional CO2 laser", "Microneedling"]
        assert data["improvement_percent"].attrs["units"] == "%"
        assert set(data["phototype"].values) == {"6"}
        boxcar = data.where(data["scar"] == "boxcar", drop=True).sel(arm="Microneedling")
        assert 0 < boxcar.sizes["subject"] < 20
        assert data.attrs["version"]
        assert "microneedling" in str(data["scenario"].sel(arm="Microneedling").item())
    again = runner.invoke(app, ["cohort", *arms, *short, "-n", "20", "--out", str(out), "--quiet"])
    assert again.exit_code == 2
    assert "--resume" in again.output
    other = runner.invoke(app, ["cohort", *arms, *short, "-n", "21", "--out", str(out), "--quiet"])
    assert "-n was 20, is 21" in other.output
    said = " ".join(runner.invoke(app, ["study", str(out)]).stdout.split())
    assert "Fixed by the scenario: phototype = 6." in said
    assert "Drawn (assumed): scar (mixed: 40 %" in said
    assert "20 of 20" in runner.invoke(app, ["study", str(out)]).stdout
    assert runner.invoke(app, ["study", str(tmp_path)]).exit_code == 2
