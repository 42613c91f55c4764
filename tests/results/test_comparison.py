"""Arms next to each other: named, told apart, each with its paired difference from one of them."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.parameters import draws

SHORT = {"weeks": 9}
VARY = {"gel.particles_per_ml": [1e10, 1e11, 1e12]}
NAMES = [f"gel.particles_per_ml={x}" for x in ("1e10", "1e11", "1e12")]
OPTIONS = {"changes": SHORT, "resolution": "column"}


@pytest.fixture(scope="module")
def comparison():
    return ex.compare("fractional_co2_exosome", vary=VARY, against=NAMES[1], ensemble=True, **OPTIONS)


def test_arms_are_the_scenario_with_each_value(comparison):
    assert len(comparison) == 3
    assert [arm.scenario.name for arm in comparison] == NAMES
    alone = ex.run("fractional_co2_exosome", resolution="column", changes=SHORT | {"gel.particles_per_ml": 1e12})
    assert comparison[2].outcomes == comparison[NAMES[2]].outcomes == alone.outcomes
    with pytest.raises(ex.BadInput, match="1e10"):
        comparison["gel.particles_per_ml=1"]


def test_every_arm_differs_from_the_one_named(comparison):
    base = comparison[NAMES[1]].outcomes["improvement_percent"]
    for i, arm in enumerate(comparison):
        found = comparison.difference(i)["improvement_percent"]
        assert found == pytest.approx(arm.outcomes["improvement_percent"] - base)
    assert comparison.differences == comparison.difference(2)
    told = comparison.to_dict()
    assert told["against"] == NAMES[1]
    assert told["arms"][0]["differences"] == comparison.difference(0)
    assert "differences" not in told["arms"][1]


def test_the_interval_of_a_difference_is_that_of_single_runs_of_the_draws(comparison):
    drawn, chosen = draws("article"), range(0, 256, 32)

    def alone(value, i):
        changes = OPTIONS["changes"] | {"gel.particles_per_ml": value} | {n: float(x[i]) for n, x in drawn.items()}
        return ex.run("fractional_co2_exosome", resolution="column", changes=changes).outcomes["improvement_percent"]

    first, base = (comparison[i].ensemble["improvement_percent"] for i in (0, 1))
    found = [alone(1e10, i) - alone(1e11, i) for i in chosen]
    assert (first - base)[list(chosen)] == pytest.approx(found, abs=1e-9)
    ends = np.percentile(first - base, [5, 95], method="nearest")
    assert comparison.difference_interval(0)["improvement_percent"] == pytest.approx(ends)


def test_a_table_has_a_column_per_arm_and_its_units(comparison):
    table = comparison.to_dataframe()
    assert table["unit"]["improvement_percent"] == "%"
    assert table["value"].columns.tolist() == NAMES
    assert table["difference"].columns.tolist() == [NAMES[0], NAMES[2]]
    low, high = (table[x][NAMES[2]]["improvement_percent"] for x in ("difference_low", "difference_high"))
    assert low < table["difference"][NAMES[2]]["improvement_percent"] < high
    head, _, first, *_ = comparison.to_markdown().splitlines()
    assert f"{NAMES[2]} minus {NAMES[1]}" in head
    assert first.startswith("| improvement_percent | % |")
    assert f"({low:.1f} .. {high:.1f})" in first


def test_any_course_is_drawn_on_its_own_axes(comparison):
    figure = Figure()
    axes = figure.subplots(1, 2)
    assert comparison.plot("tnf_alpha", ax=axes[0]) is figure
    assert comparison[0].plot("fibroblast_papillary", ax=axes[1]) is figure
    assert (len(axes[0].lines), len(axes[0].collections), len(axes[1].lines)) == (3, 3, 1)
    assert axes[0].get_ylabel() == "tnf_alpha [pg/mL]"
    with pytest.raises(ex.BadInput, match=r"(?s)differs between layers.*fibroblast_papillary"):
        comparison.plot("fibroblast")
    with pytest.raises(ex.BadInput, match="name one"):
        comparison.plot(ax=axes[0])
    with pytest.raises(ex.BadInput, match="not an array of 2"):
        comparison.plot("tnf_alpha", ax=axes)
    assert len(comparison.plot().axes) == 6


def test_the_command_line_gives_the_same(comparison, tmp_path):
    vary = ["--vary", "gel.particles_per_ml=1e10,1e11,1e12", "--against", NAMES[1], "--set", "weeks=9", "--ensemble"]
    options = ["--resolution", "column", "--out", str(tmp_path), "--figures", "none", "--quiet"]
    done = CliRunner().invoke(app, ["compare", "fractional_co2_exosome", *vary, *options, "--json"])
    told = json.loads(done.stdout)
    own = [arm | {"run_directory": None} for arm in told["arms"]]
    assert told | {"arms": own} == json.loads(json.dumps(comparison.to_dict()))
    shown = CliRunner().invoke(app, ["compare", "fractional_co2_exosome", *vary, *options]).stdout
    assert all(
        x in shown for x in ("ml=1e10", "ml=1e11", "ml=1e12", "  difference", f"differences are from: {NAMES[1]}")
    )


@pytest.mark.parametrize(
    ("scenarios", "options", "said"),
    [
        ("fractional_co2", {"vary": {"laser.energy_mj": [10, 20]}, "against": "laser"}, "`against`"),
        (["fractional_co2", "untreated"], {"vary": {"laser.energy_mj": [10, 20]}}, "2 scenarios cannot be varied"),
        ("fractional_co2", {"vary": {"laser.energy_mj": ex.between(10, 20)}}, "number of values"),
        ("fractional_co2", {"vary": {"laser.energy_mj": ex.lin(10, 40, 9)}}, "9 arms"),
        ("fractional_co2", {"vary": {"weeks": [8, 9]}, "changes": {"weeks": 10}}, "meets `changes`"),
        ("fractional_co2", {"vary": {"name": ["a", "b"]}}, "changes no case"),
        ("fractional_co2", {}, "2 to 8 scenarios"),
    ],
)
def test_arms_that_cannot_be_are_refused(scenarios, options, said):
    with pytest.raises(ex.BadInput, match=said):
        ex.compare(scenarios, resolution="column", **options)


def test_courses_of_every_draw_are_kept_where_they_are_named(tmp_path):
    options = {"changes": {"weeks": 2, "sessions.number": 1}, "resolution": "column"}
    run = ex.run("fractional_co2", ensemble=True, courses=["erythema"], **options)
    data = ex.Result.load(run.save(tmp_path, figures="none").directory).dataset
    members = data["draws_erythema"]
    assert (members.dims, members.attrs["units"]) == (("time", "draw"), "1")
    assert "draws_tnf_alpha" not in data
    drawn = {name: float(x[7]) for name, x in draws("article").items()}
    alone = ex.run("fractional_co2", **options | {"changes": options["changes"] | drawn}).dataset["course_erythema"]
    assert members.sel(draw=7).values == pytest.approx(alone.values, abs=1e-9)
    low, high = np.percentile(members, [5, 95], axis=1, method="nearest")
    assert data["band_erythema"].values == pytest.approx(np.stack([low, high]))
    with pytest.raises(ex.BadInput, match=r"(?s)no course \"erythem\".*add `ensemble`"):
        ex.run("fractional_co2", courses=["erythem"])


def test_courses_are_a_file_on_the_command_line(tmp_path):
    options = ["--set", "weeks=1", "--set", "sessions.number=1", "--resolution", "column", "--figures", "none"]
    asked = ["run", "fractional_co2", *options, "--out", str(tmp_path), "--courses", "erythema,tnf_alpha", "--quiet"]
    assert "add --ensemble" in CliRunner().invoke(app, asked).output
    assert CliRunner().invoke(app, [*asked, "--ensemble"]).exit_code == 0
    [file] = tmp_path.rglob("result.nc")
    data = ex.Result.load(file.parent).dataset
    assert data["draws_tnf_alpha"].sizes["draw"] == data["draws_erythema"].sizes["draw"] == 256
