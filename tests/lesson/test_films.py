"""What the page carries of a patch, unpacked again."""

import base64
import zlib

import numpy as np
import pytest

import exosim as ex
from exosim.biology.channels import STAGES
from exosim.lesson.films import LEVELS, NEVER, films, packed
from exosim.view.figures.maps import MAPS


@pytest.fixture(scope="module")
def result():
    return ex.run("fractional_co2_exosome")


@pytest.fixture(scope="module")
def film(result):
    return packed(result)


def content(film):
    return np.frombuffer(zlib.decompress(base64.b64decode(film["packed"])), np.uint8)


def test_a_film_holds_maps_layers_and_channels(film):
    cells = len(MAPS) * 20 * 20 * (film["days"] + 1)
    assert content(film).size == cells + 4 * (film["days"] + 1) + (3 + len(STAGES)) * film["channels"]
    assert film["channels"] == 1200
    assert len(film["packed"]) < 40_000


def maps_of(film):
    """Colours of the maps, 0 to 1: map, x, y, frame."""
    shape = (len(MAPS), 20, 20, film["days"] + 1)
    return content(film)[: np.prod(shape)].reshape(shape) / (LEVELS - 1)


def test_day_0_has_a_frame_before_and_one_just_after(film, result):
    collagen = maps_of(film)[list(MAPS).index("map_collagen")]
    low, high = (film[end][list(MAPS).index("map_collagen")] for end in ("low", "high"))
    before, after = (low + (high - low) * collagen[..., i].mean() for i in (0, 1))
    assert before == pytest.approx(result.dataset["map_collagen"].sel(day=0).mean().item(), abs=0.01)
    assert before - after > 0.02
    assert (maps_of(film)[0][..., 1] == maps_of(film)[0][..., 0]).all()


def test_values_are_kept_to_half_a_colour(film, result):
    d = result.dataset
    for i, (name, look) in enumerate(MAPS.items()):
        values = d[name].transpose("x", "y", "day").values
        mine = np.delete(maps_of(film)[i], 1, axis=-1)
        low, high = film["low"][i], film["high"][i]
        back = low * (high / low) ** mine if look.log else low + (high - low) * mine
        step = (high / low) ** (0.51 / (LEVELS - 1)) - 1 if look.log else None
        wanted = np.clip(values, low, high)
        np.testing.assert_allclose(
            back, wanted, rtol=step or 0, atol=0 if look.log else 0.51 * (high - low) / (LEVELS - 1)
        )


def test_stages_come_in_order_on_whole_days(film, result):
    since = content(film)[-len(STAGES) * film["channels"] :].reshape(len(STAGES), -1)
    assert set(since[0]) == {0, 28, 56}
    assert (np.diff(since.astype(int), axis=0) >= 0).all()
    days = result.dataset["channel_sealed_day"].values
    assert (since[-1] == NEVER).sum() == np.isnan(days).sum()


def test_all_scenarios_are_filmed_and_progress_is_told():
    from exosim.scenario.file import load

    short = {name: load(name, ["weeks=1"]) for name in ("untreated", "exosome_serum")}
    seen = []
    made = films(short, progress=lambda number, share: seen.append((number, share)))
    assert list(made) == ["untreated", "exosome_serum"]
    assert made["untreated"]["channels"] == 0
    assert {(0, 1.0), (1, 1.0)} <= set(seen)
