"""Tables of a run and of a comparison in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import isdir
from typing import Any

from rich.console import Console
from rich.markup import escape

from exosim.evidence import Match
from exosim.parameters import parameter_set
from exosim.results.comparison import Arms
from exosim.results.intervals import numbers
from exosim.results.outcomes import FLAGS, OUTCOMES, Outcome
from exosim.results.result import NOTICE, Record
from exosim.view.terminal.table import Whole, show
from exosim.view.text import broken, interval, outcome, told, unit


def print_run(console: Console, result: Record, quiet: bool = False) -> None:
    """Print the outcomes of one run."""
    title = f"{result.scenario.name}: {result.scenario.weeks:g} weeks, {result.setup.words}"
    table = Whole(title=escape(title), title_justify="left")
    table.add_column("outcome")
    table.add_column("value", justify="right")
    ends = result.intervals
    if ends:
        table.add_column("90 % interval", justify="right")
    table.add_column("unit")
    table.add_column("meaning", style="dim")
    for about in (*OUTCOMES, *result.own):
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
    console: Console, comparison: Arms[Any], published: Sequence[Sequence[Match]], quiet: bool = False
) -> None:
    """Print the outcomes of several arms side by side, with published values where there are any."""
    arms, pair = comparison.arms, len(comparison) == 2
    weeks = " and ".join(dict.fromkeys(f"{arm.scenario.weeks:g}" for arm in arms))
    title = f"{weeks} weeks, {arms[0].setup.words}"
    table = Whole(title=title, title_justify="left")
    table.add_column("outcome")
    for name in comparison.names:
        table.add_column(escape(broken(name) if "=" in name else name), justify="right", max_width=22)
    if pair:
        first = comparison.reference is arms[0]
        table.add_column("second minus first" if first else "first minus second", justify="right")
    table.add_column("unit")
    for about in (*OUTCOMES, *comparison.reference.own):
        values = [told(about.name, arm.outcomes[about.name]) for arm in arms]
        difference = [outcome(comparison.differences.get(about.name))] if pair else []
        table.add_row(about.name, *values, *difference, unit(about.unit))
        if any(arm.ensemble for arm in arms) and about.name in numbers(comparison.reference.own):
            spans = [interval((arm.intervals or {}).get(about.name)) for arm in arms]
            paired = [interval((comparison.difference_intervals or {}).get(about.name))] if pair else []
            table.add_row("  90 % interval", *spans, *paired, "", style="dim")
        if not pair and about.name in numbers(comparison.reference.own):
            _add_differences(table, about, comparison)
        _add_published(table, about, arms, published)
    table.add_row("safety_flags", *(outcome(arm.outcomes["safety_flags"]) for arm in arms))
    show(console, table)
    if not pair:
        base = comparison.reference.scenario.name
        console.print(f"differences are from: {base}", markup=False, highlight=False)
    values_of = (x.published for matches in published for x in matches)
    cited = dict.fromkeys(f"{x.citation}: {x.measure}" for x in values_of)
    for citation in cited:
        console.print(f"published: {citation}", style="dim", markup=False, highlight=False)
    _print_end(console, comparison.directory, quiet)


def _add_differences(table: Whole, about: Outcome, comparison: Arms[Any]) -> None:
    """Add a row of the differences of every arm from the reference, and one of their intervals."""
    number, base = range(len(comparison)), comparison.reference
    found = ["" if comparison[i] is base else outcome(comparison.difference(i)[about.name]) for i in number]
    table.add_row("  difference", *found, style="dim")
    if base.ensemble:
        ends = [None if comparison[i] is base else comparison.difference_interval(i) for i in number]
        table.add_row("  its 90 % interval", *(interval((x or {}).get(about.name)) for x in ends), style="dim")


def _add_published(table: Whole, about: Outcome, arms: Sequence[Record], published: Sequence[Sequence[Match]]) -> None:
    """Add a row for every published comparison of an outcome."""
    known = [x.published for matches in published for x in matches if x.published.outcome == about.name]
    for name, value in {x.id: x for x in known}.items():
        cells = ["".join(x.text for x in matches if x.published.id == name) for matches in published]
        chosen = parameter_set(arms[0].setup.parameters)
        state = "fitted" if any(chosen.comes_from(x.fitted) for x in known if x.id == name) else "not fitted"
        table.add_row(f"  published (n = {value.n}, {state})", *cells, style="bold")


def _print_end(console: Console, directory: Any, quiet: bool) -> None:
    if directory:
        has = "files and figures" if isdir(directory / "figures") else "files"
        console.print(f"{has}: {directory}", markup=False, highlight=False, soft_wrap=True)
    if not quiet:
        console.print(NOTICE, style="dim", highlight=False)
