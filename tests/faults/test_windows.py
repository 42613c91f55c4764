"""What Windows refuses, imitated here: no `fcntl`, no handles of folders, no replacing of a file that is open."""

import os
import subprocess
import sys

import pytest

IMITATED = """
import os, sys
sys.modules["fcntl"] = None
real_open, real_replace, real_rename = os.open, os.replace, os.rename
def folder_has_no_handle(path, *arguments, **options):
    if os.path.isdir(path) and "dir_fd" not in options:
        raise PermissionError(13, "Permission denied", str(path))
    return real_open(path, *arguments, **options)
def held(*paths):
    names = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    for path in map(os.path.realpath, paths):
        if any(name == path or name.startswith(path + os.sep) for name in names):
            raise PermissionError(13, "The process cannot access the file", path)
def replace(source, target, **options):
    held(source, target)
    return real_replace(source, target, **options)
def rename(source, target, **options):
    held(source, target)
    if os.path.lexists(target):
        raise FileExistsError(17, "File exists", str(target))
    return real_rename(source, target, **options)
os.open, os.replace, os.rename = folder_has_no_handle, replace, rename
sys.argv = ["exosim", *sys.argv[1:]]
from exosim.cli import main
main()
"""
SHORT = 'name = "short"\nweeks = 1\n[[treatments]]\nkind = "fractional_co2_laser"\n'
VERBS = {
    "new": ["new", "untreated", "--out", "new.toml"],
    "export": ["export", "short.toml", "--out", "new.xml"],
    "run": ["run", "short.toml", "--resolution", "column", "--out", "runs"],
    "cohort": ["cohort", "short.toml", "-n", "8", "--out", "study"],
    "cohort, two workers": ["cohort", "short.toml", "-n", "8", "--workers", "2", "--out", "study2"],
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_every_verb_that_writes_works(tmp_path):
    (tmp_path / "short.toml").write_text(SHORT)

    def exosim(*arguments):
        command = [sys.executable, "-c", IMITATED, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()}
        )
        assert done.returncode == 0, done.stderr

    for verb in VERBS.values():
        exosim(*verb)
    [run] = (tmp_path / "runs/short").iterdir()
    exosim("report", run)
    exosim(*VERBS["cohort"], "--resume")
    assert (tmp_path / "study/summary.json").read_bytes() == (tmp_path / "study2/summary.json").read_bytes()
    assert not [path for path in tmp_path.rglob(".*") if "zarr" not in str(path)]
