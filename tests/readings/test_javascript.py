"""The generated JavaScript beside Python, run by node."""

import json
import os
import shutil
import subprocess

import numpy as np
import pytest

from exosim.engine.trace import compiled
from exosim.events import Injury
from exosim.lesson import data, page
from exosim.lesson.page import KERNEL, part
from exosim.parameters import parameter_set
from exosim.readings import javascript as kernel
from exosim.simulation.loop import simulate
from exosim.simulation.setup import parameter_values
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
    return kernel.generated(data.signatures()) + "".join(part(f"{name}.js") for name in KERNEL)


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


INFLUENCE = """
const run = simulate(CASE.values, CASE.entries, CASE.end), found = influences(run, CAUSES);
const times = TIMES.map(day => run.times.findLastIndex(t => t <= day));
console.log(JSON.stringify(times.map(t => [Array.from(run.states[t]), found.map(effects => effects.map(x => x[t]))])));
"""


def test_influence_is_the_change_of_a_rate_without_the_cause(source):
    scenario = data.presets()["fractional_co2_exosome"]
    equations, rows = kernel.column()
    entries, nodes, days = equations.layout.entries, data.diagram()["nodes"], (1, 29, 80)
    place = {entries[row]: i for i, row in enumerate(rows)}
    pairs = [("tnf_alpha", "erythema"), ("exosome_signal", "tnf_alpha"), ("debris", "monocyte")]
    causes = [
        {"rows": [place[x] for x in nodes[a]["entries"]], "effects": [[place[x] for x in nodes[b]["entries"]]]}
        for a, b in pairs
    ]
    setup = {"CASE": case(scenario, "article"), "CAUSES": causes, "TIMES": days}
    told = node(source + "".join(f"const {k} = {json.dumps(v)};" for k, v in setup.items()) + INFLUENCE)
    values = setup["CASE"]["values"]
    resting = np.array(simulate(scenario, parameter_set("article").values(), "column").initial)[:, 0]

    def rate(y):
        out = [0.0] * len(entries)
        compiled(equations, scalar=True)(
            y, [values[x] for x in equations.parameters], [values[x] for x in equations.inputs], out
        )
        return np.array(out)

    for shown, found in told:
        y = resting.copy()
        y[rows] = shown
        for (a, b), [influence] in zip(pairs, found, strict=True):
            without = y.copy()
            at = [entries.index(x) for x in nodes[a]["entries"]]
            without[at] = resting[at]
            change = rate(y) - rate(without)
            total = sum(change[entries.index(x)] for x in nodes[b]["entries"])
            assert influence == pytest.approx(total, rel=1e-9, abs=1e-12)
    assert told[0][1][0][0] > 0 > told[0][1][1][0]


def test_every_treatment_has_a_session(source):
    for kind, settings in data.settings().items():
        assert f'"{kind}": function (s, day)' in source
        assert all(f"s.{name}" in source for name in settings)


def test_jumps_cover_the_control_sides():
    assert "injury:ablation" in data.signatures()
    assert "injury:puncture+apply:gel" in data.signatures()


def test_a_sample_of_events_is_named_in_order():
    events, names = kernel.sample("injury:puncture+apply:gel")
    assert isinstance(events[0], Injury)
    assert names == ["e0_reach", "e0_density", "e0_radius", "e1_amount"]


def test_nothing_but_names_is_free(source):
    assert "Derivative" not in source
    assert "// Not supported" not in source


def test_the_script_of_the_page_is_one_valid_program():
    assert node(f'new Function({json.dumps(page.script({}))}); console.log("true")')
