"""Outcomes move only on purpose (`python -m tests.golden.refresh`)."""

import json

import pytest

import exosim as ex
from exosim.scenario.file import shipped
from exosim.simulation.setup import RESULTS
from tests.golden.refresh import FILE

RECORDED = json.loads(FILE.read_text())
GOLDEN = RECORDED["cases"]


@pytest.mark.parametrize("case", GOLDEN)
def test_outcomes_are_those_recorded(case):
    name, parameters = case.split(" / ")
    found = ex.run(shipped()[name], resolution="column", parameters=parameters).outcomes
    assert set(found) == set(GOLDEN[case])
    for outcome, value in GOLDEN[case].items():
        expected = pytest.approx(value, rel=1e-4, abs=1e-3) if isinstance(value, float) else value
        assert found[outcome] == expected, outcome


def test_moved_outcomes_have_a_number_of_their_own():
    """Stores of studies tell results apart by it; refreshing without raising it would mix them."""
    assert RECORDED["results"] == RESULTS


def test_every_shipped_scenario_has_golden_numbers():
    assert {case.split(" / ")[0] for case in GOLDEN} == set(shipped())
