"""Sobol indices and the evidence meter."""

import json

import numpy as np
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from exosim.cli import app
from exosim.parameters import parameter_set
from exosim.scenario.file import load
from exosim.studies.sensitivity import GRADES, grade, one_at_a_time, saltelli, sensitivity, trajectories


@pytest.fixture(scope="module")
def found():
    return sensitivity(load("fractional_co2", ["weeks=4", "treatments.0.days=[0]"]), "article", samples=64)


def test_the_meter_shares_out_all_of_an_outcome(found):
    for shares in found.meter.values():
        assert set(shares) == set(GRADES)
        assert sum(shares.values()) == pytest.approx(1)
        assert min(shares.values()) >= 0


def test_what_a_treatment_never_touches_does_not_matter(found):
    """Without exosomes, needles or platelets their parameters explain nothing."""
    idle = [found.parameters.index(name) for name in ("signal_half", "needle_bleed", "platelet_decay")]
    assert np.abs(found.measures["total"][:, idle]).max() < 1e-6


def test_redness_hangs_on_its_gain(found):
    assert "redness_tnf" in [row["parameter"] for row in found.largest("downtime_days", 3)]


def test_fitted_parameters_are_marked():
    article = parameter_set("article")
    assert grade("remodelling", article) == "fitted"
    assert grade("melanin_turnover", article) == "measured"
    assert grade("cargo_melanin", article) == "estimated"


def test_the_command_saves_indices_and_figure(tmp_path):
    options = ["--samples", "16", "--set", "weeks=2", "--set", "treatments.0.days=[0]", "--out", str(tmp_path)]
    done = CliRunner().invoke(app, ["sensitivity", "fractional_co2", *options, "--json", "--quiet"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert shown["meter"].keys() == shown["largest"].keys()
    assert {p.name for p in tmp_path.rglob("*.*")} >= {"indices.csv", "sensitivity.png", "sensitivity.txt"}


def test_a_size_that_is_no_power_of_two_is_refused(tmp_path):
    done = CliRunner().invoke(app, ["sensitivity", "fractional_co2", "--samples", "100", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())


def ishigami(z):
    """Sobol indices are known: Ishigami and Homma 1990, a = 7, b = 0.1."""
    x = np.pi * (2 * norm.cdf(z) - 1)
    return (np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))[None]


def test_indices_of_a_known_function():
    found = saltelli(ishigami, 3, 4096, seed=0)
    assert found["first"][0] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert found["total"][0] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    assert (found["error"] < 0.05).all()


def test_other_methods_rank_a_known_function():
    def model(z):
        return (4 * norm.cdf(z[0]) + 2 * norm.cdf(z[1]))[None]

    morris = trajectories(model, 3, 20, seed=0)
    assert morris["mu_star"][0] == pytest.approx([3.6, 1.8, 0], abs=0.2)
    assert morris["sigma"][0] == pytest.approx([0, 0, 0], abs=1e-9)
    local = one_at_a_time(model, 3)
    assert local["swing"][0] == pytest.approx([3.6, 1.8, 0], abs=1e-3)


@pytest.mark.parametrize("method", ["local", "morris"])
def test_other_methods_from_the_command_line(method, tmp_path):
    short = ["--set", "weeks=2", "--set", "treatments.0.days=[0]", "--out", str(tmp_path)]
    short += ["--samples", "16"] if method == "morris" else []
    done = CliRunner().invoke(app, ["sensitivity", "fractional_co2", "--method", method, *short, "--quiet"])
    assert done.exit_code == 0, done.output
    assert "redness_tnf" in done.stdout
