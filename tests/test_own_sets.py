"""Parameter sets of one's own, wherever a set is taken."""

import json

import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.biology.system import PARAMETERS
from exosim.cli import app
from exosim.parameters.sets import toml_lines

MINE = """
base = "article"
meaning = "TNF-alpha leaves faster"

[parameters]
tnf_clearance = { value = 8, unit = "1/d", source = "our laboratory" }
"""
WEEKS = {"weeks": 9}


@pytest.fixture
def mine(tmp_path):
    """Return the file of a set of one's own, with two draws beside it."""
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    (tmp_path / "mine.draws.csv").write_text("tnf_clearance,remodelling\n7,0.017\n9,0.018\n")
    return file


def quick(parameters, **options):
    return ex.run("fractional_co2", resolution="column", parameters=parameters, changes=WEEKS, **options)


def test_a_set_is_taken_from_a_file_a_run_or_replaced(tmp_path, mine):
    article = ex.parameter_set("article")
    own, replaced = ex.parameter_set(mine), article.replace(tnf_clearance=8)
    assert own.values() == replaced.values() == article.values() | {"tnf_clearance": 8.0}
    assert (str(own), own.root) == ("mine", "article")
    assert own != replaced != article  # of two that differ in draws
    assert own == ex.parameter_set(str(mine))
    run = quick(mine, ensemble=True).save(tmp_path / "runs", figures="none")
    assert run.outcomes == quick(replaced).outcomes != quick("article").outcomes
    assert len(run.ensemble["improvement_percent"]) == 2
    mine.unlink()  # the run has all of it
    loaded = ex.Result.load(run.directory)
    assert loaded == run
    assert loaded.setup.digest == run.setup.digest != quick("article").setup.digest
    for place in (run.directory, run.directory / "manifest.json"):
        assert ex.parameter_set(place) == own
    assert quick(run.directory, ensemble=True) == run
    written = tmp_path / "again.toml"
    written.write_text("".join(toml_lines(own)))
    assert ex.parameter_set(written).values() == own.values()


def test_a_saved_set_is_read_back_digit_by_digit(tmp_path):
    replaced = ex.parameter_set("article").replace(tnf_clearance=8.123456789)
    for i, made in enumerate((replaced, ex.parameter_set("trials"))):
        file = made.save(tmp_path / f"saved{i}.toml")
        again = ex.parameter_set(file)
        assert again.digest == made.digest
        assert again.comes_from([made.root or made.name])
    assert len(again.draws) == len(made.draws) > 0
    with pytest.raises(ex.BadInput, match="exists already"):
        replaced.save(file)
    assert ex.parameter_set(replaced.save(file, force=True)).draws == {}  # those of the other set are gone
    with pytest.raises(ex.BadInput, match=r"NAME\.toml"):
        replaced.save(tmp_path / "trials.toml")


def test_replacing_nothing_is_refused():
    article = ex.parameter_set("article")
    assert article.replace({"tnf_clearance": 8}) == article.replace(tnf_clearance=8)
    for wrong, said in (((), "no value"), (({},), "no value"), ((8,), "a mapping, not 8")):
        with pytest.raises(ex.BadInput, match=said):
            article.replace(*wrong)


def test_a_folder_above_run_folders_says_the_newest(tmp_path):
    first, second = (quick("article").save(tmp_path / "runs", figures="none").directory for _ in range(2))
    for place in (tmp_path / "runs", first.parent):
        with pytest.raises(ex.BadInput, match=rf"2 below it\n.*the newest is {second}"):
            ex.parameter_set(place)


def test_a_set_without_draws_refuses_an_ensemble():
    replaced = ex.parameter_set("article").replace(tnf_clearance=8)
    for asked in (
        lambda: quick(replaced, ensemble=True),
        lambda: ex.cohort("fractional_co2", 4, parameters=replaced),
        lambda: ex.predict(parameters=replaced),
    ):
        with pytest.raises(ex.BadInput, match=r'the parameter set "article with tnf_clearance=8" has no ensemble'):
            asked()


def test_studies_take_own_sets_and_keep_them(tmp_path, mine):
    axes, out = {"redness_tnf": [1.0, 2.0]}, tmp_path / "study"
    options = {"parameters": str(mine), "changes": WEEKS}
    alone = ex.sweep("fractional_co2", axes, **options, out=out)
    helped = ex.sweep("fractional_co2", axes, **options, workers=2)
    assert alone.to_dataframe().equals(helped.to_dataframe())
    assert not alone.to_dataframe().equals(ex.sweep("fractional_co2", axes, changes=WEEKS).to_dataframe())
    assert ex.load_study(out).study == alone.study
    other = ex.parameter_set("article").replace(tnf_clearance=9)
    with pytest.raises(ex.BadInput, match="holds another study"):
        ex.sweep("fractional_co2", axes, parameters=other, changes=WEEKS, out=out, resume=True)
    people = ex.cohort("fractional_co2", 4, **options)
    assert people.study.parameters == ex.parameter_set(mine)
    local = ex.sensitivity("fractional_co2", method="local", **options).to_dataframe()
    assert "tnf_clearance" not in set(local["parameter"])  # the set holds it
    assert ex.compare(["untreated", "fractional_co2"], resolution="column", parameters=mine).arms[1].setup.parameters


