"""Every kind of figure: no text is cut at the edge, no title runs into another, outcomes have the names of the page."""

from dataclasses import replace
from itertools import combinations

import pytest

import exosim as ex
from exosim.evidence.predict import Forecast
from exosim.lesson.words import words
from exosim.results.outcomes import OUTCOMES
from exosim.view.figures import fit, own_fit
from exosim.view.figures.courses import of_comparison, of_run
from exosim.view.figures.predictions import predictions
from exosim.view.figures.save import Kind, save_drawings
from exosim.view.figures.style import style
from exosim.view.labels import LABELS
from exosim.view.skin.pictures import four_moments
from exosim.view.studies import VIEWS

LONG = "A laser with a rather long name, and a gel of exosomes that has a longer one"
CASE = ex.load("fractional_co2_exosome", {"name": LONG, "weeks": 9})
PROFILE = [[0.1, 4.0], [1.0, 0.0], [5.0, 3.0]]
FOUND = {"parameter": "activation_platelet", "unit": "1", "low": 0.4, "high": 2.0, "best": 1.0, "value": 1.0}
DATUM = {"arm": LONG, "read": "melanin_index_peak_percent", "unit": "%", "inside": True}
SUMMARY = {
    "profiles": {"activation_platelet": PROFILE, "exosome_gel_release": PROFILE},
    "parameters": [FOUND | {"identified": False}, FOUND | {"parameter": "exosome_gel_release", "identified": True}],
    "data": [DATUM | {"day": day, "low": 1, "high": 9, "median": 5, "observed": 6, "sd": 2} for day in (7, 28)],
}
AIMS = {"improvement_percent": "max", "downtime_days": "min", "melanin_index_peak_percent": "min"}


def of_study(result):
    return VIEWS[result.study.kind].drawings(result.study, result.store, result.summary)


def runs():
    arm, other = ex.run(CASE, resolution="column", ensemble=True), ex.run("fractional_co2", resolution="column")
    patch = ex.run("fractional_co2", resolution="patch", changes={"weeks": 1, "sessions.number": 1})
    yield from (*of_run(patch), four_moments([arm]))
    yield from of_comparison([other, arm], ex.Comparison([other, arm]).published)


def sweeps():
    doses, meanings = {"treatments.0.energy_mj": [10, 20]}, {"activation_platelet": ex.lin(0.1, 0.3, 2)}
    for vary in (doses, {"skin.scar": ["icepick", "hypertrophic"]}, doses | meanings):
        yield from of_study(ex.sweep(CASE, vary))
        yield from of_study(ex.sweep(CASE, vary, ensemble=True, reference={"treatments.0.energy_mj": 15}))


def people_and_searches():
    yield from of_study(ex.cohort([CASE, ex.load("fractional_co2", {"weeks": 9})], 5))
    yield from of_study(ex.sensitivity(CASE, method="local"))
    asked = {"aims": AIMS, "vary": {"treatments.0.energy_mj": [10, 40]}}
    yield from of_study(ex.optimise(asked | {"scenario": CASE, "population": 8, "generations": 1}))


def fits():
    yield fit.profiles(SUMMARY)
    yield from (own_fit.profiles(SUMMARY), own_fit.courses(SUMMARY))
    figure = Forecast("Kwon 2020, split face", "laser", "improvement_percent", 19.9, 20, 14, 26, True, -1.0)
    yield predictions([replace(figure, kind=kind, compared=LONG) for kind in ("ratio", "percent", "direction")])


@pytest.mark.parametrize("kinds", [runs, sweeps, people_and_searches, fits])
def test_no_text_is_cut(kinds, tmp_path):
    for number, drawing in enumerate(kinds()):
        save_drawings([drawing], tmp_path / str(number), Kind())
        with style():  # places of ticks follow the size of letters
            _look(drawing.figure, f"{kinds.__name__} {number} {drawing.name}")


def _look(figure, name):
    renderer, (wide, high) = figure.canvas.get_renderer(), figure.get_size_inches()
    left, low, right, top = figure.get_tightbbox(renderer).extents
    assert min(left, low, wide - right, high - top) > -0.01, (name, left, low, wide - right, high - top)
    titles = [axis._left_title for axis in figure.axes if axis.get_visible() and axis.get_title("left")]
    for one, other in combinations(titles, 2):
        apart = not one.get_window_extent(renderer).overlaps(other.get_window_extent(renderer))
        assert apart, (name, one.get_text(), other.get_text())
    said = " ".join(x.get_text() for axis in figure.axes for x in (*titles, axis.xaxis.label, axis.yaxis.label))
    assert not [x.name for x in OUTCOMES if x.name in said], name


def test_figures_and_page_call_outcomes_the_same():
    page = words("en")["outcomes"]
    assert {name: LABELS[name] for name in page} == page
    assert LABELS.keys() == {x.name for x in OUTCOMES}
