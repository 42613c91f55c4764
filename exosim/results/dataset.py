"""The course of a run as an xarray dataset with units, names and provenance."""

from __future__ import annotations

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
    """Return daily states, the course of observables with their `bands`, and of a patch daily maps and all channels."""
    import xarray as xr

    variables: dict[str, Any] = {}
    for state in h.layout.states:
        about = {"units": state.unit, "long_name": state.meaning}
        values = h.state(state.name)[..., 0]
        dims = ["day"] if not state.layers else ["day", "layer" if state.layers == LAYERS else "dermal_layer"]
        variables[state.name] = (dims, values, about)
    for name, course in COURSES.items():
        about = {"units": course.unit, "long_name": course.definition}
        variables[f"course_{name}"] = ("step", getattr(h.observed, name)[:, 0], about)
    for name, ends in bands.items():
        about = {"long_name": "ends of the 90 % interval of the ensemble, one column of skin"}
        variables[f"band_{name}"] = (["end", "step"], ends, about)
    coords: dict[str, Any] = {
        "day": ("day", h.days, {"units": "d", "long_name": "time since the first day"}),
        "step_day": ("step", h.times, {"units": "d", "long_name": "time of an observation"}),
        "layer": list(LAYERS),
        "dermal_layer": list(LAYERS[1:]),
    }
    if h.frames is not None:
        maps, centres = _maps(h.frames, manifest["grid"]["size"])
        variables |= maps
        coords |= {axis: (axis, centres, {"units": "mm"}) for axis in ("x", "y")}
    variables |= {f"channel_{name}": ("channel", column) for name, column in (h.channels or {}).items()}
    return xr.Dataset(variables, coords, _provenance(scenario, manifest))


def _maps(frames: Array, size: float) -> tuple[dict[str, Any], Array]:
    """Return the daily maps of a patch, and where the centres of its columns are."""
    side = round(frames.shape[-1] ** 0.5)
    maps = {}
    for i, frame in enumerate(FRAMES):
        about = {"units": frame.unit, "long_name": frame.definition}
        maps[f"map_{frame.name}"] = (["day", "x", "y"], frames[:, i].reshape(-1, side, side), about)
    return maps, (np.arange(side) + 0.5) * size / side


def _provenance(scenario: Scenario, manifest: Mapping[str, Any]) -> dict[str, str]:
    return {
        "title": scenario.name,
        "Conventions": "CF-1.10",
        "institution": "exosim",
        "comment": manifest["notice"],
        "history": f"{manifest['created']} exosim {manifest['versions']['exosim']}",
        "source": "exosim tissue model",
    }
