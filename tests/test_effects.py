"""Whatever is accepted takes effect: an argument that would have none is refused, in Python and on the command line."""

import pytest
import typer
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.simulation.grid import Grid

VARY = {"redness_tnf": [1, 2]}
ARM = "fractional_co2"
IDLE = {  # what is called in Python, what is given to the command line -> arguments that are named
    "seed of a column": (
        lambda out: ex.run(ARM, resolution="column", seed=7),
        [f"run {ARM} --resolution column --seed 7", f"compare {ARM} untreated --resolution column --seed 7"],
        ["seed"],
    ),
    "lattice of a column": (lambda out: ex.run(ARM, resolution="column", grid=Grid(size=5)), [], ["size"]),
    "courses without draws": (
        lambda out: ex.run(ARM, courses="tnf_alpha"), [f"run {ARM} --courses tnf_alpha"], ["courses"],
    ),
    "a local design": (
        lambda out: ex.sensitivity(ARM, method="local", samples=64, seed=1),
        [f"sensitivity {ARM} --method local --samples 64 --seed 1"],
        ["samples", "seed"],
    ),
    "seed of a grid of columns": (
        lambda out: ex.sweep(ARM, VARY, seed=7), [f"sweep {ARM} --vary redness_tnf=1,2 --seed 7"], ["seed"],
    ),
    "seed of a grid of draws": (
        lambda out: ex.sweep(ARM, VARY, ensemble=True, seed=7),
        [f"sweep {ARM} --vary redness_tnf=1,2 --ensemble --seed 7"],
        ["seed"],
    ),
    "cases of a grid": (
        lambda out: ex.sweep(ARM, VARY, n=7), [f"sweep {ARM} --vary redness_tnf=1,2 -n 7"], ["n"],
    ),
    "a reference without draws": (
        lambda out: ex.sweep(ARM, VARY, reference="untreated"),
        [f"sweep {ARM} --vary redness_tnf=1,2 --reference untreated"],
        ["reference"],
    ),
    "workers of a cluster": (
        lambda out: ex.sweep(ARM, VARY, client="tcp://127.0.0.1:1", workers=2),
        [f"sweep {ARM} --vary redness_tnf=1,2 --dask tcp://127.0.0.1:1 --workers 2"],
        ["workers"],
    ),
    "a search for a posterior": (lambda out: ex.fit("trials", starts=2), ["fit trials --starts 2"], ["starts"]),
    "people of a study without a trial": (
        lambda out: ex.load_study(out, people=9), ["study OUT --people 9"], ["people"],
    ),
    "days twice": (None, [f"run {ARM} --daily --times 1,2"], ["daily", "times"]),
    "seed without films": (None, ["lesson --no-film --seed 3", "site --no-film --seed 3"], ["seed"]),
    "a sheet": (None, ["lesson --key --seed 3", "lesson --handout --no-film"], ["seed", "no-film"]),
    "the language of a page": (None, ["lesson --language de"], ["language"]),
    "a register that is none": (None, ["predict --force"], ["force"]),
    "reasons of treatments": (None, ["list treatments --why"], ["why"]),
}  # fmt: skip


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ex.cohort("untreated", 2, changes={"weeks": 1}, out="OUT")
    return tmp_path / "OUT"


@pytest.mark.parametrize("kind", IDLE)
def test_what_would_have_no_effect_is_refused(kind, out):
    call, lines, named = IDLE[kind]
    if call:
        with pytest.raises(ex.BadInput) as refused:
            call(out)
        assert [name for name in named if f"`{name}`" not in str(refused.value)] == []
    for line in lines:
        done = CliRunner().invoke(app, line.split())
        assert done.exit_code == 2, done.output
        assert [name for name in named if f"-{name}" not in done.output] == []
    assert [path.name for path in out.parent.iterdir()] == ["OUT"]


