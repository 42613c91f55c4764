"""A comparison as a table in Markdown, as a report takes it."""

from __future__ import annotations

from typing import Any

from exosim.results.comparison import Arms
from exosim.results.outcomes import OUTCOMES
from exosim.view.text import interval, markdown_table, outcome, told, unit


def comparison_table(comparison: Arms[Any]) -> str:
    """Return a row per outcome: every arm, then how every other arm differs from the reference."""
    numbers = range(len(comparison))
    others = [i for i in numbers if comparison[i] is not comparison.reference]
    base = comparison.reference.scenario.name
    head = ["outcome", "unit", *comparison.names, *(f"{comparison.names[i]} minus {base}" for i in others)]
    rows = []
    for about in (*OUTCOMES, *comparison.reference.own):
        name = about.name
        cells = [_cell(told(name, arm.outcomes[name]), arm.intervals, name) for arm in comparison]
        cells += [
            _cell(outcome(comparison.difference(i).get(name)), comparison.difference_interval(i), name) for i in others
        ]
        rows.append([name, unit(about.unit), *cells])
    return markdown_table(head, rows)


def _cell(text: str, ends: Any, name: str) -> str:
    between = interval((ends or {}).get(name))
    return f"{text} ({between})" if between else text
