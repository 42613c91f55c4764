"""The film of skin: arms beside each other, nothing overwritten, nothing half-written."""

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
from exosim.view.film import HOLD, film, frames
from exosim.view.skin.moments import BEFORE
from exosim.view.skin.pictures import skin_of

CHANGES = ["weeks=1", "treatments.0.days=[0]", "treatments.1.days=[0]", "treatments.2.days=[2]"]
ARMS = (("fractional_co2", CHANGES[:2]), ("fractional_co2_exosome", CHANGES))
FRAMES = 1 + 9 + 7  # before, hours of the first day, days


@pytest.fixture(scope="module")
def arms():
    return [ex.run(name, changes=changes, resolution="column") for name, changes in ARMS]


def test_a_frame_for_every_moment(arms, tmp_path):
    shares = []
    path = film(arms, tmp_path / "film.gif", progress=shares.append)
    with Image.open(path) as picture:
        assert (picture.n_frames, picture.size) == (FRAMES, (1280, 720))
        assert picture.info["loop"] == 0
        assert b"not medical advice" in picture.info["comment"]
    assert shares[-1] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["film.gif"]


def test_days_and_arms_differ_and_days_repeat(arms):
    first, third, again = frames(list(map(skin_of, arms)), [BEFORE, 3.0, BEFORE])
    assert np.array_equal(first, again)
    assert (first != third).any(axis=2).mean() > 0.05
    left, right = third[150:480, 20:630], third[150:480, 650:1260]
    assert (left != right).any(axis=2).mean() > 0.05


def test_hostile_names_and_untreated_skin_draw():
    odd = ex.run("untreated", changes=["weeks=1", "skin.scar=none"], resolution="column")
    name = "<b>$x^2$ \u202e\u05d0" + "w" * 150
    scenario = odd.scenario.model_copy(update={"name": name})
    renamed = replace(odd, setup=replace(odd.setup, scenario=scenario))
    assert len(list(frames([skin_of(renamed)], [0.0, 7.0]))) == 2


def test_nothing_is_overwritten_or_left_half_written(arms, tmp_path):
    path = tmp_path / "film.gif"
    path.write_text("mine")
    with pytest.raises(ex.BadInput, match="exists already"):
        film(arms, path)
    assert path.read_text() == "mine"

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film(arms, path, over=True, progress=stop)
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1
    film(arms, path, over=True)
    assert path.read_bytes().startswith(b"GIF89a")


def test_what_cannot_be_filmed_is_refused(arms, tmp_path, monkeypatch):
    with pytest.raises(ex.BadInput, match="one or two arms, not 3"):
        film([*arms, arms[0]], tmp_path / "film.gif")
    with pytest.raises(ex.BadInput, match=r"\.gif or \.mp4"):
        film(arms, tmp_path / "film.avi")
    with pytest.raises(ex.BadInput, match="no such folder"):
        film(arms, tmp_path / "no" / "film.gif")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ex.BadInput, match="needs ffmpeg"):
        film(arms, tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not (shutil.which("ffmpeg") or "EXOSIM_CI" in os.environ), reason="no ffmpeg")
def test_mp4(arms, tmp_path):
    path = film(arms, tmp_path / "film.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"
    count = "-select_streams v:0 -count_frames -show_entries stream=nb_read_frames,width -of csv=p=0"
    told = subprocess.run(["ffprobe", "-v", "error", *count.split(), str(path)], capture_output=True, text=True)
    width, frames = map(int, told.stdout.strip().split(","))
    assert (width, frames) == (1280, FRAMES + HOLD)


def test_the_verb(tmp_path):
    command = ["animate", "fractional_co2_exosome", "--quiet", "--out", str(tmp_path / "f.gif")]
    command += [part for change in CHANGES for part in ("--set", change)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "f.gif").stat().st_size < 3e6
    again = CliRunner().invoke(app, command)
    assert (again.exit_code, "exists already" in again.output) == (2, True)


@pytest.mark.slow
def test_a_default_film_is_small(tmp_path):
    arms = [ex.run(name, resolution="column") for name in ("fractional_co2", "fractional_co2_exosome")]
    assert film(arms, tmp_path / "film.gif").stat().st_size < 9e6
