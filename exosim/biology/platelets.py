"""Platelet growth factors from platelet-rich plasma (PRP).

Injected PRP leaves a gel that releases its factors over about a week. Their amount is counted in
units of whole blood (1 = what the same volume of whole blood would hold), the unit in which PRP is
prepared and reported; no concentration of a single factor is claimed.
"""

from __future__ import annotations

from exosim.biology.notation import DERMIS, Parameter, State, Values, hill

# fmt: off
STATES = (
    State("platelet_factor", "1", DERMIS, 1,
          "platelet growth factors, whole blood = 1", diffusivity="platelet_diffusivity"),
)

PARAMETERS = (
    Parameter("platelet_diffusivity", 0.1, "mm^2/d", 0.03, 2, "assumed", "taken as that of the exosome signal",
              "diffusivity of platelet growth factors"),
    Parameter("platelet_decay", 0.25, "1/d", 0.1, 2, "assumed", "a platelet gel releases over about a week",
              "loss of platelet growth factors"),
    Parameter("platelet_half", 0.83, "1", 0.25, 2.5, "assumed",
              "a usual PRP injection (5-fold, 20 uL/cm2) reaches about half effect",
              "platelet growth factors of half effect"),
)
# fmt: on


def response(s: Values, p: Values) -> Values:
    """Return the saturating response of dermal cells to platelet growth factors, 0..1, per dermal layer."""
    return hill(s.platelet_factor, p.platelet_half)


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rate of the platelet growth factors."""
    return {"platelet_factor": -p.platelet_decay * s.platelet_factor}
