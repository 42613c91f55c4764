"""The course of a run as an xarray dataset with units, names and provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.biology.notation import LAYERS
from exosim.engine.tissue import Array
from exosim.results.outcomes import improvement
from exosim.simulation.history import FRAMES, OBSERVABLES, History

if TYPE_CHECKING:
    import xarray as xr

    from exosim.scenario.model import Scenario


def to_dataset(
    h: History,
    scenario: Scenario,
    manifest: dict[str, Any],
    channels: dict[str, Any] | None,
    bands: Mapping[str, Array],
) -> xr.Dataset:
    """Daily states, the course of observables with their `bands`, and on a patch daily maps and all `channels`."""
    import xarray as xr

    variables: dict[str, Any] = {}
    for state in h.layout.states:
        about = {"units": state.unit, "long_name": state.meaning}
        values = h.state(state.name)[..., 0]
        dims = ["day"] if not state.layers else ["day", "layer" if state.layers == LAYERS else "dermal_layer"]
        variables[state.name] = (dims, values, about)
    for name, unit in OBSERVABLES.items():
        variables[f"course_{name}"] = ("step", getattr(h.observed, name)[:, 0], {"units": unit})
    variables["course_improvement_percent"] = ("step", improvement(h)[:, 0], {"units": "%"})
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
        side = round(h.frames.shape[-1] ** 0.5)
        grid = manifest["grid"]
        centres = (np.arange(side) + 0.5) * grid["size"] / side
        coords |= {"x": ("x", centres, {"units": "mm"}), "y": ("y", centres, {"units": "mm"})}
        for i, (name, unit) in enumerate(FRAMES.items()):
            variables[f"map_{name}"] = (
                ["day", "x", "y"],
                h.frames[:, i].reshape(-1, side, side),
                {"units": unit},
            )
    for name, column in (channels or {}).items():
        variables[f"channel_{name}"] = ("channel", column)
    title = {
        "title": scenario.name,
        "Conventions": "CF-1.10",
        "institution": "exosim",
        "comment": manifest["notice"],
        "history": f"{manifest['created']} exosim {manifest['versions']['exosim']}",
        "source": "exosim tissue model",
    }
    return xr.Dataset(variables, coords, title)
