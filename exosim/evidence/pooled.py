"""The forecaster who knows no model: each figure is predicted by the figures of its class in other studies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit
from scipy.stats import binom, t

from exosim.engine.tissue import Array
from exosim.evidence.kinds import kind_of
from exosim.evidence.measured import Question
from exosim.evidence.nuisance import scale_of
from exosim.evidence.predict import Forecast, forecast
from exosim.evidence.predictive import LOG_ODDS, LOG_RATIO, Predicted
from exosim.evidence.studies_file import StudiesLike, load_studies

NODES = (np.arange(2000) + 0.5) / 2000  # quantiles that stand for a distribution
SPREADS = {"level": 0.5, "ratio": 0.25, "odds": 0.5, "share": 1.0, "difference": 0.5}
"""Standard deviation, on the scale of logarithms or logits, that one peer more would have shown (assumed)."""


def without_a_model(studies: StudiesLike | None = None) -> list[Forecast]:
    """Return every figure as predicted by the figures of its class in other studies."""
    asked = [Question(study, figure, ()) for study, figure in load_studies(studies).figures]
    return [forecast(pooled(q, asked)) for q in asked]


def pooled(question: Question, others: Sequence[Question]) -> Predicted:
    """Return what the figures of one class in `others` say of a figure, as a predictive distribution."""
    x = question.figure
    rest = [q for q in others if q.study.id != question.study.id and q.figure.observed is not None]
    kind = kind_of(question.study, x)
    peers = [q for q in rest if kind_of(q.study, q.figure) == kind]
    if x.bound is not None:
        return _direction(question, len(peers))
    same_form = [q for q in rest if q.figure.form == x.form and q.figure.bound is None]
    used = [_on_scale(q) for q in peers or same_form]
    number = len(used)
    middle = float(np.mean(used)) if used else 0.0
    prior = SPREADS[x.form]
    variance = (float(np.sum((np.array(used) - middle) ** 2)) + prior**2) / max(number, 1)
    width = np.sqrt(variance * (1 + 1 / max(number, 1)))
    return (_share if x.form == "share" else _value)(question, middle, width, max(number, 1))


def _on_scale(question: Question) -> float:
    """Return a figure on the scale on which its class is pooled."""
    x = question.figure
    if x.form == "share" and x.share is not None and x.of:
        return float(logit((x.share + 0.5) / (x.of + 1)))
    return float(np.log(max(x.observed or 0.0, 1e-3)))


def _value(question: Question, middle: float, width: float, freedom: int) -> Predicted:
    x = question.figure
    whole = float(np.hypot(width, _error(question)))
    on_scale = middle + whole * t.ppf(NODES, freedom)
    density = None
    if x.observed is not None:
        z = (_on_scale(question) - middle) / whole
        score = t.logpdf(z, freedom) - np.log(whole)
        if x.form not in ("ratio", "odds"):
            score -= np.log(max(x.observed, 1e-3))  # of the value, not of its logarithm
        density = np.full((1, len(NODES)), score)
    return Predicted(question, np.exp(np.minimum(on_scale, 50.0))[None], density)


def _share(question: Question, middle: float, width: float, freedom: int) -> Predicted:
    x = question.figure
    shares = expit(middle + width * t.ppf(NODES, freedom))
    if not x.of:
        return Predicted(question, shares[None], None)
    density = None if x.share is None else binom.logpmf(x.share, x.of, shares)[None]
    mixed: Array = binom.ppf(np.random.default_rng(0).permutation(NODES), x.of, shares) / x.of
    return Predicted(question, mixed[None], density)


def _direction(question: Question, peers: int) -> Predicted:
    """Return how often a published direction holds: it did in all of its peers (Laplace's rule)."""
    nothing = np.full((1, len(NODES)), np.nan)
    return Predicted(question, nothing, np.full(nothing.shape, np.log((peers + 1) / (peers + 2))))


def _error(question: Question) -> float:
    """Return the standard error of a figure on the scale of logarithms."""
    x, n = question.figure, question.study.n or 25
    if x.form == "odds":
        return float(np.log(x.ci[1] / x.ci[0]) / (2 * 1.96) if x.ci else LOG_ODDS / np.sqrt(n))
    if x.form == "ratio" and (x.se is None or x.se_from == "n"):
        return float(x.se or LOG_RATIO / np.sqrt(n))
    error = x.se or scale_of(x.read).people / np.sqrt(n)
    return float(error / max(abs(x.observed or 1.0), 1e-3))
