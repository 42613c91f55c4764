"""The command line: JSON, exit codes, messages, interruption."""

import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from platformdirs import user_cache_path
from typer.testing import CliRunner

from exosim.api import Result
from exosim.cli import app
from exosim.cli.verbs import runs
from exosim.files.writing import NotWritten
from exosim.parameters import DEFAULT
from exosim.problems import BadInput
from exosim.results.outcomes import OUTCOMES
from exosim.scenario.arms import load_arms
from exosim.scenario.file import load
from exosim.studies.designs import load_axes

SHORT = ["--resolution", "column", "--set", "weeks=3", "--set", "treatments.0.days=[0]"]
NAMES = {
    "improvement_percent",
    "ecca_like_score",
    "scar_depth_um",
    "collagen_relative",
    "collagen_ratio_1_3",
    "tnf_peak_day",
    "tnf_auc",
    "erythema_days",
    "downtime_days",
    "melanin_index_change_percent",
    "pih",
    "onset_week",
}


def exosim(*arguments, cwd=None, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "exosim", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_run_prints_one_object_and_leaves_a_run_folder(tmp_path):
    done = exosim("run", "fractional_co2", *SHORT, "--json", "--out", tmp_path / "r", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert set(found) == {"scenario", "resolution", "parameters", "seed", "outcomes", "ledger", "run_directory"}
    assert set(found["outcomes"]) >= NAMES | {"safety_flags"}
    folder = tmp_path / "r" / "fractional-co2-laser"
    [run] = list(folder.iterdir())
    assert str(run) == found["run_directory"]
    assert {p.name for p in run.iterdir()} == {
        "SHA256SUMS",
        "scenario.toml",
        "manifest.json",
        "result.nc",
        "timecourse.csv",
        "outcomes.json",
        "events.csv",
        "figures",
    }
    for name in ("time_courses", "collagen", "schedule"):
        assert {p.suffix for p in (run / "figures").glob(f"{name}.*")} == {".png", ".txt"}
    exosim("run", "fractional_co2", *SHORT, "--json", "--out", tmp_path / "r", cwd=tmp_path)
    assert len(list(folder.iterdir())) == 2


def test_figures_are_those_that_are_wanted(tmp_path):
    for figures, files in (("none", set()), ("all", {".png", ".svg", ".csv", ".txt"})):
        out = tmp_path / figures
        done = exosim(
            "compare", "fractional_co2", "untreated", "--resolution", "column", "--figures", figures, "--out", out
        )
        [folder] = (out / "fractional-co2-laser-v-untreated").iterdir()
        assert {path.suffix for path in (folder / "figures").glob("split_face.*")} == files
        assert done.stdout.count("files and figures:" if files else "files:") == 1
        assert Result.load(folder / "1-fractional-co2-laser").outcomes["tnf_auc"] > 0
    told = exosim("run", "untreated", "--figures", "svg", "--out", tmp_path / "bad", code=2).stderr
    assert "no kind of figures" in told
    assert "allowed: none, png, print, all" in told
    assert not (tmp_path / "bad").exists()


def test_a_column_without_figures_imports_no_more_than_it_needs(tmp_path):
    heavy = [
        "scipy.fft",
        "scipy.linalg",
        "sympy",
        "mesa",
        "matplotlib",
        "xarray",
        "pandas",
        "dask",
        "distributed",
        "pint",
    ]
    code = f"""
import sys
from exosim.cli import main
sys.argv[1:] = ["run", "untreated", "--resolution", "column", "--figures", "none", "--json", "--out", {str(tmp_path)!r}]
try:
    main()
finally:
    print([m for m in {heavy} if m in sys.modules])
"""
    exosim("run", "untreated", "--resolution", "column", "--out", tmp_path)  # its solver may have to be compiled
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_compare_prints_arms_and_differences(tmp_path):
    options = ["--resolution", "column", "--json", "--figures", "all", "--out", tmp_path]
    found = json.loads(exosim("compare", "fractional_co2", "fractional_co2_exosome", *options).stdout)
    assert set(found) == {"arms", "against", "differences"}
    assert len(found["arms"]) == 2
    a, b = (arm["outcomes"]["improvement_percent"] for arm in found["arms"])
    assert found["differences"]["improvement_percent"] == pytest.approx(b - a)
    [folder] = (tmp_path / "fractional-co2-laser-v-fractional-co2-laser-exosome-gel").iterdir()
    assert (folder / "figures" / "split_face.png").stat().st_size > 10_000
    assert "32.5" in (folder / "figures" / "split_face.csv").read_text()


def test_the_table_shows_the_trial_beside_the_model(tmp_path):
    shown = exosim(
        "compare", "fractional_co2", "fractional_co2_exosome", "--resolution", "column", "--out", tmp_path
    ).stdout
    assert re.search(r"published \(n = 25, fitted\)[^\n]* 19\.9 [^\n]* 32\.5 ", shown)
    for text in ("published (n = 25, fitted)", "Kwon 2020", "not medical advice", "not FDA-approved"):
        assert text in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "nowhere.toml"],
        ["compare", "fractional_co2"],
        ["compare", *["untreated"] * 9],
        ["run", "fractional_co2", "--set", "skin.scr=boxcar"],
        ["run", "fractional_co2", "--parameters", "artcle"],
        ["run", "fractional_co2", "--seed", "-1"],
        ["new", "fractional"],
        ["explain", "tnf_alfa"],
        ["list", "things"],
        ["run", "fractional_co2", "--set", "treatments.0.energy_mj=1e9"],
        ["validate", "fractional_co2", "."],
        ["run", "fractional_co2", "--resolution", "voxel"],
        ["run", "fractional_co2", "--figures", "svg"],
    ],
)
def test_bad_input_ends_with_2_and_leaves_nothing(tmp_path, arguments):
    done = exosim(*arguments, cwd=tmp_path, code=2)
    assert done.stdout == ""
    assert done.stderr
    assert list(tmp_path.iterdir()) == []


