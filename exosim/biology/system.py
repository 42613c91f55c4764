"""The tissue: all mechanisms joined into one system of equations.

>>> len(state_entries(STATES)) > 60
True
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType, SimpleNamespace

from exosim.biology import (
    barrier,
    channels,
    collagen,
    exosomes,
    fibroblasts,
    inflammation,
    injury,
    layers,
    pigment,
    platelets,
    surface,
)
from exosim.biology.notation import DERMIS, LAYERS, SURFACE, Parameter, State, Values, symbolic

MECHANISMS: tuple[ModuleType, ...] = (
    layers,
    exosomes,
    channels,
    barrier,
    injury,
    inflammation,
    platelets,
    fibroblasts,
    collagen,
    pigment,
    surface,
)
STATES: tuple[State, ...] = tuple(state for module in MECHANISMS for state in module.STATES)
PATCH_STATES = tuple(state for state in STATES if not state.channel)
PARAMETERS: dict[str, Parameter] = {q.name: q for module in MECHANISMS for q in module.PARAMETERS}

SKIN_FIELDS = {"collagen_rest": DERMIS, "melanocyte_rest": SURFACE, "held": SURFACE}
"""Inputs that describe the skin: resting collagen density per dermal layer, resting melanocyte activation, share of the
gap that an epithelial tract or tethers hold open."""
DELIVERY_FIELDS = {"channel_wall": LAYERS, "wound_area": SURFACE}
"""Inputs that agents deliver on a patch: wall area of open channels per tissue volume, surface share of wounds."""


def state_entries(states: Iterable[State]) -> list[str]:
    """Return the names of all scalar entries, in order."""
    return [entry for state in states for entry in state.entries]


def defaults() -> dict[str, float]:
    """Return every parameter at its default value."""
    return {name: float(parameter.value) for name, parameter in PARAMETERS.items()}


def with_geometry(p: Values, **fields: Values) -> SimpleNamespace:
    """Return the inputs of the equations: the given fields and the thickness of the layers."""
    return SimpleNamespace(thickness=layers.thickness(p), **fields)


def symbols() -> tuple[SimpleNamespace, SimpleNamespace]:
    """Return parameters and inputs of the equations as SymPy symbols."""
    p = symbolic(dict.fromkeys(PARAMETERS, SURFACE))
    return p, with_geometry(p, **vars(symbolic(SKIN_FIELDS)))


def rest(p: Values, u: Values) -> dict[str, Values]:
    """Return the resting level of every state that does not rest at zero."""
    return {
        name: value for module in MECHANISMS if hasattr(module, "rest") for name, value in module.rest(p, u).items()
    }


def rates(s: Values, p: Values, u: Values, *, agents: bool = False) -> dict[str, Values]:
    """Return the time derivative of every state that changes, layers exchanging but columns apart.

    With `agents` the inputs carry `channel_wall` and `wound_area`; without, both are the expected
    behaviour of channels.
    """
    if not agents:
        u = SimpleNamespace(**vars(u) | {"channel_wall": channels.wall(s), "wound_area": channels.wound_area(s)})
    result: dict[str, Values] = {}
    for module in MECHANISMS:
        if hasattr(module, "rates") and not (agents and module is channels):
            result |= module.rates(s, p, u)
    for state in STATES:
        if state.diffusivity:
            moved = layers.exchange(getattr(s, state.name), getattr(p, state.diffusivity), u.thickness)
            result[state.name] = result[state.name] + moved
    return result
