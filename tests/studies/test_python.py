"""Studies from Python: the same numbers, checks and folders as on the command line."""

import json
import pickle
import tempfile

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.studies.fit import ensemble, profile

SHORT = {"weeks": 4, "sessions.number": 1}
SET = [x for name, value in SHORT.items() for x in ("--set", f"{name}={value}")]
FILE = """
scenario = "fractional_co2"
set = ["weeks=4", "sessions.number=1"]
population = 4
generations = 2
[vary]
"laser.energy_mj" = [10, 40]
[aims]
improvement_percent = "max"
"""
SEARCH = {
    "scenario": ex.load("fractional_co2", SHORT),
    "population": 4,
    "generations": 2,
    "vary": {"laser.energy_mj": ex.between(10, 40)},
    "aims": {"improvement_percent": "max"},
}
AXES = {"redness_tnf": ex.lin(1, 2, 3), "laser.energy_mj": ex.log(10, 40, 3), "skin.scar": ["boxcar", "rolling"]}
VARY = ["redness_tnf=1:2:3", "laser.energy_mj=10:40:3:log", "skin.scar=boxcar,rolling"]
KINDS = {  # kind -> what Python calls, what the command line is given, rows of the table, a figure
    "sweep": (
        lambda **where: ex.sweep("fractional_co2", AXES, changes=SHORT, **where),
        ["fractional_co2", *SET, *(x for text in VARY for x in ("--vary", text))],
        18,
        "response_skin_scar",
    ),
    "cohort": (
        lambda **where: ex.cohort(
            ["fractional_co2", "fractional_co2_exosome"], 6, population={"phototype": {4: 1}}, changes=SHORT, **where
        ),
        ["fractional_co2", "fractional_co2_exosome", "-n", "6", *SET, "--population", "who.toml"],
        12,
        "waterfall",
    ),
    "optimise": (lambda **where: ex.optimise(SEARCH, **where), ["search.toml"], None, "front"),
    "sensitivity": (
        lambda **where: ex.sensitivity("fractional_co2", method="local", changes=SHORT, **where),
        ["fractional_co2", "--method", "local", *SET],
        None,
        "sensitivity",
    ),
    "fit": (
        lambda **where: ex.fit("article", starts=1, members=60, **where),
        ["article", "--starts", "1", "--members", "60"],
        None,
        "profiles",
    ),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(ensemble, "ITERATIONS", 2)
    monkeypatch.setattr(profile, "profile", lambda *_: np.array([[1.0, 2.0], [2.0, 0.0], [4.0, 2.0]]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "who.toml").write_text("[phototype]\n4 = 1\n")
    (tmp_path / "search.toml").write_text(FILE)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_is_that_of_the_command_line(kind, folder):
    call, options, rows, figure = KINDS[kind]
    done = CliRunner().invoke(app, [kind, *options, "--out", "there", "--quiet"])
    assert done.exit_code == 0, done.output
    told = json.loads((folder / "there/summary.json").read_text())
    before = {*folder.rglob("*")}
    result = call()
    assert {*folder.rglob("*")} == before
    assert json.loads(json.dumps(result.summary)) == told
    assert result.folder is None
    kept, result = ex.load_study("there"), pickle.loads(pickle.dumps(result))
    assert f"{kind}, " in repr(kept)
    pd.testing.assert_frame_equal(result.to_dataframe(), kept.to_dataframe())
    assert len(result.to_dataframe()) == (rows or len(kept.to_dataframe())) > 0
    assert result.plot(figure).axes
    if kind in ("sweep", "cohort"):
        assert result.to_xarray().equals(kept.to_xarray())
    else:
        with pytest.raises(ex.BadInput, match="no arrays"):
            result.to_xarray()


def test_axes_are_dimensions_and_everything_has_its_unit():
    result = ex.sweep("fractional_co2", AXES, changes=SHORT)
    data, table = result.to_xarray(), result.to_dataframe()
    assert data["improvement_percent"].dims == ("redness_tnf", "energy_mj", "scar")
    assert data["energy_mj"].values.tolist() == pytest.approx([10, 20, 40])
    assert (data["energy_mj"].attrs["units"], data["improvement_percent"].attrs["units"]) == ("mJ", "%")
    assert table.attrs["units"].items() >= {"laser.energy_mj": "mJ", "improvement_percent": "%"}.items()
    case = ex.run("fractional_co2", resolution="column", changes=SHORT | {"redness_tnf": 1, "laser.energy_mj": 20,
                  "skin.scar": "rolling"})  # fmt: skip
    found = data["improvement_percent"].sel(redness_tnf=1, scar="rolling").sel(energy_mj=20, method="nearest")
    assert float(found) == pytest.approx(case.outcomes["improvement_percent"])


def test_what_a_list_or_a_range_is_depends_neither_on_numpy_nor_on_text():
    def points(vary, **options):
        return ex.sweep("fractional_co2", vary, changes=SHORT, **options).study.points(0, 8)

    given = [[1, 2, 4], (1, 2, 4), np.array([1, 2, 4]), ex.log(1, 4, 3)]
    for phototypes in given:
        assert points({"skin.phototype": phototypes}) == points(["skin.phototype=1,2,4"])
    assert points({"skin.phototype": range(1, 4)}) == points({"skin.phototype": ex.between(1, 3)})
    sampled = points({"redness_tnf": ex.between(1, 2, log=True)}, design="lhs", n=8)
    assert sampled == points(["redness_tnf=1:2:log"], design="lhs", n=8)


def test_an_interrupted_study_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("exosim.studies.sweep.BLOCK", 1)

    def call(**where):
        return ex.sweep("fractional_co2", {"redness_tnf": [1, 1.5, 2]}, changes=SHORT, out="s", **where)

    def stop(share, failed):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as interrupted:
        call(progress=stop)
    assert "2 of 3 units are kept in s; go on with `resume`" in interrupted.value.__notes__[0]
    part = ex.load_study("s")
    assert len(part.to_dataframe()) == 2
    with pytest.raises(ex.BadInput, match="holds this study already"):
        call()
    shares = []
    whole = call(resume=True, progress=lambda share, failed: shares.append(round(share, 2)))
    assert shares == [0.67, 1.0]
    assert whole.to_dataframe()["redness_tnf"].tolist() == [1, 1.5, 2]
    assert (tmp_path / "s/figures/response_redness_tnf.png").exists()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: ex.sweep("fractional_co2", {"laser.enrgy_mj": [1], "redness_tnf": ex.lin(3, 1, 5), "weeks": 3,
                             "skin.scar": ex.lin(1, 2, 3), "laser.energy_mj": [10, "x"]}, parameters="artcle"),
            ["laser.energy_mj", "is empty", "between(low, high)", "a list of texts", "not x", '"article"'],
        ),
        (
            lambda: ex.sweep("fractional_co2", {"redness_tnf": ex.between(1, 2)}, n=0, seed=-1),
            ["lin(1, 2, 5)", "`n` must", "`seed`"],
        ),
        (lambda: ex.sweep("fractional_co2", {"redness_tnf": [0, 0]}), ["0.0 is given twice"]),
        (lambda: ex.sweep("fractional_co2", {"redness_tnf": [1, 2]}, workers=0), ["`workers` must be"]),
        (lambda: ex.sweep("fractional_co2", {"redness_tnf": [1, 2]}, client=3), ["`client`", "no Dask client"]),
        (lambda: ex.sweep("fractional_co2", {"redness_tnf": [1, 2]}, resume=True), ["`resume`", "`out`"]),
        (lambda: ex.sweep("fractional_co2", {"weeks": [10, 12]}, changes={"weeks": 11}), ["meets `changes` weeks"]),
        (lambda: ex.cohort(["fractional_co3"], population={"phototype": {9: 1}}), ["fractional_co2", '"9"']),
        (lambda: ex.cohort("untreated", n=0), ["`n` must be"]),
        (lambda: ex.optimise({"vary": {"laser.energy_mj": ex.lin(1, 2, 3)}, "aims": {}}), ["scenario", "aims"]),
        (lambda: ex.optimise(SEARCH | {"vary": {"laser.energy_mj": ex.lin(1, 2, 3)}}), ["between(low, high)"]),
        (lambda: ex.optimise(SEARCH, seed=-1), ["`seed`"]),
        (lambda: ex.sensitivity("fractional_co2", method="sobl", out="/proc/x"), ["/proc"]),
        (lambda: ex.fit("article", members=3, starts=0), ["`members`", "`starts`"]),
        (lambda: ex.load_study("nowhere"), ["no study here"]),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_every_problem(call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ex.BadInput) as refused:
        call()
    assert [word for word in said if word not in str(refused.value)] == []
    assert [*tmp_path.iterdir()] == []


def test_a_client_gives_the_same_and_stays_open():
    distributed = pytest.importorskip("distributed")

    def call(**where):
        return ex.sweep("fractional_co2", {"redness_tnf": ex.lin(1, 3, 130)}, changes=SHORT, **where)

    with distributed.Client(processes=False, n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        remote = call(client=client)
        assert client.status == "running"
    pd.testing.assert_frame_equal(remote.to_dataframe(), call().to_dataframe(), check_exact=True)
