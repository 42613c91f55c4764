"""The front of a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exosim.studies.optimise import Optimise, front_table
from exosim.studies.store import Store
from exosim.view.figures.style import Drawing, sign, style
from exosim.view.labels import LABELS, measured
from exosim.view.text import short, words


def drawings(study: Optimise, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield the front: the first aim against the second; colour is the third, or the number of procedures."""
    names = [target.column for target in study.targets[0]]
    across, up = (names[1], names[0]) if len(names) > 1 else (names[0], "downtime_days")
    colour = names[2] if len(names) > 2 else "procedures"
    table = front_table(summary["front"])
    with style() as canvas:
        figure, axis = canvas.subplots(figsize=(7, 4.2), layout="constrained")
        if len(table):
            marks = axis.scatter(table[across], table[up], c=table[colour], cmap="cividis", s=36, edgecolors="#000000")
            figure.colorbar(marks, ax=axis, label=_said(colour))
            for _, row in table.iloc[:: max(1, len(table) // 12)].iterrows():
                axis.annotate(f"{row['point']:.0f}", (row[across], row[up]), xytext=(4, 4), textcoords="offset points",
                              fontsize=7)  # fmt: skip
        axis.set(xlabel=_said(across), ylabel=_said(up))
        axis.set_title(f"Front of {short(study.scenario.name)}: {len(table)} schedules")
        sign(figure)
    alt = f"{len(table)} schedules that no other betters in all of {', '.join(names)}; numbers: files in front/."
    yield Drawing("front", figure, lambda: table, alt)


def _said(column: str) -> str:
    """Return what a reader calls a column of the front.

    >>> _said("improvement_percent"), _said("improvement_percent_p05"), _said("exosomes_applied")
    ('Scar filled, %', 'Scar filled, %, 5 % of draws below', 'exosomes applied')
    """
    name, _, part = column.rpartition("_p")
    if part.isdecimal() and name in LABELS:
        return f"{measured(name)}, {int(part)} % of draws below"
    return measured(column) if column in LABELS else words(column)