def test_problems_of_all_files_come_at_once(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('name = "x"\n[skin]\nscar = "boxcr"\nphototype = 9\n')
    done = exosim("compare", "a.toml", "b.toml", cwd=tmp_path, code=2)
    assert done.stderr.count("error:") == 4
    assert "4 problems; nothing was done." in done.stderr


@pytest.mark.parametrize("name", ["PYTHONIOENCODING=ascii", "PYTHONIOENCODING=cp1252", "MPLBACKEND=module://not.here"])
def test_no_terminal_and_no_display_is_a_reason_to_fail(tmp_path, monkeypatch, name):
    monkeypatch.setenv(*name.split("="))
    (tmp_path / "a.toml").write_text('name = "Gel \u2192 laser \u05d0"\nweeks = 1\n', "utf-8")
    done = exosim("run", "a.toml", "--resolution", "column", cwd=tmp_path)
    assert "files and figures: runs" in done.stdout


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    kernels = os.environ.get("EXOSIM_CACHE") or str(user_cache_path("exosim", appauthor=False))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EXOSIM_CACHE", kernels)
    exosim("new", "untreated", "--out=~/mine.toml", cwd=tmp_path)
    exosim("run", "~/mine.toml", *SHORT[:2], "--out", "~/here", cwd=tmp_path)
    exosim("export", "~/mine.toml", "--out=~/mine.xml", cwd=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"mine.toml", "here", "mine.xml"}
    assert not (tmp_path / "~").exists()


def test_an_unwritable_folder_is_refused_before_running(tmp_path):
    (tmp_path / "file").write_text("")
    done = exosim("run", "fractional_co2", "--out", tmp_path / "file" / "runs", code=2)
    assert "cannot be written" in done.stderr


@pytest.mark.parametrize(
    ("resolution", "seed", "tissue"), [("column", 0, "columns.Columns"), ("patch", 3, "field.Field")]
)
def test_a_failing_solver_ends_with_1_and_says_when_where_and_after_what(tmp_path, resolution, seed, tissue):
    script = f"""
import sys
from exosim.engine import columns, field
from exosim.cli import main
real, jumps = {tissue}.jump, []
def broken(self, changed):
    real(self, changed)
    jumps.append(changed)
    if len(jumps) == 2:
        self.states.erythema[:] = float("nan")
{tissue}.jump = broken
sys.argv = "exosim run fractional_co2 --resolution {resolution} --seed {seed} --out out".split()
main()
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert re.search(r"on day 28\.0000 in state \w+\n  last event: Injury\(day=28\.0,", done.stderr)
    assert "parameters farthest from their defaults: activation_platelet" in done.stderr
    assert "Traceback" not in done.stderr
    [folder] = (tmp_path / "out" / "fractional-co2-laser").iterdir()
    assert folder.name.endswith("-failed")
    assert f"is saved in {folder.relative_to(tmp_path)}\n" in done.stderr
    assert {p.name for p in folder.iterdir()} == {"scenario.toml", "failure.json", "states.csv"}
    failure = json.loads((folder / "failure.json").read_text())
    assert (failure["resolution"], failure["seed"]) == (resolution, seed)
    assert "on day 28" in failure["message"]
    states = pd.read_csv(folder / "states.csv")
    assert states["day"].iloc[0] == 0
    assert states["day"].iloc[-1] == pytest.approx(28 if resolution == "column" else 27)
    assert np.isfinite(states).all(axis=None)


def test_a_failing_arm_does_not_lose_a_finished_one(tmp_path):
    script = """
import sys
from exosim.engine.columns import Columns
real = Columns.jump
def broken(self, changed):
    real(self, changed)
    self.states.gel[:] = float("nan")
Columns.jump = broken
sys.argv = "exosim compare untreated microneedling_exosome --resolution column --out out".split()
from exosim.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "finished before it and saved" in done.stderr
    assert len(list((tmp_path / "out" / "untreated").iterdir())) == 1
    [failed] = (tmp_path / "out").glob("microneedling*/*-failed")
    assert f"is saved in {failed.relative_to(tmp_path)}\n" in done.stderr


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_no_folder(tmp_path, sent, code):
    process = subprocess.Popen(
        [sys.executable, "-m", "exosim", "run", "fractional_co2", "--out", str(tmp_path / "runs")],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # in the background a shell ignores Ctrl-C
    )
    while not list(tmp_path.rglob("*")) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(sent)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert not list(tmp_path.rglob("*"))


def test_an_interruption_that_python_drops_is_sent_again():
    script = """
import signal, sys, time
from exosim import cli
def app(prog_name):
    class Dropping:
        def __del__(self):
            signal.raise_signal(signal.SIGTERM)
    Dropping()
    time.sleep(30)
cli.app = app
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (143, "")


def test_a_comparison_of_different_skins_warns(tmp_path):
    other = tmp_path / "other.toml"
    other.write_text('name = "other"\nweeks = 9\n[skin]\nscar = "boxcar"\n')
    said = exosim("compare", "untreated", other, "--resolution", "column", "--out", tmp_path / "r").stderr
    assert said.count("warning:") == 2
    quiet = exosim("compare", "untreated", "vehicle_gel", "--resolution", "column", "--quiet", "--out", tmp_path / "q")
    assert quiet.stderr == ""
    assert "not medical advice" not in quiet.stdout


def test_a_misspelt_scenario_names_the_nearest(tmp_path):
    for name in ("fractional_co2_exosom", "fractional_co2_exosome.tml"):
        assert "fractional_co2_exosome" in exosim("run", name, cwd=tmp_path, code=2).stderr.splitlines()[1]


def test_the_default_parameter_set_is_one():
    """The command line names it itself, so that --help need not import the model."""
    for verb in (runs.run, runs.compare):
        assert inspect.signature(verb).parameters["parameters"].default == DEFAULT


def test_version():
    assert exosim("--version").stdout.startswith("exosim 0.")


def test_new_writes_once(tmp_path):
    exosim("new", cwd=tmp_path)
    exosim("validate", "my_scenario.toml", cwd=tmp_path)
    before = (tmp_path / "my_scenario.toml").read_text()
    assert "exists already" in exosim("new", "untreated", cwd=tmp_path, code=2).stderr
    assert (tmp_path / "my_scenario.toml").read_text() == before


def test_new_names_the_scenario_after_its_file(tmp_path):
    exosim("new", "untreated", "--out", 'night "cream".toml', cwd=tmp_path)
    written = tomllib.loads((tmp_path / 'night "cream".toml').read_text())
    assert written["name"] == 'night "cream"'


def test_events_counts_sessions():
    shown = exosim("events", "fractional_co2_exosome").stdout
    assert "12 events, days of each: fractional_co2_laser 3, exosome_gel 9" in shown
    assert len(json.loads(exosim("events", "fractional_co2_exosome", "--json").stdout)["events"]) == 12


def test_explain_says_what_where_and_from_whom():
    shown = exosim("explain", "tnf_alpha").stdout
    for text in (
        "TNF-alpha in the dermis",
        "pg/mL",
        "d(tnf_alpha_papillary)/dt",
        "tnf_clearance",
        "Fallahi",
        "exosim/biology/inflammation.py:",
    ):
        assert text in shown
    found = json.loads(exosim("explain", "tnf_alpha", "--json").stdout)
    lines = Path("exosim/biology/inflammation.py").read_text().splitlines()
    assert lines[found["line"] - 1].strip().startswith('"tnf_alpha":')


def test_everything_listed_can_be_explained():
    from exosim.readings.explain import explain, names

    for group in names().values():
        for name in group:
            assert explain(name)["meaning"], name


def test_outcome_names_are_exactly_those_promised():
    assert {o.name for o in OUTCOMES} >= NAMES


def test_help_is_quick_to_import():
    """Heavy libraries stay out of the way of --help."""
    heavy = ("numpy", "sympy", "mesa", "matplotlib", "xarray", "pandas", "pydantic")
    code = f"import exosim.cli, sys; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("path", ["energy_mj", "treatment.0.energy_mj"])
def test_a_setting_without_its_treatment_is_told_where_it_is(path, tmp_path):
    said = exosim("run", "fractional_co2", "--set", f"{path}=30", cwd=tmp_path, code=2).stderr
    assert 'did you mean "laser.energy_mj"?' in said


def test_what_cannot_be_set_is_told_of_its_scenario_with_the_whole_path():
    with pytest.raises(BadInput) as refused:
        load_arms(["fractional_co2", "untreated"], ["laser.energy_mj=30"])
    assert [str(x.message) for x in refused.value.problems] == ['there is no "laser.energy_mj" to set in "Untreated"']
    for call in (
        lambda: load("fractional_co2", {"laser.energy": 30}),
        lambda: load_axes({"laser.energy": [1, 2]}, load("fractional_co2")),
    ):
        with pytest.raises(BadInput, match=r'did you mean "laser\.energy_mj"'):
            call()


def test_a_reader_that_has_read_enough_is_no_failure():
    command = f"{sys.executable} -m exosim list parameters | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (["parameters:", "0"], "")


def test_an_interruption_inside_a_text_that_runs_ends_with_its_code():
    script = """
import sys
from exosim import cli
from exosim.cli.shell import app, guarded
@app.command()
@guarded
def stopped():
    exec("raise KeyboardInterrupt")
sys.argv = ["exosim", "stopped"]
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (130, "interrupted; nothing half-written was left\n")


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("run untreated --resolution column --set weeks=1 --figures none >&-", "the results are saved in runs/"),
        ("sweep untreated --vary redness_tnf=1,2 --set weeks=1 >/dev/full", "the results are saved in studies/sweep"),
        ("--version >&-", "closed"),
    ],
)
def test_where_nothing_can_be_printed_what_is_saved_is_said(tmp_path, line, place):
    command = f"{sys.executable} -m exosim {line}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert place in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_figure_that_is_lost_is_named_with_a_remedy(tmp_path, monkeypatch):
    def full(path, content):
        raise NotWritten(f"{path} cannot be written")

    monkeypatch.setattr("exosim.view.figures.save.write", full)
    done = CliRunner().invoke(app, f"run untreated --resolution column --set weeks=1 --out {tmp_path}".split())
    told, remedy = done.stderr.splitlines()
    assert done.exit_code == 1
    assert "not all figures: figures/" in told
    assert ".partial" not in told
    assert remedy.strip() == "make room, or draw none with --figures none"
