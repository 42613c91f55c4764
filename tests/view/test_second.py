"""Figures that a second process draws are those of the first, and its failure loses none."""

import shutil
import sys
from types import SimpleNamespace

import pytest
from PIL import Image

import exosim as ex
from exosim.view.figures import save, second
from exosim.view.figures.courses import of_run

KIND = save.FIGURES["png"]


@pytest.fixture(scope="module")
def run():
    return ex.run("fractional_co2", resolution="column")


@pytest.fixture
def python(monkeypatch):
    """A process that has not loaded what draws."""
    monkeypatch.setattr(second, "sys", SimpleNamespace(modules={}))


def test_both_processes_draw_the_same(run, python, monkeypatch):
    wanted = [(of_run, (run,), "figures")]
    here, lost = save.drawn(wanted, KIND)
    monkeypatch.setattr(save, "drawn", None)
    with second.second_process("png"):
        assert second.begin(wanted, KIND)() == (here, [])
    assert not lost
    assert [name for name, _ in here][::2] == [f"figures/{x}.png" for x in ("time_courses", "collagen", "schedule")]


def test_figures_are_drawn_here_when_the_second_process_ends(run, python, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with second.second_process("png"):
        files, lost = second.begin([(of_run, (run,), "figures")], KIND)()
    assert len(files) == 6
    assert not lost


def test_figures_are_drawn_here_when_they_cannot_be_sent(run, python):
    with second.second_process("png"):
        files, lost = second.begin([(lambda arm: of_run(arm), (run,), "figures")], KIND)()
    assert len(files) == 6
    assert not lost


def test_a_failure_in_the_second_process_is_told(run, python):
    with second.second_process("png"):
        files, lost = second.begin([(of_run, ("no run",), "figures"), (of_run, (run,), "figures")], KIND)()
    assert len(files) == 6
    assert "AttributeError" in lost[0]


def test_figures_for_print_have_300_dots_per_inch(run, tmp_path):
    sizes = []
    for figures in ("png", "print"):
        saved = run.save(tmp_path / figures, figures=figures).directory
        with Image.open(saved / "figures" / "collagen.png") as picture:
            sizes.append(picture.size)
    assert sizes[0] == (1350, 540)
    assert sizes[1] == (2700, 1080)
