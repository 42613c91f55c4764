"""Outcomes of every arm next to each other and next to published values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from exosim.evidence import Match
from exosim.results.outcomes import FLAGS, OUTCOMES
from exosim.results.result import Record
from exosim.view.report.render import render


@dataclass(frozen=True)
class Compared:
    """How two or more arms differ."""

    differences: Mapping[str, float | None]
    intervals: Mapping[str, Sequence[float | None]] | None
    warnings: Sequence[str]


def outcomes(arms: Sequence[Record], published: Sequence[Sequence[Match]], compared: Compared | None) -> Markup:
    """Return a row per outcome, then warnings and meanings."""
    raised = dict.fromkeys(flag for run in arms for flag in run.outcomes["safety_flags"] if flag in FLAGS)
    return render(
        "outcomes",
        arms=arms,
        compared=compared,
        outcomes=(*OUTCOMES, *arms[0].own),
        published={
            outcome.name: [[x for x in matches if x.published.outcome == outcome.name] for matches in published]
            for outcome in (*OUTCOMES, *arms[0].own)
        },
        flags={flag: FLAGS[flag][0] for flag in raised},
        drawn=all(run.ensemble for run in arms),
    )
