"""What the outcomes rest on: swings of every uncertain parameter by the grade of its evidence."""

from __future__ import annotations

from collections.abc import Mapping

from exosim.results.outcomes import OUTCOMES
from exosim.results.result import Record
from exosim.studies.sensitivity import GRADES, Indices
from exosim.view.report import html

GRADE_COLOURS = dict(zip(GRADES, ("#0072B2", "#56B4E9", "#D0D5D9", "#D55E00"), strict=True))


def meter(swings: Indices, run: Record, many: bool) -> str:
    """A strip of shares per outcome."""
    shares = swings.meter
    ids = [o.name for o in OUTCOMES if o.name in shares]
    rows = [
        [html.code(name), _strip(shares[name]), *(f"{100 * shares[name][g]:.0f} %" for g in GRADES)]
        for name in ids
    ]
    key = "".join(
        f'<span class="key"><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" '
        f'fill="{GRADE_COLOURS[g]}"/></svg>{g}</span>'
        for g in GRADES
    )
    whose = f" of {html.said(run.scenario.name)}" if many else ""
    text = (
        f"<p>What the outcomes{whose} rest on: every uncertain parameter is moved alone from one end of its range to "
        "the other, and the swings are shared out by the grade of its evidence. <em>Fitted</em>: set so that the model "
        "gives a published or claimed figure, whatever the grade was before.</p>"
    )
    if not ids:
        return text + "<p>No outcome of this scenario varies.</p>"
    table = html.table(("outcome", "", *GRADES), rows, range(2, 2 + len(GRADES)))
    return f"{text}<p>{key}</p>{table}"


def _strip(shares: Mapping[str, float]) -> str:
    parts, x = [], 0.0
    for grade in GRADES:
        wide = 100 * shares[grade]
        parts.append(
            f'<rect x="{x:.2f}" y="0" width="{wide:.2f}" height="10" fill="{GRADE_COLOURS[grade]}"/>'
        )
        x += wide
    label = ", ".join(f"{grade} {100 * shares[grade]:.0f} %" for grade in GRADES)
    return (
        f'<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )
