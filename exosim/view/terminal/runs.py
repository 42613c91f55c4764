"""Tables of a run and of a comparison in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from exosim.evidence import Match
from exosim.results.outcomes import FLAGS, OUTCOMES, Outcome
from exosim.results.result import NOTICE, Record
from exosim.view.terminal.table import Whole, show
from exosim.view.text import interval, outcome, told, unit


def print_run(console: Console, result: Record, quiet: bool = False) -> None:
    """Print the outcomes of one run."""
    title = (
        f"{result.scenario.name}: {result.scenario.weeks:g} weeks, {result.setup.resolution}, "
        f"parameters {result.setup.parameters}, seed {result.setup.seed}"
    )
    table = Whole(title=escape(title), title_justify="left")
    table.add_column("outcome")
    table.add_column("value", justify="right")
    ends = result.intervals
    if ends:
        table.add_column("90 % interval", justify="right")
    table.add_column("unit")
    table.add_column("meaning", style="dim")
    for about in OUTCOMES:
        between = [interval(ends.get(about.name))] if ends else []
        table.add_row(
            about.name, told(about.name, result.outcomes[about.name]), *between, unit(about.unit), about.definition
        )
    flags = result.outcomes["safety_flags"]
    meaning = "; ".join(FLAGS[flag][0] for flag in flags) or "possible: " + ", ".join(FLAGS)
    table.add_row("safety_flags", outcome(flags), *([""] if ends else []), "", meaning)
    show(console, table)
    _print_end(console, result.directory, quiet)


def print_comparison(
    console: Console,
    arms: Sequence[Record],
    differences: Mapping[str, Any],
    published: Sequence[Sequence[Match]],
    directory: Any,
    quiet: bool = False,
    intervals: Mapping[str, Any] | None = None,
) -> None:
    """Print the outcomes of several arms side by side, with published values where there are any."""
    first, setup, pair = arms[0], arms[0].setup, len(arms) == 2
    weeks = " and ".join(dict.fromkeys(f"{arm.scenario.weeks:g}" for arm in arms))
    table = Whole(
        title=f"{weeks} weeks, {setup.resolution}, parameters {setup.parameters}, seed {setup.seed}",
        title_justify="left",
    )
    table.add_column("outcome")
    for arm in arms:
        table.add_column(escape(arm.scenario.name), justify="right", max_width=22)
    if pair:
        table.add_column("second minus first", justify="right")
    table.add_column("unit")
    for about in OUTCOMES:
        values = [told(about.name, arm.outcomes[about.name]) for arm in arms]
        difference = [outcome(differences.get(about.name))] if pair else []
        table.add_row(about.name, *values, *difference, unit(about.unit))
        if first.intervals and about.name in first.intervals:
            spans = [interval((arm.intervals or {}).get(about.name)) for arm in arms]
            paired = [interval((intervals or {}).get(about.name))] if pair else []
            table.add_row("  90 % interval", *spans, *paired, "", style="dim")
        _add_published(table, about, arms, published)
    table.add_row("safety_flags", *(outcome(arm.outcomes["safety_flags"]) for arm in arms))
    show(console, table)
    values_of = (x.published for matches in published for x in matches)
    cited = dict.fromkeys(f"{x.citation}: {x.measure}" for x in values_of)
    for citation in cited:
        console.print(f"published: {citation}", style="dim", markup=False, highlight=False)
    _print_end(console, directory, quiet)


def _add_published(table: Whole, about: Outcome, arms: Sequence[Record], published: Sequence[Sequence[Match]]) -> None:
    """Add a row for every published comparison of an outcome."""
    known = [x.published for matches in published for x in matches if x.published.outcome == about.name]
    for name, value in {x.id: x for x in known}.items():
        cells = ["".join(x.text for x in matches if x.published.id == name) for matches in published]
        state = "fitted" if any(arms[0].setup.parameters in x.fitted for x in known if x.id == name) else "not fitted"
        table.add_row(f"  published (n = {value.n}, {state})", *cells, style="bold")


def _print_end(console: Console, directory: Any, quiet: bool) -> None:
    if directory:
        has = "files and figures" if (directory / "figures").is_dir() else "files"
        console.print(f"{has}: {directory}", markup=False, highlight=False, soft_wrap=True)
    if not quiet:
        console.print(NOTICE, style="dim", highlight=False)
