"""Tables as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def cell(value: Any) -> Any:
    """Return what a cell may hold: a text that a spreadsheet would compute gets a quote before it.

    >>> cell("=1+1"), cell("laser"), cell(-2)
    ("'=1+1", 'laser', -2)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV, without its index; names in it are no formulas."""
    safe = table.rename(columns=cell)
    for name in safe.select_dtypes(exclude="number"):
        safe[name] = safe[name].map(cell)
    text: str = safe.to_csv(index=False, lineterminator="\n")
    return text.encode()


def columns_csv(columns: Mapping[str, Iterable[Any]], digits: str = "") -> bytes:
    r"""Return columns as CSV, as `as_csv` does a table, without importing pandas; numbers as `format` takes `digits`.

    >>> columns_csv({"day": [0.51, float("nan")], "event": ["=dose", None]}, ".1g")
    b"day,event\n0.5,'=dose\n,\n"
    """

    def shown(value: Any) -> Any:
        if isinstance(value, float):
            return format(value, digits) if value == value else ""
        return cell(value)

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(cell, columns))
    writer.writerows(zip(*(map(shown, column) for column in columns.values()), strict=True))
    return text.getvalue().encode()
