"""What a run recorded: arrays with dimensions, units and names, as xarray has them and as NetCDF.

Both come from the same plain arrays, since importing xarray takes longer than simulating a column.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from exosim.biology.notation import LAYERS
from exosim.biology.system import STATES
from exosim.engine.tissue import Array
from exosim.results.outcomes import OUTCOMES, Outcome
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


def described(name: str, labels: Sequence[object] = (), own: Iterable[Outcome] = ()) -> dict[str, Any]:
    """Return the attributes of an outcome, also of one's `own`, or a trait: units, long name, `labels` of codes 0, 1...

    >>> described("downtime_days")["units"], described("scar", ["none", "boxcar"])["flag_meanings"]
    ('d', 'none boxcar')
    """
    unit, meaning = next(
        ((x.unit, x.definition) for x in (*OUTCOMES, *own) if x.name == name), ("1", TRAITS.get(name, name))
    )
    about: dict[str, Any] = {"units": unit, "long_name": meaning}
    if unit == "flag":
        about["units"], labels = "1", labels or ("no", "yes")
    if labels:
        about |= {"flag_values": list(range(len(labels))), "flag_meanings": " ".join(map(str, labels))}
    return about


class Variable(NamedTuple):
    """An array with the names of its dimensions and its attributes, as xarray takes it."""

    dims: tuple[str, ...]
    values: Any
    attrs: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a run recorded.

    Attributes
    ----------
    variables, coords : dict
        Variables by name; those of `coords` say where and when the others hold.
    attrs : dict
        Title, provenance.
    """

    variables: dict[str, Variable]
    coords: dict[str, Variable]
    attrs: dict[str, Any]

    @classmethod
    def of(cls, d: xr.Dataset) -> Recorded:
        """Return what a dataset holds."""
        plain = {
            str(name): Variable(tuple(map(str, x.dims)), x.values, dict(x.attrs)) for name, x in d.variables.items()
        }
        own, other = ({name: x for name, x in plain.items() if (name in d.coords) is side} for side in (False, True))
        return cls(own, other, dict(d.attrs))

    def __contains__(self, name: str) -> bool:
        """Whether there is such a variable."""
        return name in self.variables or name in self.coords

    def __getitem__(self, name: str) -> Any:
        """Return the array of a variable."""
        return self.variable(name).values

    def variable(self, name: str) -> Variable:
        """Return a variable or a coordinate."""
        return self.variables[name] if name in self.variables else self.coords[name]

    def to_xarray(self) -> xr.Dataset:
        """Return all as a dataset."""
        import xarray as xr

        return xr.Dataset(self.variables, self.coords, self.attrs)

    def to_netcdf(self) -> bytes:
        """Return all as NetCDF 4, as xarray writes and reads it."""
        import h5netcdf
        import h5py

        whole, memory = self.variables | self.coords, io.BytesIO()
        with h5netcdf.File(memory, "w") as file:
            file.attrs.update({name: _attribute(x) for name, x in self.attrs.items()})
            file.dimensions = {dim: n for x in whole.values() for dim, n in zip(x.dims, x.values.shape, strict=True)}
            for name, x in whole.items():
                blank, text = {"fillvalue": np.nan} if x.values.dtype.kind == "f" else {}, x.values.dtype.kind in "UO"
                values, dtype = (x.values.astype(object), h5py.string_dtype()) if text else (x.values, x.values.dtype)
                made = file.create_variable(name, x.dims, dtype, data=values, **blank)
                beside = [c for c, y in sorted(self.coords.items()) if (c,) != y.dims and {*y.dims} <= {*x.dims}]
                beside = [] if name in self.coords else beside
                about = x.attrs | ({"coordinates": " ".join(beside)} if beside else {})
                made.attrs.update({key: _attribute(value) for key, value in about.items()})
        return memory.getvalue()


def _attribute(value: Any) -> Any:
    """Return an attribute as NetCDF holds it: a text, or an array of numbers."""
    return value if isinstance(value, str) else np.atleast_1d(value)


