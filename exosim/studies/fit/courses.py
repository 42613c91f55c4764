"""One's own courses: what was measured of an arm on some days, with units and standard deviations."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.reading import as_text, read_bytes
from exosim.problems import BadInput, Problem, brief, shown, suggest
from exosim.simulation.history import COURSES, History

HEADER = re.compile(r"(?P<name>\w+?)(?P<sd> sd)? \[(?P<unit>[^\]]*)\]")
MOST = 1_000_000  # bytes of a table
BEGIN = 'a table is CSV in UTF-8: first "day [d],erythema [1]", then a line of numbers per day'


@dataclass(frozen=True)
class Course:
    """What was measured on `days` of the scenario of an arm: values, standard deviations, the `rows` they are in."""

    arm: str
    read: str
    days: Sequence[float]
    values: Sequence[float]
    sd: Sequence[float]
    rows: Sequence[int] = ()

    def simulated(self, history: History) -> Array:
        """Return the model's values on the days, before anything that is done on them, (days, draws)."""
        times, course = history.times, getattr(history.observed, self.read)
        first = np.clip(np.searchsorted(times, np.array(self.days) - 1e-6), 1, len(times) - 1)
        share = np.clip((np.array(self.days) - times[first - 1]) / (times[first] - times[first - 1]), 0, 1)[:, None]
        return np.asarray((1 - share) * course[first - 1] + share * course[first])


def read_table(file: Path) -> tuple[dict[str, list[Any]], list[int]]:
    """Return the columns of a CSV file, None where a cell is empty, and the line of each row.

    Raise `BadInput` with every problem.
    """
    read = csv.reader(as_text(read_bytes(file, "table of a course", MOST), file, "table", BEGIN).splitlines())
    found = [(read.line_num, [cell.strip() for cell in row]) for row in read if any(row)]
    if not found:
        raise BadInput([Problem("the table is empty", source=str(file), remedy=BEGIN)])
    (_, header), *rows = found
    twice = sorted({name for name in header if header.count(name) > 1})
    problems = [Problem(f'the column "{brief(name)}" comes twice', source=str(file), line=1) for name in twice]
    for number, row in rows:
        if len(row) != len(header):
            message = f"a row has {len(row)} cells, the header {len(header)}"
            problems.append(Problem(message, source=str(file), line=number))
        for name, cell in zip(header, row, strict=False):
            if cell and not _number(cell):
                message = f'"{brief(cell)}" in the column {brief(name)} is not a number'
                problems.append(Problem(message, source=str(file), line=number))
    if problems:
        raise BadInput(problems)
    columns = {name: [float(row[i]) if row[i] else None for _, row in rows] for i, name in enumerate(header)}
    return columns, [number for number, _ in rows]


def courses_of(arm: str, columns: Any, sd: Any, last: float, lines: Sequence[int] = ()) -> list[Course]:
    """Return the courses in columns ``NAME [UNIT]``; raise `BadInput` with every problem.

    Parameters
    ----------
    columns : mapping
        ``day [d]``, one or more courses, and their deviations, as in ``erythema sd [1]``.
    sd : mapping, optional
        ``value`` and ``unit`` of the deviation of the only course, where no column has it.
    last : float
        Day on which the arm ends.
    lines : sequence of int, optional
        Line of each row in its file; data in Python are counted from 1.
    """
    problems = [*_wrong_columns(columns)]
    if problems:
        raise BadInput(problems)
    found = {(m["name"], bool(m["sd"])): columns[h] for h in columns if (m := HEADER.fullmatch(h))}
    reads = [name for name, deviation in found if name != "day" and not deviation]
    days = found.get(("day", False), [])
    places = lines or range(1, len(days) + 1)
    problems += _wrong_days(days, last, places)
    if not reads:
        problems.append(Problem("there is no course", remedy=f"columns are such as erythema [1]: {', '.join(COURSES)}"))
    spread = {name: found.get((name, True)) for name in reads}
    if sd is not None:
        problems += _wrong_spread(sd, reads, [name for name in reads if spread[name] is not None])
    if sd is not None and not problems:
        spread = {name: [sd["value"]] * len(days) for name in reads}
    made = []
    for name in reads:
        problems += _wrong_values(name, days, found[name, False], spread[name], places)
        if not problems:
            rows = zip(days, found[name, False], spread[name] or (), places, strict=True)
            *numbers, kept = zip(*(row for row in rows if row[1] is not None), strict=True)
            on, measured, deviations = (tuple(map(float, x)) for x in numbers)
            made.append(Course(arm, name, on, measured, deviations, kept))
    if problems:
        raise BadInput(problems)
    return made


