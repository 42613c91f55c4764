"""Fits to one's own data: known parameters come back, mistakes are refused, the fitted set is used."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.problems import MissingExtra
from exosim.studies.fit import own_study
from exosim.studies.fit.priors import Prior

TRUE = {"redness_tnf": 1.4, "tnf_clearance": 9.0}
DAYS = [1.0, 3.0, 7.0, 14.0, 30.0, 35.0]
SD = {"erythema": 0.03, "tnf_alpha": 4.0}
FIT = """
base = "article"

[free]
redness_tnf = { prior = "uniform", low = 0.5, high = 4, unit = "1" }
tnf_clearance = { prior = "log", unit = "1/d", low = 4, high = 33 }

[arms]
laser = { name = "laser", weeks = 6, treatments = [{ kind = "fractional_co2_laser" }] }
both = "both.toml"

[[course]]
arm = "laser"
file = "laser.csv"

[[course]]
arm = "both"
file = "both.csv"
sd = { value = 0.03, unit = "1" }
"""
LASER = {"name": "laser", "weeks": 6, "treatments": [{"kind": "fractional_co2_laser"}]}
COLUMNS = {"day [d]": [1, 3], "erythema [1]": [0.4, 0.3], "erythema sd [1]": [0.1, 0.1]}
SMALL = {
    "free": {"redness_tnf": {"prior": "uniform"}},
    "arms": {"laser": LASER},
    "course": [{"arm": "laser", "data": COLUMNS}],
}
BOTH = 'name = "both"\nweeks = 6\n[[treatments]]\nkind = "fractional_co2_laser"\n[[treatments]]\nkind = "exosome_gel"\n'


@pytest.fixture
def quick(monkeypatch):
    """Make fits short."""
    monkeypatch.setattr(own_study, "ROUNDS", 6)
    monkeypatch.setattr(own_study, "CHAINS", 32)


@pytest.fixture
def trial(tmp_path):
    """Return the file of a fit to made-up measurements of two arms, noise included."""
    (tmp_path / "both.toml").write_text(BOTH)
    (tmp_path / "mine.toml").write_text(FIT)
    random, true = np.random.default_rng(7), ex.parameter_set("article").replace(**TRUE)
    for name, arm, reads in (("laser", LASER, SD), ("both", tmp_path / "both.toml", ["erythema"])):
        course = ex.run(arm, resolution="column", parameters=true).to_dataframe()
        at = {x: np.interp(DAYS, course["day"], course[x]) + SD[x] * random.standard_normal(len(DAYS)) for x in reads}
        spread = (
            [f"{x} sd [{unit}]" for x, unit in (("erythema", "1"), ("tnf_alpha", "pg/mL"))] if name == "laser" else []
        )
        header = ["day [d]", "erythema [1]", *(["tnf_alpha [pg/mL]"] if name == "laser" else []), *spread]
        rows = [[day, *(at[x][i] for x in reads), *(SD.values() if spread else ())] for i, day in enumerate(DAYS)]
        (tmp_path / f"{name}.csv").write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")
    return tmp_path / "mine.toml"


def test_known_parameters_come_back(tmp_path, trial):
    found = ex.fit(trial, out=tmp_path / "fit", seed=1)
    rows = found.to_dataframe().set_index("parameter")
    for name, value in TRUE.items():
        row = rows.loc[name]
        assert row["low"] < value < row["high"]
        assert row["profile"][0] < value < row["profile"][1]
        assert row["high"] - row["low"] < 0.5 * (row["range"][1] - row["range"][0])
        assert row["scale_reduction"] < 1.1
    assert found.summary["inside"] > 0.8
    assert found.warnings == []


def test_everything_wrong_is_said_at_once(tmp_path, trial):
    text = trial.read_text().replace("[free]", '[free]\ntnf_clearence = { prior = "uniform" }')
    text = text.replace("low = 4, high = 33", "low = 0.1, high = 33").replace("value = 0.03", "value = -0.03")
    text = text.replace('arm = "laser"', 'arm = "lasr"').replace("high = 4,", 'high = 4, unit = "d", hihg = 1,', 1)
    trial.write_text(text.replace('unit = "d", hihg = 1, unit = "1"', 'unit = "d", hihg = 1'))
    laser = (tmp_path / "laser.csv").read_text().replace("[pg/mL]", "[ng/mL]", 1)
    (tmp_path / "laser.csv").write_text(laser)
    with pytest.raises(ex.BadInput) as refused:
        ex.fit(trial)
    told = str(refused.value)
    for said in (
        'did you mean "tnf_clearance"', "tnf_clearance = 0.1 is out of range", 'redness_tnf is in 1, not in "d"',
        'a uniform prior has no setting "hihg"', 'there is no arm "lasr"', 'tnf_alpha is in pg/mL, not in "ng/mL"',
        "sd of erythema must be a number above 0, not -0.03", f"{trial}:",
    ):  # fmt: skip
        assert said in told, (said, told)


def test_other_mistakes_are_refused():
    for change, said in (
        ({"free": {}}, "needs free parameters"),
        ({"free": {"uv_dose": {"prior": "uniform"}}}, "cannot be fitted"),
        ({"free": {"redness_tnf": {"prior": "normal", "mean": 2, "sd": 0, "unit": "1"}}}, "sd of redness_tnf"),
        ({"free": {"redness_tnf": {"prior": "uniform", "low": 1}}}, "needs its unit"),
        ({"free": {"redness_tnf": {"prior": "log", "unit": "1"}}}, "cannot begin at 0"),
        ({"arms": {"laser": LASER | {"assume": {"redness_tnf": {"value": 1, "why": "a guess"}}}}}, "sets redness_tnf"),
        ({"course": []}, "no data to fit to"),
        ({"course": [{"arm": "laser", "data": COLUMNS | {"erythema sd [1]": [0.1, -1]}}]}, "day 3 is -1, not above 0"),
        ({"course": [{"arm": "laser", "data": COLUMNS | {"day [d]": [1, 99]}}]}, "lasts from 0 to 42 d"),
        ({"course": [{"arm": "laser", "data": {"day [d]": [1], "erythema [1]": [1]}}]}, "may scatter is not said"),
        ({"course": [{"arm": "laser", "data": {"day": [1], "erythema [1]": [1]}}]}, 'column "day" has no unit'),
        ({"base": "articel"}, 'did you mean "article"'),
    ):
        with pytest.raises(ex.BadInput, match=said):
            ex.fit(SMALL | change)
    with pytest.raises(ex.BadInput, match="no searches"):
        ex.fit(SMALL, starts=2)
    with pytest.raises(ex.BadInput, match="to fit"):
        ex.fit("nowhere.toml")


def test_a_table_is_refused_by_line_and_column(tmp_path):
    for text, said in (
        ("1,0.4,0.1\n\n3,0.3,0.1\n3,0.2,0.1\n", "csv:5: .*laser .*day 3: line 4 of it.csv, and line 5 of it.csv"),
        ("1,0.4,0.1\n\n,0.3,0.1\n", 'csv:4: the cell is empty: row 4, column "day \\[d]"'),
        ("1,0.4,\n", 'csv:2: the cell is empty: row 2, column "erythema sd \\[1]"'),
    ):
        (tmp_path / "it.csv").write_text("day [d],erythema [1],erythema sd [1]\n" + text)
        with pytest.raises(ex.BadInput, match=said):
            ex.fit(SMALL | {"course": [{"arm": "laser", "file": str(tmp_path / "it.csv")}]})
    for header, said in (
        ("erythema dev [1]", 'must be "sd", not "dev", .*\n.*write "erythema sd \\[1]"'),
        ("erythema [1] sd", 'is not "NAME \\[UNIT]"'),
    ):
        with pytest.raises(ex.BadInput, match=said):
            ex.fit(SMALL | {"course": [{"arm": "laser", "data": COLUMNS | {header: [0.1, 0.1]}}]})
    (tmp_path / "it.csv").write_text("")
    with pytest.raises(ex.BadInput, match=r'the file is empty\n.*is CSV in UTF-8: first "day \[d],erythema'):
        ex.fit(SMALL | {"course": [{"arm": "laser", "file": str(tmp_path / "it.csv")}]})
    with pytest.raises(ex.BadInput, match="two values on day 1: row 1 of its data, and row 1 of its data"):
        ex.fit(SMALL | {"course": SMALL["course"] * 2})


def test_the_fitted_set_is_used_and_the_fit_goes_on(tmp_path, trial, quick, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--members", "64", "-q", "--json"]
    done = CliRunner().invoke(app, ["fit", "mine.toml", *options, "--workers", "2"])
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    alone = ex.fit(str(trial), members=64, out="alone")
    assert alone.summary == summary  # on one worker as on two, bit for bit
    assert {x.name for x in (tmp_path / "alone").iterdir()} >= {
        "mine.toml",
        "mine.draws.csv",
        "profiles.png",
        "data.png",
    }
    run = ["run", "both.toml", "--resolution", "column", "--figures", "none", "--ensemble", "-q", "--json"]
    shown = json.loads(CliRunner().invoke(app, [*run, "--parameters", "fits/mine/mine.toml"]).stdout)
    assert shown["parameters"] == "mine"
    assert shown["intervals"]["tnf_auc"][0] < shown["intervals"]["tnf_auc"][1]
    written = ex.parameter_set(tmp_path / "fits/mine/mine.toml")
    assert written.comes_from(["article"])
    assert len(written.draws["tnf_clearance"]) == len(alone.parameter_set.draws["tnf_clearance"]) == 64
    assert written.values()["redness_tnf"] == pytest.approx(alone.parameter_set.values()["redness_tnf"], rel=1e-3)
    (tmp_path / "laser.csv").unlink()  # the study has all of it
    loaded = ex.load_study("alone")
    assert loaded.summary == summary
    assert alone.plot("data").axes[0].get_title(loc="left") == "laser: erythema"
    again = CliRunner().invoke(app, ["study", "alone"])
    assert "tnf_clearance" in again.output


def test_a_fit_is_resumed_to_the_same_draws(tmp_path, quick):
    whole = ex.fit(SMALL, members=64)

    def interrupted(share, failed):
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ex.fit(SMALL, members=64, out=tmp_path / "fit", progress=interrupted)
    assert "done" in ex.load_study(tmp_path / "fit").summary
    resumed = ex.fit(SMALL, members=64, out=tmp_path / "fit", resume=True)
    assert resumed.summary == whole.summary
    other = SMALL | {"free": {"redness_tnf": {"prior": "uniform", "low": 1, "unit": "1"}}}
    with pytest.raises(ex.BadInput, match=r"asked\.free\.redness_tnf\.low was null, is 1"):
        ex.fit(other, members=64, out=tmp_path / "fit", resume=True)


def test_the_objective_is_a_plain_function(trial, quick, monkeypatch):
    found = ex.fit(trial, members=64)
    objective = found.objective
    assert objective.names == ["redness_tnf", "tnf_clearance"]
    at = found.to_dataframe()["best"].tolist()
    assert (
        objective(at) == objective(dict(zip(objective.names, at, strict=True))) == pytest.approx(found.summary["cost"])
    )
    assert objective(at) < objective([3.0, 9.0]) < objective([99.0, 9.0]) == np.inf
    assert np.abs(objective.gradient(at) * [0.1, 0.8]).max() < 0.3 < np.abs(objective.gradient([3.0, 9.0])[0])
    with pytest.raises(ex.BadInput, match="tnf_clearance has no value"):
        objective({"redness_tnf": 1})
    with pytest.raises(ex.BadInput, match="takes 2 numbers"):
        objective([1])
    monkeypatch.setitem(sys.modules, "pypesto", None)
    with pytest.raises(MissingExtra, match="pip install pypesto"):
        found.to_pypesto()
    monkeypatch.setitem(sys.modules, "pypesto", SimpleNamespace(Objective=SimpleNamespace, Problem=SimpleNamespace))
    problem = found.to_pypesto()
    assert problem.objective.fun(np.array(at)) == objective(at)
    assert (problem.lb < problem.ub).all()
    with pytest.raises(ex.BadInput, match="a study of kind sweep has no objective"):
        ex.sweep("untreated", {"redness_tnf": [1.0, 2.0]}).objective  # noqa: B018


def test_own_studies_are_fitted_with_scales_between():
    arms = {"laser": {"treatments": [{"kind": "fractional_co2_laser", "sessions": 1}]}}
    figures = [{"arm": "laser", "read": "downtime_days", "day": 60, "value": 9.0, "se": 1.0, "instrument": "ours"}]
    asked = {
        "free": {"redness_tnf": {"prior": "normal", "mean": 2, "sd": 0.5, "unit": "1"}},
        "study": [{"id": "own-trial", "n": 20, "arms": arms, "figures": figures}],
    }
    unused = {"study": [asked["study"][0] | {"arms": arms | {"none": {"treatments": []}}}]}
    with pytest.raises(ex.BadInput, match='study own-trial, arm none: no figure uses the arm "none"'):
        ex.fit(asked | unused, members=64)
    found = ex.fit(asked, members=64)
    assert any("instrument" in name for name in found.objective.names)
    fitted = found.parameter_set
    assert "own-trial" in fitted.studies
    assert "factor: ours" in fitted.nuisance
    assert len(fitted.nuisance["factor: ours"]) == 64
    [row] = found.summary["data"]
    assert row["low"] < 9 < row["high"]
    predicted = ex.predict({"study": asked["study"]}, parameters=fitted).figures[0]
    assert predicted.low < 9 < predicted.high


def test_draws_of_a_prior_are_as_it_says():
    z = np.random.default_rng(0).standard_normal(20_000)
    for table, middle, spread in (
        ({"prior": "uniform", "low": 1.0, "high": 3.0}, 2.0, 2 / np.sqrt(12)),
        ({"prior": "normal", "mean": 2.5, "sd": 0.1}, 2.5, 0.1),
        ({"prior": "log", "low": 1.0, "high": 4.0}, 3 / np.log(4), 0.86),
    ):
        prior = Prior.of("redness_tnf", table)
        x = prior.value(z)
        assert x.mean() == pytest.approx(middle, rel=0.02)
        assert x.std() == pytest.approx(spread, rel=0.03)
        assert prior.normal(x) == pytest.approx(z, abs=1e-6)
