"""A treatment of one's own: registered in Python, or installed by a package that the command line and workers see."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import exosim as ex
from exosim.events import Bolus, Injury
from exosim.scenario.file import json_schema
from exosim.scenario.parts import Entry
from exosim.treatments import catalogue
from exosim.treatments.contract import SCHEDULE

ROOT = Path(__file__).parents[2]
MODULE = '''"""Needles that are cooled, made up for a test of what is installed."""

from exosim.events import Injury, Modulate
from exosim.treatments.base import Treatment, setting


class CryoNeedling(Treatment):
    """Needles that are cooled, and dampen inflammation for a day."""

    depth_mm: float = setting(1.0, "mm", 0.2, 2, "assumed", "made up for a test", "needle length")

    def session(self, day):
        return [Injury(day, "puncture", self.depth_mm, 125, 0.035), Modulate(day, day + 1, "tnf_m1", 0.5)]


class Broken(Treatment):
    """A warmed stamp."""

    depth_mm: float = 2.0

    def session(self, day):
        return []
'''
ENTRIES = "[exosim.treatments]\ncryo_needling = cryo:CryoNeedling\nbroken = cryo:Broken\nprp = cryo:CryoNeedling\n"
SCENARIO = 'name = "new"\nweeks = 2\n[[treatments]]\nkind = "cryo_needling"\ndepth_mm = 0.8\n'


@pytest.fixture
def installed(tmp_path):
    """A folder with an installed package, and what runs Python with it."""
    about = tmp_path / "cryo-1.0.dist-info"
    about.mkdir()
    (tmp_path / "cryo.py").write_text(MODULE)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: cryo\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRIES)
    (tmp_path / "a.toml").write_text(SCENARIO)
    (tmp_path / "b.toml").write_text(SCENARIO.replace("cryo_needling", "broken"))

    def call(*command, code=0):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
        command = [sys.executable, "-m", *command]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return call


def test_the_command_line_and_workers_see_an_installed_one(installed):
    listed = installed("exosim", "list", "treatments")
    assert "cryo_needling" in listed.stdout
    assert "the treatment broken of cryo is left out" in listed.stderr
    assert 'the treatment prp of cryo is left out: prp: the name "prp" is taken' in listed.stderr
    assert "Traceback" not in listed.stderr
    for quiet in (["list", "scars"], ["explain", "TNF"], ["validate", "fractional_co2"]):
        assert "left out" not in installed("exosim", *quiet).stderr, "it matters to nobody here"
    assert "of cryo is left out" in installed("exosim", "explain", "broken", code=2).stderr
    told = installed("exosim", "validate", "b.toml", code=2).stderr
    assert "of cryo is left out: broken: Broken does not say what it is (write a docstring of a sentence, 20" in told
    assert "broken.depth_mm" in told
    shipped = installed("exosim", "run", "fractional_co2_prp", "--resolution", "column", "--figures", "none").stderr
    assert shipped.count('the name "prp" is taken') == 1, "the one of this package is used instead"
    assert "Needles that are cooled" in installed("exosim", "explain", "cryo_needling").stdout
    assert "ok" in installed("exosim", "validate", "a.toml").stdout
    wrong = installed("exosim", "validate", "a.toml", "--set", "treatments.0.depth_mm=9", code=2)
    assert "allowed: 0.2 to 2 mm" in wrong.stderr
    swept = installed("exosim", "sweep", "a.toml", "--vary", "treatments.0.depth_mm=0.5,1", "--workers", "2", "--json")
    assert json.loads(swept.stdout)["cases"] == 2


@pytest.mark.slow
def test_an_installed_one_keeps_the_contract(installed):
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", "--override-ini", "addopts=", "--rootdir", str(ROOT)]
    tests = [str(ROOT / "tests/contract/test_treatments.py"), "-c", str(ROOT / "pyproject.toml")]
    passed = installed("pytest", *options, *tests, "-k", "cryo_needling and not dropped")
    assert re.search(r"\b[4-9] passed", passed.stdout)


class IcePack(ex.Treatment):
    """A cold pack on the skin, made up for a test."""

    hours: float = ex.setting(2, "h", 0.5, 8, "assumed", "made up", "how long it stays")

    def session(self, day):
        return [Injury(day, "puncture", self.hours / 10, 10, 0.035)]


@pytest.fixture
def ice():
    yield ex.register(IcePack)
    del catalogue()["ice_pack"]


def test_a_registered_one_is_usable_at_once(ice):
    ex.register(ice)  # again is no fault
    scenario = ex.Scenario(name="x", weeks=1, treatments=[ice(hours=4)])
    assert ex.load(scenario.to_dict()) == scenario
    assert "ice_pack" in json.dumps(json_schema())
    s = ex.sweep(scenario, {"treatments.0.hours": [1.0, 8.0]}, workers=2)
    assert s.to_dataframe()["improvement_percent"].notna().all()
    with pytest.raises(ex.BadInput, match="out of range"):
        ex.Scenario(name="x", treatments=[{"kind": "ice_pack", "hours": 9}])


def test_what_breaks_the_contract_is_refused_with_every_problem():
    class Wrong(ex.Treatment):
        """Breaks what every treatment keeps, made up for a test."""

        days: float = ex.setting(1, "h", 0, 2, "assumed", "made up", "a name of schedules")
        dose: float = ex.setting(5, "mgs", 0, 2, "guessed", "", "dose")

        def session(self, day):
            return []

    with pytest.raises(ex.BadInput) as error:
        ex.register(Wrong)
    assert len(error.value.problems) == 5
    assert 'did you mean "mg"' in str(error.value)
    with pytest.raises(ex.BadInput, match="taken"):
        ex.register(IcePack, name="prp")
    assert "wrong" not in catalogue()


def test_events_are_looked_at():
    class Drops(ex.Treatment):
        """Adds to a state that is none, made up for a test."""

        def session(self, day):
            return [Bolus(day, "platelet_facto", 1.0), Bolus(day + 1, "platelet_factor", float("nan"))]

    with pytest.raises(ex.BadInput, match=r"(?s)platelet_factor.*not finite"):
        ex.register(Drops)


def test_the_names_of_schedules_are_known():
    assert {*SCHEDULE} == {*Entry.model_fields}
