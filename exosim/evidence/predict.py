"""Predictions of studies: every figure with its predictive interval, the value that was read, and a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp

from exosim.engine.tissue import Array
from exosim.evidence.instruments import misspelt
from exosim.evidence.kinds import kind_of
from exosim.evidence.measured import Question, measure, questions
from exosim.evidence.nuisance import Noise, instruments_of
from exosim.evidence.predictive import Predicted, predicted, without_error
from exosim.evidence.studies import Studies
from exosim.evidence.studies_file import StudiesLike, load_studies, named
from exosim.parameters import ParameterSet, ParametersLike, ensemble, parameter_set
from exosim.problems import BadInput, Problem
from exosim.results.intervals import INTERVAL
from exosim.simulation.setup import RESULTS, Progress

if TYPE_CHECKING:
    import pandas as pd

PREDICTING = "trials"  # the set that predicts unless another is named
REPLICATES = 64  # of scale, study and error for each draw of the parameters
NEVER = -30.0  # log score of what no draw can give


@dataclass(frozen=True)
class Forecast:
    """What is predicted of one figure, and how it compares with what was read (None: nothing was read).

    Attributes
    ----------
    kind : str
        The class of the figure, within which figures are alike.
    compared : str
        Arm, the other arm, day or skin, as text.
    median, low, high : float or None
        Of the predictive distribution; `low` and `high` enclose 90 %. None where no draw gives a value.
    inside : bool or None
        Whether the value lies inside; for a bound, whether its probability is at least one half.
    pit : float or None
        Share of the predictive distribution below the value; None for a bound.
    """

    study: str
    arm: str
    read: str
    observed: float | None
    median: float | None
    low: float | None
    high: float | None
    inside: bool | None
    log_score: float | None
    kind: str = ""
    compared: str = ""
    bound: str = ""
    pit: float | None = None
    day: float | None = None  # from the first session; None: the end, or the whole course

    def to_dict(self) -> dict[str, Any]:
        """Return what `exosim predict --json` prints."""
        names = ("study", "arm", "read", "observed", "median", "low", "high", "inside", "log_score", "compared", "day")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Predictions:
    """Every figure of a file of studies, predicted with one parameter set."""

    figures: list[Forecast]
    parameters: ParameterSet
    seed: int
    studies: Studies

    def __repr__(self) -> str:
        """Return what was predicted with what, in one line."""
        return f"<Predictions: {len(self.figures)} figures, {self.parameters}, seed {self.seed}>"

    @property
    def coverage(self) -> float | None:
        """Share of the figures with an observed value that lie inside."""
        return coverage(self.figures)

    @property
    def log_score(self) -> float | None:
        """Mean log score of the figures with an observed value."""
        return log_score(self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Return what `exosim predict --json` prints."""
        rows = [x.to_dict() for x in self.figures]
        return {"figures": rows, "coverage": self.coverage, "log_score": self.log_score, "warnings": self.warnings}

    @property
    def warnings(self) -> list[str]:
        """What the intervals leave out."""
        return without_error(self.studies.figures)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row per figure; `compared` says which arms, days or skins it is of."""
        import pandas as pd

        return pd.DataFrame([x.to_dict() for x in self.figures])

    def registered(self) -> dict[str, Any]:
        """Return the predictions of figures that nobody has read yet, with what they were made from and when."""
        made = zip(self.figures, self.studies.figures, strict=True)
        rows = [(row, study, figure) for row, (study, figure) in made if row.observed is None]
        check_unread(self.studies)
        studies = {study.id: study.to_dict() for _, study, _ in rows}
        return {
            "registered": date.today().isoformat(),
            "exosim": version("exosim"),
            "results": RESULTS,
            "parameters": str(self.parameters),
            "digest": self.parameters.digest,
            "seed": self.seed,
            "figures": [
                {"study": row.study, "compared": row.compared, "read": row.read, "day": figure.day,
                 "median": row.median, "low": row.low, "high": row.high}
                for row, _, figure in rows
            ],
            "studies": list(studies.values()),
        }  # fmt: skip


def predict(
    studies: StudiesLike | None = None,
    *,
    parameters: ParametersLike = PREDICTING,
    seed: int = 0,
    progress: Progress | None = None,
) -> Predictions:
    """Predict every figure of a file of studies.

    Parameters
    ----------
    studies : Studies, mapping, str or path, optional
        Studies, their plain data, or their TOML file; those that come with exosim when left out.
    parameters : ParameterSet, mapping, str or path
        Parameter set whose ensemble predicts: ``trials``, ``article``, or one's own.
    seed : int
        Seed of scales, studies and sampling errors.

    Raises
    ------
    BadInput
        With every problem.

    Examples
    --------
    >>> import exosim as ex
    >>> figure = {"arm": "laser", "read": "improvement_percent", "day": 84}
    >>> arms = {"laser": {"treatments": [{"kind": "fractional_co2_laser"}]}}
    >>> ex.predict({"study": [{"id": "next", "arms": arms, "figures": [figure]}]}).figures[0].observed is None
    True
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise BadInput([Problem(f"the seed must be a whole number from 0, not {seed!r}")])
    found = load_studies(studies)
    chosen = parameter_set(parameters)
    tables = [study.to_dict() for study in found.study]
    if wrong := [*misspelt(tables, instruments_of(chosen.nuisance))]:
        raise BadInput([named(problem, tables) for problem in wrong])
    values = ensemble(chosen)
    asked, runs = questions(found.figures)
    numbers = measure(asked, runs, values, progress)
    noise = noise_of(chosen, seed)
    return Predictions([forecast(predicted(x, numbers, noise)) for x in asked], chosen, seed, found)