def test_everything_wrong_with_a_set_is_said_at_once(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'base = "articel"\nmeanin = "x"\n[parameters]\ntnf_clearence = { value = 8, unit = "1/d" }\n'
        'tnf_clearance = 8\nredness_tnf = { value = 1e9, unit = "1" }\nremodelling = { value = 0.01 }\n'
        'melanin_turnover = { value = 0.03, unit = "1/h" }\n'
    )
    (tmp_path / "mine.draws.csv").write_text("film_lost,gel_thickness\n1,99\n2,99\n")
    with pytest.raises(ex.BadInput) as refused:
        ex.parameter_set(file)
    told = str(refused.value)
    for said in (
        'no parameter set "articel"', 'no setting "meanin"', 'did you mean "tnf_clearance"', 'unit = "1/d"',
        "redness_tnf = 1e+09 is out of range", "remodelling needs its unit", 'is in 1/d, not in "1/h"',
        'did you mean "film_loss"', "gel_thickness = 99 of draw 1 is out of range",
    ):  # fmt: skip
        assert said in told
    assert f"{file}:4" in told
    with pytest.raises(ex.BadInput, match=r"tnf_clearance = 1e\+06 is out of range"):
        ex.parameter_set("article").replace(tnf_clearance=1e6)
    named = tmp_path / "article.toml"
    named.write_text(MINE)
    with pytest.raises(ex.BadInput, match="cannot be called"):
        ex.parameter_set(named)
    with pytest.raises(ex.BadInput, match="no such file of a parameter set"):
        ex.parameter_set("nowhere/mine.toml")


def test_the_command_line_takes_a_file(tmp_path, mine, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ("--resolution", "column", "--set", "weeks=9", "--figures", "none", "--json", "-q")
    result = CliRunner().invoke(app, ["run", "fractional_co2", "--parameters", "mine.toml", "--ensemble", *options])
    shown = json.loads(result.stdout)
    assert shown["parameters"] == "mine"
    assert "parameter_set" not in shown
    manifest = json.loads((tmp_path / shown["run_directory"] / "manifest.json").read_text())
    assert manifest["parameter_set"]["parameters"]["tnf_clearance"]["value"] == 8
    again = CliRunner().invoke(app, ["run", "fractional_co2", "--parameters", shown["run_directory"], *options])
    assert json.loads(again.stdout)["outcomes"] == shown["outcomes"]


def test_sets_that_cannot_be_are_refused_in_words(tmp_path, mine):
    mine.write_text('base = "mine.toml"\n')
    with pytest.raises(ex.BadInput, match="in a circle"):
        ex.parameter_set(mine)
    with pytest.raises(ex.BadInput, match="columns of numbers"):
        ex.parameter_set({"base": "article", "draws": {"remodelling": ["x"]}})
    with pytest.raises(ex.BadInput, match="at least 2"):
        ex.parameter_set({"base": "article", "draws": {"remodelling": [0.01, 0.02], "film_loss": [2.0]}})
    manifest = quick("article").save(tmp_path, figures="none").directory / "manifest.json"
    assert ex.parameter_set(manifest.parent) is ex.parameter_set("article")
    manifest.write_text(manifest.read_text().replace('"article"', '"trials"'))
    with pytest.raises(ex.BadInput, match="changed since the run was saved"):
        ex.parameter_set(manifest.parent)
    with pytest.raises(ex.BadInput, match="a name, a file, or a set, not 3"):
        quick(3)
    mine.write_text('[free]\nredness_tnf = { prior = "uniform" }\n')
    with pytest.raises(ex.BadInput, match="the file of a fit, not of a parameter set"):
        ex.parameter_set(mine)


@pytest.mark.parametrize("name", ["phototype_response", "uv_dose"])
def test_what_a_scenario_decides_is_in_no_set(name, tmp_path):
    unit = PARAMETERS[name].unit
    said = f"{name} cannot be set in a parameter set: skin and sunlight of a scenario decide it"
    with pytest.raises(ex.BadInput, match=said):
        ex.parameter_set("article").replace(**{name: 1.0})
    (tmp_path / "mine.toml").write_text(
        f'base = "article"\n[parameters]\n{name} = {{ value = 1.0, unit = "{unit}" }}\n'
    )
    with pytest.raises(ex.BadInput, match=said):
        ex.parameter_set(tmp_path / "mine.toml")
    with pytest.raises(ex.BadInput, match=said):
        ex.parameter_set({"base": "article", "draws": {name: [1.0, 1.1]}})
