"""Leave one study out: every study predicted by a model that was calibrated to the others.

A set is a sample of the posterior of all the studies that it was calibrated to. Draws are weighted by the reciprocal of
the likelihood of the study that is left out, with the tail of the weights smoothed; where the weights cannot be
trusted, the set must be fitted again without the study. A study to which the set was not calibrated needs no weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import logsumexp

from exosim.engine.tissue import Array
from exosim.evidence.measured import Question, Term, measure, questions
from exosim.evidence.nuisance import Noise, column_of
from exosim.evidence.pareto import effective, smoothed, trusted
from exosim.evidence.pooled import pooled
from exosim.evidence.predict import PREDICTING, Forecast, ensemble, forecast, noise_of
from exosim.evidence.predictive import Predicted, instrument_of, predicted
from exosim.evidence.studies_file import StudiesLike, load_studies
from exosim.parameters import parameter_set
from exosim.simulation.setup import Progress

REPLICATES = 256  # for each draw: the likelihood of a study is a mean over them
NO_EXOSOMES = dict.fromkeys(
    ("activation_signal", "il10_signal", "switch_signal", "closing_signal", "cargo_melanin"), 0.0
)
"""What to hold so that exosomes do nothing."""


@dataclass(frozen=True)
class LeftOut:
    """One study, predicted without it.

    Attributes
    ----------
    shape, effective : float or None
        Of the weights of the draws: shape of their tail, and to how many equal draws they amount; None without weights.
    holds : bool
        Whether the prediction can be trusted; else the set must be fitted again without the study.
    """

    study: str
    forecasts: list[Forecast]
    shape: float | None = None
    effective: float | None = None
    holds: bool = True


def left_out(
    studies: StudiesLike | None = None,
    *,
    parameters: str = PREDICTING,
    seed: int = 0,
    held: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> list[LeftOut]:
    """Return every study predicted without it.

    Parameters
    ----------
    studies : Studies, mapping, str or path, optional
        Those that come with exosim when left out.
    parameters : str
        Parameter set; `ParameterSet.studies` names those that it was calibrated to.
    held : mapping, optional
        Parameters that have these values in every draw, such as `NO_EXOSOMES`; nothing else of the draws changes.
    """
    values: dict[str, Any] = ensemble(parameters) | dict(held or {})
    asked, runs = questions(load_studies(studies).figures)
    numbers = measure(asked, runs, values, progress)
    noise = replace(noise_of(parameters, seed), replicates=REPLICATES)
    return leave_out(asked, numbers, noise, parameter_set(parameters).studies)


def leave_out(
    asked: Sequence[Question], numbers: Mapping[Term, Array], noise: Noise, fitted: Sequence[str]
) -> list[LeftOut]:
    """Return every study predicted without it, from the numbers of the model; those `fitted` need weights."""
    shared = Counter(
        instrument for _, instrument in {(q.study.id, instrument_of(q)) for q in asked if q.study.id in fitted}
    )
    results = []
    for study in dict.fromkeys(q.study.id for q in asked):
        own = [q for q in asked if q.study.id == study]
        if study not in fitted:
            results.append(LeftOut(study, [forecast(predicted(q, numbers, noise)) for q in own]))
            continue
        alone = {column_of(instrument_of(q)) for q in own if shared[instrument_of(q)] == 1}
        kept = {name: x for name, x in noise.posterior.items() if name not in alone}  # known from this study alone
        made = [predicted(q, numbers, replace(noise, posterior=kept)) for q in own]
        weights, shape = smoothed(-likelihood(made))
        ok = trusted(shape, weights)
        results.append(LeftOut(study, [forecast(x, weights) for x in made], shape, effective(weights), ok))
    return results


def likelihood(made: Sequence[Predicted]) -> Array:
    """Return the logarithm of the likelihood of what one study read, for every draw."""
    known = [x.log_density for x in made if x.log_density is not None]
    if not known:
        return np.zeros(len(made[0].samples))
    together = np.nan_to_num(np.sum(known, axis=0), nan=-np.inf, neginf=-1e3)
    return np.asarray(logsumexp(together, axis=1) - np.log(together.shape[1]))


def without_a_model(studies: StudiesLike | None = None) -> list[Forecast]:
    """Return every figure as predicted by the figures of its class in other studies."""
    asked = [Question(study, figure, ()) for study, figure in load_studies(studies).figures]
    return [forecast(pooled(q, asked)) for q in asked]
