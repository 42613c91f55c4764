"""Claims and targets about these regimens, and what the run does not support."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exosim.evidence import Published, fitted, regimen
from exosim.evidence.claims import Claim, arm, claims
from exosim.evidence.verdicts import readings
from exosim.parameters import parameter_set
from exosim.results.result import Record
from exosim.view.report import html
from exosim.view.terminal.runs import shown


@dataclass(frozen=True)
class Answer:
    """A claim, the model's figure for each of its checks as HTML, and whether all are right."""

    claim: Claim
    figures: tuple[str, ...]
    right: bool
    fitted: bool


def answered(arms: Sequence[Record]) -> list[Answer]:
    """Claims of which one check asks for nothing but regimens and scars of these arms."""
    here = {(regimen(run.scenario), run.scenario.skin.scar) for run in arms}

    def covered(names: Iterable[str]) -> bool:
        return all((regimen(arm(name)), arm(name).skin.scar) in here for name in names)

    bearing = (x for x in claims().values() if any(covered(check.arms) for check in x.checks))
    return [_answer(claim, arms[-1].setup.parameters) for claim in bearing]


def _answer(claim: Claim, parameters: str) -> Answer:
    values = {name: np.array([value]) for name, value in parameter_set(parameters).values().items()}
    found = readings({name for check in claim.checks for name in check.arms}, values)
    simulated = [float(check.simulated(found)[0]) for check in claim.checks]
    figures = tuple(
        f"{html.code(check.name)}<br>{_number(value)} <small>asked {html.text(check.target_text)}</small>"
        for check, value in zip(claim.checks, simulated, strict=True)
    )
    right = all(check.excess(value) <= 1 for check, value in zip(claim.checks, simulated, strict=True))
    return Answer(claim, figures, right, any(fitted(check, parameters) for check in claim.checks))


def claimed(ledger: Sequence[Answer], parameters: str) -> str:
    """A row per claim with the model's figures."""
    if not ledger:
        return "<p>None of the claims and targets that this project keeps is about these regimens on this scar.</p>"
    about = (
        f"<p>What the set {html.code(parameters)} gives for each claim, on the claim's own schedule and "
        "not on that of this run. <code>exosim evidence</code> answers all of them, with intervals.</p>"
    )
    rows = [
        (
            f"{html.code(x.claim.id)}<br>{html.text(x.claim.text)}<br>"
            f"<small>{html.text(_kind(x.claim))}; {html.text(x.claim.source)}</small>",
            "".join(f"<p>{figure}</p>" for figure in x.figures),
            _verdict(x),
        )
        for x in ledger
    ]
    return about + html.table(("claim", "model", "verdict"), rows)


def _number(value: float) -> str:
    return shown(value) if np.isfinite(value) else "never"


def _kind(claim: Claim) -> str:
    return claim.kind + (f", n = {claim.n}" if claim.n else "")


def _verdict(answer: Answer) -> str:
    if answer.claim.contested:
        return "contested"
    return ("as asked" if answer.right else "not reproduced") + (", fitted" if answer.fitted else "")


def limits(
    arms: Sequence[Record], published: Sequence[Mapping[int, Published]], ledger: Sequence[Answer]
) -> str:
    """What nobody should read out of this run."""

    def ids(chosen: Iterable[Answer]) -> str:
        return ", ".join(html.code(x.claim.id) for x in chosen)

    items = [
        "<strong>That any treatment works.</strong> Outcomes are those of a toy model; no person is in it.",
        "<strong>A choice of dose, device, product or schedule for anybody.</strong>",
    ]
    if given := [x for x in ledger if x.fitted and x.right]:
        items.append(f"<strong>The model by its agreement with {ids(given)}</strong>: it was fitted to them.")
    if wrong := [x for x in ledger if not x.right and not x.claim.contested]:
        items.append(f"<strong>{ids(wrong)}</strong>: the model does not give what they say.")
    if contested := [x for x in ledger if x.claim.contested]:
        items += [f"<strong>{ids([x])}</strong>: {html.text(x.claim.contested)}." for x in contested]
    if vendor := [x for x in ledger if x.claim.kind == "vendor" and x.right and not x.claim.contested]:
        items.append(
            f"<strong>{ids(vendor)} as facts</strong>: the model can give them, but only a vendor says so; "
            "no trial was found."
        )
    if not published:
        items.append(
            "<strong>A figure of a trial</strong>: no published comparison of these regimens is among the evidence."
        )
    items.append(
        "<strong>Differences between people</strong>, chance between patches, or errors of structure: intervals, where "
        "there are any, enclose parameters only."
    )
    if any("exosome" in kind for run in arms for kind in regimen(run.scenario)):
        items.append(
            "<strong>One mechanism of exosomes over another</strong>: a direct effect on fibroblasts alone explains "
            "the trial as well."
        )
    return html.items(items)
