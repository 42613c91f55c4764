"""What happens at one moment: neither order in a file, nor splitting, nor the way to write days changes an outcome."""

import math
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exosim.biology import injury
from exosim.events import Injury, Modulate, Scheduled, moment, pieces
from exosim.results.outcomes import outcomes
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from tests.helpers import article, on_arrays

EXAMPLES = 2000 if os.environ.get("EXOSIM_DRILLS") == "full" else 200
END = 12  # d, of a generated scenario


def made(treatments, weeks=END / 7, sessions=None):
    return Scenario(name="x", weeks=weeks, treatments=treatments, **({"sessions": sessions} if sessions else {}))


def figures(*scenarios, resolution="column"):
    """Every outcome that is a number, of each scenario."""
    rows = [outcomes(simulate(s, article(), resolution), s) for s in scenarios]
    return [np.array([float(x[0]) for x in row.values()]) for row in rows]


def alike(*scenarios, resolution="column"):
    first, *others = figures(*scenarios, resolution=resolution)
    return all(np.allclose(first, other, rtol=1e-9, atol=1e-9, equal_nan=True) for other in others)


def needles(density, **more):
    return {"kind": "microneedling", "density_per_cm2": density, **more}


GEL = {"kind": "exosome_gel"}


def delivered(*treatments):
    s = made(treatments)
    history = simulate(s, article(), "column")
    return history.layout.view(history.final).exosome_delivered[:, 0]


@pytest.mark.parametrize("resolution", ["column", "patch"])
def test_two_passes_of_half_the_density_are_one_pass(resolution):
    whole, half = made([needles(1000), GEL]), made([needles(500), GEL, needles(500)])
    assert alike(whole, half, resolution=resolution)


def test_a_second_pass_never_carries_in_less():
    first, second, both = (
        delivered(*passes, GEL) for passes in ([needles(1000)], [needles(200)], [needles(1000), needles(200)])
    )
    assert (both >= np.maximum(first, second)).all()
    longer = delivered(needles(1000), needles(200, depth_mm=2.5), GEL)
    assert longer[3] > first[3]
    assert longer.sum() > first.sum()


@given(st.lists(st.tuples(st.floats(0.2, 3), st.floats(0.02, 0.2), st.floats(0, 15)), min_size=1, max_size=4))
@settings(max_examples=200)
def test_zones_of_several_passes_cover_what_their_sum_covers(passes):
    _, u = on_arrays(article(), np.ones((3, 1)))
    passes = sorted(passes, reverse=True)
    depths, radii, densities = zip(*passes, strict=True)
    together = sum(injury.covered(u, depths, radii, densities))
    alone = [injury.covered(u, [d], [r], [n])[0] for d, r, n in passes]
    assert (together <= sum(alone) + 1e-12).all()
    assert (together >= np.max(alone, axis=0) - 1e-12).all()
    hits = sum(n * math.pi * r**2 for _, r, n in passes)
    assert together[0, 0] == pytest.approx(1 - math.exp(-hits))  # every needle crosses the epidermis


def test_the_wound_changes_smoothly_as_a_second_pass_comes_to_equal_the_first():
    p, u = on_arrays(article(), np.ones((3, 1)))
    equal, nearly = (
        injury.together(injury.puncture(p, u, [injury.Pass(x, 0.035, 5.0), injury.Pass(1.5, 0.035, 5.0)])).removed
        for x in (1.5, 1.5 + 1e-9)
    )
    assert nearly == pytest.approx(equal, rel=1e-6)


@pytest.mark.parametrize(("start", "step"), [(0.1, 2.2), (0.3, 1.1), (0.7, 2.1), (1.4, 1.7)])
def test_days_that_are_equal_on_paper_are_one_moment(start, step):
    listed = [round(start + i * step, 6) for i in range(5)]
    interval = made([needles(250, start_day=start, every_days=step, sessions=5), GEL | {"days": listed}])
    written = made([needles(250, days=listed), GEL | {"days": listed}])
    following = made([needles(250), GEL], sessions={"start_day": start, "every_days": step, "number": 5})
    after = made([needles(250), GEL], sessions={"days": listed})
    assert interval.timeline == written.timeline == after.timeline
    assert [x.event for x in following.timeline] == [x.event for x in after.timeline]


