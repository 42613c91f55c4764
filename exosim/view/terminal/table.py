"""Tables in a terminal of any width: no word is cut, and no number is broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table

NAME, WORD, UNIT = 28, 13, 8  # letters on a line at least: of names, of a heading's words; and a unit's at most
FRAME = 3  # letters between columns


class Whole(Table):
    """A table that folds what has no room, where others cut it: two headings that differ still do."""

    def add_column(self, *parts: Any, **look: Any) -> None:
        """Add a column."""
        super().add_column(*parts, **{"overflow": "fold"} | look)


def show(console: Console, table: Table) -> None:
    """Print a table; columns that have no room follow in tables below, each with the names and units again."""
    names, *others = table.columns
    least = [min(max(_letters(names)), NAME) + FRAME, *map(_least, others)]
    room = console.width - 1
    if sum(least) <= room:
        console.print(_of(table, table.columns, least, room, table.title))
        return
    units = [i for i, x in enumerate(table.columns) if i and x.justify != "right" and max(_letters(x)) <= UNIT]
    held = least[0] + sum(least[i] for i in units)
    parts, left = [list[int]()], room - held
    for i in (i for i in range(1, len(least)) if i not in units):
        if parts[-1] and left < least[i]:
            parts.append([])
            left = room - held
        left -= least[i]
        parts[-1].append(i)
    for part in parts:
        chosen = [0, *part, *units]
        title = table.title if part is parts[0] else None
        console.print(_of(table, [table.columns[i] for i in chosen], [least[i] for i in chosen], room, title))


def _letters(column: Column) -> list[int]:
    """Return the letters of every line of the heading and the cells."""
    return [len(line) for cell in (column.header, *column.cells) for line in str(cell).splitlines() or [""]]


def _least(column: Column) -> int:
    """Return the room that a column takes at least: its longest number or unit, and most words of its heading."""
    if column.justify != "right" and max(_letters(column)) <= UNIT:
        return max(_letters(column)) + FRAME
    cells = [word for cell in column.cells for word in str(cell).split()] if column.justify == "right" else []
    return max(map(len, [*cells, *(word[:WORD] for word in str(column.header).split())]), default=1) + FRAME


def _of(table: Table, columns: Sequence[Column], least: Sequence[int], room: int, title: Any) -> Table:
    """Return a table of some of the columns of another, each at least so wide, and together within `room`."""
    wide = list(least)
    wanted = [min(max(_letters(x)), x.max_width or room) + FRAME for x in columns]
    while sum(wide) < room and (narrow := [i for i, x in enumerate(wide) if x < wanted[i]]):
        wide[min(narrow, key=wide.__getitem__)] += 1
    part = Whole(title=title, title_justify="left")
    for column, width in zip(columns, wide, strict=True):
        part.add_column(column.header, justify=column.justify, style=column.style, width=width - FRAME)
    for row, line in zip(table.rows, zip(*(column.cells for column in columns), strict=True), strict=True):
        part.add_row(*line, style=row.style)
    return part
