"""What the page computes and hands out beside what Python computes and reads."""

import csv
import io
import random
import tomllib

import pytest

import exosim as ex
from exosim.lesson import data
from exosim.scenario.file import parse
from tests.browser.watched import SLIDERS
from tests.lesson.reference import differences, expected

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
MIXED = 6  # corners of all sliders at once, for every preset


def results(page, query):
    """Outcomes of the page in a state, and the scenario that it hands out."""
    return page.evaluate("q => { exosim.go(q); return [exosim.current.run.outcomes, exosim.toml()]; }", query)


def corners(page, preset):
    """The preset as it is, with each slider at each end, all sliders at random ends, each mechanism off."""
    yield f"preset={preset}"
    page.evaluate("q => exosim.go(q)", f"preset={preset}")
    ends = {
        name: (limits["low"], limits["high"])
        for name in SLIDERS
        if (limits := page.evaluate("name => exosim.limits(name)", name))
    }
    for name, values in ends.items():
        for value in values:
            yield f"preset={preset}&{name}={value}"
    draw = random.Random(preset)
    for _ in range(MIXED):
        yield f"preset={preset}" + "".join(f"&{name}={draw.choice(values)}" for name, values in ends.items())
    for switch in data.switches():
        yield f"preset={preset}&off={switch['name']}"


@pytest.mark.parametrize("parameters", ["article", "trials"])
@pytest.mark.parametrize("preset", list(data.presets()))
def test_outcomes_equal_python(opened, preset, parameters):
    wrong = {}
    for query in list(corners(opened.page, preset)):
        found, text = results(opened.page, f"{query}&set={parameters}")
        if bad := differences(found, expected(parse(text), parameters)):
            wrong[query] = bad
    assert not wrong


def test_handed_out_scenario_of_a_preset_is_the_shipped_one(opened):
    for name, scenario in data.presets().items():
        _, text = results(opened.page, f"preset={name}")
        assert parse(text).timeline == scenario.timeline


def saved(page, button, tmp_path):
    with page.expect_download() as download:
        page.click(button)
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_downloads_open_in_python(opened, tmp_path):
    opened.page.evaluate("document.getElementById('sharing').open = true")
    opened.page.evaluate("exosim.go('preset=pigmented_microneedling_exosome&off=cargo_melanin&pin=preset%3Duntreated')")
    toml = saved(opened.page, "#save-toml", tmp_path).read_text("utf-8")
    assert parse(toml).assume["cargo_melanin"].value == 0
    assert tomllib.loads(toml)["skin"]["scar"] == "pigmented"
    rows = list(csv.DictReader(io.StringIO(saved(opened.page, "#save-csv", tmp_path).read_text("utf-8"))))
    assert {"arm", "day", "side", *(x.name for x in data.OBSERVABLES), "improvement_percent"} == set(rows[0])
    assert len({row["arm"] for row in rows}) == 3
    mine = [(float(row["day"]), row["side"]) for row in rows if row["arm"].startswith("This side")]
    course = ex.run(parse(toml), resolution="column").to_dataframe()
    assert mine == [(pytest.approx(day, abs=1e-6), side) for day, side in zip(course.day, course.side, strict=True)]
    assert all(float(row["tnf_alpha"]) > 0 for row in rows)
    png = saved(opened.page, "#save-png", tmp_path).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert len(png) > 20_000
