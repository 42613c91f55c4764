"""The column's kernel against SciPy's Radau, and what its results may not depend on."""

import numpy as np
import pytest

from exosim.problems import BadInput
from exosim.results.outcomes import outcomes
from exosim.results.subjects import outcomes_of
from exosim.scenario.file import load, shipped
from exosim.simulation.grid import Grid
from exosim.simulation.loop import simulate
from tests.helpers import GEL, LASER, NEEDLE, article, scenario
from tests.verification.radau import radau

FAST = "fractional_co2_exosome"


@pytest.mark.parametrize(
    "name", [FAST, *(pytest.param(x, marks=pytest.mark.slow) for x in sorted(shipped()) if x != FAST)]
)
def test_a_shipped_scenario_agrees_with_radau(name):
    arm = load(name)
    for rtol, limit in ((None, 3e-5), (1e-9, 1e-7)):
        mine = simulate(arm, article(), "column", grid=Grid(rtol=rtol))
        expected = radau(arm, article())
        relative = np.abs(mine.means[..., 0] - expected) / (np.abs(expected) + 1e-3 * mine.layout.scales)
        assert relative.max() < limit


def test_a_second_run_in_the_same_process_is_the_same():
    arm = scenario(LASER, GEL)
    first, second = (simulate(arm, article(), "column") for _ in range(2))
    assert (first.means == second.means).all()


def test_a_subject_is_the_same_alone_in_a_batch_and_in_any_block(monkeypatch):
    arm = load(FAST)
    draws = {name: value * np.linspace(0.9, 1.1, 11) for name, value in article().items()}
    together = outcomes_of(arm, draws)
    monkeypatch.setattr("exosim.results.subjects.BLOCK", 3)
    in_blocks = outcomes_of(arm, draws, threads=2)
    alone = outcomes(simulate(arm, {name: x[7] for name, x in draws.items()}, "column"), arm)
    for name, values in together.items():
        assert np.array_equal(values, in_blocks[name], equal_nan=True)
        assert values[7] == pytest.approx(alone[name][0], rel=1e-9, nan_ok=True)
    assert all(values.base is None for values in alone.values())  # a view would keep the whole course in memory


def test_a_short_occlusion_acts():
    """Three hours in 12 weeks must change delivery."""
    covered = '[[treatments]]\nkind = "occlusion"\ndays = [1]\nhours = 3\n'
    needles = NEEDLE + "days = [1]\n" + GEL + "days = [1]\n"
    plain, occluded = (simulate(s, article(), "column") for s in (scenario(needles), scenario(needles, covered)))
    ratio = occluded.state("exosome_delivered")[-1].sum() / plain.state("exosome_delivered")[-1].sum()
    assert ratio > 1.2


def test_a_subject_that_cannot_be_simulated_is_named_and_the_others_finish():
    explosive = {name: np.repeat(value, 3) for name, value in article().items()}
    explosive["tnf_m1"] = explosive["tnf_m1"] * [1, 1e200, 1]
    with pytest.warns(UserWarning, match=r"1 of 3 subjects could not be simulated: subject 1 on day"):
        history = simulate(scenario(LASER, weeks=2), explosive, "column")
    (failure,) = history.failures
    assert failure.subject == 1
    assert np.isnan(history.final[:, 1]).all()
    assert np.isfinite(history.final[:, [0, 2]]).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rest_collagen_3": np.array([0.2, 1.4])}, "less than no collagen_1_new for subject 1"),
        ({"tnf_half": float("nan")}, "parameter tnf_half is nan"),
        ({"tnf_clearance": -1.0}, "parameter tnf_clearance is -1"),
        ({"tnf_clearence": 1.0}, "tnf_clearance"),
    ],
)
def test_a_draw_that_makes_no_skin_is_refused_by_name(changes, said):
    with pytest.raises(BadInput, match=said):
        simulate(scenario(LASER), article() | changes, "column")
