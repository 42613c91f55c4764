"""Where the sliders of the page end: the setting beyond which an injury no longer changes."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology import injury, system
from exosim.engine.tissue import Array
from exosim.events import Injury
from exosim.parameters import names, parameter_set
from exosim.problems import bounds
from exosim.scenario.parts import entry_model
from exosim.treatments import catalogue


def ends(kind: str, settings: Mapping[str, Any]) -> dict[str, float]:
    """Return where each setting of a treatment stops to matter, if that is within its range.

    Needles and zones that reach below the skin that is modelled injure no more. All parameter sets share an end, that
    of the set which responds longest, so that no slider moves when another set is chosen.
    """
    found = {}
    for name, info in entry_model(kind).model_fields.items():
        low, high = bounds(info)
        if name not in settings or low is None or high is None:
            continue
        last = max(_end(kind, settings, name, low, high, parameter_set(x).values()) for x in names())
        if low < last < high:
            found[name] = last
    return found


def _end(
    kind: str, settings: Mapping[str, Any], name: str, low: float, high: float, values: Mapping[str, float]
) -> float:
    """Return the lowest value of a setting that injures like the highest, by halving."""
    most = _injury(kind, {**settings, name: high}, values)

    def as_much(value: float) -> bool:
        return np.allclose(_injury(kind, {**settings, name: value}, values), most, rtol=1e-9, atol=0)

    if as_much(low):
        return low
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if as_much(middle) else (middle, high)
    return high


def _injury(kind: str, settings: Mapping[str, Any], values: Mapping[str, float]) -> Array:
    """Return what the needles or pulses of one session do to every layer."""
    p = SimpleNamespace(**values)
    u = system.with_geometry(p)
    wounds = [
        injury.MODES[e.mode](p, u, [injury.Pass(e.reach, e.radius_mm, e.density_per_cm2 / 100)])[0]
        for e in catalogue()[kind](**settings).session(0)
        if isinstance(e, Injury)
    ]
    parts = [np.ravel(x) for w in wounds for x in (w.opened, w.heated, w.killed, w.removed)]
    return np.concatenate([np.empty(0), *parts])
