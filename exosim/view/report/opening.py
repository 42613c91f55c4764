"""What a reader needs first: five lines in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from exosim.evidence import Match, Published, regimen
from exosim.parameters import parameter_set
from exosim.results.result import Record
from exosim.view.report.outcomes import Compared
from exosim.view.report.render import render
from exosim.view.text import words

FIRST = {
    "improvement_percent": ("scar filled", "%", ""),
    "downtime_days": ("red for", "days", " after the first session"),
    "melanin_index_peak_percent": ("darker by at most", "%", ""),
}
"""Outcome of the first lines -> what is said before it, its unit, what is said after it."""
NUMBERS = {"article": "numbers of the vendor's article", "trials": "numbers of 24 studies"}


def opening(arms: Sequence[Record], published: Sequence[Sequence[Match]], compared: Compared | None) -> Markup:
    """Return what was simulated, what it gives, how arms differ, what was published, and what all this is not."""
    return render(
        "opening",
        arms=arms,
        done=[_done(arm) for arm in arms],
        numbers=NUMBERS.get(str(arms[0].setup.parameters), f"numbers of the set {arms[0].setup.parameters}"),
        first=FIRST,
        compared=compared,
        more=[words(kind) for kind in sorted(regimen(arms[-1].scenario) - regimen(arms[0].scenario))],
        less=[words(kind) for kind in sorted(regimen(arms[0].scenario) - regimen(arms[-1].scenario))],
        trials=_trials(arms, published),
    )


def _done(arm: Record) -> str:
    """Return the treatments of an arm with the number of their sessions."""
    scenario = arm.scenario
    days = {entry.kind: len(scenario.days_of(entry)) for entry in scenario.treatments}
    return ", ".join(f"{words(kind)} {count} times" if count > 1 else words(kind) for kind, count in days.items())


def _trials(arms: Sequence[Record], published: Sequence[Sequence[Match]]) -> list[tuple[Published, str, str, bool]]:
    """Return every published value once: the value, its treatments, what differs, whether the set was fitted to it."""
    found = {(x.published.id, x.published.treatments): x for matches in published for x in matches}
    return [
        (
            match.published,
            " and ".join(words(kind) for kind in sorted(match.published.treatments, reverse=True)),
            ", ".join(match.differs),
            parameter_set(arms[0].setup.parameters).comes_from(match.published.fitted),
        )
        for _, match in sorted(found.items(), key=lambda item: (item[0][0], len(item[0][1])))
    ]
