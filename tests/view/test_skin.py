"""Skin as figures draw it."""

import numpy as np

import exosim as ex
from exosim.view.skin.moments import BEFORE
from exosim.view.skin.pictures import four_moments, skin_of

CHANGES = ["weeks=2", "treatments.0.days=[0]"]


def test_a_run_is_drawn_at_four_moments_with_its_numbers():
    arms = [ex.run(name, changes=CHANGES, resolution="column") for name in ("fractional_co2", "nonablative_laser")]
    drawing = four_moments(arms)
    table = drawing.data()
    assert list(table["day"]) == [BEFORE, 0.125, 3.0, 14.0] * 2
    end = [1000 * arm.recorded["course_missing_collagen"][-1] for arm in arms]
    assert np.allclose(table.groupby("arm", sort=False)["depth_um"].last(), end, rtol=1e-4)
    assert drawing.alt.count("redness") == 8
    assert len(drawing.figure.axes) == 9


def test_raised_and_healthy_skin_draw():
    odd = [
        ex.run("untreated", changes=["weeks=1", f"skin.scar={scar}"], resolution="column")
        for scar in ("none", "hypertrophic")
    ]
    drawing = four_moments(odd)
    assert "um high" in drawing.alt
    drawing.figure.canvas.draw()


def test_a_day_of_treatment_has_a_before_and_an_after():
    skin = skin_of(ex.run("fractional_co2_exosome", resolution="column"))
    before, after = skin.at(BEFORE), skin.at(0.0)
    assert (before["numbers"]["gel"], before["passes"]) == (0, [])
    assert after["numbers"]["gel"] > 4
    assert after["passes"][0]["depth"] > 0.5
