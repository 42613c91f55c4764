"""Compiled kernels on disk: built once, checked before use, rebuilt when they are not what was written."""

import os
import stat
import subprocess
import sys
import time

import pytest

from exosim.engine import cache

SCRIPT = """
from exosim.engine.columns import Columns
from tests.engine.systems import TURNOVER
c = Columns(TURNOVER, {"made": 1.0, "lost": 2.0}, {}, {}, 1)
c.advance(0, 100)
print(float(c.y[0, 0]))
# A process that called what it has just compiled would get other last digits than one that reads it from disk.
assert sum(c.integrate.stats.cache_hits.values()) == 1
"""


def start(folder, **options):
    environment = os.environ | {"EXOSIM_CACHE": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(folder):
    """Result and what was said on the way."""
    process = start(folder)
    out, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert float(out) == pytest.approx(0.5)
    return said


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A cache with one entry, and what building it said."""
    folder = tmp_path_factory.mktemp("cache")
    return folder, run(folder)


def entry(folder):
    (found,) = (path for path in folder.iterdir() if not path.name.startswith("."))
    return found


def test_only_the_first_run_compiles_and_says_so(built):
    folder, said = built
    assert "compiling the column solver" in said
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert run(folder) == ""
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def age(place, days):
    """Let an entry be as if last used so many days ago."""
    then = time.time() - days * 86400
    os.utime(place / cache.SUMS, (then, then))


def test_writing_an_entry_drops_those_long_unused(tmp_path):
    for name, days in {"column-" + 24 * "0": 61, "column-" + 24 * "1": 59, "holiday-2019": 99}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / cache.SUMS).touch()
        age(tmp_path / name, days)
    run(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"column-" + 24 * "1", "holiday-2019"}
    assert not (tmp_path / ("column-" + 24 * "0")).exists()


def test_use_keeps_an_entry_young(built):
    age(entry(built[0]), 61)
    assert run(built[0]) == ""
    cache._prune(built[0])
    assert cache.valid(entry(built[0]))


@pytest.mark.parametrize("name", ["kernel.py", "*.nbc", "*.nbi", "SHA256SUMS"])
def test_a_corrupted_entry_is_rebuilt(built, name):
    (path,) = entry(built[0]).rglob(name)
    path.write_bytes(path.read_bytes()[:-100] + b"\0" * 100)
    assert not cache.valid(entry(built[0]))
    assert "compiling" in run(built[0])
    assert cache.valid(entry(built[0]))


def test_an_entry_that_others_may_write_is_not_used(built):
    path = entry(built[0]) / "kernel.py"
    path.chmod(path.stat().st_mode | stat.S_IWOTH)
    assert not cache.valid(entry(built[0]))
    assert "compiling" in run(built[0])


def test_an_entry_with_more_in_it_than_was_built_is_not_used(built):
    extra = entry(built[0]) / "sitecustomize.py"
    extra.write_text("raise SystemExit('executed')")
    assert "compiling" in run(built[0])
    assert not extra.exists()


def test_processes_that_build_the_same_kernel_at_once_do_not_meet(tmp_path):
    processes = [start(tmp_path) for _ in range(3)]
    for process in processes:
        out, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert float(out) == pytest.approx(0.5)
    assert cache.valid(entry(tmp_path))
    assert run(tmp_path) == ""


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").touch()
    said = run(tmp_path / "file" / "cache")
    assert "compiling" in said
    assert "set EXOSIM_CACHE" in said
