"""Studies with treatments of one's own: results of changed code are never mixed with those of the old."""

import importlib
import sys

import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.treatments import catalogue

CODE = """
import exosim as ex
from exosim.events import Modulate


@ex.register
class IcePack(ex.Treatment):
    'A cold pack on the skin, made up for a test.'

    def session(self, day):
        return [Modulate(day, day + 0.1, "tnf_m1", 0.5)]
"""
ARM = {"name": "cooled", "weeks": 2, "treatments": [{"kind": "microneedling"}, {"kind": "ice_pack"}]}


@pytest.fixture(params=["file", "notebook"])
def define(request, tmp_path, monkeypatch):
    """Return what defines the treatment by its code: in a module, or in a cell, which has no file."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def defined(code):
        if request.param == "notebook":
            return exec(code, {"__name__": "__main__"})
        (tmp_path / "my_cooling.py").write_text(code)
        importlib.invalidate_caches()
        return importlib.reload(sys.modules.get("my_cooling") or importlib.import_module("my_cooling"))

    yield defined
    catalogue().pop("ice_pack", None)
    sys.modules.pop("my_cooling", None)


@pytest.mark.parametrize("kind", ["sweep", "cohort"])
def test_changed_code_is_another_study(define, kind, tmp_path):
    def study(**where):
        if kind == "cohort":
            return ex.cohort([ARM], 5, out=tmp_path / "s", **where)
        return ex.sweep(ARM, {"redness_tnf": [1, 2]}, out=tmp_path / "s", **where)

    define(CODE)
    study()
    assert study(resume=True).store.done()
    define(CODE.replace("0.5)", "0.9)"))
    with pytest.raises(ex.BadInput, match=r"treatments\.ice_pack\.code was|units of the store are not of this study"):
        study(resume=True)
    assert len(ex.load_study(tmp_path / "s").store.done()) == 1
    catalogue().pop("ice_pack")
    told = CliRunner().invoke(app, ["study", str(tmp_path / "s")])
    assert told.exit_code == 2
    assert "import the module that registers it, or install it as a package" in told.stderr


def test_a_store_with_more_units_than_its_study_is_refused(tmp_path):
    found = ex.sweep("microneedling", {"redness_tnf": [1, 2]}, changes={"weeks": 9}, out=tmp_path / "s")
    found.store.commit("other", {"x": []}, {"first": 0, "cases": 1})
    with pytest.raises(ex.BadInput, match="units of the store are not of this study"):
        ex.load_study(tmp_path / "s")
