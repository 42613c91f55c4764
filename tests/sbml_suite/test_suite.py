"""The engine against the SBML Test Suite, and the importer against models of a few lines."""

import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from exosim.engine.columns import compiled
from tests.sbml_suite.importer import Settings, translate
from tests.sbml_suite.maths import Unsupported
from tests.sbml_suite.run import differences, integrate, main, solve
from tests.sbml_suite.shorthand import document

SUITE = Path(os.environ.get("EXOSIM_SBML_SUITE", Path(__file__).parents[3] / "shared" / "sbml_suite"))
CASES = sorted(path for path in SUITE.glob("[0-9]*") if path.is_dir())
ABSENT = pytest.param(SUITE, marks=pytest.mark.skip("86 cases: set EXOSIM_SBML_SUITE to their folder"))
TIMES = np.linspace(0.0, 10.0, 21)


def outcome(text, *variables, concentration=()):
    amount = [x for x in variables if x not in concentration]
    settings = Settings(list(variables), amount=amount, concentration=list(concentration))
    found = solve(translate(document(text), settings), TIMES)
    return [found[name] for name in variables]


def close(ours, exact):
    np.testing.assert_allclose(ours, np.broadcast_to(exact, TIMES.shape), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("case", CASES or [ABSENT], ids=lambda path: path.name)
def test_the_engine_gives_what_the_suite_expects(case):
    assert differences(case) == {}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES[::7][:12] or [ABSENT], ids=lambda path: path.name)
def test_compiled_it_gives_the_same(case, tmp_path, monkeypatch):
    monkeypatch.setenv("EXOSIM_CACHE", str(tmp_path))
    assert differences(case, partial(integrate, kernel=compiled)) == {}


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("parameter x\nx := delay(time, 1)", "delay"),
        ("parameter x 1\nx' = -x\nevent E: x < 0.5; x = 1", r"event trigger that depends on the state \(E\)"),
        ("parameter x 1\nx' = -x\nevent E: time > 1; x = 1; delay x", r"event delay .* state \(E\)"),
        ("parameter x 1\nparameter y 2\n0 = x + y - 3", "algebraic rule"),
        ("parameter x\n0 = x^2 - 4", "algebraic rule"),
        ("parameter x\nparameter y\nx := y\ny := x", "circular definition"),
        ("parameter x\nparameter y\ny := floor(x)\nx' = rateOf(y)", "circular definition|rateOf"),
        ("parameter x 1\nevent E: x > 0; x = -1; initially false\nevent F: x < 0; x = 1", "without end"),
    ],
)
def test_what_cannot_be_expressed_is_refused_by_name(text, construct):
    with pytest.raises(Unsupported, match=construct):
        outcome(text, "x")


def test_a_fast_reaction_is_refused_where_the_level_knows_it():
    old = document("compartment C 1\nspecies S in C amount 1\nJ: S -> ; S", version=1)
    old.getModel().getReaction("J").setFast(True)
    with pytest.raises(Unsupported, match=r"fast reaction \(J\)"):
        translate(old, Settings(["S"]))


def test_an_amount_is_conserved_and_a_concentration_diluted():
    text = "compartment C 2\nspecies A in C amount 3\nspecies B in C concentration 1\nC' = 0.1 * C"
    a, b = outcome(text, "A", "B", concentration=["B"])
    close(a, 3.0)
    close(b, np.exp(-0.1 * TIMES))


@pytest.mark.parametrize("compartment", ["compartment C 1\nC' = 0.2", "compartment C\nC := 1 + 0.2 * time"])
def test_a_rate_rule_for_a_concentration_holds_in_a_growing_compartment(compartment):
    text = f"{compartment}\nspecies A in C concentration 2 boundary\nA' = 0.3"
    close(outcome(text, "A", concentration=["A"])[0], 2 + 0.3 * TIMES)


def test_an_identifier_means_the_amount_only_where_the_model_says_so():
    text = """
        compartment C 2
        species A in C amount 4 substance
        species B in C amount 4
        parameter a
        parameter b
        a := A
        b := B
    """
    a, b, amount = outcome(text, "a", "b", "B")
    close(a, 4.0)
    close(b, 2.0)
    close(amount, 4.0)


def test_stoichiometry_can_follow_a_rule_and_a_reaction_is_a_rate():
    text = """
        compartment C 1
        species A in C amount 100
        species B in C amount 0
        parameter x
        J: n A -> m=3 B; 0.5 * m
        n := 1 + time
        x := 2 * J
    """
    a, b, x = outcome(text, "A", "B", "x")
    close(a, 100 - 1.5 * (TIMES + TIMES**2 / 2))
    close(b, 4.5 * TIMES)
    close(x, 3.0)


def test_initial_assignments_depend_on_each_other_and_on_rules_in_any_order():
    text = """
        compartment C 2
        species S in C concentration 1
        parameter a
        parameter b
        parameter c
        a = b + c
        b = 2 * S
        c := b + time
        S = 5
    """
    a, b, c, s = outcome(text, "a", "b", "c", "S", concentration=["S"])
    close(a, 20.0)
    close(b, 10.0)
    close(c, 10.0 + TIMES)
    close(s, 5.0)


