"""Results: saved and loaded whole, atomic, reproducible."""

import copy
import json
import pickle
import tomllib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pandas as pd
import pytest
import xarray as xr

import exosim as ex
from exosim.api import Result
from exosim.files.writing import NotWritten
from exosim.problems import BadInput
from exosim.results.folder import new_folder, write_run
from exosim.results.saved import seal
from exosim.simulation.grid import Grid


@pytest.fixture(scope="module")
def patch_run(tmp_path_factory):
    changes = ["weeks=3", "treatments.0.days=[0]", "treatments.1.days=[0]", "treatments.2.days=[1]"]
    result = ex.run("scenarios/microneedling_exosome.toml", changes=changes, grid=Grid(size=4))
    return result.save(tmp_path_factory.mktemp("runs"))


def test_a_run_loads_as_it_was(patch_run):
    loaded = Result.load(patch_run.directory)
    assert loaded.outcomes == patch_run.outcomes
    assert loaded.ledger == patch_run.ledger
    assert loaded.scenario == patch_run.scenario
    assert loaded.dataset.equals(patch_run.dataset)


def test_the_dataset_carries_units_channels_and_maps(patch_run):
    d = patch_run.dataset
    assert d["tnf_alpha"].attrs["units"] == "pg/mL"
    assert d["map_collagen"].dims == ("day", "x", "y")
    assert d.sizes["channel"] == 40
    assert set(d["channel_state"].values) == {"sealed"}
    assert "not medical advice" in d.attrs["comment"]


def test_frames_agree_with_books(patch_run):
    frame = patch_run.dataset["map_exosome"].sel(day=1).values
    assert frame.max() > 0
    table = patch_run.to_dataframe(daily=True)
    assert list(table["day"]) == list(range(22))
    assert not table.isna().any().any()


def test_day_0_is_before_anything_is_done(patch_run):
    first = patch_run.to_dataframe(daily=True).iloc[0]
    assert first["improvement_percent"] == 0
    assert first["melanin_index"] == pytest.approx(patch_run.dataset["course_melanin_index"].values[0])
    assert first["exosome_applied"] == 0


def test_a_table_is_the_recorded_course_with_units(patch_run, tmp_path):
    """TNF-alpha peaks within hours: one row per day would miss it."""
    table = patch_run.to_dataframe()
    assert table["tnf_alpha"].max() > 3 * patch_run.to_dataframe(daily=True)["tnf_alpha"].max()
    assert table["tnf_alpha"].idxmax() == pytest.approx(patch_run.outcomes["tnf_peak_day"], abs=0.05)
    assert table.index.is_unique
    assert table.index.is_monotonic_increasing
    assert table.attrs["units"]["tnf_alpha"] == "pg/mL"
    jump = table[table["side"] != ""]
    assert list(jump["side"]) == ["before", "after"]
    assert list(jump["day"]) == [0, 0]
    saved = pd.read_csv(patch_run.directory / "timecourse.csv")
    assert list(saved)[:3] == ["time [d]", "day [d]", "side"]
    assert saved["time [d]"].is_unique
    assert saved["tnf_alpha [pg/mL]"].to_numpy() == pytest.approx(table["tnf_alpha"].to_numpy(), rel=1e-5)
    thinned = patch_run.save(tmp_path, daily=True).directory / "timecourse.csv"
    assert list(pd.read_csv(thinned)["day [d]"]) == list(range(22))


def test_a_saved_course_can_be_selected_and_interpolated(patch_run):
    stored = xr.open_dataset(patch_run.directory / "result.nc", engine="h5netcdf")
    tnf, table = stored["course_tnf_alpha"], patch_run.to_dataframe()
    assert tnf.sel(time=3, method="nearest") == table.loc[3.0, "tnf_alpha"]
    middle = table["tnf_alpha"].iloc[5:7].mean()
    assert tnf.interp(time=[table.index[5:7].to_numpy().mean()]).item() == pytest.approx(middle)
    assert stored["course_improvement_percent"].interp(time=0).item() == 0
    assert stored["course_improvement_percent"].interp(time=0.001).item() < 0
    assert "course_tnf_alpha" in stored.interp(time=[0.5, 10.5])
    assert stored["tnf_alpha"].sel(day=21, dermal_layer="papillary").size == 1
    assert all({"units", "long_name"} <= stored[x].attrs.keys() for x in stored if not x.startswith("channel"))
    assert ex.load(tomllib.loads(stored.attrs["scenario"])) == patch_run.scenario
    assert stored.attrs["seed"] == 0
    assert json.loads(stored.attrs["versions"])["exosim"]
    stored.close()


def test_the_netcdf_is_what_xarray_writes(patch_run, tmp_path):
    """Other tools read it, so fill values and where coordinates belong count too."""
    patch_run.dataset.to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    files = [patch_run.directory / "result.nc", tmp_path / "x.nc"]
    own, other = (xr.load_dataset(file, engine="h5netcdf", decode_cf=False) for file in files)
    assert own.identical(other)
    assert {name: x.dtype for name, x in own.variables.items()} == {
        name: x.dtype for name, x in other.variables.items()
    }


