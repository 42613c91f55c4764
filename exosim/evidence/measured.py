"""What the model says about the figures of studies: every arm simulated once, every outcome read on its day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.evidence.readouts import read_one
from exosim.evidence.studies import Figure, Study, start_of
from exosim.files.names import identity
from exosim.results.subjects import BLOCK
from exosim.scenario.model import Scenario
from exosim.simulation.history import History
from exosim.simulation.loop import simulate
from exosim.simulation.parallel import side_by_side
from exosim.simulation.setup import Progress, parameter_values

SIMULATED = {"responder_50": "improvement_percent", "pih": "pih_share_percent"}
"""What is read of the model for a share of people."""


@dataclass(frozen=True)
class Term:
    """One number of the model: a run, the day on which it is read (None: the end), the outcome."""

    run: str
    day: float | None
    read: str


@dataclass(frozen=True)
class Question:
    """A figure with the one or two numbers of the model that it is made of."""

    study: Study
    figure: Figure
    terms: tuple[Term, ...]


def questions(figures: Sequence[tuple[Study, Figure]]) -> tuple[list[Question], dict[str, Scenario]]:
    """Return what the model is asked for each figure, and the scenarios that answer, each once."""
    runs: dict[str, Scenario] = {}

    def term(study: Study, figure: Figure, arm: str, skin: Mapping[str, Any] | None, day: float | None) -> Term:
        scenario = study.scenario(arm, skin)
        key = identity(scenario.meaning)
        runs.setdefault(key, scenario)
        on = start_of(scenario) + day if day else None
        return Term(key, on, SIMULATED.get(figure.read, figure.read))

    asked = []
    for study, x in figures:
        first = term(study, x, x.arm, x.skin, x.day)
        other = x.over or x.minus or (x.arm if x.form == "ratio" else None)
        skin = x.skin if x.over_skin is None else x.over_skin
        second = (term(study, x, other, skin, x.over_day or x.day),) if other else ()
        asked.append(Question(study, x, (first, *second)))
    return asked, runs


def measure(
    asked: Sequence[Question], runs: Mapping[str, Scenario], values: Mapping[str, Any], progress: Progress | None = None
) -> dict[Term, Array]:
    """Return every number that is asked for, one value per draw of the parameters `values`."""
    wanted: dict[str, list[Term]] = {}
    for term in dict.fromkeys(term for question in asked for term in question.terms):
        wanted.setdefault(term.run, []).append(term)
    firsts = range(0, max(np.size(x) for x in values.values()), BLOCK)
    work = [(key, first) for key in wanted for first in firsts]
    done = iter(range(1, len(work) + 1))

    def one(i: int, report: Progress) -> list[Array]:
        key, first = work[i]
        own = {name: x[first : first + BLOCK] if np.size(x) > 1 else x for name, x in values.items()}
        merged = parameter_values(runs[key], own)
        history = simulate(runs[key], merged, "column", states=False)
        found = [read_one(term.read, until(history, term.day), runs[key], merged) for term in wanted[key]]
        report(next(done) / len(work))
        return found

    show = (lambda _, share: progress(share)) if progress else None
    parts: dict[Term, list[Array]] = {}
    for (key, _), future in zip(work, side_by_side(one, len(work), show), strict=True):
        for term, value in zip(wanted[key], future.result(), strict=True):
            parts.setdefault(term, []).append(value)
    return {term: np.concatenate(values) for term, values in parts.items()}


def until(history: History, day: float | None) -> History:
    """Return a history as it was known on a day, before anything that is done on it."""
    times = history.times
    if day is None or day >= times[-1]:
        return history
    number = int(np.searchsorted(times, day - 1e-6))
    if times[number] <= day + 1e-6:
        kept = {name: course[: number + 1] for name, course in vars(history.observed).items()}
        return replace(history, times=times[: number + 1], observed=SimpleNamespace(**kept))
    share = (day - times[number - 1]) / (times[number] - times[number - 1])
    between = {
        name: np.concatenate([x[:number], (x[number - 1] + share * (x[number] - x[number - 1]))[None]])
        for name, x in vars(history.observed).items()
    }
    return replace(history, times=np.append(times[:number], day), observed=SimpleNamespace(**between))
