"""The film of a patch: every day a frame, nothing overwritten, nothing half-written."""

import os
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.simulation.grid import Grid
from exosim.view.film import HOLD, film, frames

CHANGES = ["weeks=1", "treatments.0.days=[0]", "treatments.1.days=[0]", "treatments.2.days=[2]"]


@pytest.fixture(scope="module")
def run():
    return ex.run("fractional_co2_exosome", changes=CHANGES, grid=Grid(size=3))


def test_a_frame_for_every_day(run, tmp_path):
    shares = []
    path = film(run, tmp_path / "film.gif", progress=shares.append)
    with Image.open(path) as picture:
        assert picture.n_frames == 8
        assert picture.info["loop"] == 0
        assert b"not medical advice" in picture.info["comment"]
    assert shares[-1] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["film.gif"]


def test_days_differ_and_repeat(run):
    first, third, again = frames(run, [0.0, 3.0, 0.0])
    assert np.array_equal(first, again)
    assert (first != third).any(axis=2).mean() > 0.05


def test_hostile_names_and_untreated_skin_draw():
    odd = ex.run("untreated", changes=["weeks=1", "skin.scar=none"], grid=Grid(size=2))
    name = "<b>$x^2$ \u202e\u05d0" + "w" * 150
    scenario = odd.scenario.model_copy(update={"name": name})
    renamed = replace(odd, setup=replace(odd.setup, scenario=scenario))
    assert len(list(frames(renamed, [0.0, 7.0]))) == 2


def test_nothing_is_overwritten_or_left_half_written(run, tmp_path):
    path = tmp_path / "film.gif"
    path.write_text("mine")
    with pytest.raises(ex.BadInput, match="exists already"):
        film(run, path)
    assert path.read_text() == "mine"

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film(run, path, over=True, progress=stop)
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1
    film(run, path, over=True)
    assert path.read_bytes().startswith(b"GIF89a")


def test_what_cannot_be_filmed_is_refused(run, tmp_path, monkeypatch):
    column = ex.run("untreated", changes=["weeks=1"], resolution="column")
    with pytest.raises(ex.BadInput, match="no maps"):
        film(column, tmp_path / "film.gif")
    with pytest.raises(ex.BadInput, match=r"\.gif or \.mp4"):
        film(run, tmp_path / "film.avi")
    with pytest.raises(ex.BadInput, match="no such folder"):
        film(run, tmp_path / "no" / "film.gif")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ex.BadInput, match="needs ffmpeg"):
        film(run, tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not (shutil.which("ffmpeg") or "EXOSIM_CI" in os.environ), reason="no ffmpeg")
def test_mp4(run, tmp_path):
    path = film(run, tmp_path / "film.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"
    count = "-select_streams v:0 -count_frames -show_entries stream=nb_read_frames,width -of csv=p=0"
    told = subprocess.run(["ffprobe", "-v", "error", *count.split(), str(path)], capture_output=True, text=True)
    width, frames = map(int, told.stdout.strip().split(","))
    assert (width, frames) == (630, run.dataset.sizes["day"] + HOLD)


def test_the_verb(tmp_path):
    command = ["animate", "fractional_co2_exosome", "--quiet", "--out", str(tmp_path / "f.gif")]
    command += [part for change in CHANGES for part in ("--set", change)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "f.gif").stat().st_size < 1e6
    again = CliRunner().invoke(app, command)
    assert (again.exit_code, "exists already" in again.output) == (2, True)


@pytest.mark.slow
def test_a_default_film_is_small(tmp_path):
    path = film(ex.run("fractional_co2_exosome"), tmp_path / "film.gif")
    assert path.stat().st_size < 5e6