def _number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _wrong_columns(columns: Any) -> Iterator[Problem]:
    """Yield columns that are none, with an unknown name, or in another unit."""
    if not isinstance(columns, Mapping) or not columns:
        yield Problem(f"a course needs columns, not {shown(columns)}", remedy='as in "day [d]" and "erythema [1]"')
        return
    for header, values in columns.items():
        match = HEADER.fullmatch(str(header))
        if not match:
            yield _misread(str(header))
        elif match["name"] not in (known := {"day": "d", **{name: x.unit for name, x in COURSES.items()}}):
            yield Problem(f'there is no course "{brief(match["name"])}"', remedy=suggest(match["name"], known))
        elif match["unit"] != known[match["name"]]:
            name = match["name"]
            message = f'{name} is in {known[name]}, not in "{brief(match["unit"])}"'
            yield Problem(message, remedy=f"convert the values, and write {name} [{known[name]}]")
        if not isinstance(values, list) or not all(x is None or _is_number(x) for x in values):
            yield Problem(f"{brief(header)} must be a list of numbers, not {shown(values)}")
    if len({len(x) for x in columns.values() if isinstance(x, list)}) > 1:
        yield Problem("the columns of a course have different lengths")


def _misread(header: str) -> Problem:
    """Return what is wrong with the head of a column that cannot be read."""
    name, bracket, rest = header.partition("[")
    first, *others = name.split() or [""]
    if not bracket:
        return Problem(f'the column "{brief(header)}" has no unit', remedy='write "day [d]" or "erythema sd [1]"')
    right = f"{first} {'sd ' if others else ''}[{rest.partition(']')[0]}]"
    if others and others != ["sd"]:
        word = brief(" ".join(others))
        message = f'the word after the name must be "sd", not "{word}", in the column "{brief(header)}"'
        return Problem(message, remedy=f'write "{brief(right)}" for the standard deviation')
    return Problem(f'the column "{brief(header)}" is not "NAME [UNIT]"', remedy=f'write "{brief(right)}"')


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _empty(header: str, row: int) -> Problem:
    remedy = "every row needs a day, and every value its standard deviation; leave the value empty, too, or the row out"
    return Problem(f'the cell is empty: row {row}, column "{header}"', remedy=remedy, line=row)


def _wrong_days(days: Sequence[Any], last: float, rows: Sequence[int]) -> Iterator[Problem]:
    if not days:
        yield Problem("there are no days", remedy='the column is "day [d]"')
    for day, row in zip(days, rows, strict=True):
        if day is None:
            yield _empty("day [d]", row)
        elif not 0 <= day <= last:
            message = f"day {shown(day)} is not in the arm, which lasts from 0 to {last:g} d"
            yield Problem(message, line=row)


def _wrong_spread(sd: Any, reads: Sequence[str], own: Sequence[str]) -> Iterator[Problem]:
    """Yield what is wrong with one deviation for all days."""
    if len(reads) != 1 or own:
        yield Problem("sd is that of the only course of a table", ("sd",), 'write a column, as in "erythema sd [1]"')
        return
    unit = COURSES[reads[0]].unit
    if not isinstance(sd, Mapping) or {*sd} != {"value", "unit"}:
        yield Problem(f"sd needs value and unit, not {shown(sd)}", ("sd",), f'as in {{ value = 0.1, unit = "{unit}" }}')
    elif sd["unit"] != unit:
        yield Problem(f"sd of {reads[0]} is in {unit}, not in {shown(sd['unit'])}", ("sd", "unit"))
    elif not _is_number(sd["value"]) or sd["value"] <= 0:
        yield Problem(f"sd of {reads[0]} must be a number above 0, not {shown(sd['value'])}", ("sd", "value"))


def _wrong_values(
    name: str, days: Sequence[Any], values: Sequence[Any], sd: Sequence[Any] | None, rows: Sequence[int]
) -> Iterator[Problem]:
    if sd is None:
        remedy = f'write a column "{name} sd [{COURSES[name].unit}]", or sd = {{ value = ..., unit = ... }}'
        yield Problem(f"how far values of {name} may scatter is not said", remedy=remedy)
        return
    if all(x is None for x in values):
        yield Problem(f"there is no value of {name}")
    for day, value, deviation, row in zip(days, values, sd, rows, strict=True):
        if value is not None and deviation is None:
            yield _empty(f"{name} sd [{COURSES[name].unit}]", row)
        elif value is not None and deviation <= 0:
            message = f"the deviation of {name} on day {shown(day)} is {shown(deviation)}, not above 0"
            yield Problem(message, remedy="a standard deviation is a number above 0", line=row)
