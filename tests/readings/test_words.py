"""Every word at the head of a column, every key of a file that exosim writes or reads is explained as itself."""

import json
import re
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import exosim as ex
from exosim.events import ORDER
from exosim.evidence import studies
from exosim.evidence.studies import SHARES
from exosim.evidence.verdicts import VERDICTS, answers
from exosim.parameters import parameter_set
from exosim.readings.columns import WORDS
from exosim.readings.explain import explain
from exosim.readings.glossary import SYNONYMS, TERMS, same, squeezed
from exosim.results.course import READINGS
from exosim.scenario.file import shipped
from exosim.simulation.grid import Grid
from exosim.studies.asked import File, Limit
from exosim.studies.fit import ensemble, own_file, own_study, priors, profile

SHORT = {"weeks": 2, "sessions.number": 1}
WORD = re.compile(r"[a-z]\w*(\.\w+)*( sd)?|factor: .+")
NOT_OURS = {"exosim", "numpy", "scipy", "sympy", "numba", "mesa", "xarray"}
"""Versions of these are in a manifest."""
SEARCH = {"scenario": ex.load("fractional_co2", SHORT), "population": 4, "generations": 1,
          "vary": {"laser.energy_mj": ex.between(10, 40)}, "aims": {"improvement_percent": {"max": "p05"}},
          "limits": {"downtime_days": {"at_most": 40, "draws": "p95"}}}  # fmt: skip
FIT = {"free": {"redness_tnf": {"prior": "uniform"}},
       "arms": {"A": {"name": "A", "weeks": 2, "treatments": [{"kind": "fractional_co2_laser"}]}},
       "course": [{"arm": "A", "data": {"day [d]": [1, 3], "erythema [1]": [1.4, 1.3], "erythema sd [1]": [0.1, 0.1]}}],
       }  # fmt: skip


def runs(out):
    ex.run("fractional_co2_exosome", grid=Grid(size=2), ensemble=True, courses="tnf_alpha", changes=SHORT,
           outcomes="at_once = max(erythema)").save(out, daily=True, figures="all")  # fmt: skip
    arms = ["fractional_co2", "fractional_co2_exosome"]
    ex.compare(arms, resolution="column", changes=SHORT, ensemble=True).save(out, times=[0, 1], figures="all")


def sweeps(out):
    vary = {"laser.energy_mj": [10, 20], "redness_tnf": [1, 2]}
    ex.sweep("fractional_co2", vary, changes=SHORT, out=out / "s", times=[1])
    ex.sweep("fractional_co2", {"laser.energy_mj": [10, 20]}, changes=SHORT, out=out / "e", ensemble=True)


def people_and_searches(out):
    ex.cohort(["fractional_co2", "fractional_co2_exosome"], 4, changes=SHORT, out=out / "c")
    ex.optimise(SEARCH, out=out / "o")
    for method, size in (("local", None), ("morris", 4), ("sobol", 16)):
        ex.sensitivity("fractional_co2", method=method, samples=size, changes=SHORT, out=out / method)


def fits(out):
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(own_study, "ROUNDS", 6)
        quick.setattr(own_study, "CHAINS", 32)
        quick.setattr(ensemble, "ITERATIONS", 2)
        quick.setattr(profile, "profile", lambda *_: np.array([[1.0, 2.0], [2.0, 0.0], [4.0, 2.0]]))
        ex.fit(FIT, members=64, out=out / "own")
        ex.fit("article", starts=1, members=60, out=out / "article")


def evidence(out):
    (out / "evidence.json").write_text(json.dumps(answers(parameter_set("article"))))
    figure = {"arm": "A", "read": "responder_50", "share": 3, "of": 9}
    study = {"id": "x", "n": 9, "arms": {"A": {"treatments": []}}, "figures": [figure]}
    (out / "predicted.json").write_text(json.dumps(ex.predict({"study": [study]}).to_dict()))


def keys(data):
    """Every key of nested data that is a word, but those of versions."""
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    yield from (key for key in (data if isinstance(data, dict) else ()) if WORD.fullmatch(key) and key not in NOT_OURS)
    for item in inside:
        yield from keys(item)


def words_in(file):
    if file.suffix == ".csv":
        yield from pd.read_csv(file).columns
    elif file.suffix == ".json":
        yield from keys(json.loads(file.read_text()))
    elif file.suffix in (".nc", ".zarr"):
        with xr.open_zarr(file, chunks=None) if file.suffix == ".zarr" else xr.open_dataset(file) as data:
            yield from [*data.variables, *data.dims]


@pytest.mark.parametrize("kind", [runs, sweeps, people_and_searches, fits, evidence])
def test_every_word_of_what_is_written_is_explained_as_itself(kind, tmp_path):
    kind(tmp_path)
    found = {word: file.name for file in sorted(tmp_path.rglob("*")) for word in words_in(file)}
    assert len(found) > 20
    assert {word: file for word, file in found.items() if word != "at_once" and not known(word)} == {}


ROWS = (studies.Study, studies.Arm, studies.Figure, studies.Quantity)
READ = {
    "studies": [key for row in ROWS for key in row.model_fields],
    "outcome of a study": SHARES,
    "search": [*File.model_fields, *Limit.model_fields],
    "fit": [*own_file.KEYS, *own_file.COURSE, *priors.KINDS, *(key for x in priors.KINDS.values() for key in x)],
    "function": READINGS,
    "event": [event.__name__ for event in ORDER] + [field.name for event in ORDER for field in fields(event)],
    "verdict": VERDICTS,
    "label": [x.label for path in shipped().values() for x in ex.load(path).treatments if x.label],
    "responder": ["responder_25", "responder_50", "responder_75"],
}  # fmt: skip


@pytest.mark.parametrize("kind", READ)
def test_every_word_of_what_is_read_is_explained_as_itself(kind):
    assert [word for word in READ[kind] if not known(word)] == []


def known(word):
    """Whether a word is explained as itself, and not as a part of other names."""
    try:
        about = explain(word)
    except ex.BadInput:
        return False
    plain = re.sub(r" \[.*\]$", "", word).split(".")[-1]
    itself = same(about["name"], plain) or word in (about.get("choices") or ())
    return bool(about["meaning"]) and about["kind"] != "word" and itself


def test_a_name_that_is_made_of_another_says_both():
    about = explain("downtime_days_difference_p05")
    assert about["unit"] == "d"
    assert re.search("days with redness.*difference from the reference.*5 % of the draws", about["meaning"])
    assert explain("tnf_alpha_upper [pg/mL]")["name"] == "tnf_alpha_upper"
    assert "50 %" in explain("responder_50")["meaning"]
    with pytest.raises(ex.BadInput):
        explain("nothing_p05")


def test_no_word_is_told_twice():
    assert not {*map(squeezed, WORDS)} & {*map(squeezed, TERMS), *SYNONYMS}
