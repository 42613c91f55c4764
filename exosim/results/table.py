"""The course of a run as a table: every recorded moment, or one row per day; and as CSV with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from exosim.biology.system import STATES
from exosim.files.tables import columns_csv
from exosim.problems import BadInput
from exosim.results.course import Readable, followed
from exosim.results.dataset import Recorded, Variable
from exosim.simulation.history import COURSES

if TYPE_CHECKING:
    import pandas as pd

Table = Mapping[str, Variable]
"""Columns by name; the first, `time`, is the index."""


def recorded(d: Recorded) -> Table:
    """Return the recorded course: one row per moment, two where an injury makes a course jump."""
    columns = {"time": d.variable("time"), "day": d.variable("moment"), "side": d.variable("side")}
    return columns | {name: d.variable(f"course_{name}") for name in COURSES}


def daily(d: Recorded) -> Table:
    """Return one row per day: courses and (patch means of) all states.

    Day 0 is before anything is done; any other day is after what happens on it.
    """
    last = np.searchsorted(d["moment"], d["day"], side="right") - 1
    last[0] = 0
    day = d.variable("day")
    columns = {"time": day, "day": day} | {name: _part(d.variable(f"course_{name}"), last) for name in COURSES}
    for name in (x.name for x in STATES if x.name in d and x.name not in COURSES):
        state = d.variable(name)
        layers = next((d[dim] for dim in state.dims if dim != "day"), None)
        parts = {} if layers is None else {f"{name}_{x}": _part(state, (..., i)) for i, x in enumerate(layers)}
        columns |= parts or {name: state}
    return columns


def at(run: Readable, days: Sequence[float]) -> Table:
    """Return one row per day of `days`: courses and (patch means of) all states, interpolated."""
    day = Variable(("day",), np.array(days), {"units": "d"})
    columns = {"time": day, "day": day}
    for name, (unit, meaning) in followed().items():
        try:
            values = np.array([run.at(name, x) for x in days])
        except BadInput:  # a channel, where agents replace it
            continue
        columns[name] = Variable(("day",), values, {"units": unit, "long_name": meaning})
    return columns


def _part(variable: Variable, where: object) -> Variable:
    return variable._replace(values=variable.values[where])


def frame(table: Table) -> pd.DataFrame:
    """Return a table as pandas has it, units in ``attrs``."""
    import pandas as pd

    time, *names = table
    made = pd.DataFrame({name: table[name].values for name in names}, pd.Index(table[time].values, name=time))
    made.attrs["units"] = {time: "d"} | {name: table[name].attrs["units"] for name in names if _unit(table[name])}
    return made


def csv(table: Table) -> bytes:
    """Return a table as CSV: units in the header, six significant digits; days keep all that tell them apart."""
    shown = {}
    for name, column in table.items():
        values = column.values.tolist()
        head = f"{name} [{unit}]" if (unit := _unit(column)) else name
        shown[head] = [f"{day:.10g}" for day in values] if name in ("time", "day") else values
    return columns_csv(shown, ".6g")


def _unit(column: Variable) -> str:
    return str(column.attrs.get("units", ""))
