"""The films of the page: frames of the patch with agents for every shipped scenario, small enough to carry.

Day 0 has two frames, before and just after what happens on it; every other day has one, after what happens on it.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from exosim.api import Result, run
from exosim.biology.channels import STAGES
from exosim.engine.tissue import Array
from exosim.parameters import DEFAULT
from exosim.scenario.model import Scenario
from exosim.simulation.grid import Grid
from exosim.simulation.history import FRAMES
from exosim.simulation.parallel import side_by_side
from exosim.simulation.patch import Patch
from exosim.view.figures.maps import MAPS, Look, layer_edges

LEVELS = 64  # colours of a map
NEVER = 255  # day of a stage that a channel does not reach
Film = dict[str, Any]


def films(
    scenarios: Mapping[str, Scenario], seed: int = 0, progress: Callable[[int, float], None] | None = None
) -> dict[str, Film]:
    """Simulate every scenario as a patch, and pack what its film shows.

    Parameters
    ----------
    progress : callable, optional
        Called with the number of a scenario and the share of it that is done, from several threads.
    """
    arms = list(scenarios.values())
    futures = side_by_side(
        lambda number, report: packed(run(arms[number], parameters=DEFAULT, seed=seed, progress=report)),
        len(arms),
        progress,
    )
    return {name: future.result() for name, future in zip(scenarios, futures, strict=True)}


def packed(result: Result) -> Film:
    """Return the frames of a run as bytes: maps (map, x, y, frame), exosomes (layer, frame), channels.

    A value is the number of its colour between `low` and `high`; that of a channel is its place as a share of 255, or
    the whole day by which it has reached a stage.
    """
    d = result.dataset
    maps, layers = frames(result)
    shown = [*((look, maps[name]) for name, look in MAPS.items()), (MAPS["map_exosome"], layers)]
    ends = [look.ends(values) for look, values in shown]
    parts = [levels(look, values) for look, values in shown]
    parts += channels(result)
    return {
        "seed": result.manifest["seed"],
        "days": d.sizes["day"],
        "channels": d.sizes.get("channel", 0),
        "low": [low for low, _ in ends],
        "high": [high for _, high in ends],
        "packed": base64.b64encode(zlib.compress(b"".join(p.tobytes() for p in parts), 9)).decode(),
    }


def frames(result: Result) -> tuple[dict[str, Array], Array]:
    """Return the maps by name (x, y, frame), and exosomes by layer (layer, frame)."""
    d, after = result.dataset, just_after(result)
    side = d.sizes["x"]
    [first], [means] = after.recorder.frames[1:], after.recorder.means[1:]
    new = {f"map_{frame.name}": first[i].reshape(side, side) for i, frame in enumerate(FRAMES)}
    maps = {name: np.insert(d[name].transpose("x", "y", "day").values, 1, new[name], axis=-1) for name in MAPS}
    exosomes = after.recorder.layout.view(means).exosome[:, 0, 0]
    return maps, np.insert(d["exosome"].transpose("layer", "day").values, 1, exosomes, axis=-1)


def just_after(result: Result) -> Patch:
    """Return the patch of a run when what happens on day 0 has happened; its last record is of that moment."""
    values, first = result.manifest["parameter_values"], result.scenario.pieces[0]
    patch = Patch.build(result.scenario, values, result.manifest["seed"], Grid(), states=True)
    patch.set_parameters({name: x * first.factors.get(name, 1) for name, x in values.items()})
    if first.happening:
        patch.happen(first.happening, 0.0)
    patch.recorder.keep(np.zeros(1), patch.tissue.y[:, None, :], maps=True)
    return patch


def levels(look: Look, values: Array) -> Array:
    """Return the colour of every value, 0 to LEVELS - 1, in their order."""
    shares = np.asarray(look.norm(values)(values.ravel()))
    return np.round((LEVELS - 1) * shares).astype(np.uint8)


def channels(result: Result) -> list[Array]:
    """Return place, depth and days of the stages of every channel."""
    d = result.dataset
    if "channel_x" not in d:
        return []
    side, deepest = Grid().size, layer_edges(result.manifest["parameter_values"])[-1]
    places = [(d["channel_x"], side), (d["channel_y"], side), (d["channel_depth"], deepest)]
    shares = [np.round(NEVER * np.minimum(v.values / most, 1)).astype(np.uint8) for v, most in places]
    if d.sizes["day"] > NEVER:
        raise ValueError(f"a film of more than {NEVER} days")
    days = [np.ceil(d[f"channel_{stage}_day"].values) for stage in STAGES]
    return shares + [np.nan_to_num(day, nan=NEVER, posinf=NEVER).astype(np.uint8) for day in days]
