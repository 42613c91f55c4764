"""A published value stands beside a simulated one only where the regimen is that of its trial; one rule for all."""

import json
import shutil
import subprocess

import pytest

import exosim as ex
from exosim.evidence import published, published_for
from exosim.evidence.claims import arm
from exosim.lesson import data
from exosim.lesson.page import part
from exosim.readings.javascript import generated
from exosim.view.figures.courses import of_comparison

LASER = {"kind": "fractional_co2_laser", "days": [0, 21, 42]}
GEL = {"kind": "exosome_gel", "days": [0, 21, 42]}
LATER = {"kind": "exosome_gel", "days": [1, 2, 22, 23, 43, 44], "particles_per_ml": 1.63e10, "volume_ul_per_cm2": 10}


def scenario(*treatments, **about):
    return ex.Scenario(**{"name": "x", "weeks": 12, "treatments": treatments} | about)


def differing(found, outcome="improvement_percent"):
    return next(x.differs for x in published_for(found) if x.published.outcome == outcome)


def test_a_shipped_trial_stands_beside_its_value():
    for name, value in {"fractional_co2": 19.9, "fractional_co2_exosome": 32.5}.items():
        [match] = [x for x in published_for(ex.load(name)) if x.published.id == "kwon_2020"]
        assert match.text == f"{value:g}"
    assert not differing(scenario(LASER))
    assert not differing(scenario(LASER, GEL, LATER))
    half = LASER | {"density_per_cm2": 200}
    assert not differing(scenario(half, half, GEL, LATER))  # two passes of half the density


def test_a_value_stands_beside_every_arm_that_was_fitted_to_it():
    for value in published():
        for check in value.checks:
            assert differing(arm(check.arm), value.outcome) == ()


@pytest.mark.parametrize(
    ("found", "differs"),
    [
        (scenario(LASER | {"days": [0], "energy_mj": 2}, weeks=2), ("three sessions", "week 12", "20 mJ")),
        (scenario(LASER, weeks=26), ("week 12",)),
        (scenario(LASER, LASER | {"days": [63]}), ("three sessions",)),
        (scenario(LASER | {"days": [0, 7, 14]}), ("three to four weeks apart",)),
        (scenario(LASER | {"density_per_cm2": 100}), ("400 zones per cm2",)),
        (scenario(LASER, GEL), ("8e8 particles per cm2 and session",)),
        (scenario(LASER, GEL | {"days": [10, 31, 52], "particles_per_ml": 1.6e11}), ("gel for three days",)),
    ],
)
def test_another_regimen_is_said(found, differs):
    assert differing(found) == differs


def test_other_skin_and_other_treatments_have_no_value():
    assert published_for(scenario(LASER, skin={"scar": "hypertrophic"})) == []
    assert published_for(scenario(LASER, {"kind": "occlusion", "days": [0]})) == []
    assert published_for(scenario()) == []


def test_a_figure_says_why_there_is_no_value():
    arms = [ex.run(scenario(LASER, weeks=w), resolution="column") for w in (8, 12)]
    comparison = ex.compare([x.scenario for x in arms], resolution="column")
    drawing = next(of_comparison(comparison.arms, comparison.published))
    known = drawing.data()
    known = known[known["source"].fillna("").str.startswith("Kwon")]
    assert list(known["differs"]) == ["week 12", ""]
    assert known["published"].tolist()[1] == 19.9
    label = " ".join(drawing.figure.axes[0].get_xlabel().split())
    assert "not this regimen: week 12" in label
    assert "FITTED" in label


PAGE = """
const DATA = %s, DAYS_PER_WEEK = 7;
console.log(JSON.stringify(CASES.map(({ entries, end, scar }) =>
  publishedFor(entries, { events: expanded(entries), end }, scar).map(x => [x.id, x.value, x.differs]))));
"""


def test_the_page_has_the_same_rule():
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    odd = [scenario(LASER, GEL), scenario(LASER | {"days": [5]}), scenario(LASER | {"energy_mj": 40}, weeks=30)]
    scenarios = [*data.presets().values(), *odd]
    cases = [{"entries": data.entries(x), "end": x.days, "scar": x.skin.scar} for x in scenarios]
    known = {name: data.everything({})[name] for name in ("published", "ignored", "atrophic")}
    code = generated([]) + part("schedule.js") + part("published.js") + f"const CASES = {json.dumps(cases)};"
    done = subprocess.run(["node", "-"], input=code + PAGE % json.dumps(known), capture_output=True, text=True)
    assert not done.stderr, done.stderr[-2000:]
    wanted = [[[x.published.id, x.published.value, list(x.differs)] for x in published_for(s)] for s in scenarios]
    assert json.loads(done.stdout) == wanted
