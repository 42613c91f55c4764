"""The notation every mechanism is written in.

A mechanism is plain arithmetic on names (``p.tnf_clearance * s.tnf_alpha``). A name that lives in
several skin layers is one array whose first axis is the layer, so the same line computes with
floats, vectorises over columns, becomes an equation when the entries are SymPy symbols, and checks
its dimensions when they are pint quantities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np

LAYERS = ("epidermis", "papillary", "upper", "deep")
DERMIS = LAYERS[1:]
SURFACE: tuple[str, ...] = ()

Evidence = Literal["measured", "estimated", "assumed"]
Values = Any
"""A float, an array, an object array of SymPy symbols or a pint quantity."""

SMOOTHING = 0.05  # width of the bend of `positive_part`, in the unit of its argument (a fraction)


@dataclass(frozen=True)
class State:
    """One quantity that the model follows through time.

    Parameters
    ----------
    name, unit, meaning : str
        Full-word identifier, pint-readable unit, one sentence.
    layers : tuple of str
        The layers it lives in; ``SURFACE`` for one number per column.
    scale : float
        Typical size, in `unit`; sets the absolute tolerance of the solver.
    diffusivity : str, optional
        The parameter with which it exchanges between layers and spreads sideways.
    ledger : bool
        Bookkeeping only: nothing reads it back.
    levels : bool
        One film over the whole patch: lateral differences even out at once.
    channel : bool
        The expected behaviour of channels; on a patch agents replace it.
    """

    name: str
    unit: str
    layers: tuple[str, ...]
    scale: float
    meaning: str
    diffusivity: str | None = None
    ledger: bool = False
    levels: bool = False
    channel: bool = False

    @property
    def entries(self) -> tuple[str, ...]:
        """Names of its scalar entries, one per layer."""
        return tuple(f"{self.name}_{layer}" for layer in self.layers) or (self.name,)


@dataclass(frozen=True)
class Parameter:
    """One number of the model, with where it comes from.

    Parameters
    ----------
    low, high : float
        Plausible range, in `unit`. A range that starts at 0 says that the effect can be switched off.
    evidence : {"measured", "estimated", "assumed"}
        Measured in skin, inferred from measurements, or a modelling assumption.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    evidence: Evidence
    source: str
    meaning: str


def symbol(name: str) -> Any:
    """Return the SymPy symbol that traced equations use for `name`."""
    import sympy

    return sympy.Symbol(name, real=True)


def symbolic(quantities: Mapping[str, tuple[str, ...]]) -> SimpleNamespace:
    """Return quantities (name -> layers) as symbols: an array with one per layer, or a single one.

    >>> symbolic({"gel": SURFACE}).gel, symbolic({"wound": DERMIS}).wound[0]
    (gel, wound_papillary)
    """
    return SimpleNamespace(
        **{
            name: np.array([symbol(f"{name}_{x}") for x in layers], dtype=object) if layers else symbol(name)
            for name, layers in quantities.items()
        }
    )


def hill(x: Values, half: Values) -> Values:
    """Return the saturating response ``x / (half + x)``.

    >>> hill(1.0, 3.0)
    0.25
    """
    return x / (half + x)


def positive_part(x: Values) -> Values:
    """Return the smooth positive part; ``positive_part(x) - positive_part(-x) == x``.

    >>> round(positive_part(1.0) - positive_part(-1.0), 12)
    1.0
    """
    return (x + (x * x + SMOOTHING**2) ** 0.5) / 2


def _is_symbolic(x: Values) -> bool:
    return hasattr(x, "free_symbols")


def exp(x: Values) -> Values:
    """Return the exponential of a number, an array, a quantity or a symbol."""
    if _is_symbolic(x):
        import sympy

        return sympy.exp(x)
    return np.exp(x)


def log(x: Values) -> Values:
    """Return the natural logarithm of a number, an array, a dimensionless quantity or a symbol."""
    if _is_symbolic(x):
        import sympy

        return sympy.log(x)
    return np.log(x)


def clip01(x: Values) -> Values:
    """Return `x` limited to 0..1."""
    if _is_symbolic(x):
        import sympy

        return sympy.Max(0, sympy.Min(1, x))
    if isinstance(x, np.ndarray) and x.dtype == object:
        return np.array([clip01(part) for part in x], dtype=object)
    return np.minimum(np.maximum(x, 0), 1)


def layered(values: Sequence[Values]) -> Values:
    """Stack one value per layer along a new first axis."""
    if any(_is_symbolic(value) for value in values):
        return np.array(list(values), dtype=object)
    if hasattr(values[0], "units"):
        return np.stack(list(values))
    out = np.empty((len(values), *np.broadcast_shapes(*(np.shape(value) for value in values))))
    for i, value in enumerate(values):
        out[i] = value
    return out


def only_in(layer: str, value: Values, layers: tuple[str, ...]) -> Values:
    """Return `value` in one layer and zero in the others."""
    return layered([value if name == layer else 0 * value for name in layers])


def total(values: Values) -> Values:
    """Return the sum over the layers."""
    return sum(values[i] for i in range(1, len(values))) + values[0]


EPIDERMIS = 0  # index of the epidermis in a state that lives in all layers
PAPILLARY = 0  # index of the papillary dermis in a state that lives in the dermis


def dermis(values: Values) -> Values:
    """Return the dermal part of a quantity that lives in all layers."""
    return values[1:]
