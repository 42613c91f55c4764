"""What the outcomes rest on: swings of every uncertain parameter by the grade of its evidence."""

from __future__ import annotations

from itertools import accumulate

from markupsafe import Markup

from exosim.results.outcomes import OUTCOMES
from exosim.results.result import Record
from exosim.studies.sensitivity import GRADES, Indices
from exosim.view.figures.style import GRADE_COLOURS
from exosim.view.report.render import render


def meter(swings: Indices, run: Record, many: bool) -> Markup:
    """Return a strip of shares per outcome."""
    strips = {}
    for name in (outcome.name for outcome in OUTCOMES if outcome.name in swings.meter):
        shares = [swings.meter[name][grade] for grade in GRADES]
        starts = accumulate(shares, initial=0.0)
        strips[name] = list(zip(GRADES, shares, starts, strict=False))
    name = run.scenario.name if many else ""
    return render("meter", strips=strips, grades=GRADES, colours=GRADE_COLOURS, name=name)
