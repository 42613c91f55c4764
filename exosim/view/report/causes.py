"""Why arms differ: every term of the equations, integrated over the course of each arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from exosim.readings.terms import Budget
from exosim.results.result import Record
from exosim.view.figures.style import COLOURS
from exosim.view.report.render import render

FLUXES = 6  # shown of every quantity before the rest is folded away
SMALL = 0.01  # of the largest difference: folded away


def causes(arms: Sequence[Record], budgets: Sequence[Budget]) -> Markup:
    """Return a table per quantity, the largest difference first."""
    return render("causes", arms=arms, budgets=list(map(_shown, budgets)), more=COLOURS[0], less=COLOURS[1])


def _shown(budget: Budget) -> dict[str, Any]:
    """Return what is said of one quantity."""
    widest = max(abs(flux.difference) for flux in budget.fluxes) or 1.0
    largest = budget.fluxes[0]
    made = sum(largest.amounts) > 0
    return {
        "title": budget.title,
        "largest": largest if abs(largest.difference) > 1e-9 else None,
        "direction": f"{'more' if (largest.difference > 0) is made else 'less'} {'made' if made else 'lost'}",
        "widest": widest,
        "fluxes": budget.fluxes,
        "main": [flux for flux in budget.fluxes if abs(flux.difference) > SMALL * widest][:FLUXES],
        "changes": budget.changes,
        "error": f"{max(map(abs, budget.errors)):.2g}",
    }
