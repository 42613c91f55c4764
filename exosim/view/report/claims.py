"""Claims and targets about these regimens, and what the run does not support."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from exosim.evidence import Match, fitted, regimen
from exosim.evidence.claims import Check, Claim, arm, claims
from exosim.evidence.verdicts import readings
from exosim.parameters import ParametersLike, parameter_set
from exosim.results.result import Record
from exosim.view.report.render import render
from exosim.view.text import NEVER, outcome


@dataclass(frozen=True)
class Answer:
    """A claim with the model's value for each of its checks, whether all are right, and whether any was fitted."""

    claim: Claim
    figures: tuple[tuple[Check, str], ...]
    right: bool
    fitted: bool


def answered(arms: Sequence[Record]) -> list[Answer]:
    """Return the claims of which at least one check is only about regimens and scars of these arms."""
    known = {(regimen(run.scenario), run.scenario.skin.scar) for run in arms}

    def covered(names: Iterable[str]) -> bool:
        return all((regimen(arm(name)), arm(name).skin.scar) in known for name in names)

    bearing = (claim for claim in claims().values() if any(covered(check.arms) for check in claim.checks))
    return [_answer(claim, arms[-1].setup.parameters) for claim in bearing]


def _answer(claim: Claim, parameters: ParametersLike) -> Answer:
    values = {name: np.array([value]) for name, value in parameter_set(parameters).values().items()}
    simulated = readings({name for check in claim.checks for name in check.arms}, values)
    figures = [(check, float(check.simulated(simulated)[0])) for check in claim.checks]
    return Answer(
        claim,
        tuple((check, outcome(value) if np.isfinite(value) else NEVER) for check, value in figures),
        all(check.excess(value) <= 1 for check, value in figures),
        any(fitted(check, parameters) for check in claim.checks),
    )


def claimed(answers: Sequence[Answer], parameters: ParametersLike) -> Markup:
    """Return a row per claim with the model's values."""
    return render("claims", answers=answers, parameters=parameters)


def limits(arms: Sequence[Record], published: Sequence[Sequence[Match]], answers: Sequence[Answer]) -> Markup:
    """Return what nobody should conclude from this run."""
    settled = [answer for answer in answers if not answer.claim.contested]
    return render(
        "limits",
        fitted=[answer.claim for answer in answers if answer.fitted and answer.right],
        wrong=[answer.claim for answer in settled if not answer.right],
        contested=[answer.claim for answer in answers if answer.claim.contested],
        vendor=[answer.claim for answer in settled if answer.right and answer.claim.kind == "vendor"],
        published=any(not match.differs for matches in published for match in matches),
        exosomes=any("exosome" in kind for run in arms for kind in regimen(run.scenario)),
    )
