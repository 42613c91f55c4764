"""Figures of odd runs: nothing done, no scar, hostile names, many arms."""

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

import exosim as ex
from exosim.view.figures.courses import of_comparison, of_run
from exosim.view.figures.save import save_drawings
from exosim.view.text import short


def arms(*names, **changes):
    return [
        ex.run(ex.load(f"scenarios/{n}.toml", ["weeks=9", *changes.get("changes", [])]), resolution="column")
        for n in names
    ]


@pytest.mark.parametrize("name", ["untreated", "exosome_serum", "pigmented_microneedling_exosome", "retinoid"])
def test_every_kind_of_run_draws(tmp_path, name):
    scenario = ex.load(f"scenarios/{name}.toml")
    save_drawings(of_run(ex.run(scenario, resolution="column")), tmp_path)
    assert (tmp_path / "time_courses.svg").read_text().count("<path") > 20


def test_rounding_errors_are_drawn_as_flat():
    run = ex.run("untreated", resolution="column")
    figures = [drawing.figure for drawing in of_run(run)] + [run.plot("collagen_1_new_papillary")]
    for axis in (axis for figure in figures for axis in figure.axes if axis.lines):
        assert np.ptp(axis.get_ylim()) > 1e-6, axis.get_title("left")


def test_healthy_skin_and_hostile_names_draw(tmp_path):
    name = "<b>$x^2$ & [red] \u202e\u05d0" + "long " * 30
    [run] = arms("fractional_co2", changes=["skin.scar=none"])
    setup = replace(run.setup, scenario=run.scenario.model_copy(update={"name": name}))
    odd = replace(run, setup=setup)
    save_drawings(of_comparison([odd, run], []), tmp_path)
    told = (tmp_path / "time_courses.txt").read_text("utf-8")
    assert "not defined" in told
    assert "\u202e" not in told


def test_a_short_name_is_short_and_turns_nothing():
    assert short("Laser\n + gel") == "Laser + gel"
    assert short("w" * 90) == short("w" * 90 + " x") == "w" * 41 + "..."
    assert short("one two " * 9, 12) == "one two..."
    assert short("a \u202eb\u2069 \u05d0") == "a b \u05d0"


def test_five_arms_draw(tmp_path):
    five = arms("fractional_co2", "fractional_co2_prp", "microneedling", "microneedling_prp", "untreated")
    save_drawings(of_comparison(five, []), tmp_path)
    assert (tmp_path / "split_face.png").exists()


def test_a_schedule_of_two_years_draws_in_seconds(tmp_path):
    """Monthly laser, daily serum and sunscreen: thousands of events."""
    daily = [{"kind": "exosome_serum"}, {"kind": "sunscreen"}]
    laser = {"kind": "fractional_co2_laser", "every_days": 30}
    run = ex.run(ex.Scenario(name="x", weeks=104, treatments=[laser, *daily]), resolution="column")
    start = process_time()
    save_drawings(of_run(run), tmp_path)
    assert process_time() - start < 8
