"""Predictive distributions against closed forms, scores against SciPy, what is printed and registered."""

import json

import numpy as np
import pytest
from scipy.stats import binom, norm
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.evidence.measured import questions
from exosim.evidence.nuisance import Noise, column_of, nuisances
from exosim.evidence.predict import forecast, noise_of
from exosim.evidence.predictive import predicted, without_error
from exosim.evidence.studies_file import load_studies
from exosim.parameters import draws, names, nuisance_draws

FIXED = {name: np.full(400, about.value) for name, about in nuisances().items()}
ARMS = {
    "laser": {"treatments": [{"kind": "fractional_co2_laser"}]},
    "prp": {"treatments": [{"kind": "fractional_co2_laser"}, {"kind": "prp"}]},
}
FIGURE = {"arm": "laser", "read": "improvement_percent", "day": 84}


def toy(figure, numbers, posterior=None, **study):
    """Forecast of one figure where the model says `numbers` of its arms."""
    arms = {name: ARMS[name] for name in {"prp", figure.get("over"), figure.get("minus")} - {None}}
    tables = {"study": [{"id": "toy", "n": 25, "arms": arms, "figures": [{"arm": "prp", **figure}], **study}]}
    [question], _ = questions(load_studies(tables).figures)
    noise = Noise(400, 200, 0, FIXED | (posterior or {}))
    terms = {term: np.full(400, x) for term, x in zip(question.terms, numbers, strict=True)}
    return forecast(predicted(question, terms, noise))


def test_a_ratio_is_log_normal():
    found = toy({"read": "improvement_percent", "over": "laser", "value": 1.5, "se": 0.15}, (30.0, 20.0))
    sd = np.hypot(nuisances()["tau_ratio"].value, 0.1)
    assert found.log_score == pytest.approx(norm.logpdf(np.log(1.5), np.log(1.5), sd), abs=1e-6)
    assert found.median == pytest.approx(1.5, rel=0.01)
    assert (found.low, found.high) == pytest.approx((1.5 * np.exp(-1.645 * sd), 1.5 * np.exp(1.645 * sd)), rel=0.02)
    assert found.inside
    assert found.pit == pytest.approx(0.5, abs=0.01)


def test_the_error_of_a_ratio_from_n_is_that_of_its_logarithm():
    found = toy({"read": "improvement_percent", "over": "laser", "value": 1.5, "se": 0.1, "se_from": "n"}, (30.0, 20.0))
    assert found.log_score == pytest.approx(-np.log(np.hypot(0.15, 0.1) * np.sqrt(2 * np.pi)), abs=1e-6)


def test_volume_is_the_measure_of_the_model_and_a_score_is_scaled():
    figure = {"read": "improvement_percent", "day": 84, "value": 20.0, "se": 0.01}
    known = {column_of("ECCA"): np.full(400, 1.5)}
    volume = toy(figure | {"instrument": "3D volume"}, (20.0,))
    score = toy(figure | {"instrument": "ECCA"}, (20.0,), known)
    unknown = toy(figure | {"instrument": "a new scale"}, (20.0,))
    assert volume.median == pytest.approx(20, rel=0.01)
    assert score.median == pytest.approx(30, rel=0.01)
    tau = nuisances()["tau_level"].value
    assert np.log(score.high / score.low) / 2 / 1.645 == pytest.approx(np.hypot(tau, 2 / 30), rel=0.03)
    assert unknown.high - unknown.low > 1.3 * (score.high - score.low)


def test_a_share_is_binomial_round_what_people_share():
    still = {"tau_share": np.full(400, 1e-9), "tau_level": np.full(400, 1e-9)}
    figure = {"read": "responder_50", "share": 8, "of": 20, "instrument": "ECCA"}
    found = toy(figure, (50.0,), still | {column_of("ECCA"): np.ones(400)})
    assert found.log_score == pytest.approx(binom.logpmf(8, 20, 0.5), abs=1e-6)
    assert (found.low, found.high) == (binom.ppf(0.05, 20, 0.5) / 20, binom.ppf(0.95, 20, 0.5) / 20)
    assert toy({"read": "pih", "share": 0, "of": 20}, (30.0,), still).log_score == pytest.approx(
        20 * np.log(0.7), abs=1e-6
    )


def test_a_bound_scores_by_the_probability_that_it_holds():
    ratio = {"read": "improvement_percent", "over": "laser"}
    sd = np.hypot(nuisances()["tau_ratio"].value, 0.5 / 5)
    above = toy(ratio | {"at_least": 1.2}, (30.0, 20.0))
    below = toy(ratio | {"at_most": 1.2}, (30.0, 20.0))
    assert above.log_score == pytest.approx(norm.logsf(np.log(1.2), np.log(1.5), sd), abs=1e-6)
    assert np.exp(above.log_score) + np.exp(below.log_score) == pytest.approx(1)
    assert (above.inside, below.inside) == (True, False)
    assert (above.observed, above.pit) == (1.2, None)


def test_an_odds_ratio_is_compared_on_its_logarithm():
    figure = {"read": "responder_50", "over": "laser", "odds_ratio": 1.0, "ci": [0.5, 2.0]}
    still = {name: np.full(400, 1e-9) for name in ("tau_share", "tau_level", "tau_ratio")}
    found = toy(figure, (30.0, 30.0), still)
    assert found.log_score == pytest.approx(norm.logpdf(0, 0, np.log(4) / 3.92), abs=1e-6)


def test_a_difference_in_points():
    figure = {"read": "melanin_index_change_percent", "minus": "laser", "value": 2.0, "se": 4.0}
    assert toy(figure, (5.0, 3.0)).log_score == pytest.approx(norm.logpdf(0, 0, 5), abs=1e-6)


