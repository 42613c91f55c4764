"""The course of a run as a table: every recorded moment, or one row per day; and as CSV with units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.biology.system import STATES
from exosim.simulation.history import COURSES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def recorded(d: xr.Dataset) -> pd.DataFrame:
    """Return the recorded course: one row per moment, two where an injury makes a course jump."""
    columns = {"day": d["moment"], "side": d["side"]} | {name: d[f"course_{name}"] for name in COURSES}
    return _frame(d["time"], columns)


def daily(d: xr.Dataset) -> pd.DataFrame:
    """Return one row per day: courses and (patch means of) all states.

    Day 0 is before anything is done; any other day is after what happens on it.
    """
    last = np.searchsorted(d["moment"].values, d["day"].values, side="right") - 1
    last[0] = 0
    columns = {"day": d["day"]} | {name: d[f"course_{name}"][last] for name in COURSES}
    for name in (x.name for x in STATES if x.name in d and x.name not in COURSES):
        layers = next((d[dim].values for dim in d[name].dims if dim != "day"), None)
        columns |= {name: d[name]} if layers is None else {f"{name}_{x}": d[name][:, i] for i, x in enumerate(layers)}
    return _frame(d["day"], columns)


def _frame(time: xr.DataArray, columns: dict[str, xr.DataArray]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({name: x.values for name, x in columns.items()}, pd.Index(time.values, name="time"))
    frame.attrs["units"] = {"time": "d"} | {name: x.attrs["units"] for name, x in columns.items() if "units" in x.attrs}
    return frame


def csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV: units in the header, six significant digits; days keep all that tell them apart."""
    shown, units = frame.reset_index(), frame.attrs["units"]
    for name in ("time", "day"):
        shown[name] = shown[name].map("{:.10g}".format)
    head: list[Any] = [f"{name} [{units[name]}]" if name in units else name for name in shown]
    text: str = shown.to_csv(index=False, header=head, float_format="%.6g", lineterminator="\n")
    return text