def check_unread(studies: Studies) -> None:
    """Refuse to register predictions of studies of which every figure has been read."""
    if all(figure.observed is not None for _, figure in studies.figures):
        remedy = "leave value, share, odds_ratio, at_least and at_most out of a figure that is to be predicted"
        raise BadInput([Problem("every figure has an observed value: there is nothing to register", remedy=remedy)])


def noise_of(parameters: ParametersLike, seed: int) -> Noise:
    """Return the random numbers of predictions with a set, and the nuisance that was fitted with it."""
    chosen = parameter_set(parameters)
    return Noise(len(next(iter(chosen.draws.values()))), REPLICATES, seed, chosen.nuisance)


def forecast(made: Predicted, weights: Array | None = None) -> Forecast:
    """Return the summary of a predictive distribution whose draws have `weights` (equal ones when left out)."""
    x: Question = made.question
    figure = x.figure
    even = np.full(len(made.samples), 1 / len(made.samples))
    each = np.broadcast_to((even if weights is None else weights)[:, None] / made.samples.shape[1], made.samples.shape)
    low, median, high = quantiles(made.samples, each, (INTERVAL[0] / 100, 0.5, INTERVAL[1] / 100))
    score = None if made.log_density is None else _score(made.log_density, each)
    inside, pit = None, None
    if score is not None and figure.bound is not None:
        inside = bool(score >= np.log(0.5))
    elif score is not None and figure.observed is not None:
        inside = low is not None and high is not None and bool(low <= figure.observed <= high)
        pit = _below(made.samples, each, figure.observed)
    bound = "" if figure.bound is None else "at least" if figure.at_least is not None else "at most"
    return Forecast(
        x.study.id, figure.arm, figure.read, figure.observed, median, low, high, inside, score,
        kind_of(x.study, figure), figure.name, bound, pit, figure.day,
    )  # fmt: skip


def quantiles(samples: Array, weights: Array, levels: Sequence[float]) -> list[float | None]:
    """Return weighted quantiles of the samples that are numbers; None where there are none."""
    known = np.isfinite(samples) & (weights > 0)
    if not known.any():
        return [None for _ in levels]
    values, w = samples[known], weights[known]
    order = np.argsort(values, kind="stable")
    reached = (np.cumsum(w[order]) - w[order] / 2) / w.sum()
    places = np.minimum(np.searchsorted(reached, levels), len(values) - 1)
    return [float(x) for x in values[order][places]]


def _score(log_density: Array, weights: Array) -> float:
    with np.errstate(divide="ignore"):
        score = logsumexp(np.nan_to_num(log_density, nan=-np.inf, neginf=-np.inf), b=weights)
    return float(max(score, NEVER))


def _below(samples: Array, weights: Array, value: float) -> float:
    known = np.isfinite(samples)
    w = np.where(known, weights, 0)
    if not w.sum():
        return 0.5
    at = np.isclose(samples, value)
    return float(((w * (known & (samples < value) & ~at)).sum() + 0.5 * (w * at).sum()) / w.sum())


def coverage(rows: Sequence[Forecast]) -> float | None:
    """Return the share of figures that lie inside, of those of which something was read."""
    counted = [x.inside for x in rows if x.inside is not None]
    return float(np.mean(counted)) if counted else None


def log_score(rows: Sequence[Forecast]) -> float | None:
    """Return the mean log score of the figures of which something was read."""
    counted = [x.log_score for x in rows if x.log_score is not None]
    return float(np.mean(counted)) if counted else None


def by_kind(rows: Sequence[Forecast]) -> Mapping[str, list[Forecast]]:
    """Return figures of which something was read by their class, in the order in which classes come."""
    found: dict[str, list[Forecast]] = {}
    for row in rows:
        if row.observed is not None:
            found.setdefault(row.kind, []).append(row)
    return found
