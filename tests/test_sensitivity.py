"""Sobol indices and the evidence meter."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from exosim.cli import app
from exosim.parameters import parameter_set
from exosim.scenario_file import load
from exosim.studies.sensitivity import GRADES, grade, sobol


@pytest.fixture(scope="module")
def found():
    return sobol(load("fractional_co2", ["weeks=4", "treatments.0.days=[0]"]), "article", samples=64)


def test_the_meter_shares_out_all_of_an_outcome(found):
    for shares in found.meter.values():
        assert set(shares) == set(GRADES)
        assert sum(shares.values()) == pytest.approx(1)
        assert min(shares.values()) >= 0


def test_what_a_treatment_never_touches_does_not_matter(found):
    """Without exosomes, needles or platelets their parameters explain nothing."""
    idle = [found.parameters.index(name) for name in ("signal_half", "needle_bleed", "platelet_decay")]
    assert np.abs(found.total[:, idle]).max() < 1e-6


def test_redness_hangs_on_its_gain(found):
    assert "redness_tnf" in [name for name, *_ in found.largest("downtime_days", 3)]


def test_fitted_parameters_are_marked():
    article = parameter_set("article")
    assert grade("remodelling", article) == "fitted"
    assert grade("melanin_turnover", article) == "measured"
    assert grade("cargo_melanin", article) == "estimated"


def test_the_command_saves_indices_and_figure(tmp_path):
    options = [
        "--samples",
        "16",
        "--set",
        "weeks=2",
        "--set",
        "treatments.0.days=[0]",
        "--out",
        str(tmp_path),
    ]
    done = CliRunner().invoke(app, ["sensitivity", "fractional_co2", *options, "--json", "--quiet"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert shown["meter"].keys() == shown["largest"].keys()
    assert {p.name for p in tmp_path.rglob("*.*")} >= {"indices.csv", "sensitivity.png", "sensitivity.txt"}


def test_a_size_that_is_no_power_of_two_is_refused(tmp_path):
    done = CliRunner().invoke(
        app, ["sensitivity", "fractional_co2", "--samples", "100", "--out", str(tmp_path)]
    )
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())
