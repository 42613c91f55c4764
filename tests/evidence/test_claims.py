"""Claims and targets as data, and what the model answers."""

import json
from itertools import chain

import numpy as np
import pytest
from typer.testing import CliRunner

from exosim.biology.system import PARAMETERS
from exosim.cli import app
from exosim.evidence import published
from exosim.evidence.claims import arm, claims, scales
from exosim.evidence.readouts import READOUTS
from exosim.evidence.verdicts import VERDICTS, answers, offsets
from exosim.parameters import draws, names, parameter_set
from exosim.results.outcomes import OUTCOMES
from exosim.scenario.file import load, shipped
from exosim.studies.fit.ensemble import uncertain
from exosim.studies.fit.targets import Targets

CHECKS = [check for claim in claims().values() for check in claim.checks]


@pytest.fixture(scope="module", params=["article", "trials"])
def answered(request):
    return request.param, {row["id"]: row for row in answers(request.param)}


def test_every_claim_and_target_is_there():
    assert claims().keys() >= {f"A{i}" for i in range(1, 16)} | {f"C{i}" for i in range(1, 13)}


def test_checks_read_what_exists_and_ask_one_thing():
    known = {x.name for x in chain(OUTCOMES, READOUTS)}
    for check in CHECKS:
        assert check.read in known
        assert all(arm(name) for name in check.arms)
        asked = [check.target is not None, check.at_least is not None, check.at_most is not None]
        assert sum(asked) == 1
        assert (check.target is None) == (check.tolerance is None)
        assert check.fit.keys() <= set(names())
    for scale in scales().values():
        assert arm(scale["arm"])
    assert {claim.scale for claim in claims().values() if claim.scale} <= scales().keys()


def test_what_has_no_check_says_why():
    assert all(claim.checks or claim.note for claim in claims().values())


def test_one_parameter_set_explains_all_arms():
    """Scenarios and arms carry treatments, skin and schedule, never a parameter."""
    arms = {name for check in CHECKS for name in check.arms}
    for scenario in (*(load(path) for path in shipped().values()), *(arm(name) for name in arms)):
        assert not scenario.assume


def test_a_set_fits_few_parameters_within_their_ranges():
    for name in names():
        chosen = parameter_set(name)
        fitted = {key: x for key, x in chosen.overrides.items() if x.fitted}
        assert len(fitted) <= 8
        assert all(x.source for x in chosen.overrides.values())
        for key, x in chosen.overrides.items():
            assert PARAMETERS[key].low <= x.value <= PARAMETERS[key].high


def test_draws_vary_what_is_uncertain_within_its_range():
    for name in names():
        drawn = draws(name)
        assert list(drawn) == uncertain(Targets(name))
        for key, values in drawn.items():
            q = PARAMETERS[key]
            assert len(values) == 256
            assert q.low <= values.min() < values.max() <= q.high


def test_verdicts(answered):
    name, rows = answered
    assert {row["verdict"] for row in rows.values()} <= set(VERDICTS)
    verdict = {key: row["verdict"] for key, row in rows.items()}
    assert {verdict[key] for key in ("A1", "A5", "A7", "A8", "A10", "A11", "A12", "A14")} == {"reproduced"}
    assert verdict["A6"] == "contested"
    assert verdict["A2"] == verdict["A4"] == verdict["A12-pigment"] == "only with article"
    assert verdict["A3"] == verdict["A9"] == verdict["A13"] == verdict["C10-full"] == "not reproduced"
    targets = [verdict[f"C{i}"] == "reproduced" for i in range(1, 13)]
    assert sum(targets) >= 9 if name == "trials" else sum(targets) < 12


def test_a_row_shows_the_figure_farthest_from_right(answered):
    _, rows = answered
    for row in rows.values():
        if row["verdict"] == "reproduced":
            assert all(check["right"] for check in row["checks"])
        if row["verdict"] == "not reproduced":
            assert (
                row["outcome"] is None
                or not next(check for check in row["checks"] if check["outcome"] == row["outcome"])["right"]
                or any(not check["right"] for check in row["checks"])
            )
        if row["target"] is not None and row["tolerance"]:
            off = [abs(c["simulated"] - c["target"]) / c["tolerance"] for c in row["checks"] if c["tolerance"]]
            assert abs(row["simulated"] - row["target"]) / row["tolerance"] == pytest.approx(max(off))


def test_intervals_cover_what_was_fitted(answered):
    name, rows = answered
    fitted = [check for row in rows.values() for check in row["checks"] if check["fitted"]]
    assert len(fitted) >= len(Targets(name).checks)
    for check in fitted:
        assert check["low"] < check["high"]
        assert check["low"] < check["target"] + check["tolerance"]
        assert check["high"] > check["target"] - check["tolerance"]
    inside = [check["low"] <= check["target"] <= check["high"] for check in fitted]
    assert np.mean(inside) >= 0.8


def test_a_published_value_is_called_fitted_everywhere_or_nowhere(answered):
    name, rows = answered
    called = {(row["id"], check["outcome"]): check["fitted"] for row in rows.values() for check in row["checks"]}
    for value in published():
        assert value.checks
        for claim in claims().values():
            mine = [check for check in claim.checks if check in value.checks]
            assert all(called[claim.id, check.name] == (name in value.fitted) for check in mine)
    given = {key for key, claim in claims().items() if any(name in check.fit for check in claim.checks)}
    assert given <= {key for (key, _), yes in called.items() if yes} <= given | {"A1", "C1", "C2"}


def test_a_scale_is_tied_by_its_arm():
    factors = offsets("trials")
    assert factors["ECCA"] == pytest.approx(1, abs=0.05)
    assert factors["Goodman-Baron score"] > 2


def test_the_command_prints_one_json_object_per_claim():
    done = CliRunner().invoke(app, ["evidence", "--json", "--quiet"])
    rows = json.loads(done.stdout)
    wanted = {"id", "outcome", "simulated", "low", "high", "target", "tolerance", "verdict", "kind", "fitted"}
    assert [row["id"] for row in rows] == list(claims())
    assert all(wanted <= row.keys() for row in rows)


def test_wounds_close_in_order(answered):
    _, rows = answered
    left = {check["outcome"].split(":")[0]: check["simulated"] for check in rows["C9"]["checks"]}
    assert left["wound_left_day_7_percent"] > 50 > left["wound_left_day_14_percent"]
    assert left["wound_left_day_14_percent"] > left["wound_left_day_28_percent"] > 0
