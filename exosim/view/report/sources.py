"""Where it comes from: parameters that matter with their sources, trials and claims, how the run was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from exosim.biology.system import PARAMETERS
from exosim.evidence import Match
from exosim.parameters import parameter_set
from exosim.results.result import Record
from exosim.studies.sensitivity import Indices
from exosim.view.report.claims import Answer
from exosim.view.report.render import render

MATTERING = 6  # parameters listed per outcome
MAIN = ("improvement_percent", "downtime_days", "tnf_auc", "melanin_index_change_percent")


def sources(swings: Indices, run: Record, published: Sequence[Sequence[Match]], answers: Sequence[Answer]) -> Markup:
    """Return the parameters that matter most, and what was cited."""
    moved: dict[str, list[str]] = {}
    for outcome in (name for name in MAIN if name in swings.outcomes):
        for row in swings.largest(outcome, MATTERING):
            moved.setdefault(row["parameter"], []).append(outcome)
    grades = dict(zip(swings.parameters, swings.grades, strict=True))
    parameters = [_parameter(name, run) | {"grade": grades[name], "moves": moved[name]} for name in moved]
    cited: dict[str, list[str]] = {x.published.citation: [] for matches in published for x in matches}
    for answer in answers:
        cited.setdefault(answer.claim.source, []).append(answer.claim.id)
    return render("sources", parameters=parameters, cited=cited, number=MATTERING)


def _parameter(name: str, run: Record) -> dict[str, Any]:
    """Return value, range and source of a parameter as a run used it."""
    about, override = PARAMETERS[name], parameter_set(run.setup.parameters).overrides.get(name)
    return {
        "about": about,
        "value": float(f"{run.manifest['parameter_values'][name]:.4g}"),
        "source": f"{override.source} (set {run.setup.parameters}); range: {about.source}"
        if override
        else about.source,
    }


def provenance(arms: Sequence[Record]) -> Markup:
    """Return when and with what every arm was simulated, and its scenario file."""
    versions = dict.fromkeys(
        ", ".join(f"{name} {version}" for name, version in run.manifest["versions"].items()) for run in arms
    )
    return render("provenance", arms=arms, versions=versions)
