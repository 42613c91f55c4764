"""The predictive distribution of a figure: parameters, scale, differences between studies, sampling error.

Every form is a mixture over draws and replicates: normal on a scale (the value, or its logarithm), or binomial.

- level: factor of the instrument x the model's number x what the study has of its own, plus error
- ratio: the logarithm of the model's ratio, plus what the study has of its own, plus error
- difference: of two levels, of which the first has what the study has of its own besides
- share: people vary round the level of their arm (responders), or as pigment varies between people
- odds ratio: the difference of the logits of two shares of responders or of pigmented people
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_ndtr, logit
from scipy.stats import binom, norm

from exosim.engine.tissue import Array
from exosim.evidence.instruments import measured
from exosim.evidence.measured import Question, Term
from exosim.evidence.nuisance import Noise, Scale, scale_of
from exosim.evidence.studies import SHARES, Figure, Study
from exosim.results.outcomes import OUTCOMES

LOG_RATIO, LOG_ODDS = 0.5, 4.0  # standard errors for one person: of the log of a ratio, of an odds ratio
RESPONSE = 50.0  # percent improvement, as the instrument sees it, above which a person has responded
CI = 2 * 1.96  # standard errors between the ends of a 95 % interval
LOWEST = {outcome.name: outcome.low for outcome in OUTCOMES}
"""What no level can be below: no redness lasts less than no time."""
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)
RARE = 1e-5  # the smallest share that is told from none


@dataclass(frozen=True)
class Predicted:
    """The predictive distribution of a figure, (draws, replicates).

    Attributes
    ----------
    samples : array
        Values that could have been read; nan for draws of which the model says nothing.
    log_density : array or None
        Logarithm of the density (of the logarithm of a ratio), or probability, of what was read.
    """

    question: Question
    samples: Array
    log_density: Array | None


@dataclass(frozen=True)
class Normal:
    """A normal distribution for each draw and replicate, of the logarithm for ratios."""

    question: Question
    middle: Array
    spread: Array

    @property
    def logs(self) -> bool:
        """Whether it is the logarithm that is normal."""
        return self.question.figure.form in ("ratio", "odds")

    def log_density(self) -> Array | None:
        """Return the log density of what was read; of a bound, the log probability that it holds."""
        x = self.question.figure
        if x.observed is None:
            return None
        on_scale = np.log(np.maximum(x.observed, 1e-9)) if self.logs else x.observed
        z = (on_scale - self.middle) / self.spread
        if x.bound is not None:
            return np.asarray(log_ndtr(-z if x.at_least is not None else z))
        return np.asarray(-0.5 * z**2 - np.log(self.spread) - HALF_LOG_2PI)

    def samples(self, noise: Noise) -> Array:
        """Return values that could have been read."""
        x = self.question.figure
        found = self.middle + self.spread * noise.normal("error", *_name(self.question))
        if x.form == "level":
            found = np.maximum(found, LOWEST.get(x.read, -np.inf))
        return np.exp(found) if self.logs else np.asarray(found)


@dataclass(frozen=True)
class Counted:
    """So many people of a share, for each draw and replicate; the share itself where their number is not known."""

    question: Question
    shares: Array

    @property
    def people(self) -> int:
        """How many people were counted, 0 where that is not known."""
        return self.question.figure.of or self.question.study.n or 0

    def log_density(self) -> Array | None:
        """Return the log probability of what was read."""
        hits = self.question.figure.share
        if hits is None or not self.people:
            return None
        known = np.isfinite(self.shares)
        return np.where(known, binom.logpmf(hits, self.people, np.where(known, self.shares, 0.5)), -np.inf)

    def samples(self, noise: Noise) -> Array:
        """Return shares that could have been read."""
        if not self.people:
            return self.shares
        draw = noise.stream("people", *_name(self.question)).binomial
        counts = draw(self.people, np.nan_to_num(self.shares)) / self.people
        return np.where(np.isnan(self.shares), np.nan, counts)


def without_error(figures: Iterable[tuple[Study, Figure]]) -> list[str]:
    """Return in words which arms have figures whose sampling error is not known, so that it is left out."""
    arms: dict[tuple[str, str], list[str]] = {}
    for study, x in figures:
        if not _has_error(study, x):
            arms.setdefault((study.id, x.arm), []).append(x.read)
    return [
        f"{study}, {arm}: the intervals of {', '.join(dict.fromkeys(reads))} leave sampling error out, "
        "since it is not known; write n of the study (or se of the value)"
        for (study, arm), reads in arms.items()
    ]


def _has_error(study: Study, x: Figure) -> bool:
    """Return whether something says how far a figure scatters between samples of people."""
    if x.se or x.of or x.ci:
        return True
    of_levels = x.form in ("level", "difference") and x.read not in SHARES
    return bool(study.n) and (not of_levels or scale_of(x.read).people > 0)


def predicted(question: Question, numbers: Mapping[Term, Array], noise: Noise) -> Predicted:
    """Return the predictive distribution of one figure from the numbers of the model, one per draw."""
    found = distribution(question, numbers, noise)
    return Predicted(question, found.samples(noise), found.log_density())


def distribution(question: Question, numbers: Mapping[Term, Array], noise: Noise) -> Normal | Counted:
    """Return how a figure is distributed, given numbers of the model and what `noise` says of scales and studies."""
    own = [np.asarray(numbers[term])[:, None] for term in question.terms]
    shape = (noise.draws, noise.replicates)
    if question.figure.form == "share" and question.figure.bound is None:
        return Counted(question, np.broadcast_to(_shares(question, own, noise)[0], shape))
    make = {"level": _level, "share": _of_people, "ratio": _ratio, "difference": _difference, "odds": _odds}
    middle, spread = make[question.figure.form](question, own, noise)
    return Normal(question, np.broadcast_to(middle, shape), np.broadcast_to(np.maximum(spread, 1e-9), shape))


def _level(question: Question, own: Sequence[Array], noise: Noise) -> tuple[Array, Array]:
    x, scale = question.figure, scale_of(question.figure.read)
    return _seen(question, own[0], noise), np.hypot(scale.additive, _error(x, question.study.n, scale))


def _ratio(question: Question, own: Sequence[Array], noise: Noise) -> tuple[Array, Array]:
    x, n = question.figure, question.study.n
    shares = x.read in SHARES
    a, b = _shares(question, own, noise) if shares else (np.maximum(v, scale_of(x.read).floor) for v in own)
    middle = np.log(a) - np.log(b)
    if x.se is not None and x.value and x.se_from != "n":
        error = x.se / x.value
    else:
        error = x.se or (LOG_RATIO / np.sqrt(n) if n else 0.0)
    return middle, np.hypot(0 if shares else noise.nuisance("tau_ratio"), error)


def _difference(question: Question, own: Sequence[Array], noise: Noise) -> tuple[Array, Array]:
    x, n, scale = question.figure, question.study.n, scale_of(question.figure.read)
    if x.read in SHARES:
        a, b = _shares(question, own, noise)
        return a - b, np.sqrt((a * (1 - a) + b * (1 - b)) / n) if n and x.se is None else np.asarray(x.se or 0.0)
    change = np.exp(_differs(question, noise)) if scale.scale == "log" else 1.0
    return _seen(question, own[0] * change - own[1], noise), np.hypot(scale.additive, _error(x, n, scale))


def _of_people(question: Question, own: Sequence[Array], noise: Noise) -> tuple[Array, Array]:
    """Return share and sampling error, for a bound on a share."""
    share = _shares(question, own, noise)[0]
    people = question.figure.of or question.study.n
    return share, np.sqrt(share * (1 - share) / people) if people else np.zeros(())


def _odds(question: Question, own: Sequence[Array], noise: Noise) -> tuple[Array, Array]:
    x, n = question.figure, question.study.n
    a, b = _shares(question, own, noise)
    error = np.log(x.ci[1] / x.ci[0]) / CI if x.ci else LOG_ODDS / np.sqrt(n) if n else 0.0
    return logit(a) - logit(b), np.asarray(error)


def _seen(question: Question, value: Array, noise: Noise) -> Array:
    """Return levels as the instrument of a study sees them, with what the study has of its own."""
    x, study = question.figure, question.study
    read = measured(x.read)
    scale = scale_of(read)
    if scale.scale == "linear":
        return value
    level = value * np.exp(noise.nuisance("tau_level") * noise.normal("study", study.id, read))
    if scale.factor and not scale.measures(x.instrument):
        level = level * noise.factor(scale.factor, instrument_of(question))
    return np.asarray(np.minimum(level, scale.most))


def instrument_of(question: Question) -> str:
    """Return the instrument of a figure; one that is not named is the study's own."""
    return question.figure.instrument or f"{question.study.id}, {measured(question.figure.read)}"


