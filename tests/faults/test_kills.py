"""Whatever moment the process is killed at: what is named is whole, and nothing that was kept is lost or repeated."""

import json
import os
import random
import subprocess
import sys
from collections import Counter

import pytest

import exosim as ex
from exosim.studies.store import existing

FULL = os.environ.get("EXOSIM_DRILLS") == "full"
KILLS = 160 if FULL else 16  # of each test
SERVER = """
import json, os, signal, sys, time
import pandas as pd
import exosim as ex
from exosim.cli import main
from exosim.studies import cohort, conduct
from exosim.view import studies
from exosim.view.figures import canvas, courses, style
drawn = lambda *_: iter([style.Drawing("drawn", canvas.figure(figsize=(2, 1), layout="constrained"), lambda: pd.DataFrame({"x": [1.0]}), "text")])
courses.of_run = drawn
studies.VIEWS = {name: studies.View(view.text, drawn, view.report) for name, view in studies.VIEWS.items()}
cohort.BLOCK = 4
ex.run("untreated", resolution="column", ensemble=False)
import xarray, h5netcdf, h5py, zarr, matplotlib.backends.backend_svg, jinja2
for line in sys.stdin:
    order = json.loads(line)
    begin, pid = time.monotonic(), os.fork()
    if pid == 0:
        said = os.open(order["said"], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.chdir(order["folder"])
        sys.argv = ["exosim", *order["verb"]]
        code = 1
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        if order["after"] is not None and time.monotonic() - begin > order["after"]:
            os.kill(pid, signal.SIGKILL)
            ended = os.waitpid(pid, 0)
            break
        time.sleep(0.001)
    print(json.dumps([ended[1], time.monotonic() - begin]), flush=True)
"""  # noqa: E501
SHORT = 'name = "short"\nweeks = 1\n[[treatments]]\nkind = "fractional_co2_laser"\n'

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")]


@pytest.fixture(scope="module")
def server():
    """A process that has imported everything, and forks one that is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    yield process
    process.stdin.close()
    process.stdout.close()
    process.wait(timeout=20)


@pytest.fixture
def exosim(server, tmp_path):
    (tmp_path / "short.toml").write_text(SHORT)

    def call(*verb, after=None):
        """Return how a verb ended that is killed `after` so many seconds, and when."""
        order = {"verb": verb, "after": after, "folder": str(tmp_path), "said": str(tmp_path / "said")}
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        return json.loads(server.stdout.readline())

    return call


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_run_is_whole_or_not_there(exosim, tmp_path):
    verb = ["run", "short.toml", "--resolution", "column", "--out", "runs"]
    exosim(*verb)  # what is loaded late
    status, took = exosim(*verb)
    assert status == 0, (tmp_path / "said").read_text()
    runs, moment, ends = tmp_path / "runs/short", random.Random(1), Counter()
    reference = min(runs.iterdir())
    whole, known = names(reference), set(runs.iterdir())
    hidden = 0
    for _ in range(KILLS):
        status, _ = exosim(*verb, after=moment.uniform(0, 1.1 * took))
        ends["killed" if status == 9 else f"ended with {status}"] += 1
        for folder in set(runs.iterdir()) - known:
            if folder.name.startswith("."):
                hidden += folder.is_dir()
                with pytest.raises(ex.BadInput):
                    ex.Result.load(folder)
                continue
            assert names(folder) == whole
            assert ex.Result.load(folder).outcomes == ex.Result.load(reference).outcomes
            known.add(folder)
    assert exosim(*verb)[0] == 0
    print(f"\nruns: tried {KILLS}, {dict(ends)}, hidden remnants seen {hidden}, runs whole {len(known)}")
    assert not list(runs.glob(".*"))
    assert ends["killed"] > KILLS / 3


def test_a_study_keeps_what_it_has(exosim, tmp_path):
    verb = ["cohort", "short.toml", "-n", "80", "--quiet", "--out"]
    exosim(*verb, "first")
    status, took = exosim(*verb, "whole")
    assert status == 0, (tmp_path / "said").read_text()
    summary, moment, ends = (tmp_path / "whole/summary.json").read_text(), random.Random(2), Counter()
    study = kills = 0
    while kills < KILLS:
        study += 1
        folder, before, status = tmp_path / f"study-{study}", {}, 9
        while status == 9:
            after = moment.uniform(0, took) if kills < KILLS else None
            status, _ = exosim(*verb, folder.name, "--resume", after=after)
            kills += status == 9
            ends["killed" if status == 9 else f"ended with {status}"] += 1
            done = existing(folder).done(verify=True) if (folder / "design.json").is_file() else {}
            assert before.items() <= done.items()
            before = done
        assert status == 0, (tmp_path / "said").read_text()
        assert (folder / "summary.json").read_text() == summary
        units = Counter(line["unit"] for line in existing(folder).log())
        assert set(units.values()) == {1}
        assert not [path for path in folder.rglob(".*") if "results.zarr/" not in str(path)]
    print(f"\nstudies: tried {sum(ends.values())} in {study} studies, {dict(ends)}, units lost or repeated 0")
