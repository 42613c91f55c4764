"""The generated JavaScript beside Python, run by node."""

import json
import os
import shutil
import subprocess

import pytest

from exosim.events import Injury
from exosim.lesson import data, kernel
from exosim.lesson.page import part
from exosim.parameters import parameter_set
from exosim.simulate import parameter_values
from tests.lesson.reference import differences, expected

RUN = """
console.log(JSON.stringify(CASES.map(c => outcomesOf(simulate(c.values, c.entries, c.end)))));
"""


def node(code):
    if not shutil.which("node"):
        assert not os.environ.get("EXOSIM_CI"), "CI needs node"
        pytest.skip("node is not installed; the browser test covers the same")
    done = subprocess.run(["node", "-"], input=code, capture_output=True, text=True, timeout=120)
    assert not done.stderr, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def source():
    return kernel.generated(data.signatures()) + part("kernel.js")


def case(scenario, parameters):
    skin = data.skins()[scenario.skin.scar][scenario.skin.severity]
    values = parameter_values(scenario, parameter_set(parameters).values()) | skin
    return {"values": values, "entries": data.entries(scenario), "end": scenario.days}


@pytest.mark.parametrize("parameters", ["article", "trials"])
def test_outcomes_equal_python(source, parameters):
    cases = {name: case(scenario, parameters) for name, scenario in data.presets().items()}
    told = node(source + f"const CASES = {json.dumps(list(cases.values()))};" + RUN)
    wrong = {
        name: differences(found, expected(data.presets()[name], parameters))
        for name, found in zip(cases, told, strict=True)
    }
    assert not {name: found for name, found in wrong.items() if found}


def test_every_treatment_has_a_session(source):
    for kind, settings in data.settings().items():
        assert f'"{kind}": function (s, day)' in source
        assert all(f"s.{name}" in source for name in settings)


def test_jumps_cover_the_control_sides():
    assert "injury:ablation" in data.signatures()
    assert "injury:puncture+apply" in data.signatures()


def test_a_sample_of_events_is_named_in_order():
    events, names = kernel.sample("injury:puncture+apply")
    assert isinstance(events[0], Injury)
    assert names == ["e0_reach", "e0_density", "e0_radius", "e1_amount"]


def test_nothing_but_names_is_free(source):
    assert "Derivative" not in source
    assert "// Not supported" not in source
