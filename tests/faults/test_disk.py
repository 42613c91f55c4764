"""A disk that fills ends in words, and what stands is whole."""

import json
import os
import subprocess
import sys

import pytest

import exosim as ex

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk: root alone"),
]
VERBS = {
    "run": ["run", "fractional_co2", "--resolution", "column", "--json"],
    "cohort": ["cohort", "fractional_co2", "-n", "400", "--json"],
    "export": ["export", "fractional_co2"],
}


@pytest.fixture
def disk(tmp_path):
    """A disk of 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def exosim(*arguments):
    command = [sys.executable, "-m", "exosim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()})


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk(disk, verb):
    out, outcomes = disk / ("x.xml" if verb == "export" else "out"), []
    for left in (0, 4, 16, 60, 120, 240, 480):
        filler = disk / "filler"
        with filler.open("wb") as file:
            room = os.statvfs(disk)
            file.write(bytes(max(room.f_bavail * room.f_frsize - 1024 * left, 0)))
        resume = ["--resume"] if verb == "cohort" else []
        done = exosim(*VERBS[verb], "--out", out, *resume)
        outcomes.append(done.returncode)
        assert done.returncode in (0, 1, 2), done.stderr
        assert "Traceback" not in done.stderr
        assert done.returncode == 0 or "No space left" in done.stderr
        hidden = [path for path in disk.rglob(".*") if "results.zarr/" not in str(path)]
        assert not hidden
        if verb == "run":
            for folder in out.glob("*/*"):
                assert ex.Result.load(folder).outcomes["improvement_percent"] > 0
        if verb == "export" and done.returncode:
            assert not out.exists()
        filler.unlink()
        if done.returncode == 0:
            break
    print(f"\n{verb}: exit codes with ever more room {outcomes}")
    if verb == "cohort":
        done = exosim(*VERBS[verb], "--out", out, "--resume")
        whole = exosim(*VERBS[verb], "--out", disk.parent / "whole")
        assert json.loads(done.stdout) == json.loads(whole.stdout)
    assert outcomes[0] != 0
