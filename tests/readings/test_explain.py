"""Whatever can be set or seen is explained, however it is written."""

import pytest
from pydantic import BaseModel
from scipy.stats import chi2

import exosim as ex
from exosim.biology import system
from exosim.evidence import keys
from exosim.evidence.nuisance import nuisances
from exosim.evidence.readouts import READOUTS
from exosim.readings.explain import explain, names, reasons
from exosim.readings.glossary import SYNONYMS, TERMS
from exosim.results.outcomes import FLAGS, OUTCOMES
from exosim.scenario.file import shipped
from exosim.scenario.model import Scenario
from exosim.scenario.parts import Assumption, Skin, entry_model
from exosim.scenario.schedule import Sessions
from exosim.simulation.history import COURSES
from exosim.skin.scars import SCARS, SEVERITIES
from exosim.studies.asked import Asked
from exosim.studies.fit.profile import RISE
from exosim.studies.population import Population
from exosim.studies.sweep import NAMES
from exosim.treatments import catalogue


def keys_of(model: type[BaseModel]):
    return [info.alias or name for name, info in model.model_fields.items()]


EVERYTHING = {
    "state": [x.name for x in system.STATES],
    "parameter": [*system.PARAMETERS],
    "course": [*COURSES],
    "outcome": [*NAMES, *FLAGS, *(x.name for x in OUTCOMES)],
    "treatment": [*catalogue()],
    "settings of treatments": sorted({key for kind in catalogue() for key in keys_of(entry_model(kind))}),
    "key of a scenario": [key for model in (Scenario, Skin, Sessions, Assumption) for key in keys_of(model)],
    "population": keys_of(Population),
    "key of a search": keys_of(Asked),
    "what a key can be": [*SCARS, *SEVERITIES],
    "claim": [key for key in keys() if key != "article"],
    "readout": [x.name for x in READOUTS],
    "nuisance": [*nuisances()],
    "scenario": [*shipped()],
    "word": [*TERMS, *SYNONYMS],
    "function": [name for name in ex.__all__ if name.islower()],
}


@pytest.mark.parametrize("group", EVERYTHING)
def test_whatever_can_be_set_or_seen_is_explained(group):
    silent = [name for name in EVERYTHING[group] if not ex.explain(name)["meaning"]]
    assert not silent


def test_capitals_spaces_and_hyphens_do_not_matter():
    for written in ("TNF", "tnf", "TNF-alpha", "Tnf Alpha", "tnf_alpha"):
        assert explain(written)["name"] == "tnf_alpha"
    assert explain("a1")["name"] == "A1"


def test_a_setting_says_where_it_is_set_and_where_its_default_comes_from():
    assert explain("depth_mm") == explain("microneedling.depth_mm") == explain("treatments.0.depth_mm")
    assert {"in": "microneedling", "unit": "mm", "evidence": "measured"}.items() <= explain("depth_mm").items()
    assert {row["in"] for row in explain("every_days")["settings"]} == {"sessions", "treatments"}
    assert (explain("skin.phototype")["low"], explain("skin.phototype")["high"]) == (1, 6)
    assert explain("severe")["name"] == "severity"
    with pytest.raises(ex.BadInput, match="nothing is called"):
        explain("skin.depth_mm")


def test_a_word_leads_to_the_names_that_hold_it():
    found = {row["name"] for row in explain("laser")["names"]}
    assert {"fractional_co2_laser", "nonablative_laser", "laser_healing_rate"} <= found
    assert {row["name"] for row in explain("clearance")["names"]} >= {"tnf_clearance", "tgf_clearance"}
    assert explain("occlus")["name"] == "occlusion"


def test_a_name_of_several_things_says_all_of_them():
    assert [row["kind"] for row in explain("erythema")["also"]] == ["observable"]
    assert "scenario" in [row["kind"] for row in explain("microneedling")["also"]]


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ex.BadInput, match='did you mean "tnf_alpha"'):
        ex.explain("tnf_alfa")


def test_python_shows_it_as_text_and_a_notebook_as_a_table():
    about = ex.explain("tnf_clearance")
    assert "Fallahi-Sichani" in repr(about)
    assert "<td>1/d</td>" in about._repr_html_()


def test_every_parameter_has_a_reason():
    rows = reasons()
    assert len(rows) == len(system.PARAMETERS)
    assert all(row["evidence"] and row["source"] for row in rows)
    fitted = next(row for row in rows if row["name"] == "remodelling")
    assert fitted["reason"].startswith("article: fitted to A1")


def test_names_of_one_kind_differ_in_more_than_capitals():
    for kind, group in names().items():
        assert len({name.casefold().replace("_", "") for name in group}) == len(group), kind


def test_methods_and_libraries_are_explained():
    for word in ("Sobol", "NSGA-II", "nsga2", "morris", "nuisance", "agent", "Mesa"):
        assert explain(word)["kind"] == "term", word


def test_an_interval_is_that_of_the_code():
    assert "90 %" in explain("profile")["meaning"]
    assert abs(RISE - chi2.ppf(0.9, 1) / 2) < 1e-3