def _differs(question: Question, noise: Noise) -> Array:
    """Return the logarithm of what a study has of its own in a comparison of arms."""
    return noise.nuisance("tau_ratio") * noise.normal("comparison", question.study.id, question.figure.arm)


def _shares(question: Question, own: Sequence[Array], noise: Noise) -> list[Array]:
    """Return the share of people in each arm, where the first has what the study has of its own."""
    x = question.figure
    if x.read == "pih":
        shares = [v / 100 for v in own]
    else:
        floor, people = scale_of(measured(x.read)).floor, noise.nuisance("person_spread")
        first = own[0] * np.exp(_differs(question, noise)) if len(own) > 1 else own[0]
        levels = [_seen(question, v, noise) for v in (first, *own[1:])]
        shares = [norm.cdf(np.log(np.maximum(v, floor) / RESPONSE) / people) for v in levels]
    own_logit = noise.nuisance("tau_share") * noise.normal("share", *_name(question))
    shifted = own_logit if len(own) == 1 or x.read == "pih" else 0.0
    rest = [np.broadcast_to(share, own_logit.shape) for share in shares[1:]]
    return [_clipped(expit(logit(_clipped(shares[0])) + shifted)), *map(_clipped, rest)]


def _clipped(share: Array) -> Array:
    return np.clip(share, RARE, 1 - RARE)


def _error(x: Figure, n: int | None, scale: Scale) -> float:
    """Return the standard error of a level or difference: as it was read, or from the number of people."""
    return x.se or (scale.people / np.sqrt(n) if n else 0.0)


def _name(question: Question) -> tuple[str, ...]:
    """Return the name of a figure, by which its random numbers are drawn."""
    x = question.figure
    return question.study.id, x.name, x.read, str(x.day)
