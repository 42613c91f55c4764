"""Schedules, and explanations of names, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

TABLES = ("parameters", "settings", "overrides")
LEFT_OUT = ("name", "kind", "meaning", "line", "declared_line", *TABLES)


def print_events(console: Console, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the expanded schedule of a scenario."""
    table = Table(title=escape(name), title_justify="left")
    for column in ("day", "treatment", "session", "event", "details"):
        table.add_column(column, justify="right" if column in ("day", "session") else "left")
    for row in rows:
        table.add_row(f"{row['day']:g}", row["treatment"], str(row["session"]), row["event"], row["details"])
    console.print(table)
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
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        text += f":{about['line']}" if key == "file" and about.get("line") else ""
        console.print(f"  {key}: {text}", markup=False, highlight=False, soft_wrap=True)
    for rows in (about[key] for key in TABLES if key in about):
        records = rows if isinstance(rows, list) else [{"name": name, **row} for name, row in rows.items()]
        _print_records(console, records)


def _print_records(console: Console, records: Sequence[Mapping[str, Any]]) -> None:
    """Print records with the same keys as a table."""
    if not records:
        return
    table = Table()
    columns = [key for key in records[0] if key != "schedule"]
    for column in columns:
        table.add_column(column)
    for record in records:
        table.add_row(*(_cell(record[column]) for column in columns))
    console.print(table)


def _cell(value: Any) -> str:
    return "" if value is None else escape(f"{value:g}" if isinstance(value, float) else str(value))
