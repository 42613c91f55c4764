"""Whatever file operation fails: the new result stands and the exit is 0, or the old one does and it is not."""

import json
import os
import pickle
import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim import api
from exosim.cli import app
from exosim.lesson import films, kept, page
from exosim.results import folder
from exosim.simulation.grid import Grid
from exosim.studies import cohort, execute
from exosim.view import film
from exosim.view import studies as shown
from exosim.view.figures import canvas, courses, save
from exosim.view.figures.style import Drawing
from exosim.view.report import page as report
from tests.faults.injected import ERRORS, failing

FULL = os.environ.get("EXOSIM_DRILLS") == "full"
MOST = 600  # faults of one verb; a tenth unless full
COLUMN = ["--resolution", "column", "--quiet", "--out", "results"]
STUDY = ["--quiet", "--out", "results"]
FILES = {
    "new": ["new", "untreated", "--out", "new.toml"],
    "export": ["export", "fractional_co2", "--out", "new.xml", "--force"],
    "lesson": ["lesson", "--quiet", "--out", "new.html", "--force"],
    "report": ["report", "run", "--quiet", "--out", "new.html", "--force"],
    "animate": ["animate", "fractional_co2", "--quiet", "--out", "new.gif", "--force"],
}
RUNS = {"run": ["run", "short.toml", *COLUMN], "compare": ["compare", "short.toml", "untreated.toml", *COLUMN]}
STUDIES = {
    "cohort": ["cohort", "short.toml", "untreated.toml", "-n", "8", *STUDY],
    "sweep": ["sweep", "short.toml", "--vary", "tnf_clearance=5,10", *STUDY],
    "fit": ["fit", "article", "--starts", "1", "--members", "50", *STUDY],
}
SHORT = 'name = "short"\nweeks = 1\n[[treatments]]\nkind = "fractional_co2_laser"\n'


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Scenarios and a saved run, of which every trial gets a copy."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "short.toml").write_text(SHORT)
    (folder / "untreated.toml").write_text('name = "untreated"\nweeks = 1\n')
    saved = ex.run(folder / "short.toml", resolution="column").save(folder / "runs").directory
    saved.rename(folder / "run")
    shutil.rmtree(folder / "runs")
    return folder


@pytest.fixture(scope="module")
def known():
    """What takes long and writes nothing, computed once for all trials."""
    drawing = Drawing("drawn", canvas.figure(), lambda: pd.DataFrame({"x": [1.0]}), "text")
    laser = {"name": "laser", "weeks": 1, "treatments": [{"kind": "fractional_co2_laser"}]}
    return {
        "drawing": drawing,
        "files": list(save._files(drawing, save.Kind())),
        "patch": ex.run(laser, grid=Grid(size=2)),
    }


saved_as = folder._files


@pytest.fixture
def place():
    """A folder in memory, where there is one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        yield Path(made) / "x"


@pytest.fixture
def quick(monkeypatch, known):
    """Solutions, figures, pages and frames are those that are known."""

    def once(function, key):
        def call(*arguments, **options):
            named = key(*arguments)
            if named not in known:
                known[named] = function(*arguments, **options)
            return known[named]

        return call

    def drawn(*_):
        return iter([known["drawing"]])

    monkeypatch.setattr(api, "run", once(api.run, lambda scenario: scenario.digest))
    monkeypatch.setattr(courses, "of_run", drawn)
    monkeypatch.setattr(courses, "of_arm", lambda *_: iter(()))
    monkeypatch.setattr(courses, "of_comparison", drawn)
    monkeypatch.setattr(
        folder,
        "_files",
        once(lambda result, *rows: list(saved_as(result, *rows)), lambda result, *_: (result.scenario.digest,)),
    )
    monkeypatch.setattr(save, "_files", lambda *_: iter(known["files"]))
    monkeypatch.setattr(report, "report", lambda *_: "<html>report</html>")
    monkeypatch.setattr(page, "page", lambda *_: "<html>lesson</html>")
    monkeypatch.setattr(films, "films", lambda *_: {})
    monkeypatch.setattr(kept, "read", lambda _: None)  # nor is what stands for the page kept
    monkeypatch.setattr(kept, "keep", lambda *_: None)
    monkeypatch.setattr(film, "frames", lambda *_, **__: iter(np.zeros((2, 4, 4, 3), np.uint8)))
    monkeypatch.setattr(cohort, "BLOCK", 4)
    monkeypatch.setattr(execute, "_timed", once(execute._timed, lambda s, unit: pickle.dumps((s.kind, dict(unit)))))
    views = {name: shown.View(view.text, drawn, view.report) for name, view in shown.VIEWS.items()}
    monkeypatch.setattr(shown, "VIEWS", views)


def tree(folder):
    """Every file with its content."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in Path(folder).rglob("*")}