def test_the_manifest_says_what_made_it(patch_run):
    manifest = json.loads((patch_run.directory / "manifest.json").read_text())
    assert manifest["seed"] == 0
    assert manifest["parameters"] == "article"
    assert set(manifest["versions"]) >= {"exosim", "numpy", "mesa"}
    assert manifest["parameter_values"]["tnf_clearance"] == 6


def test_the_same_seed_gives_the_same_outcomes_and_another_does_not(patch_run):
    options = {
        "changes": ["weeks=3", "treatments.0.days=[0]", "treatments.1.days=[0]", "treatments.2.days=[1]"],
        "grid": Grid(size=4),
    }
    again = ex.run("scenarios/microneedling_exosome.toml", **options)
    assert again.outcomes == patch_run.outcomes
    other = ex.run("scenarios/microneedling_exosome.toml", seed=1, **options)
    assert other.outcomes["tnf_auc"] != patch_run.outcomes["tnf_auc"]


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    def interrupted():
        with new_folder(tmp_path / "runs", "A b", "12") as (partial, _):
            (partial / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
    for _ in range(2):
        with new_folder(tmp_path, "A b", "12") as (partial, final):
            (partial / "x").write_text("")
        assert (final / "x").exists()
    assert len(list((tmp_path / "a-b").iterdir())) == 2


def test_equal_runs_of_one_moment_all_stand(tmp_path):
    def save(_):
        with new_folder(tmp_path, "A b", "12") as (partial, final):
            (partial / "x").write_text("")
        return final

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(save, range(40)))
    assert made == set((tmp_path / "a-b").iterdir())
    assert len(made) == 40


def test_what_a_killed_run_left_is_no_run_and_goes_with_the_next(tmp_path):
    run = ex.run("untreated", resolution="column")
    left = tmp_path / "untreated" / ".20260101-000000-abc.partial"
    left.mkdir(parents=True)
    write_run(run, left)
    with pytest.raises(BadInput, match="ended while it was saved"):
        Result.load(left)
    saved = run.save(tmp_path)
    assert list((tmp_path / "untreated").iterdir()) == [saved.directory]


def test_a_run_stands_without_a_figure_that_fails(tmp_path, monkeypatch):
    from exosim.view.figures import courses

    monkeypatch.setattr(courses, "collagen", lambda _: 1 / 0)
    run = ex.run("untreated", resolution="column")
    with pytest.raises(NotWritten, match=r"the results are saved in .*ZeroDivisionError"):
        run.save(tmp_path)
    [folder] = (tmp_path / "untreated").iterdir()
    assert Result.load(folder) == run
    assert (folder / "figures" / "time_courses.png").is_file()


def test_bad_figures_are_refused_before_anything_is_written(tmp_path):
    run = ex.run("untreated", resolution="column", changes=["weeks=1"])
    with pytest.raises(BadInput, match=r'(?s)no kind of figures "jpg".*allowed: none, png, print, all'):
        run.save(tmp_path / "runs", figures="jpg")
    assert list(tmp_path.iterdir()) == []


def test_loading_something_else_is_refused(tmp_path):
    with pytest.raises(BadInput, match="not a run folder"):
        Result.load(tmp_path)
    (tmp_path / "1-laser").mkdir()
    with pytest.raises(BadInput, match="each arm is a run: 1-laser"):
        Result.load(tmp_path)


def test_a_comparison_needs_no_file(tmp_path):
    pair = [ex.load(f"scenarios/{name}.toml", ["weeks=9"]) for name in ("fractional_co2", "untreated")]
    comparison = ex.compare(pair, resolution="column")
    assert comparison.differences["improvement_percent"] < 0
    assert [[match.differs for match in matches][:1] for matches in comparison.published] == [[("week 12",)], []]
    assert comparison.plot() is not None


def run_column(scenario):
    return ex.run(scenario, resolution="column", ensemble=True)


def test_a_result_crosses_processes_whole():
    arms = [ex.load("fractional_co2"), ex.load("microneedling")]
    with ProcessPoolExecutor(1) as pool:
        far = list(pool.map(run_column, arms))
    near = [run_column(arm) for arm in arms]
    assert far == near
    assert far[0] != far[1]
    assert pickle.loads(pickle.dumps(near[0])) == copy.deepcopy(near[0]) == near[0]
    assert far[0].intervals == near[0].intervals


def test_a_run_of_an_older_version_is_refused_in_words(tmp_path):
    run = ex.run("untreated", resolution="column")
    write_run(run, tmp_path / "run")
    older = run.dataset.drop_vars("course_melanin_change_percent")
    older.to_netcdf(tmp_path / "run" / "result.nc", engine="h5netcdf")
    seal(tmp_path / "run")
    with pytest.raises(BadInput, match="without melanin_change_percent"):
        Result.load(tmp_path / "run")
