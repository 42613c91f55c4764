"""Compiled kernels on disk: built once, checked before use, compiled anew when somebody else can have written them."""

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from exosim.engine import cache
from exosim.engine.machine import Damaged, compile_kernel, load

SCRIPT = """
from exosim.engine.columns import Columns
from tests.engine.systems import TURNOVER
c = Columns(TURNOVER, {"made": 1.0, "lost": 2.0}, {}, {}, 1)
c.advance(0, 100)
print(float(c.y[0, 0]))
# A process that called what it has just compiled would get other last digits than one that reads it from disk.
assert not c.integrate.stats.cache_misses
"""


def start(folder, script=SCRIPT, **variables):
    environment = os.environ | {"EXOSIM_CACHE": str(folder), "TMPDIR": str(folder.parent)} | variables
    return subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process):
    """What was said on the way to the right result."""
    out, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert float(out) == pytest.approx(0.5)
    return said


def run(folder, **variables):
    return finished(start(folder, **variables))


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A cache with one entry, and what building it said."""
    folder = tmp_path_factory.mktemp("first") / "cache"
    return folder, run(folder)


@pytest.fixture
def built(first, tmp_path):
    """A copy of that cache."""
    return Path(shutil.copytree(first[0], tmp_path / "cache"))


def entry(folder):
    (found,) = folder.iterdir()
    return found


def test_only_the_first_run_compiles_and_says_so(first):
    folder, said = first
    assert "compiling the column solver" in said
    before = entry(folder).stat().st_mtime_ns
    assert run(folder) == ""
    assert entry(folder).stat().st_mtime_ns == before


def age(path, days):
    """Let an entry be as if last used so many days ago."""
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_writing_an_entry_drops_those_long_unused(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    old, young, foreign = (folder / name for name in ("column-" + 24 * "0", "column-" + 24 * "1", "holiday-2019"))
    old.mkdir()  # as earlier versions had it
    young.touch(), foreign.touch()
    for path, days in {old: 61, young: 59, foreign: 99}.items():
        age(path, days)
    run(folder)
    assert young.exists()
    assert foreign.exists()
    assert not old.exists()


def test_use_keeps_an_entry_young(built):
    age(entry(built), 61)
    assert run(built) == ""
    assert time.time() - entry(built).stat().st_mtime < 3600


def test_a_damaged_entry_is_compiled_anew(built):
    name, whole = entry(built).name, entry(built).read_bytes()
    for content in (
        b"",
        whole[:40],
        whole[:1000],
        whole[:-1],
        whole + b"\0",
        whole.replace(b"integrate", b"integrale"),
    ):
        with pytest.raises(Damaged):
            load(name, content)
    entry(built).write_bytes(whole[:-100] + b"\0" * 100)
    assert "compiling" in run(built)
    assert run(built) == ""


def test_a_cache_that_others_can_write_is_not_used_and_that_is_said(built):
    built.chmod(0o777)
    said = run(built)
    assert f"{built} can be written by others, so it is not used; set EXOSIM_CACHE" in said
    assert "compiling" in said
    (kept,) = built.parent.glob("exosim-*")
    assert f"compiled solvers are kept in {kept}" in said
    assert run(built).count("\n") == 1


def test_variables_of_numba_neither_break_a_run_nor_compile_again(built, tmp_path):
    own = {"NUMBA_DISABLE_JIT": "1", "NUMBA_CACHE_DIR": str(tmp_path / "numba"), "NUMBA_DEBUG_CACHE": "1"}
    assert run(built, **own) == ""
    assert run(built, NUMBA_CPU_NAME="generic", NUMBA_OPT="0", NUMBA_BOUNDSCHECK="1", NUMBA_NUM_THREADS="64") == ""
    assert run(built, NUMBA_DEBUG="1") != ""  # on stderr: stdout is for results
    said = run(built, NUMBA_NUM_THREADS="many")
    assert "NUMBA_NUM_THREADS" in said
    assert said.count("\n") == 1
    _, said = start(built, NUMBA_NUM_THREADS="0").communicate(timeout=60)
    assert "numba does not start with NUMBA_NUM_THREADS=0" in said


def test_processes_that_build_the_same_kernel_at_once_do_not_meet(tmp_path):
    folder = tmp_path / "cache"
    for process in [start(folder) for _ in range(3)]:
        finished(process)
    assert run(folder) == ""
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").touch()
    said = run(tmp_path / "file" / "cache", TMPDIR=str(tmp_path))
    assert "compiling" in said
    assert "set EXOSIM_CACHE" in said
    assert run(tmp_path / "file" / "cache", TMPDIR=str(tmp_path)) == ""  # it is kept in a temporary folder


SOURCE = """
SIGNATURE = "float64(float64[::1])"


@inner
def one(x, k):
    return exp(-x) * k + k


@entry
def integrate(a):
    total = 0.0
    for i in range(a.size):
        total += one(a[i], 0.5) + one(a[i], 1.5)
    return total
"""


def test_machine_code_is_the_same_whoever_compiles(tmp_path, monkeypatch):
    """Whatever numba's variables and settings are, and in which order Python's sets are."""

    def code():
        content = compile_kernel("k", SOURCE)
        assert load("k", content)(np.array([1.0, 2.0])) == pytest.approx(4 + 2 * (np.exp(-1) + np.exp(-2)))
        return pickle.loads(pickle.loads(content[64:])[1])[0]

    first = code()
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".numba_config.yaml").write_text("opt: 0\nboundscheck: 1\n")
    (tmp_path / "numba.py").write_text("raise SystemExit('executed')")  # beside the data, not on the path
    for name, value in {"NUMBA_OPT": "0", "NUMBA_CPU_NAME": "generic", "PYTHONHASHSEED": "7"}.items():
        monkeypatch.setenv(name, value)
    assert code() == first


def test_without_a_home_kernels_are_kept_in_a_temporary_folder(tmp_path, monkeypatch, caplog):
    def no_home(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("EXOSIM_CACHE", raising=False)
    monkeypatch.setattr(Path, "expanduser", no_home)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache._say_once.cache_clear()
    (folder,) = cache.folders()
    assert folder.parent == tmp_path
    assert "there is no home folder" in caplog.text


OUTCOMES = """
import exosim as ex
print([ex.run(name, resolution="column").outcomes for name in ("untreated", "fractional_co2_exosome")])
print(ex.run("fractional_co2", resolution="patch").to_dataframe().to_csv())
"""


@pytest.mark.slow
def test_results_are_the_same_to_the_last_bit_whoever_compiled(tmp_path):
    """Processes that warm one empty cache at once, one that comes later, and one with an empty cache of its own."""
    folder, alone = tmp_path / "cache", tmp_path / "alone"
    processes = [start(folder, OUTCOMES) for _ in range(4)]
    processes += [start(alone, OUTCOMES, PYTHONHASHSEED="5", NUMBA_OPT="1")]
    found = [process.communicate(timeout=900) for process in processes]
    found.append(start(folder, OUTCOMES).communicate(timeout=300))
    print(*(said for _, said in found))
    assert all(process.returncode == 0 for process in processes)
    assert found[-1][1] == ""
    assert len({out for out, _ in found}) == 1
