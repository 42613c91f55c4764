"""Schedules, and explanations of names, in the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from exosim.view.terminal.table import Whole, show
from exosim.view.text import fact, span, unit

TABLES = ("parameters", "settings", "overrides", "also", "names")
LEFT_OUT = ("name", "kind", "meaning", "line", "declared_line", *TABLES)


def print_events(console: Console, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the expanded schedule of a scenario."""
    table = Whole(title=escape(name), title_justify="left")
    for column in ("day", "treatment", "session", "event", "details"):
        table.add_column(column, justify="right" if column in ("day", "session") else "left")
    for row in rows:
        table.add_row(f"{row['day']:g}", row["treatment"], str(row["session"]), row["event"], row["details"])
    show(console, table)
    sessions = {(row["treatment"], row["day"]) for row in rows}
    by_kind = ", ".join(
        f"{kind} {sum(treatment == kind for treatment, _ in sessions)}"
        for kind in dict.fromkeys(row["treatment"] for row in rows)
    )
    console.print(f"{len(rows)} events, days of each: {by_kind or 'nothing is done'}", highlight=False)


def print_explanation(console: Console, about: Mapping[str, Any]) -> None:
    """Print everything that is known of one name."""
    console.print(f"{about['name']} ({about['kind']})", style="bold", highlight=False)
    console.print(about["meaning"], markup=False, highlight=False)
    for key, value in about.items():
        if key in LEFT_OUT or value is None:
            continue
        text = fact(value) + (f":{about['line']}" if key == "file" and about.get("line") else "")
        console.print(f"  {key}: {text}", markup=False, highlight=False, soft_wrap=True)
    for title in (key for key in TABLES if key in about):
        rows = about[title]
        records = rows if isinstance(rows, list) else [{"name": name, **row} for name, row in rows.items()]
        print_records(console, records, title)


def print_reasons(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print where the value of every parameter comes from, a few lines each."""
    for row in rows:
        about = row["name"], "=", fact(row["default"]), unit(row["unit"]), f"({span(row['low'], row['high'])})"
        lines = [f"{' '.join(filter(None, about))}, {row['evidence']}", row["meaning"], row["source"], row["reason"]]
        for line in textwrap.indent("\n".join(filter(None, lines)), "    ").strip().split("\n"):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def print_records(console: Console, records: Sequence[Mapping[str, Any]], title: str = "") -> None:
    """Print records with the same keys as a table."""
    if not records:
        return
    table = Whole(title=title or None, title_justify="left")
    columns = [key for key in records[0] if key != "schedule" and any(row[key] is not None for row in records)]
    for column in columns:
        table.add_column(column)
    for record in records:
        table.add_row(*(escape(fact(record[column])) for column in columns))
    show(console, table)
