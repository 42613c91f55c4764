"""Tables as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

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
