"""The posterior of a set: its sampler against closed forms, its likelihood against predictions, its store."""

import json
import tomllib
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import norm

from exosim.parameters import draws, nuisance_draws, parameter_set
from exosim.problems import BadInput
from exosim.studies.conduct import conduct
from exosim.studies.fit import posterior
from exosim.studies.fit.emulator import Emulator
from exosim.studies.fit.method import fit_of
from exosim.studies.fit.posterior import Posterior, begun, centre, moved
from exosim.studies.fit.slices import sampled
from exosim.studies.fit.unknowns import Unknowns
from exosim.studies.store import existing

READ, ERROR = np.array([1.5, -0.5]), np.array([0.3, 0.5])
MIXED = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 1.0]])


@dataclass(frozen=True)
class Bowl:
    """Three unknowns, two numbers of them that were read, and a model that no quadratic function meets."""

    bend: float = 0.0
    parameters: tuple = ("a", "b", "c")
    reads: tuple = ("tnf_auc", "tnf_auc")
    number: int = 3

    def simulated(self, z):
        return MIXED @ z + self.bend * np.sin(3 * z[:2])

    def log_likelihood(self, z, simulated):
        return (-0.5 * ((simulated - READ[:, None]) / ERROR[:, None]) ** 2).sum(axis=0)


def exact():
    """Mean and covariance of the posterior without a bend."""
    precision = np.eye(3) + MIXED.T @ np.diag(ERROR**-2) @ MIXED
    return np.linalg.solve(precision, MIXED.T @ (READ / ERROR**2)), np.linalg.inv(precision)


def rounds(bowl, members=1500):
    state = {"tried": begun(bowl, members, 0)}
    for number in range(posterior.FREE + 16):
        found = bowl.simulated(state["tried"])
        new, taken = moved(bowl, {**state, "found": found}, number, np.random.default_rng(number))
        state |= new
    return state, taken


def test_slices_draw_from_a_posterior_in_closed_form():
    random = np.random.default_rng(0)
    bowl = Bowl()
    z = sampled(lambda z: bowl.log_likelihood(z, bowl.simulated(z)), random.standard_normal((3, 4000)), 20, random)
    mean, covariance = exact()
    assert z.mean(axis=1) == pytest.approx(mean, abs=0.05)
    assert np.cov(z) == pytest.approx(covariance, abs=0.06)


def test_moves_end_in_the_posterior_of_the_model_and_not_of_its_emulator():
    state, taken = rounds(Bowl(bend=0.4))
    random = np.random.default_rng(1)
    bowl = Bowl(bend=0.4)
    z = sampled(lambda z: bowl.log_likelihood(z, bowl.simulated(z)), random.standard_normal((3, 4000)), 60, random)
    assert 0.1 < taken < 1
    assert state["now"].mean(axis=1) == pytest.approx(z.mean(axis=1), abs=0.06)
    assert state["now"].std(axis=1) == pytest.approx(z.std(axis=1), abs=0.06)
    quadratic, taken = rounds(Bowl())
    assert taken > 0.95  # an emulator that is right loses no move
    assert quadratic["now"].mean(axis=1) == pytest.approx(exact()[0], abs=0.06)


def test_an_emulator_meets_what_is_quadratic_on_its_scale():
    z = np.random.default_rng(0).standard_normal((4, 400))
    power = 1 + 0.3 * z[0] - 0.2 * z[1] * z[2]
    numbers = np.array([np.exp(power), (3 + 0.2 * z[3]) ** 2, 5 * z[0] ** 2])
    emulator = Emulator.made(("improvement_percent", "downtime_days", "tnf_auc"), z, numbers)
    assert emulator(z) == pytest.approx(numbers, rel=0.05, abs=0.2)


def test_the_centre_gives_the_medians_of_the_numbers():
    bowl = Bowl(bend=0.4)
    z = begun(bowl, 512, 3)
    assert bowl.simulated(centre(bowl, z))[:, 0] == pytest.approx(np.median(bowl.simulated(z), axis=1), abs=0.1)


def test_the_likelihood_of_a_level_is_that_of_its_prediction():
    only = Unknowns("trials", without=tuple(x for x in Unknowns("trials").studies if x != "svf-gel-2025"))
    z = np.zeros((only.number, 2))
    z[len(only.parameters) + only.others.index(("study", "svf-gel-2025", "improvement_percent"))] = 1, -1
    numbers = np.full((len(only.reads), 2), 25.0)
    targets = only.targets.target
    numbers[len(only.terms) :] = targets[:, :1]  # measurements are met
    level = 25 * np.exp(np.array([0.2, -0.2]))  # 3D volume has no factor; tau_level is 0.2 in the middle of its prior
    expected = norm.logpdf(19.7, level, np.hypot(2.0, 6.3))
    assert only.log_likelihood(z, numbers) == pytest.approx(expected)


def test_draws_without_a_study_are_draws_of_the_rest():
    every = Unknowns("trials")
    fewer = Unknowns("trials", without=("kwon-2020",))
    z = np.random.default_rng(0).standard_normal((every.number, 5))
    rest = fewer.of(every, z)
    assert fewer.number < every.number
    assert ("study", "kwon-2020", "improvement_percent") not in fewer.others
    assert fewer.values(rest)["remodelling"] == pytest.approx(every.values(z)["remodelling"])
    assert fewer.nuisance(rest)["factor: ECCA"] == pytest.approx(every.nuisance(z)["factor: ECCA"])


def test_what_ships_belongs_together():
    shipped = parameter_set("trials")
    assert shipped.method == "posterior"
    assert set(shipped.studies) == set(Unknowns("trials").studies)
    drawn, scales = draws("trials"), nuisance_draws("trials")
    assert set(drawn) == set(Unknowns("trials").parameters)
    assert len({len(x) for x in (*drawn.values(), *scales.values())}) == 1
    assert "factor: ECCA" in scales


def test_a_posterior_has_no_searches():
    with pytest.raises(BadInput, match="no searches"):
        fit_of("trials", starts=4)
    assert fit_of("article", starts=2).starts == 2


@pytest.mark.parametrize("name", ["article", "trials"])
def test_a_fit_of_too_few_is_refused_and_not_replaced_by_the_default(name):
    with pytest.raises(BadInput, match="whole number from 50, not 0"):
        fit_of(name, members=0)


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(posterior, "FREE", 1)
    monkeypatch.setattr(posterior, "LONG", 2)


@pytest.mark.slow
def test_an_interrupted_posterior_goes_on_to_the_same_draws(tmp_path, short):
    small = Posterior("trials", members=40, exact=1, held={"harm": 0.0})
    whole = conduct(small, tmp_path / "whole")

    def stop(share, failures):
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conduct(small, tmp_path / "cut", progress=stop)
    assert small.summary(existing(tmp_path / "cut"))["done"] < small.size
    assert conduct(small, tmp_path / "cut", resume=True) == whole
    for file in ("trials.toml", "trials.draws.csv", "trials.nuisance.csv"):
        assert (tmp_path / "cut" / file).read_text() == (tmp_path / "whole" / file).read_text()
    assert tomllib.loads((tmp_path / "whole/trials.toml").read_text())["parameters"]["harm"]["value"] == 0
    rows = whole["left_out"]["figures"]
    assert [x["study"] for x in rows] == [q.study.id for q in small.unknowns.figures]
    assert 0 <= whole["left_out"]["coverage"] <= 1
    assert json.dumps(whole)
