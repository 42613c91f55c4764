"""The film of the page beside the patch that it was made of."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import exosim as ex
from exosim.biology.channels import STAGES
from exosim.lesson import data
from exosim.lesson.films import LEVELS
from exosim.lesson.words import words
from exosim.view.figures.maps import MAPS
from exosim.view.figures.style import palette

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
COLOURS_SHOWN = "m => [...document.querySelectorAll('.map canvas')[m].getContext('2d').getImageData(0, 0, 20, 20).data]"


def film_shown(page, preset, day):
    page.evaluate("q => { exosim.go(q); document.getElementById('film').open = true; }", f"preset={preset}&day={day}")
    page.wait_for_function("day => document.getElementById('film-day').textContent.startsWith(`Day ${day}`)", arg=day)


def test_the_film_shows_the_patch(opened):
    page = opened.page
    result = ex.run("microneedling_exosome")
    film_shown(page, "microneedling_exosome", 29)
    for m, (name, look) in enumerate(MAPS.items()):
        values = result.dataset[name].sel(day=29).values
        share = np.asarray(look.norm(result.dataset[name].values)(values.ravel())).reshape(values.shape)
        colours = [to_rgb(palette(look.palette, LEVELS)[round(LEVELS * x - x)]) for x in share.T[::-1].ravel()]
        found = np.reshape(page.evaluate(COLOURS_SHOWN, m), (-1, 4))[:, :3]
        assert np.abs(found - np.round(255 * np.array(colours))).max() <= 1
    since = np.stack([result.dataset[f"channel_{stage}_day"].values for stage in STAGES])
    counts = np.bincount((np.nan_to_num(since, nan=np.inf) <= 29).sum(axis=0), minlength=5)[1:]
    counted = [f"{n} {text}" for n, text in zip(counts, words("en")["stages"].values(), strict=True)]
    assert page.text_content("#film-day") == f"Day 29. Channels: {', '.join(counted)}."


def test_day_0_has_two_pictures(opened):
    page = opened.page
    collagen, seen = list(MAPS).index("map_collagen"), []
    for day, says in ((-1, "Day 0, before"), (0, "Day 0, just after"), (1, "Day 1.")):
        page.evaluate(
            "q => { exosim.go(q); document.getElementById('film').open = true; }", f"preset=fractional_co2&day={day}"
        )
        page.wait_for_function("x => document.getElementById('film-day').textContent.startsWith(x)", arg=says)
        seen.append(page.evaluate("m => document.querySelectorAll('.map canvas')[m].toDataURL()", collagen))
    assert seen[0] != seen[1] != seen[2]


def test_every_preset_has_a_film_that_says_when_it_does_not_follow(opened):
    page = opened.page
    for preset in data.presets():
        film_shown(page, preset, 3)
        assert page.locator("#film-moved").is_hidden()
    page.evaluate("exosim.go('preset=retinoid&set=trials')")
    assert page.locator("#film-moved").is_visible()
    page.evaluate("exosim.go('preset=retinoid&weeks=30&day=200')")
    page.wait_for_function("() => document.getElementById('film-day').textContent.startsWith('Day 84.')")


def test_with_all_films_the_file_is_small(address):
    assert Path(address.removeprefix("file://")).stat().st_size < 1_000_000
