"""Sweeps of every draw: what the draws say, paired with a reference; the same on any number of workers."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.parameters import draws

SHORT = {"weeks": 5, "sessions.number": 1}
SET = ["--set", "weeks=5", "--set", "sessions.number=1"]
AXES = {"gel.particles_per_ml": [1e10, 1e11, 1e12], "redness_tnf": [1, 2]}
VARY = ["--vary", "gel.particles_per_ml=1e10,1e11,1e12", "--vary", "redness_tnf=1,2"]
NAME = "erythema_days"


@pytest.fixture(scope="module")
def swept():
    return ex.sweep("fractional_co2_exosome", AXES, changes=SHORT, ensemble=True, reference="fractional_co2")


def alone(scenario, draw, **changes):
    drawn = {name: float(x[draw]) for name, x in draws("article").items() if name not in changes}
    return ex.run(scenario, resolution="column", changes=SHORT | drawn | changes).outcomes[NAME]


def test_every_draw_is_that_of_a_single_run_and_paired_with_the_reference(swept):
    """Also where an axis sets a parameter that is drawn: it is the same in every draw."""
    data, chosen = swept.to_xarray(), [0, 100, 255]
    assert data[NAME].dims == ("particles_per_ml", "redness_tnf", "draw")
    case = data[NAME].sel(particles_per_ml=1e12, redness_tnf=2)
    given = {"gel.particles_per_ml": 1e12, "redness_tnf": 2}
    own = [alone("fractional_co2_exosome", i, **given) for i in chosen]
    base = [alone("fractional_co2", i) for i in chosen]
    assert case.values[chosen] == pytest.approx(own, abs=1e-9)
    assert data[f"{NAME}_reference"].values[chosen] == pytest.approx(base, abs=1e-9)
    row = swept.to_dataframe().iloc[5]
    minus = (case - data[f"{NAME}_reference"]).values
    for values, column in ((case.values, NAME), (minus, f"{NAME}_difference")):
        ends = [row[f"{column}_{x}"] for x in ("p05", "p50", "p95")]
        assert ends == pytest.approx(np.percentile(values, [5, 50, 95], method="nearest"))
    assert row[f"{NAME}_share_above"] == (minus > 0).mean()


def test_the_set_itself_is_that_of_a_plain_sweep(swept):
    plain = ex.sweep("fractional_co2_exosome", AXES, changes=SHORT).to_dataframe()
    table = swept.to_dataframe()
    pd.testing.assert_frame_equal(table[plain.columns], plain, check_exact=True)
    assert table["draws"].tolist() == [256] * 6
    units = table.attrs["units"]
    assert (units[f"{NAME}_difference_p05"], units[f"{NAME}_share_above"]) == ("d", "1")


def test_the_command_line_and_more_workers_give_the_same(swept, tmp_path):
    out = tmp_path / "s"
    options = ["--ensemble", "--reference", "fractional_co2", "--workers", "2", "--out", str(out), "--quiet"]
    done = CliRunner().invoke(app, ["sweep", "fractional_co2_exosome", *VARY, *SET, *options])
    assert done.exit_code == 0, done.output
    assert "from Fractional CO2 laser" in done.output
    kept = ex.load_study(out)
    pd.testing.assert_frame_equal(kept.to_dataframe(), swept.to_dataframe(), check_exact=True)
    assert kept.to_xarray().equals(swept.to_xarray())
    with xr.open_zarr(out / "results.zarr", chunks=None) as data:
        assert data.load().equals(swept.to_xarray())
    assert json.loads((out / "summary.json").read_text()) == swept.summary
    assert (out / "figures/heat_maps.png").exists()
    assert kept.store.done().keys() == swept.store.done().keys()


def test_what_is_done_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("exosim.studies.ensemble_sweep.COLUMNS", 1)

    def call(**where):
        return ex.sweep("fractional_co2", {"laser.energy_mj": [10, 20]}, changes=SHORT, ensemble=True, **where)

    def stop(share, failed):
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(out=tmp_path / "s", progress=stop)
    assert "of at most 3 units" in repr(ex.load_study(tmp_path / "s"))
    assert "0 draws" not in CliRunner().invoke(app, ["study", str(tmp_path / "s")], catch_exceptions=False).output
    whole = call(out=tmp_path / "s", resume=True)
    pd.testing.assert_frame_equal(whole.to_dataframe(), call().to_dataframe(), check_exact=True)


def test_the_reference_is_the_scenario_as_it_is_or_a_named_case():
    axes = {"laser.energy_mj": [10, 20]}
    as_it_is = ex.sweep("fractional_co2", axes, changes=SHORT, ensemble=True)
    assert as_it_is.to_dataframe()[f"{NAME}_difference_p95"][1] == 0  # 20 mJ is what the scenario has
    named = ex.sweep("fractional_co2", axes, changes=SHORT, ensemble=True, reference={"laser.energy_mj": 10})
    assert named.summary["reference"] == "laser.energy_mj=10"
    assert named.to_dataframe()[f"{NAME}_difference_p95"].eq(0).tolist() == [True, False]
    assert named.plot().axes
    text = ex.sweep("fractional_co2", axes, changes=SHORT, ensemble=True, reference=["laser.energy_mj=10"])
    pd.testing.assert_frame_equal(text.to_dataframe(), named.to_dataframe())


def test_a_case_that_cannot_be_stops_no_other():
    axes = {"sessions.number": [1, 3], "sessions.every_days": [14, 42]}
    found = ex.sweep("fractional_co2", axes, changes={"weeks": 10}, ensemble=True)
    assert (found.summary["failures"], found.summary["tried"]) == (1, 4)
    assert found.to_dataframe()["draws"].tolist() == [256, 256, 256, 0]
    assert found.plot().axes


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"resolution": "patch", "ensemble": True}, "`resolution`"),
        ({"reference": "fractional_co2"}, "`ensemble`"),
        ({"reference": "fractional_co3", "ensemble": True}, "(?s)`reference`.*fractional_co2"),
        ({"reference": {"laser.energy": 3}, "ensemble": True}, "energy_mj"),
        ({"parameters": ex.parameter_set("article").replace(tnf_clearance=8), "ensemble": True}, "has no ensemble"),
    ],
)
def test_what_has_no_effect_is_refused(options, said):
    with pytest.raises(ex.BadInput, match=said):
        ex.sweep("fractional_co2", {"laser.energy_mj": [10, 20]}, changes=SHORT, **options)


def test_courses_on_days_have_a_value_per_draw():
    days = [0, 1, 7]
    found = ex.sweep("fractional_co2", {"laser.energy_mj": [10, 20]}, changes=SHORT, ensemble=True, times=days,
                     outcomes="red = days_above(erythema, 1.2)")  # fmt: skip
    data, table = found.to_xarray(), found.to_dataframe()
    assert data["course_erythema"].dims == ("energy_mj", "draw", "time")
    at = data["course_erythema"].sel(energy_mj=10, time=1)
    assert table["erythema_day_1_p95"][0] == np.percentile(at, 95, method="nearest")
    assert table["red_difference_p50"].tolist() == sorted(table["red_difference_p50"])


def test_what_the_draws_vary_is_fixed_in_the_reference_as_well(tmp_path):
    vary = {"tnf_clearance": [4, 8]}
    lone = ex.sweep("fractional_co2", vary, changes=SHORT, ensemble=True)
    assert [x for x in lone.warnings if "tnf_clearance is fixed in every case" in x and "`reference` tnf_cl" in x]
    paired = ex.sweep("fractional_co2", vary, changes=SHORT, ensemble=True, reference={"tnf_clearance": 6})
    assert "tnf_clearance" not in str(paired.warnings)
    options = ["--vary", "tnf_clearance=4,8", *SET, "--ensemble", "--out", str(tmp_path / "s"), "--quiet"]
    told = CliRunner().invoke(app, ["sweep", "fractional_co2", *options])
    assert "--reference tnf_clearance=" in told.stderr
