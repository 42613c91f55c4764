"""Fits: the same whatever the seed, the same after an interruption, and honest about what they know."""

import json

import numpy as np
import pytest

from exosim.biology.system import PARAMETERS
from exosim.parameters import parameter_set
from exosim.problems import BadInput
from exosim.studies.conduct import conduct
from exosim.studies.fit import best, ensemble, profile, study
from exosim.studies.fit.targets import Targets

SMALL = study.Fit("article", starts=1, members=60)


@pytest.fixture
def quick(monkeypatch):
    """A fit without its slow parts: profiles, and most iterations of the ensemble."""
    monkeypatch.setattr(ensemble, "ITERATIONS", 2)
    monkeypatch.setattr(profile, "profile", lambda targets, z, i: np.array([[1.0, 2.0], [2.0, 0.0], [4.0, 2.0]]))


def test_another_start_lands_on_the_shipped_outcomes():
    targets = Targets("article")
    z, _ = best.search(targets, best.start(targets, seed=5, number=1))
    shipped = {key: np.array([x]) for key, x in parameter_set("article").values().items()}
    found = targets.simulated({key: np.atleast_1d(x) for key, x in targets.values(z).items()})
    assert np.abs(found - targets.simulated(shipped))[:, 0] == pytest.approx(0, abs=0.05)


def test_an_interrupted_fit_goes_on_to_the_same_draws(tmp_path, quick):
    conduct(SMALL, tmp_path / "whole")

    def stop(share, failures):
        if share > 0.2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conduct(SMALL, tmp_path / "cut", progress=stop)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cut/blocks").iterdir()}
    assert kept
    with pytest.raises(BadInput, match="`resume`"):
        conduct(SMALL, tmp_path / "cut")
    conduct(SMALL, tmp_path / "cut", resume=True)
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    for file in ("article.toml", "article.draws.csv", "fit.json"):
        assert (tmp_path / "cut" / file).read_text() == (tmp_path / "whole" / file).read_text()


def test_another_study_is_refused_with_what_changed(tmp_path, quick, monkeypatch):
    conduct(SMALL, tmp_path / "fit")
    with pytest.raises(BadInput, match="seed was 0, is 1"):
        conduct(study.Fit("article", seed=1, starts=1, members=60), tmp_path / "fit", resume=True)
    monkeypatch.setattr(study, "RESULTS", -1)
    with pytest.raises(BadInput, match="the hash of the numbers that it rests on was"):
        conduct(SMALL, tmp_path / "fit", resume=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="something else"):
        conduct(SMALL, tmp_path / "other")


def test_a_fit_writes_a_set_that_loads(tmp_path, quick):
    import tomllib

    found = conduct(SMALL, tmp_path / "fit")
    written = tomllib.loads((tmp_path / "fit/article.toml").read_text())
    assert written["parameters"].keys() == parameter_set("article").overrides.keys()
    header = (tmp_path / "fit/article.draws.csv").read_text().splitlines()[0]
    assert header.split(",") == ensemble.uncertain(Targets("article"))
    assert json.loads((tmp_path / "fit/fit.json").read_text()) == json.loads(json.dumps(found))


def test_a_draw_of_the_middle_is_the_default():
    names = ensemble.uncertain(Targets("article"))
    middle = ensemble.parameters(names, np.zeros((len(names), 1)))
    far = ensemble.parameters(names, np.full((len(names), 1), 40.0))
    for name in names:
        q = PARAMETERS[name]
        edge = ensemble.EDGE * (q.high - q.low)
        assert middle[name][0] == pytest.approx(np.clip(q.value, q.low + edge, q.high - edge))
        assert far[name][0] == pytest.approx(q.high)


def test_assimilation_moves_draws_towards_the_figures():
    targets = Targets("article", sharp=False)

    def misfit(z):
        simulated = ensemble.simulated(targets, z)
        published, deviation = targets.target.T[..., None]
        return np.nanmedian((((simulated - published) / deviation) ** 2).sum(axis=0))

    draws = ensemble.prior(targets, 200, seed=0)
    assert misfit(ensemble.updated(targets, draws, 0, 0)) < 0.5 * misfit(draws)


def test_an_interval_is_open_where_the_profile_never_rises():
    z = np.exp(np.linspace(-1, 1, 9))
    both = np.column_stack([z, 10 * np.log(z) ** 2])
    low, high = profile.interval(both)
    assert low == pytest.approx(1 / high)
    assert np.log(high) == pytest.approx(np.sqrt(profile.RISE / 10), rel=0.1)
    one = np.column_stack([z, 10 * np.minimum(np.log(z), 0) ** 2])
    assert profile.interval(one) == (pytest.approx(low), None)


def test_a_hypothesis_holds_what_it_names():
    targets = Targets("article", held={"activation_signal": 0.0})
    assert "activation_signal" not in targets.free
    assert targets.fixed["activation_signal"] == 0
    assert "activation_signal" not in ensemble.uncertain(targets)
