"""A run folder is whole and as it was saved, or refused with every file that is not."""

import shutil

import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.api import Result
from exosim.cli import app
from exosim.problems import BadInput
from exosim.results.folder import write_run
from exosim.results.saved import SEAL, seal


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "whole"
    write_run(ex.run("untreated", resolution="column", changes=["weeks=1"], ensemble=True), folder)
    return folder


@pytest.fixture
def run(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "run")


def words(folder):
    with pytest.raises(BadInput) as caught:
        Result.load(folder)
    return str(caught.value)


def test_every_file_that_changed_is_named(run):
    for name in ("manifest.json", "outcomes.json", "result.nc", "ensemble.csv"):
        data = bytearray((run / name).read_bytes())
        data[len(data) // 2] ^= 1
        (run / name).write_bytes(data)
        assert f"{name}: damaged or changed" in words(run)
    assert words(run).count("damaged or changed") == 4
    done = CliRunner().invoke(app, ["report", str(run)])
    assert (done.exit_code, done.stderr.count("damaged or changed")) == (2, 4)
    assert "nothing was done" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", b"", "empty"),
        ("manifest.json", b"[]", "no table"),
        ("manifest.json", b"\xff", "not JSON"),
        ("manifest.json", b"{}", 'a manifest needs "seed"'),
        ("outcomes.json", b'{"outcomes": {"pxh": "x"}}', "pxh must be a number"),
        ("outcomes.json", b'{"outcomes": {"pih": "no"}}', "pih must be true or false"),
        ("outcomes.json", b"{}", 'the file needs "ledger"'),
        ("result.nc", b"", "not the NetCDF"),
        ("result.nc", b"\x89HDF\r\n\x1a\n" + b"\0" * 999, "not the NetCDF"),
        ("ensemble.csv", b"a,b\n1,2,3\n", "no numbers of"),
        ("ensemble.csv", b"\xff\xfe\0", "no numbers of"),
        ("scenario.toml", b"schema = 2", 'needs "name"'),
    ],
)
def test_what_was_sealed_is_looked_at_as_well(run, name, content, message):
    (run / name).write_bytes(content)
    seal(run)
    assert message in words(run)
    assert name in words(run)


def test_what_is_not_whole_is_no_run(run):
    (run / SEAL).rename(run / "sums")
    assert "saving did not come to its end" in words(run)
    (run / "sums").rename(run / SEAL)
    (run / "notes.txt").write_text("what a person adds is no damage")
    assert Result.load(run).directory == run
    left = run.rename(run.with_name(".20260101-120000-0123abcd.partial"))
    assert "what is left of a run" in words(left)
    assert "no such folder" in words(run)
    assert "no such folder" in words(run.with_name("x" * 300))


def test_all_arms_of_a_comparison_are_looked_at(tmp_path):
    arms = [ex.load(name, ["weeks=9"]) for name in ("untreated", "fractional_co2")]
    folder = ex.compare(arms, resolution="column").save(tmp_path).directory
    for manifest in folder.glob("*/manifest.json"):
        manifest.write_text("")
    done = CliRunner().invoke(app, ["report", str(folder)])
    assert done.exit_code == 2
    assert "2 problems;" in done.stderr
