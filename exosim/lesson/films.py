"""The films of the page: daily frames of the patch with agents for every shipped scenario, small enough to carry."""

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
from exosim.simulation.parallel import side_by_side
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
    """Return the daily frames of a run as bytes: maps (map, x, y, day), exosomes (layer, day), channels.

    A value is the number of its colour between `low` and `high`; that of a channel is its place as a share of 255, or
    the whole day by which it has reached a stage.
    """
    d = result.dataset
    shown = [(look, d[name].transpose("x", "y", "day").values) for name, look in MAPS.items()]
    shown.append((MAPS["map_exosome"], d["exosome"].transpose("layer", "day").values))
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
