"""Every kind of study is run, resumed, read and printed by the same code; a new one is one file and one line."""

import json
import pickle
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from typer.testing import CliRunner

from exosim.cli import app
from exosim.problems import BadInput
from exosim.scenario.file import load
from exosim.studies import kinds
from exosim.studies.cohort import Cohort
from exosim.studies.conduct import conduct
from exosim.studies.designs import load_axes
from exosim.studies.fit import ensemble, profile
from exosim.studies.fit.study import Fit
from exosim.studies.optimise import Optimise
from exosim.studies.sensitivity import Sensitivity
from exosim.studies.store import StoreError, existing, opened
from exosim.studies.sweep import Sweep

SHORT = load("fractional_co2", ["weeks=3", "treatments.0.days=[0]"])
PAGE = Path(__file__).parents[2] / "docs/how-to/add_a_kind_of_study.md"
STUDIES = [
    Cohort((SHORT,), 4, block=2),
    Sweep(SHORT, load_axes(["redness_tnf=1:2:3"], SHORT)),
    Sensitivity(SHORT, method="local"),
    Optimise(SHORT, {"redness_tnf": [1, 2]}, {"improvement_percent": "max"}, {}, 4, 2),
    Fit("article", starts=1, members=60),
]


@dataclass(frozen=True)
class Doubling(kinds.Study):
    """Doubles a number again and again, each time in a round of its own."""

    kind: ClassVar[str] = "doubling"
    inputs: ClassVar[str] = ""
    stop: ClassVar[list[int]] = []
    done: ClassVar[list[int]] = []

    begin: int
    times: int = 3

    @property
    def size(self):
        return self.times

    def rounds(self, store):
        number = self.begin
        for _ in range(self.times):
            unit = f"double-{number}"
            yield {unit: {"number": number}}
            number = int(store.value(unit))

    def work(self, unit):
        if unit["number"] in self.stop:
            raise self.how
        self.done.append(unit["number"])
        return {"double": np.array(2 * unit["number"])}, {}

    def summary(self, store):
        values = sorted(int(store.value(unit)) for unit in store.done())
        return {"numbers": {"highest": max(values, default=None), "all": values}, "of": self.times}


@pytest.fixture
def doubling(monkeypatch):
    """The kind, registered by one line."""
    monkeypatch.setitem(kinds.KINDS, "doubling", f"{__name__}:Doubling")
    monkeypatch.setattr(Doubling, "stop", [])
    monkeypatch.setattr(Doubling, "done", [])
    return Doubling


@pytest.mark.parametrize("how", [KeyboardInterrupt(), ValueError("too large")])
def test_a_new_kind_goes_on_where_it_was_interrupted(doubling, tmp_path, how, monkeypatch):
    monkeypatch.setattr(doubling, "how", how, raising=False)
    doubling.stop.append(12)
    with pytest.raises((KeyboardInterrupt, StoreError), match="too large" if str(how) else None):
        conduct(doubling(3), tmp_path)
    assert doubling.done == [3, 6]
    shown = CliRunner().invoke(app, ["study", str(tmp_path)])
    assert re.search(r"numbers.highest\W+12\b", shown.stdout), shown.output
    doubling.stop.clear()
    assert conduct(doubling(3), tmp_path, resume=True)["numbers"] == {"highest": 24, "all": [6, 12, 24]}
    assert doubling.done == [3, 6, 12]
    assert json.loads((tmp_path / "summary.json").read_text())["of"] == 3


def test_a_library_that_is_missing_is_named_with_its_extra(tmp_path, monkeypatch):
    study = replace(STUDIES[2], method="morris", samples=4)
    with opened(tmp_path, study.to_dict(), False):
        pass
    shown = CliRunner().invoke(app, ["study", str(tmp_path)])
    assert f"nothing is computed yet: 0 of {study.size} units" in shown.stdout
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "SALib" else name)
    shown = CliRunner().invoke(app, ["study", str(tmp_path)])
    assert shown.exit_code == 3
    assert 'extra "studies"' in shown.output


def test_a_kind_that_is_none_is_named(tmp_path):
    with opened(tmp_path, {"study": "swep"}, False) as store, pytest.raises(BadInput, match="sweep"):
        kinds.study_in(store)
    done = CliRunner().invoke(app, ["study", str(tmp_path)])
    assert done.exit_code == 2
    (tmp_path / "design.json").write_text('{"study": "fit", "seed": 0}')
    done = CliRunner().invoke(app, ["study", str(tmp_path)])
    assert done.exit_code == 2
    assert "another version" in done.output