def test_functions_are_written_out_and_shadow_names():
    text = """
        parameter x
        parameter y 7
        function f(x, y) = x + 10 * y
        function g(y) = f(y, 2 * y)
        x := g(3) + y + time
    """
    close(outcome(text, "x")[0], 70.0 + TIMES)


def test_an_algebraic_rule_with_one_unknown_is_solved():
    text = """
        parameter x
        parameter y 3
        y' = 0.5
        0 = 2 * x - y - 1
    """
    close(outcome(text, "x")[0], 2 + 0.25 * TIMES)


def test_rate_of_is_the_derivative_also_of_what_follows_a_rule():
    text = """
        parameter x 1
        parameter y
        parameter z
        x' = 0.5
        y := x^2
        z := rateOf(y) + rateOf(x)
    """
    close(outcome(text, "z")[0], 1.0 + 0.5 * TIMES + 0.5)


def test_division_truncates_towards_zero_and_truth_counts_as_a_number():
    text = "parameter x\nparameter y\nx := rem(-7, 3) + 10 * quotient(-7, 3)\ny := 1 + (time > 5) + (0 < 1)"
    x, y = outcome(text, "x", "y")
    close(x, -21.0)
    close(y, np.where(TIMES > 5, 3.0, 2.0))


def test_infinite_and_undefined_values_stay_so():
    text = "parameter x\nparameter y 2\nparameter z inf\ny' = x\nz' = 1"
    x, y, z = outcome(text, "x", "y", "z")
    assert np.isnan(x).all()
    assert y[0] == 2
    assert np.isnan(y[1:]).all()
    assert np.isposinf(z).all()


def test_short_pulses_are_not_stepped_over():
    text = "parameter x 0\nx' = piecewise(1000, (time > 7) && (time < 7.001), 0)"
    close(outcome(text, "x")[0], np.where(TIMES > 7, 1.0, 0.0))


def test_at_the_threshold_an_event_waits_if_the_comparison_is_strict():
    text = """
        parameter x 0
        parameter y 0
        event E: piecewise(1, 0.1 * time >= 0.3, 0) == 1; x = 1
        event F: time > 3; y = 1
    """
    x, y = outcome(text, "x", "y")
    close(x, np.where(TIMES >= 3, 1.0, 0.0))
    close(y, np.where(TIMES > 3, 1.0, 0.0))


@pytest.mark.parametrize(
    ("options", "values"),
    [("", [0, 1, 1]), ("; initially false", [1, 1, 1]), ("; delay 4", [0, 0, 1]), ("; delay 4; fickle", [0, 0, 0])],
)
def test_triggers_rise_and_delays_pass(options, values):
    text = f"parameter x 0\nevent E: (time < 0.1) || (time > 3) && (time < 5); x = 1{options}"
    assert list(outcome(text, "x")[0][[2, 7, 15]]) == values


@pytest.mark.parametrize(("late", "value"), [("", 2.0), ("; late", 4.0)])
def test_values_are_of_the_moment_of_triggering_unless_late(late, value):
    text = f"parameter x 1\nparameter y 0\nx' = 0.5\nevent E: time >= 2; y = x; delay 4{late}"
    close(outcome(text, "y")[0], np.where(TIMES >= 6, value, 0.0))


def test_a_value_kept_over_a_delay_may_be_one_nobody_can_foresee():
    text = "parameter x 1\nparameter y 0\nx' = -x\nevent E: time >= 2; y = x; delay 4"
    close(outcome(text, "y")[0], np.where(TIMES >= 6, np.exp(-2), 0.0))


@pytest.mark.parametrize(("rival", "value"), [(0.1, 12.0), (0.2, 21.0)])
def test_events_of_one_moment_follow_priorities_even_of_the_state(rival, value):
    text = f"""
        parameter x 0
        parameter s 1
        s' = -s
        event E: time >= 2; x = 10 * x + 1; priority s; late
        event F: time >= 2; x = 10 * x + 2; priority {rival}; late
    """
    close(outcome(text, "x")[0], np.where(TIMES >= 2, value, 0.0))


def test_events_may_wait_for_what_other_events_do():
    text = """
        parameter x 0
        parameter last 0
        event E: time - last >= 1.1; last = time, x = x + 1
    """
    close(outcome(text, "x")[0], np.floor(TIMES / 1.1))


def test_the_verdict_of_a_folder_is_printed(capsys, tmp_path):
    for name in ("00001", "00002"):
        (tmp_path / name).mkdir()
        lines = ["start: 0", "duration: 1", "steps: 1", "variables: x", "absolute: 1e-6", "relative: 1e-6"]
        (tmp_path / name / f"{name}-settings.txt").write_text("\n".join(lines))
        (tmp_path / name / f"{name}-results.csv").write_text("time,x\n0,1\n1,1\n")
        (tmp_path / name / f"{name}-sbml-l3v2.xml").write_text("not a model")
    main(tmp_path)
    assert "2 cases: 2 error" in capsys.readouterr().out
