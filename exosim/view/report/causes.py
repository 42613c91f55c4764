"""Why arms differ: every term of the equations, integrated over the course of each arm."""

from __future__ import annotations

from collections.abc import Sequence

from exosim.readings.terms import Flux, Trace
from exosim.results.result import Record
from exosim.view.report import html

FLUXES = 6  # shown of every quantity before the rest is folded away


def causes(arms: Sequence[Record], traces: Sequence[Trace]) -> str:
    """A table per quantity, largest difference first."""
    first, last = arms[0].scenario.name, arms[-1].scenario.name
    text = (
        "<p>Each quantity changes by the terms of its equation. Here every term is integrated over the whole course "
        f"of each arm: what {html.said(last)} made or lost of it, less what {html.said(first)} did. Terms are those of "
        "the equations themselves, each known by the parameters it is in proportion to; every arm is followed as one "
        "column of skin, averaged over the dermis. A loss that only follows from how much there is stands last: it is "
        "no cause of its own.</p>"
    )
    return text + "".join(_traced(trace, arms) for trace in traces)


def _traced(trace: Trace, arms: Sequence[Record]) -> str:
    widest = max(abs(flux.difference) for flux in trace.fluxes) or 1.0
    rows = [_flux_row(flux, widest) for flux in trace.fluxes]
    head = ["term", *map(html.heading, arms), "difference", ""]
    numbers = range(1, len(arms) + 2)
    gap = trace.changes[-1] - trace.changes[0]
    error = max(map(abs, trace.errors))
    sums = ["<strong>change from start to end</strong>", *map(_flow, trace.changes), _flow(gap), ""]
    few = [row for row, flux in zip(rows, trace.fluxes, strict=True) if abs(flux.difference) > 0.01 * widest]
    table = html.table(head, [*few[:FLUXES], sums], numbers)
    folded = html.folded(
        "All terms, as they stand in the equations",
        html.table(
            [*head[:-1], "as written"],
            [[*r[:-1], f.formula and html.code(f.formula)] for r, f in zip(rows, trace.fluxes, strict=True)],
            numbers,
        )
        + f'<p class="soft">Integration leaves at most {error:.2g} unexplained.</p>',
    )
    return f"<h3>{html.text(trace.title)}</h3>{_sentence(trace)}{table}{folded}"


def _sentence(trace: Trace) -> str:
    """The largest difference in words."""
    top = trace.fluxes[0]
    if abs(top.difference) < 1e-9:
        return "<p>No term differs.</p>"
    gain = sum(top.amounts) > 0
    word = f"{'more' if (top.difference > 0) is gain else 'less'} {'made' if gain else 'lost'}"
    known = f" by {html.code(' x '.join(top.parameters))}" if top.parameters else " by injury and doses"
    return f"<p>Largest difference: {_flow(top.difference)}, {word} in the last arm{known}.</p>"


def _flux_row(flux: Flux, widest: float) -> list[str]:
    known = ", ".join(flux.parameters)
    label = html.text(flux.meaning) + (f"<br>{html.code(known)}" if known else "")
    label += "<br><small>follows from how much there is</small>" if flux.follows else ""
    return [label, *map(_flow, flux.amounts), _flow(flux.difference), _bar(flux.difference / widest)]


def _flow(value: float) -> str:
    """A signed number of three digits."""
    return "0" if abs(value) < 5e-7 else f"{value:+.3g}" if abs(value) < 1000 else f"{value:+.0f}"


def _bar(share: float) -> str:
    """A bar to the right of the middle for more, to the left for less."""
    wide = 50 * min(abs(share), 1)
    colour, start = ("#0072B2", 50.0) if share > 0 else ("#D55E00", 50 - wide)
    return (
        '<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="{start:.1f}" y="1" width="{wide:.1f}" height="8" fill="{colour}"/>'
        '<line x1="50" x2="50" y1="0" y2="10" stroke="currentColor" stroke-width=".6"/></svg>'
    )