def test_the_kind_of_the_page_works_as_written(tmp_path, monkeypatch):
    page = PAGE.read_text()
    code, line = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[:2]
    (tmp_path / "repeat.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    name, place = re.fullmatch(r'"(\w+)": "exosim\.studies\.(.*)",', line.strip()).groups()
    monkeypatch.setitem(kinds.KINDS, name, place)
    study = kinds.kind(name)(SHORT, seeds=2)
    folder = tmp_path / "s"
    summary = conduct(study, folder)
    assert summary["seeds"] == 2
    assert summary["deviation"] > 0
    assert kinds.study_in(existing(folder)) == study
    shown = CliRunner().invoke(app, ["study", str(folder)])
    assert re.search(r"seeds\W+2\b", shown.stdout), shown.output


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A store of each kind after one interruption (if it can be), and the same store when it is finished."""
    root, found = tmp_path_factory.mktemp("kinds"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "ITERATIONS", 2)
        patch.setattr(profile, "profile", lambda *_: np.array([[1.0, 2.0], [2.0, 0.0], [4.0, 2.0]]))
        for study in STUDIES:
            with opened(root / f"{study.kind}-begun", study.to_dict(), False) as store:
                first = next(iter(study.rounds(store)))
                if study.size > 1:
                    unit = next(iter(first))
                    store.commit(unit, *study.work(first[unit]))
            conduct(study, root / study.kind)
            found[study.kind] = root
        yield found


SAID = {
    "cohort": ("2 of 4 virtual people", "4 of 4 virtual people"),
    "sweep": ("0 of 3 cases", "3 of 3 cases"),
    "sensitivity": ("of ", "what outcomes rest on (local, parameters article)"),
    "optimise": ("after 0 of 2 generations", "schedules that no other betters"),
    "fit": ("done", "draws agree with the targets"),
}


@pytest.mark.parametrize("kind", SAID)
def test_every_kind_is_printed_begun_and_finished(kind, folders):
    for said, name in zip(SAID[kind], (f"{kind}-begun", kind), strict=True):
        folder = folders[kind] / name
        shown = CliRunner().invoke(app, ["study", str(folder)])
        assert shown.exit_code == 0, shown.output
        assert said in shown.stdout
        assert str(folder) in shown.stdout.replace("\n", "")
        data = json.loads(CliRunner().invoke(app, ["study", str(folder), "--json"]).stdout)
        assert data
    assert data == json.loads((folder / "summary.json").read_text())


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.kind)
def test_a_design_comes_back_from_its_store_and_from_another_process(study, folders):
    assert kinds.study_in(existing(folders[study.kind] / study.kind)) == study
    assert pickle.loads(pickle.dumps(study)) == study


def test_units_depend_neither_on_names_nor_on_how_many_there_are():
    def units(study):
        return {unit for batch in study.rounds(None) for unit in batch}

    cohort = STUDIES[0]
    other = SHORT.with_values({"name": "another name", "note": "and a note"})
    assert units(cohort) < units(replace(cohort, subjects=8))
    assert units(cohort) == units(replace(cohort, arms=(other,), people=40))
    assert not units(cohort) & units(replace(cohort, seed=1))
    sensitivity = STUDIES[2]
    assert units(sensitivity) == units(replace(sensitivity, scenario=other, samples=16))
    fit = STUDIES[4]
    assert set(next(fit.rounds(None))) < set(next(replace(fit, starts=3).rounds(None)))


@pytest.mark.parametrize("method", ["sobol", "morris", "local"])
def test_a_sensitivity_in_units_is_that_in_memory(method, tmp_path, monkeypatch):
    from exosim.studies import sensitivity

    monkeypatch.setattr(sensitivity, "BLOCK", 300)
    study = replace(STUDIES[2], method=method, samples=None if method == "local" else 16)
    conduct(study, tmp_path)
    assert len(existing(tmp_path).done()) == study.size
    kept = study.results(existing(tmp_path))
    alone = sensitivity.sensitivity(SHORT, "article", method, 16)
    assert kept.outcomes == alone.outcomes
    for name, measure in alone.measures.items():
        np.testing.assert_array_equal(kept.measures[name], measure)