@given(st.integers(0, 100), st.integers(1, 4000))
@settings(max_examples=300)
def test_a_course_to_the_end_ends_before_the_last_day(start, step):
    weeks = 52
    days = made([needles(250, start_day=start / 10, every_days=max(step / 16, 0.25))], weeks=weeks)
    last = max(x.event.day for x in days.timeline)
    assert last < days.days <= moment(last + max(step / 16, 0.25)) + 1e-9 or len(days.timeline) == 1


@pytest.mark.parametrize("every", [1, 0.5, 0.25])
def test_sunscreen_that_is_renewed_lasts_longer_and_is_no_stronger(every):
    daily = made([{"kind": "sunscreen", "spf": 4}])
    assert alike(daily, made([{"kind": "sunscreen", "spf": 4, "every_days": every}]))
    assert alike(daily, made([{"kind": "sunscreen", "spf": 4}, {"kind": "sunscreen", "spf": 2, "label": "weaker"}]))


def test_a_dressing_that_is_changed_is_one_dressing():
    def dressed(*dressings):
        return made([{"kind": "fractional_co2_laser"}, GEL, *({"kind": "occlusion", **x} for x in dressings)])

    one = dressed({"hours": 48})
    assert alike(one, dressed({"hours": 24, "days": [0, 0.5, 1]}), dressed({"hours": 24}, {"hours": 24, "days": [1]}))


def test_windows_of_different_treatments_multiply():
    def window(treatment, factor, until=2.0):
        return Scheduled(treatment, 1, Modulate(0.0, until, "uv_dose", factor))

    first = pieces([window("a", 0.5), window("b", 0.5), window("a", 0.8)], 3.0)[0]
    assert first.factors == {"uv_dose": 0.25}
    assert [(x.start, x.stop) for x in pieces([window("a", 0.5), window("b", 2.0, 1.0)], 3.0)] == [
        (0, 1),
        (1, 2),
        (2, 3),
    ]


def test_doses_add():
    half = GEL | {"particles_per_ml": 4.89e10}
    assert alike(made([GEL, needles(250)]), made([half, half, needles(250)]))


SPLIT = {
    "microneedling": "density_per_cm2",
    "fractional_co2_laser": "density_per_cm2",
    "exosome_gel": "volume_ul_per_cm2",
    "prp": "volume_ul_per_cm2",
}
DAY = st.integers(0, 4 * END - 1).map(lambda x: x / 4)
TREATMENTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(
            ["microneedling", "fractional_co2_laser", "exosome_gel", "sunscreen", "occlusion", "prp"]
        ),
        "days": st.lists(DAY, min_size=1, max_size=3, unique=True),
    }
)


def halved(table):
    """The same treatment in two halves; none of a window."""
    name = SPLIT.get(table["kind"])
    if not name:
        return [table, table]
    whole = Scenario(name="x", treatments=[{"kind": table["kind"]}]).treatments[0]
    return 2 * [table | {name: getattr(whole, name) / 2}]


def as_interval(table):
    """The same treatment on two days as an interval; any other as it is."""
    days = table["days"]
    if len(days) != 2:
        return table
    interval = {"start_day": min(days), "every_days": max(days) - min(days), "sessions": 2}
    return {"kind": table["kind"], **interval}


@pytest.mark.slow
@given(st.lists(TREATMENTS, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES)
def test_no_outcome_depends_on_how_a_schedule_is_written(tables, random):
    shuffled = random.sample(tables, len(tables))
    split = [half for table in tables for half in halved(table)]
    listed = [table | {"days": [day]} for table in tables for day in table["days"]]
    assert alike(*map(made, (tables, shuffled, split, listed, [*map(as_interval, tables)])))


def test_equal_injuries_are_one_event_and_the_deepest_comes_first():
    timeline = made([needles(200), needles(300), needles(100, depth_mm=2.5)]).timeline
    happening = pieces(timeline, 12.0)[0].happening
    assert [(x.reach, x.density_per_cm2) for x in happening if isinstance(x, Injury)] == [(2.5, 100), (1.5, 500)]
