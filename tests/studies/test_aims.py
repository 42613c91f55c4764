"""Searches over draws: aims and limits read what the draws say; a front says how often it is one."""

import json

import numpy as np
import pandas as pd
import pytest

import exosim as ex
from exosim.studies.aims import on_front

SEARCH = {
    "scenario": ex.load("fractional_co2_exosome", {"weeks": 4, "sessions.number": 1}),
    "population": 6,
    "generations": 2,
    "vary": {"laser.energy_mj": ex.between(10, 40), "gel.particles_per_ml": ex.between(1e10, 1e12, log=True)},
    "aims": {"improvement_percent": {"max": "p05"}, "erythema_days": {"min": "mean"}},
    "limits": {"downtime_days": {"at_most": 9, "draws": "p95"}},
}


def test_a_front_over_draws_is_that_of_its_schedules():
    """By brute force: every schedule of the search run with every draw, compared with every other."""
    found = ex.optimise(SEARCH)
    table, names = found.to_dataframe(), [*SEARCH["vary"]]
    assert found.study.column_units["improvement_percent_p05"] == "%"
    points = []
    for unit in found.store.done():
        with found.store.read(unit) as block:
            points += json.loads(str(block["points"]))

    def drawn(point):
        own = dict(zip(names, map(float, point), strict=True))
        return ex.run(SEARCH["scenario"], resolution="column", changes=own, ensemble=True).ensemble

    every = [drawn(point) for point in points]
    for _, row in table.iterrows():
        i = points.index(row[names].tolist())
        low = np.percentile(every[i]["improvement_percent"], 5, method="nearest")
        assert row["improvement_percent_p05"] == pytest.approx(low)
        assert row["erythema_days_mean"] == pytest.approx(every[i]["erythema_days"].mean())
        assert row["downtime_days_p95"] <= 9
        kept = 0
        for draw in range(256):
            best, red, down = ([x[name][draw] for x in every] for name in
                               ("improvement_percent", "erythema_days", "downtime_days"))  # fmt: skip
            better = (
                down[j] <= 9 and best[j] >= best[i] and red[j] <= red[i] and (best[j], red[j]) != (best[i], red[i])
                for j in range(len(points))
            )
            kept += down[i] <= 9 and not any(better)
        assert row["on_front_percent"] == pytest.approx(100 * kept / 256)


def test_more_workers_and_a_file_give_the_same(tmp_path):
    pytest.importorskip("pymoo")
    file = tmp_path / "search.toml"
    file.write_text("""
scenario = "fractional_co2_exosome"
set = ["weeks=4", "sessions.number=1"]
population = 6
generations = 2
[vary]
"laser.energy_mj" = [10, 40]
"gel.particles_per_ml" = { low = 1e10, high = 1e12, log = true }
[aims]
improvement_percent = { max = "p05" }
erythema_days = { min = "mean" }
[limits]
downtime_days = { at_most = 9, draws = "p95" }
""")
    there = ex.optimise(file, workers=2, out=tmp_path / "s")
    pd.testing.assert_frame_equal(there.to_dataframe(), ex.optimise(SEARCH).to_dataframe(), check_exact=True)
    assert ex.load_study(tmp_path / "s").plot().axes


def test_a_point_that_breaks_a_limit_is_on_no_front_and_beats_none():
    aims = np.array([[[1.0]], [[2.0]], [[3.0]]])
    limits = np.array([[[1.0]], [[0.0]], [[0.0]]])
    assert on_front([0, 1, 2], aims, limits) == [0.0, 100.0, 0.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"aims": {"improvement_percent": {"max": "p5"}}}, "p05, p50, p95, mean"),
        ({"aims": {"improvement_percent": "up"}}, 'write "max" or "min"'),
        ({"aims": {"procedures": {"min": "p95"}}}, "same in every draw"),
        ({"limits": {"downtime_days": {"at_most": 3, "draws": "p99"}}}, "p95"),
    ],
)
def test_aims_that_are_none_are_refused(change, said):
    with pytest.raises(ex.BadInput, match=said):
        ex.optimise(SEARCH | change)