def leftovers(after):
    return [name for name in after if any(part.startswith(".") for part in Path(name).parts) and "zarr/" not in name]


def names(after, folder="results"):
    """Names of files below `folder`, without the moment in those of run folders."""
    return sorted("/".join(p for p in Path(n).parts if not p[:8].isdigit()) for n in after if n.startswith(folder))


class Drill:
    """One verb, as often as it has file operations."""

    def __init__(self, monkeypatch, home, folder, verb):
        self.monkeypatch, self.home, self.folder, self.verb = monkeypatch, home, folder, verb
        self.outcomes, self.wrong = Counter(), []

    def trial(self, n=None, number=ERRORS[0]):
        """Carry out the verb in a fresh copy; return result, counter, files before and after."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.home, self.folder)
        if "--force" in self.verb:
            (self.folder / self.verb[self.verb.index("--out") + 1]).write_text("old")
        self.monkeypatch.chdir(self.folder)
        before = tree(self.folder)
        with failing(self.monkeypatch, self.folder, n, number) as count:
            result = CliRunner().invoke(app, self.verb)
        return result, count, before, tree(self.folder)

    def go(self, check, seed):
        whole, count, before, after = self.trial()
        assert whole.exit_code == 0, whole.output
        assert not leftovers(after), leftovers(after)
        tried = [(n, number) for n in range(count.done) for number in ERRORS]
        share = 1 if FULL else 10
        tried = random.Random(seed).sample(tried, min(len(tried), MOST) // share)
        for n, number in tried:
            result, count, before, now = self.trial(n, number)
            if not count.hit:
                self.outcomes["not reached"] += 1
                continue
            told = check(self, result, before, now, after)
            if result.exit_code not in (0, 1, 2) or (result.exception and not isinstance(result.exception, SystemExit)):
                told = f"a traceback: {result.exception!r}"
            if left := leftovers(now):
                told = f"left {left}"
            if told:
                self.wrong.append(f"{n}, {os.strerror(number)} in {count.hit}: {told}\n{result.output[-300:]}")
            self.outcomes[f"exit {result.exit_code}"] += 1
        hit = sum(number for name, number in self.outcomes.items() if name.startswith("exit"))
        print(f"\n{self.verb[0]}: tried {len(tried)}, hit {hit}, {dict(self.outcomes)}, wrong {len(self.wrong)}")
        assert not self.wrong, "\n".join(self.wrong[:12])


def of_files(drill, result, before, now, after):
    wanted = after if result.exit_code == 0 else before
    other = sorted(name for name in now.keys() | wanted.keys() if now.get(name) != wanted.get(name))
    return f"files that differ: {other}" if other else ""


def of_runs(drill, result, before, now, after):
    if result.exit_code == 0:
        return "" if names(now) == names(after) else f"lacks {set(names(after)) ^ set(names(now))}"
    if "the results are saved in" in result.output:
        lacking = set(names(after)) - set(names(now))
        return "" if all("figures" in name for name in lacking) else f"lacks {lacking}"
    return "" if now == before else f"stands after all: {sorted(now.keys() - before.keys())}"


def of_studies(drill, result, before, now, after):
    if result.exit_code == 0:
        return "" if names(now) == names(after) else f"lacks {set(names(after)) ^ set(names(now))}"
    again = CliRunner().invoke(app, [*drill.verb, "--resume"])
    if again.exit_code:
        return f"cannot go on: {again.output}"
    summary = json.loads((drill.folder / "results/summary.json").read_text())
    same = summary == json.loads(after["results/summary.json"])
    return "" if same and names(tree(drill.folder)) == names(after) else "another table"


@pytest.mark.slow
@pytest.mark.parametrize("verb", FILES)
def test_a_file(monkeypatch, home, place, quick, known, verb):
    if verb == "animate":
        monkeypatch.setattr(api, "run", lambda *_, **__: known["patch"])
    Drill(monkeypatch, home, place, FILES[verb]).go(of_files, 1)


@pytest.mark.slow
@pytest.mark.parametrize("verb", RUNS)
def test_a_run(monkeypatch, home, place, quick, verb):
    Drill(monkeypatch, home, place, RUNS[verb]).go(of_runs, 2)


@pytest.mark.slow
@pytest.mark.parametrize("verb", STUDIES)
def test_a_study(monkeypatch, home, place, quick, verb):
    Drill(monkeypatch, home, place, STUDIES[verb]).go(of_studies, 3)
