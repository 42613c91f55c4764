"""What the terminal shows: summaries of runs, comparisons, schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from exosim.evidence import Published
from exosim.results.outcomes import FLAGS, OUTCOMES
from exosim.results.result import NOTICE, Record

UNITLESS = {"1": "", "flag": ""}


def shown(value: Any) -> str:
    """A value of an outcome as text."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    size = abs(value)
    return (
        "0"
        if size < 0.0005
        else f"{value:.3f}"
        if size < 1
        else f"{value:.1f}"
        if size < 100
        else f"{value:.0f}"
    )


def _span(ends: Sequence[float | None] | None) -> str:
    """An interval as text."""
    return " .. ".join(map(shown, ends)) if ends else ""


def print_run(console: Console, result: Record, quiet: bool = False) -> None:
    """Outcomes of one run."""
    table = Table(
        title=_plain(
            f"{result.scenario.name}: {result.scenario.weeks:g} weeks, {result.setup.resolution}, "
            f"parameters {result.setup.parameters}, seed {result.setup.seed}"
        ),
        title_justify="left",
    )
    table.add_column("outcome")
    table.add_column("value", justify="right")
    ends = result.intervals
    if ends:
        table.add_column("90 % interval", justify="right")
    table.add_column("unit")
    table.add_column("meaning", style="dim")
    for outcome in OUTCOMES:
        table.add_row(
            outcome.name,
            shown(result.outcomes[outcome.name]),
            *([_span(ends.get(outcome.name))] if ends else []),
            UNITLESS.get(outcome.unit, outcome.unit),
            outcome.definition,
        )
    table.add_row(
        "safety_flags", shown(result.outcomes["safety_flags"]), *([""] if ends else []), "", _flags([result])
    )
    console.print(table)
    _print_end(console, result.directory, quiet)


def print_comparison(
    console: Console,
    arms: Sequence[Record],
    differences: Mapping[str, Any],
    published: Sequence[Mapping[int, Published]],
    directory: Any,
    quiet: bool = False,
    intervals: Mapping[str, Any] | None = None,
) -> None:
    """Outcomes of several arms side by side, with published values where there are any."""
    first, setup = arms[0], arms[0].setup
    table = Table(
        title=f"{first.scenario.weeks:g} weeks, {setup.resolution}, parameters {setup.parameters}, seed {setup.seed}",
        title_justify="left",
    )
    table.add_column("outcome", no_wrap=True)
    for arm in arms:
        table.add_column(_plain(arm.scenario.name), justify="right", max_width=22)
    pair = len(arms) == 2
    if pair:
        table.add_column("second minus first", justify="right")
    table.add_column("unit")
    for outcome in OUTCOMES:
        values = [shown(arm.outcomes[outcome.name]) for arm in arms]
        table.add_row(
            outcome.name,
            *values,
            *([shown(differences.get(outcome.name))] if pair else []),
            UNITLESS.get(outcome.unit, outcome.unit),
        )
        if first.intervals and outcome.name in first.intervals:
            spans = [_span((arm.intervals or {}).get(outcome.name)) for arm in arms]
            paired = [_span((intervals or {}).get(outcome.name))] if pair else []
            table.add_row("  90 % interval", *spans, *paired, "", style="dim")
        for match in published:
            mine = {i: p for i, p in match.items() if p.outcome == outcome.name}
            if mine:
                p = next(iter(mine.values()))
                cells = [f"{mine[i].value:g}" if i in mine else "" for i in range(len(arms))]
                state = "fitted" if first.setup.parameters in p.fitted else "not fitted"
                table.add_row(f"  published (n = {p.n}, {state})", *cells, style="bold")
    table.add_row("safety_flags", *(shown(arm.outcomes["safety_flags"]) for arm in arms))
    console.print(table)
    for citation in dict.fromkeys(
        p.citation + ": " + p.measure for match in published for p in match.values()
    ):
        console.print(f"published: {citation}", style="dim", markup=False, highlight=False)
    _print_end(console, directory, quiet)


def print_events(console: Console, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The expanded schedule."""
    table = Table(title=_plain(name), title_justify="left")
    for column in ("day", "treatment", "session", "event", "details"):
        table.add_column(column, justify="right" if column in ("day", "session") else "left")
    for row in rows:
        table.add_row(f"{row['day']:g}", row["treatment"], str(row["session"]), row["event"], row["details"])
    console.print(table)
    sessions = {(r["treatment"], r["day"]) for r in rows}
    by_kind = ", ".join(
        f"{kind} {sum(t == kind for t, _ in sessions)}"
        for kind in dict.fromkeys(r["treatment"] for r in rows)
    )
    console.print(
        f"{len(rows)} events in {len(sessions)} sessions: {by_kind or 'nothing is done'}", highlight=False
    )


def print_explanation(console: Console, found: Mapping[str, Any]) -> None:
    """Everything known of one name."""
    console.print(f"{found['name']} ({found['kind']})", style="bold", highlight=False)
    console.print(found["meaning"], markup=False, highlight=False)
    tables = {key: value for key, value in found.items() if key in ("parameters", "settings", "overrides")}
    for key, value in found.items():
        if key in ("name", "kind", "meaning", "line", "declared_line", *tables) or value is None:
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        text += f":{found['line']}" if key == "file" and found.get("line") else ""
        console.print(f"  {key}: {text}", markup=False, highlight=False, soft_wrap=True)
    for rows in tables.values():
        records = rows if isinstance(rows, list) else [{"name": name, **row} for name, row in rows.items()]
        _print_records(console, records)


def _print_records(console: Console, records: Sequence[Mapping[str, Any]]) -> None:
    if not records:
        return
    table = Table()
    columns = [key for key in records[0] if key != "schedule"]
    for column in columns:
        table.add_column(column)
    for record in records:
        table.add_row(
            *(
                ""
                if record[c] is None
                else _plain(f"{record[c]:g}" if isinstance(record[c], float) else str(record[c]))
                for c in columns
            )
        )
    console.print(table)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _flags(arms: Sequence[Record]) -> str:
    raised = dict.fromkeys(flag for arm in arms for flag in arm.outcomes["safety_flags"])
    return "; ".join(FLAGS[flag][0] for flag in raised) or "of: " + ", ".join(FLAGS)


def _print_end(console: Console, directory: Any, quiet: bool) -> None:
    if directory:
        console.print(f"files and figures: {directory}", markup=False, highlight=False, soft_wrap=True)
    if not quiet:
        console.print(NOTICE, style="dim", highlight=False)
