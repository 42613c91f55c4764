"""What every treatment keeps; finds new treatments by itself."""

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from exosim.biology.system import PARAMETERS, STATES
from exosim.events import Apply, Bolus, Injury, Modulate
from exosim.results.ledger import balance
from exosim.scenario.file import json_schema, parse
from exosim.scenario.parts import entry_model
from exosim.simulation.loop import simulate
from exosim.treatments import catalogue
from tests.helpers import article

UNITS = ("_mm", "_mj", "_um", "_per_cm2", "_per_ml", "_fold", "weeks", "spf", "hours")
SETTINGS = [(kind, name) for kind, cls in catalogue().items() for name in cls.model_fields]
ROOT = Path(__file__).parents[2]


def bounds(kind, name):
    metadata = catalogue()[kind].model_fields[name].metadata
    return [next(getattr(m, x) for m in metadata if hasattr(m, x)) for x in ("ge", "le")]


@pytest.mark.parametrize("kind", catalogue())
def test_a_session_gives_well_formed_events(kind):
    events = catalogue()[kind]().session(3.0)
    assert events
    for event in events:
        assert event.day == 3.0
        match event:
            case Modulate():
                assert event.parameter in PARAMETERS
                assert event.until > event.day
                assert event.factor >= 0
            case Bolus():
                assert event.state in {s.name for s in STATES}
            case Injury() | Apply():
                assert all(math.isfinite(v) for v in vars(event).values() if isinstance(v, float))


@pytest.mark.parametrize("kind", catalogue())
def test_it_is_documented_and_in_the_schema(kind):
    module = sys.modules[catalogue()[kind].__module__]
    assert len(module.__doc__) > 40
    assert kind in str(json_schema()["properties"]["treatments"])
    entry_model(kind)(kind=kind)


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
def test_every_setting_has_default_range_source_and_a_unit_in_its_name(kind, name):
    info = catalogue()[kind].model_fields[name]
    low, high = bounds(kind, name)
    assert low <= info.default <= high
    assert info.json_schema_extra["source"]
    assert info.json_schema_extra["evidence"] in ("measured", "estimated", "assumed")
    assert info.description
    assert name.endswith(UNITS) or re.search("|".join(UNITS), name)


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
def test_the_ends_of_its_range_run(kind, name):
    for value in bounds(kind, name):
        scenario = parse(f'name = "x"\nweeks = 1\n[[treatments]]\nkind = "{kind}"\ndays = [1]\n{name} = {value}')
        history = simulate(scenario, article(), "column")
        assert np.isfinite(history.means).all()
        assert (history.means / history.layout.scales[:, None]).min() > -1e-9
        assert max(e["balance_error"].max() for e in balance(history)) < 1e-10


DROPPED_IN = '''"""Cryo needling: a made-up treatment that shows what adding one takes.

It needles half as densely as usual and dampens inflammation for a day.
"""

from __future__ import annotations

from exosim.events import Event, Injury, Modulate
from exosim.treatments.base import Treatment, setting


class CryoNeedling(Treatment):
    """One pass."""

    depth_mm: float = setting(1.0, "mm", 0.2, 2, "assumed", "made up for a test", "needle length")

    def session(self, day: float) -> list[Event]:
        """Needles, then a day of less TNF-alpha."""
        return [
            Injury(day, "puncture", self.depth_mm, density_per_cm2=125, radius_mm=0.035),
            Modulate(day, day + 1, "tnf_m1", 0.5),
        ]
'''


@pytest.mark.slow
def test_a_file_dropped_in_is_listed_validated_runnable_and_contract_tested(tmp_path):
    shutil.copytree(ROOT / "exosim", tmp_path / "exosim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "exosim/treatments/cryo_needling.py").write_text(DROPPED_IN)
    assert len(DROPPED_IN.splitlines()) <= 30
    (tmp_path / "a.toml").write_text(
        'name = "new"\nweeks = 2\n[[treatments]]\nkind = "cryo_needling"\ndepth_mm = 0.8\n'
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}

    def call(*command):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "cryo_needling" in call("exosim", "list")
    assert "ok" in call("exosim", "validate", "a.toml")
    assert '"improvement_percent"' in call("exosim", "run", "a.toml", "--resolution", "column", "--json")
    passed = call(
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "-k",
        "cryo_needling",
        "tests/contract",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(tmp_path),
        "--override-ini",
        "addopts=",
    )
    assert re.search(r"\b[4-9] passed", passed)
