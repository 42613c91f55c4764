"""The whole page: its sections, and the frame that lets nothing in from outside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from exosim.evidence import Published
from exosim.readings.terms import why
from exosim.results.result import NOTICE, Record
from exosim.simulation.setup import Progress
from exosim.studies.sensitivity import sensitivity
from exosim.view.figures.style import plain
from exosim.view.report import html
from exosim.view.report.causes import causes
from exosim.view.report.claims import answered, claimed, limits
from exosim.view.report.figures import figures
from exosim.view.report.meter import meter
from exosim.view.report.outcomes import Compared, outcomes
from exosim.view.report.scenario import scenario
from exosim.view.report.sources import provenance, sources


def report(
    arms: Sequence[Record],
    published: Sequence[Mapping[int, Published]],
    compared: Compared | None = None,
    progress: Progress | None = None,
) -> str:
    """The page; `compared` where there are two arms or more."""
    last = arms[-1]
    swings = sensitivity(last.scenario, last.setup.parameters, method="local")
    _tell(progress, 0.3)
    traces = why(arms) if len(arms) > 1 else []
    _tell(progress, 0.5)
    ledger = answered(arms)
    _tell(progress, 0.7)
    drawings = figures(arms, published)
    _tell(progress, 1.0)
    sections = {
        "Outcomes": outcomes(arms, published, compared),
        "Figures": drawings,
        "Scenarios and schedules" if len(arms) > 1 else "Scenario and schedule": "".join(map(scenario, arms)),
        "Why the arms differ": causes(arms, traces) if traces else "",
        "Evidence meter": meter(swings, last, len(arms) > 1),
        "Claims this run bears on": claimed(ledger, last.setup.parameters),
        "What this run does not support": limits(arms, published, ledger),
        "Sources": sources(swings, last, published, ledger),
        "How it was made": provenance(arms),
    }
    return _page(arms, {title: body for title, body in sections.items() if body})


def _tell(progress: Progress | None, share: float) -> None:
    if progress:
        progress(share)


def _page(arms: Sequence[Record], sections: Mapping[str, str]) -> str:
    css = files(__package__).joinpath("report.css").read_text("utf-8")
    allowed = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; form-action 'none'"
    names = [run.scenario.name for run in arms]
    ids = {title: f"s{i}" for i, title in enumerate(sections, start=1)}
    menu = "".join(f'<a href="#{ids[title]}">{escape(title)}</a>' for title in sections)
    body = "".join(
        f'<section id="{ids[title]}"><h2>{escape(title)}</h2>{text}</section>\n'
        for title, text in sections.items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(' v '.join(map(plain, names)))} - exosim report</title>\n"
        f"<style>{css}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{" <span>v</span> ".join(map(html.said, names))}</h1>\n<p class="soft">{_subtitle(arms[0])}</p>\n'
        f'<p class="notice" role="note"><strong>Hypothetical.</strong> {escape(NOTICE)}</p>\n'
        f'<nav aria-label="Sections">{menu}</nav>\n{body}'
        f"<footer><p>{escape(NOTICE)}</p></footer>\n</main>\n</body>\n</html>\n"
    )


def _subtitle(run: Record) -> str:
    kind = "a patch of skin with agents" if run.setup.resolution == "patch" else "one column of skin"
    return (
        f"Simulated with exosim {html.text(run.manifest['versions']['exosim'])}: {run.scenario.weeks:g} weeks, {kind}, "
        f"parameter set {html.code(run.setup.parameters)}, seed {run.setup.seed}."
    )
