"""The whole page: its sections, and the frame that lets nothing in from outside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup

from exosim.evidence import Match
from exosim.readings.terms import budgets
from exosim.results.result import NOTICE, Record
from exosim.simulation.setup import Progress
from exosim.studies.sensitivity import sensitivity
from exosim.view.report.causes import causes
from exosim.view.report.claims import answered, claimed, limits
from exosim.view.report.figures import cover, figures
from exosim.view.report.meter import meter
from exosim.view.report.outcomes import Compared, outcomes
from exosim.view.report.render import render
from exosim.view.report.sources import provenance, sources


def report(
    arms: Sequence[Record],
    published: Sequence[Sequence[Match]],
    compared: Compared | None = None,
    progress: Progress | None = None,
) -> str:
    """Return the page; `compared` is given where there are two arms or more."""
    last, many = arms[-1], len(arms) > 1
    tell = progress or (lambda share: None)
    swings = sensitivity(last.scenario, last.setup.parameters, method="local")
    tell(0.3)
    differing = budgets(arms) if many else []
    tell(0.5)
    answers = answered(arms)
    tell(0.7)
    skin, drawings = cover(arms), figures(arms, published)
    tell(1.0)
    sections = {
        "Outcomes": outcomes(arms, published, compared),
        "Figures": drawings,
        "Scenarios and schedules" if many else "Scenario and schedule": render("scenarios", arms=arms),
        "Why the arms differ": causes(arms, differing) if many else "",
        "Evidence meter": meter(swings, last, many),
        "Claims this run bears on": claimed(answers, last.setup.parameters),
        "What this run does not support": limits(arms, published, answers),
        "Sources": sources(swings, last, published, answers),
        "How it was made": provenance(arms),
    }
    css = files(__package__).joinpath("report.css").read_text("utf-8")
    shown = {title: body for title, body in sections.items() if body}
    frame = {"css": Markup(css), "policy": _policy(css), "notice": NOTICE}
    return str(render("page", arms=arms, cover=skin, sections=shown, **frame))


def _policy(css: str) -> Markup:
    """Return the content security policy that allows this style, inline images and nothing else."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return Markup(
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
