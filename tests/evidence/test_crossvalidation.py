"""Leaving studies out: weights against closed forms, and the forecaster without a model."""

import numpy as np
import pytest
from scipy.stats import genpareto, norm

from exosim.evidence.crossvalidation import NO_EXOSOMES, leave_out, left_out, without_a_model
from exosim.evidence.measured import questions
from exosim.evidence.nuisance import Noise, nuisances
from exosim.evidence.pareto import effective, smoothed, trusted
from exosim.evidence.predict import log_score
from exosim.evidence.studies_file import load_studies

VALUES = (1.3, 1.6, 1.45, 1.2)
SE = 0.2  # of the logarithm


def conjugate(fitted_values, held, draws=4000):
    """Mean of logarithms under a wide normal prior, known from `fitted_values`; score of `held` by hand."""
    total = np.hypot(SE, 0.1)
    logs = np.log(fitted_values)
    precision = len(logs) / total**2 + 1
    middle, spread = logs.sum() / total**2 / precision, precision**-0.5
    posterior = middle + spread * norm.ppf((np.arange(draws) + 0.5) / draws)
    return posterior, norm.logpdf(np.log(held), middle, np.hypot(spread, total))


def test_weights_leave_a_study_out_as_a_refit_would():
    arms = {"a": {"treatments": [{"kind": "prp"}]}, "b": {"treatments": []}}
    figure = {"arm": "a", "over": "b", "read": "tnf_auc", "se": SE, "se_from": "n"}
    tables = [{"id": f"s{i}", "n": 9, "arms": arms, "figures": [figure | {"value": x}]} for i, x in enumerate(VALUES)]
    asked, _ = questions(load_studies({"study": tables}).figures)
    posterior, _ = conjugate(VALUES, 1.0)
    numbers = {}
    for q in asked:
        numbers[q.terms[0]], numbers[q.terms[1]] = np.exp(posterior), np.ones(len(posterior))
    still = {name: np.full(len(posterior), 0.1) for name in nuisances()}
    found = leave_out(asked, numbers, Noise(len(posterior), 4, 0, still), [q.study.id for q in asked])
    for i, study in enumerate(found):
        _, expected = conjugate([x for j, x in enumerate(VALUES) if j != i], VALUES[i])
        assert study.holds
        assert study.forecasts[0].log_score == pytest.approx(expected, abs=0.01)


def test_the_tail_of_weights_is_fitted_and_its_failure_told():
    random = np.random.default_rng(0)
    for shape in (0.3, 1.2):
        ratios = np.log(genpareto.rvs(shape, size=4000, random_state=random) + 1e-9)
        weights, found = smoothed(ratios)
        assert weights.sum() == pytest.approx(1)
        assert found == pytest.approx(shape, abs=0.25)
        assert trusted(found, weights) == (shape < 0.7)
    assert effective(np.full(50, 0.02)) == pytest.approx(50)
    assert not trusted(*smoothed(np.eye(1, 200)[0] * 50)[::-1])


def test_a_set_that_was_not_calibrated_to_a_study_predicts_it_as_it_is():
    [study] = [x for x in load_studies().study if x.id == "cm-null-2019"]
    found = left_out({"study": [study.to_dict()]})
    assert [(x.shape, x.holds) for x in found] == [(None, True)]
    off = left_out({"study": [study.to_dict()]}, held=NO_EXOSOMES)
    ratio, none = (rows[0].forecasts[0] for rows in (found, off))
    assert none.median == pytest.approx(1, abs=0.02)
    assert ratio.median > 1.2


def test_the_forecaster_without_a_model_knows_only_the_class():
    rows = without_a_model()
    by_name = {(x.study, x.kind): x for x in rows}
    assert by_name["asif-2016", "ratio of improvement, additive"].median == pytest.approx(1.31, abs=0.05)
    assert all(np.isfinite(x.log_score) for x in rows)
    assert log_score(rows) > -3
