"""Outcomes of every arm beside each other and beside published values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exosim.evidence import Published
from exosim.results.outcomes import FLAGS, OUTCOMES
from exosim.results.result import Record
from exosim.view.report import html
from exosim.view.terminal.runs import UNITLESS, shown


@dataclass(frozen=True)
class Compared:
    """What two or more arms amount to beside each other."""

    differences: Mapping[str, float | None]
    intervals: Mapping[str, Sequence[float | None]] | None
    warnings: Sequence[str]


def outcomes(
    arms: Sequence[Record], published: Sequence[Mapping[int, Published]], compared: Compared | None
) -> str:
    """A row per outcome, then warnings and meanings."""
    head = ["outcome", *map(html.heading, arms)]
    if compared:
        head.append("last minus first" if len(arms) > 2 else "second minus first")
    rows = [_row(outcome, arms, published, compared) for outcome in OUTCOMES]
    flags = ["safety flags", *(html.text(shown(run.outcomes["safety_flags"])) for run in arms)]
    rows.append([*flags, *([""] if compared else [])])
    table = html.table(
        [*head, "unit"], [[*row, ""] if len(row) == len(head) else row for row in rows], range(1, len(head))
    )
    drawn = all(run.ensemble for run in arms)
    below = (
        "Below each value its 90 % interval over the ensemble of the parameter set, one column of skin each"
        + ("; differences are paired draw by draw." if compared else ".")
        if drawn
        else "This run has no ensemble, so its values stand without intervals: "
        "<code>--ensemble</code> gives them."
    )
    raised = dict.fromkeys(flag for run in arms for flag in run.outcomes["safety_flags"] if flag in FLAGS)
    meanings = (
        html.items(f"{html.code(flag)}: {html.text(FLAGS[flag][0])}" for flag in raised) if raised else ""
    )
    defined = html.items(f"{html.code(o.name)}: {html.text(o.definition)}" for o in OUTCOMES)
    warned = (
        html.items(f"<strong>Warning:</strong> {html.text(w)}" for w in compared.warnings) if compared else ""
    )
    return f'{warned}{table}<p class="soft">{below}</p>{meanings}' + html.folded(
        "What each outcome means", defined
    )


def _row(
    outcome: Any,
    arms: Sequence[Record],
    published: Sequence[Mapping[int, Published]],
    compared: Compared | None,
) -> list[str]:
    cells = [html.code(outcome.name)]
    for i, run in enumerate(arms):
        known = [match[i] for match in published if i in match and match[i].outcome == outcome.name]
        beside = "".join(
            f'<small class="long">published {p.value:g}, n = {p.n}{_fitted(run, p)}</small>' for p in known
        )
        cells.append(_valued(run.outcomes[outcome.name], (run.intervals or {}).get(outcome.name)) + beside)
    if compared:
        ends = (compared.intervals or {}).get(outcome.name)
        cells.append(_valued(compared.differences.get(outcome.name), ends))
    return [*cells, html.text(UNITLESS.get(outcome.unit, outcome.unit))]


def _fitted(run: Record, value: Published) -> str:
    return ", fitted" if run.setup.parameters in value.fitted else ", not fitted"


def _valued(value: Any, ends: Sequence[float | None] | None) -> str:
    span = f"<small>{' to '.join(html.text(shown(end)) for end in ends)}</small>" if ends else ""
    return html.text(shown(value)) + span
