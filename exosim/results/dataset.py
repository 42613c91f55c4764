"""The course of a run as an xarray dataset with units, names and provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.biology.notation import LAYERS
from exosim.engine.tissue import Array
from exosim.results.outcomes import OUTCOMES
from exosim.simulation.history import COURSES, FRAMES, History

if TYPE_CHECKING:
    import xarray as xr

    from exosim.scenario.model import Scenario


AFTER = 1e-6  # d, a tenth of a second: how much later the far side of a jump lies on the axis of time
TRAITS = {
    "phototype": "Fitzpatrick phototype",
    "scar": "type of scar",
    "severity": "depth of the scars",
    "draw": "number of the draw of the parameter set",
    "response": "response of pigment to inflammation, phototype IV = 1",
}
"""What is known of a simulated person."""


def described(name: str, labels: Sequence[object] = ()) -> dict[str, Any]:
    """Return the attributes of an outcome or a trait: units, long name, and the `labels` of codes 0, 1, ...

    >>> described("downtime_days")["units"], described("scar", ["none", "boxcar"])["flag_meanings"]
    ('d', 'none boxcar')
    """
    unit, meaning = next(((x.unit, x.definition) for x in OUTCOMES if x.name == name), ("1", TRAITS.get(name, name)))
    about: dict[str, Any] = {"units": unit, "long_name": meaning}
    if unit == "flag":
        about["units"], labels = "1", labels or ("no", "yes")
    if labels:
        about |= {"flag_values": list(range(len(labels))), "flag_meanings": " ".join(map(str, labels))}
    return about


def to_dataset(h: History, scenario: Scenario, manifest: dict[str, Any], bands: Mapping[str, Array]) -> xr.Dataset:
    """Return daily states, the course of observables with their `bands`, and of a patch daily maps and all channels.

    The axis `time` of courses is unique. Where a course jumps, the state before is at its moment and the state after
    at `AFTER` later; `moment` is the day of both, `side` says which is which.
    """
    import xarray as xr

    kept, side = _sides(h.times, np.stack([getattr(h.observed, name)[:, 0] for name in COURSES]))
    moment = h.times[kept]

    variables: dict[str, Any] = {}
    for state in h.layout.states:
        about = {"units": state.unit, "long_name": state.meaning}
        values = h.state(state.name)[..., 0]
        dims = ["day"] if not state.layers else ["day", "layer" if state.layers == LAYERS else "dermal_layer"]
        variables[state.name] = (dims, values, about)
    for name, course in COURSES.items():
        about = {"units": course.unit, "long_name": course.definition}
        variables[f"course_{name}"] = ("time", getattr(h.observed, name)[kept, 0], about)
    for name, ends in bands.items():
        meaning = f"90 % interval of the ensemble, one column of skin: {COURSES[name].definition}"
        about = {"units": COURSES[name].unit, "long_name": meaning}
        variables[f"band_{name}"] = (["end", "time"], ends[:, kept], about)
    coords: dict[str, Any] = {
        "day": ("day", h.days, {"units": "d", "long_name": "time since the first day"}),
        "time": ("time", moment + AFTER * (side == "after"), {"units": "d", "long_name": "time since the first day"}),
        "moment": ("time", moment, {"units": "d", "long_name": "day of the record, the same on both sides of a jump"}),
        "side": ("time", side, {"long_name": "side of a jump: before, after, or empty where nothing jumps"}),
        "layer": list(LAYERS),
        "dermal_layer": list(LAYERS[1:]),
    }
    if bands:
        coords["end"] = ["low", "high"]
    if h.frames is not None:
        maps, centres = _maps(h.frames, manifest["grid"]["size"])
        variables |= maps
        coords |= {axis: (axis, centres, {"units": "mm", "long_name": f"place along {axis}"}) for axis in ("x", "y")}
    for name, column in (h.channels or {}).items():
        variables[f"channel_{name}"] = ("channel", column, _channel(name))
    return xr.Dataset(variables, coords, _provenance(scenario, manifest))


def _sides(times: Array, courses: Array) -> tuple[Array, Array]:
    """Return which records to keep, and on which side of a jump each is.

    A moment has two records where something happens; the second is kept where it differs.

    >>> _sides(np.array([0.0, 0.0, 1.0, 1.0]), np.array([[1.0, 2.0, 3.0, 3.0]]))
    (array([0, 1, 2]), array(['before', 'after', ''], dtype='<U6'))
    """
    _, first = np.unique(times, return_index=True)
    last = np.append(first[1:], len(times)) - 1
    a, b = courses[:, first], courses[:, last]
    jumps = ((a != b) & ~(np.isnan(a) & np.isnan(b))).any(axis=0)
    kept = np.sort(np.concatenate([first, last[jumps]]))
    side = np.full(len(kept), "", dtype="<U6")
    side[np.searchsorted(kept, first[jumps])] = "before"
    side[np.searchsorted(kept, last[jumps])] = "after"
    return kept, side


def _channel(name: str) -> dict[str, str]:
    """Return the attributes of a column of the table of channels."""
    if name.endswith("_day"):
        return {"units": "d", "long_name": f"day on which it was {name.removesuffix('_day')}"}
    return {"units": "mm"} if name in ("x", "y", "depth", "radius") else {}


def _maps(frames: Array, size: float) -> tuple[dict[str, Any], Array]:
    """Return the daily maps of a patch, and where the centres of its columns are."""
    side = round(frames.shape[-1] ** 0.5)
    maps = {}
    for i, frame in enumerate(FRAMES):
        about = {"units": frame.unit, "long_name": frame.definition}
        maps[f"map_{frame.name}"] = (["day", "x", "y"], frames[:, i].reshape(-1, side, side), about)
    return maps, (np.arange(side) + 0.5) * size / side


def _provenance(scenario: Scenario, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what made the dataset; the values of all parameters are in the manifest."""
    return {
        "title": scenario.name,
        "Conventions": "CF-1.10",
        "institution": "exosim",
        "comment": manifest["notice"],
        "history": f"{manifest['created']} exosim {manifest['versions']['exosim']}",
        "source": "exosim tissue model",
        **{name: manifest[name] for name in ("resolution", "parameters")},
        "seed": manifest["seed"] if manifest["seed"] < 2**63 else str(manifest["seed"]),
        "grid": json.dumps(manifest["grid"]),
        "versions": json.dumps(manifest["versions"]),
        "scenario": scenario.to_toml(),
        "scenario_hash": manifest["scenario_hash"],
    }