def record(
    h: History, scenario: Scenario, manifest: dict[str, Any], bands: Mapping[str, Array], members: Mapping[str, Array]
) -> Recorded:
    """Return daily states, the course of observables with their `bands`, and of a patch daily maps and all channels.

    `members` are courses of every draw, (times, draws).
    The axis `time` of courses is unique. Where a course jumps, the state before is at its moment and the state after
    at `AFTER` later; `moment` is the day of both, `side` says which is which.
    """
    kept, side = _sides(h.times, np.stack([getattr(h.observed, name)[:, 0] for name in COURSES]))
    moment = h.times[kept]

    variables: dict[str, Variable] = {}
    for state in h.layout.states:
        about = {"units": state.unit, "long_name": state.meaning}
        values = h.state(state.name)[..., 0]
        over = ("layer" if state.layers == LAYERS else "dermal_layer",) if state.layers else ()
        variables[state.name] = Variable(("day", *over), values, about)
    for name, course in COURSES.items():
        about = {"units": course.unit, "long_name": course.definition}
        variables[f"course_{name}"] = Variable(("time",), getattr(h.observed, name)[kept, 0], about)
    variables["course_of_states"], places = _followed(h)
    since = {"units": "d", "long_name": "time since the first day"}
    both = {"units": "d", "long_name": "day of the record, the same on both sides of a jump"}
    coords = {
        "day": Variable(("day",), h.days, since),
        "time": Variable(("time",), moment + AFTER * (side == "after"), since),
        "moment": Variable(("time",), moment, both),
        "side": Variable(("time",), side, {"long_name": "side of a jump: before, after, or empty where nothing jumps"}),
        **places,
        "layer": Variable(("layer",), np.array(LAYERS), {}),
        "dermal_layer": Variable(("dermal_layer",), np.array(LAYERS[1:]), {}),
    }
    if bands:
        drawn, numbers = _drawn(bands, members, kept)
        variables, coords = variables | drawn, coords | numbers
    if h.frames is not None:
        maps, numbers = _maps(h.frames, manifest["grid"]["size"])
        variables, coords = variables | maps, coords | numbers
    for name, column in (h.channels or {}).items():
        variables[f"channel_{name}"] = Variable(("channel",), np.asarray(column), _channel(name))
    return Recorded(variables, coords, _provenance(scenario, manifest))


def _followed(h: History) -> tuple[Variable, dict[str, Variable]]:
    """Return the course of every state (mean of a patch), as often as observables are recorded, and its coordinates."""
    units = {entry: state.unit for state in STATES for entry in state.entries}
    values = np.array([course[:, 0] for course in h.followed.values()])
    about = {"units": "see entry_unit", "long_name": "course of every state, the mean of a patch"}
    return Variable(("entry", "record"), values, about), {
        "record_day": Variable(("record",), h.times, {"units": "d", "long_name": "day of a record of all states"}),
        "entry": Variable(("entry",), np.array([*h.followed]), {"long_name": "state, and its layer"}),
        "entry_unit": Variable(("entry",), np.array([units[x] for x in h.followed]), {"long_name": "its unit"}),
    }


def _drawn(bands: Mapping[str, Array], members: Mapping[str, Array], kept: Array) -> tuple[dict[str, Variable], ...]:
    """Return what an ensemble adds: the ends of its intervals round every course, some courses of every draw."""
    found: dict[str, Variable] = {}
    for name, ends in bands.items():
        meaning = f"90 % interval of the ensemble, one column of skin: {COURSES[name].definition}"
        about = {"units": COURSES[name].unit, "long_name": meaning}
        found[f"band_{name}"] = Variable(("end", "time"), ends[:, kept], about)
    for name, values in members.items():
        about = {
            "units": COURSES[name].unit,
            "long_name": f"every draw, one column of skin: {COURSES[name].definition}",
        }
        found[f"draws_{name}"] = Variable(("time", "draw"), values[kept], about)
    coords = {"end": Variable(("end",), np.array(["low", "high"]), {})}
    for values in [*members.values()][:1]:
        coords["draw"] = Variable(("draw",), np.arange(values.shape[1]), {"long_name": "number of the draw"})
    return found, coords


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


def _maps(frames: Array, size: float) -> tuple[dict[str, Variable], dict[str, Variable]]:
    """Return the daily maps of a patch, and where the centres of its columns are."""
    side = round(frames.shape[-1] ** 0.5)
    maps = {}
    for i, frame in enumerate(FRAMES):
        about = {"units": frame.unit, "long_name": frame.definition}
        maps[f"map_{frame.name}"] = Variable(("day", "x", "y"), frames[:, i].reshape(-1, side, side), about)
    centres = (np.arange(side) + 0.5) * size / side
    return maps, {x: Variable((x,), centres, {"units": "mm", "long_name": f"place along {x}"}) for x in ("x", "y")}


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