def test_what_no_draw_gives_scores_a_finite_miss():
    found = toy({"read": "onset_week", "value": 5.0, "se": 1.0}, (np.nan,))
    assert (found.median, found.inside, found.log_score) == (None, False, -30)


@pytest.fixture(scope="module")
def shipped():
    return ex.predict()


def test_the_shipped_studies_are_predicted_in_their_order(shipped):
    found = shipped.to_dict()
    json.dumps(found, allow_nan=False)
    assert list(found) == ["figures", "coverage", "log_score", "warnings"]
    keys = ["study", "arm", "read", "observed", "median", "low", "high", "inside", "log_score", "compared", "day"]
    assert all(list(row) == keys for row in found["figures"])
    pairs = [(study.id, figure.read) for study, figure in load_studies().figures]
    assert [(row["study"], row["read"]) for row in found["figures"]] == pairs
    assert found["log_score"] == pytest.approx(np.mean([row["log_score"] for row in found["figures"]]))
    assert found["coverage"] == np.mean([row["inside"] for row in found["figures"]])


def test_a_seed_decides_and_other_studies_do_not(shipped):
    one = load_studies()
    alone = one.model_construct(study=one.study[1:2], quantity=[])
    again, other = ex.predict(alone), ex.predict(alone, seed=1)
    own = [x for x in shipped.figures if x.study == one.study[1].id]
    assert again.figures == own
    assert other.figures[0].median != own[0].median
    assert other.figures[0].median == pytest.approx(own[0].median, rel=0.03)


def test_fitted_nuisance_is_as_long_as_the_draws():
    for name in names():
        number = len(next(iter(draws(name).values())))
        assert all(len(x) == number for x in nuisance_draws(name).values())
        assert noise_of(name, 0).draws == number


NEXT = """
[[study]]
id = "next"
n = 16
[study.arms.laser]
treatments = [{ kind = "fractional_co2_laser", every_days = 30, sessions = 3 }]
[[study.figures]]
arm = "laser"
read = "improvement_percent"
day = 120
"""


def test_a_difference_is_told_from_a_level_and_a_missing_error_is_said(tmp_path):
    difference = "minus = 'none'\nday = 60\nread = 'improvement_percent'\n"
    text = NEXT.replace("n = 16\n", "") + "[[study.figures]]\narm = 'laser'\n" + difference
    (tmp_path / "next.toml").write_text(text + "[study.arms.none]\ntreatments = []\n")
    arguments = ["predict", str(tmp_path / "next.toml")]
    printed = json.loads(CliRunner().invoke(app, [*arguments, "--json", "-q"]).stdout)
    assert [(x["compared"], x["day"]) for x in printed["figures"]] == [("laser", 120), ("laser minus none", 60)]
    [warning] = printed["warnings"]
    assert warning.startswith("next, laser: the intervals of improvement_percent leave sampling error out")
    shown = CliRunner().invoke(app, [*arguments, "-q"]).stdout
    assert "warning: next, laser" in shown
    known = load_studies({"study": [{"id": "next", "n": 16, "arms": {"laser": ARMS["laser"]}, "figures": [FIGURE]}]})
    assert without_error(known.figures) == without_error(load_studies().figures) == []


def test_whether_arms_are_paired_changes_no_number():
    figure = {"read": "improvement_percent", "minus": "laser", "value": 5.0, "se": 2.0}
    assert toy(figure, (30.0, 20.0), paired=True) == toy(figure, (30.0, 20.0))


def test_an_instrument_spelt_otherwise_is_no_new_scale():
    for other, meant in (("ecca", "ECCA"), ("erythema,Seen", "erythema, seen"), ("My  scale", "My scale")):
        figures = [FIGURE | {"instrument": x} for x in ("My scale", other)]
        with pytest.raises(ex.BadInput, match=f'did you mean "{meant}"'):
            load_studies({"study": [{"id": "next", "arms": ARMS, "figures": figures}]})


def test_what_nobody_read_is_registered_with_date_and_digest(tmp_path):
    (tmp_path / "next.toml").write_text(NEXT)
    out = tmp_path / "registered.json"
    arguments = ["predict", str(tmp_path / "next.toml"), "--register", "--out", str(out), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert (printed["coverage"], printed["log_score"]) == (None, None)
    assert {printed["figures"][0][name] for name in ("observed", "inside", "log_score")} == {None}
    found = json.loads(out.read_text())
    assert found.keys() == {"registered", "exosim", "results", "parameters", "digest", "seed", "figures", "studies"}
    assert found["figures"][0]["median"] == printed["figures"][0]["median"]
    assert CliRunner().invoke(app, arguments).exit_code == 2  # it exists already
    (tmp_path / "read.toml").write_text(NEXT + "value = 30\nse = 5\n")
    refused = CliRunner().invoke(app, ["predict", str(tmp_path / "read.toml"), "--register", "--out", str(out) + "2"])
    assert refused.exit_code == 2


def test_a_folder_gets_table_and_picture(tmp_path):
    (tmp_path / "next.toml").write_text(NEXT + "[[study.figures]]\narm = 'laser'\nread = 'pih'\nshare = 1\nof = 16\n")
    arguments = ["predict", str(tmp_path / "next.toml"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "pigmentation" in done.stdout
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"predictions.json"} | {f"predictions.{x}" for x in ("png", "svg", "csv", "txt")}
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 2
    assert "the folder is not empty" in again.output
    assert CliRunner().invoke(app, [*arguments, "--force"]).exit_code == 0
    assert CliRunner().invoke(app, [*arguments[:2], "--force"]).exit_code == 2
    bad = CliRunner().invoke(app, ["predict", "--parameters", "trails"])
    assert bad.exit_code == 2