ALWAYS = {  # options that always have an effect, or say what may be done: where it is not needed, nothing is lost
    "changes", "parameters", "resolution", "out", "as_json", "quiet", "force", "resume", "workers", "dask", "vary",
    "against", "ensemble", "outcomes", "daily", "times", "figures", "method", "design", "members", "population",
    "number", "handout", "key", "lessons", "no_film", "register", "to", "template", "why", "language",
}  # fmt: skip
SOMETIMES = {  # verb -> options that `IDLE` refuses where they have none
    "run": {"seed", "courses"},
    "compare": {"seed", "courses"},
    "sweep": {"seed", "reference", "number"},
    "sensitivity": {"seed", "samples"},
    "fit": {"starts"},
    "study": {"people"},
    "lesson": {"seed"},
    "site": {"seed"},
}
SEEDED = {"cohort", "optimise", "fit", "predict"}
"""Verbs whose seed always counts."""


def test_somebody_has_decided_for_every_option():
    for verb, command in typer.main.get_command(app).commands.items():
        options = {x.name for x in command.params if x.param_type_name == "option"} - {"help"}
        decided = ALWAYS | SOMETIMES.get(verb, set()) | ({"seed"} if verb in SEEDED else set())
        assert options <= decided, f"{verb}: what of {options - decided} where it has no effect?"


FEWEST = {  # a number below the least it can be, in Python and on the command line
    "samples": (lambda: ex.sensitivity(ARM, samples=8), f"sensitivity {ARM} --samples 8"),
    "trajectories": (lambda: ex.sensitivity(ARM, method="morris", samples=2),
                     f"sensitivity {ARM} --method morris --samples 2"),
    "people": (lambda: ex.cohort(ARM, 0), f"cohort {ARM} -n 0"),
    "workers": (lambda: ex.cohort(ARM, 2, workers=0), f"cohort {ARM} -n 2 --workers 0"),
    "members": (lambda: ex.fit("trials", members=49), "fit trials --members 49"),
    "seed": (lambda: ex.optimise({"scenario": ARM, "vary": {"redness_tnf": [1, 2]}, "aims": {"pih": "min"}}, seed=-1),
             "fit trials --seed -1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FEWEST)
def test_the_least_number_is_the_same_in_python_and_on_the_command_line(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, line = FEWEST[kind]
    with pytest.raises(ex.BadInput, match="must be a whole number from"):
        call()
    done = CliRunner().invoke(app, line.split())
    assert (done.exit_code, "must be a whole number from" in done.output) == (2, True), done.output
    assert [*tmp_path.iterdir()] == []


def test_a_flag_is_true_or_false(tmp_path):
    run = ex.run(ARM, resolution="column")
    for call, named in (
        (lambda: ex.run(ARM, ensemble="no", changes={"nothing": 1}), ["`ensemble` is true or false", "nothing"]),
        (lambda: ex.compare([ARM, "nothing"], ensemble=10), ["`ensemble` is true or false, not 10", "nothing"]),
        (lambda: ex.sweep(ARM, VARY, ensemble="no", resume=1), ['`ensemble` is true or false, not "no"', "`resume`"]),
        (lambda: ex.cohort(ARM, 2, resume="no"), ["`resume`"]),
        (lambda: run.save(tmp_path, daily="no", figures="nothing"), ["`daily`", "`figures`"]),
        (lambda: ex.parameter_set("article").replace(redness_tnf=2).save(tmp_path / "a.toml", force="no"), ["`force`"]),
    ):
        with pytest.raises(ex.BadInput) as refused:
            call()
        assert [name for name in named if name not in str(refused.value)] == []
    assert [*tmp_path.iterdir()] == []


def test_a_sweep_warns_of_an_axis_on_which_nothing_depends():
    found = ex.sweep("untreated", {"il10_signal": [0.1, 0.2]}, changes={"weeks": 1})
    assert found.warnings == ["no outcome depends on il10_signal"]
