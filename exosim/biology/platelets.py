"""Platelet growth factors from platelet-rich plasma (PRP).

Injected PRP leaves a gel that releases its factors over about a week. Put on the skin, its factors enter through the
walls of open channels only, as exosomes do, as long as these conduct. Their amount is counted in
units of whole blood (1 = what the same volume of whole blood would hold), the unit in which PRP is
prepared and reported; no concentration of a single factor is claimed.
"""

from __future__ import annotations

from exosim.biology.notation import DERMIS, SURFACE, Parameter, State, Values, dermis, hill, total

# fmt: off
STATES = (
    State("platelet_film", "mm", SURFACE, 0.5, "platelets in a film on the surface, whole blood = 1, times its thickness",
          levels=True),
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
    """Return the rates of a film of platelets and of their growth factors in the dermis."""
    film = s.platelet_film / p.gel_thickness
    entering = dermis(p.channel_permeability * film * u.channel_wall * u.thickness)
    return {
        "platelet_film": -p.film_loss * s.platelet_film - total(entering),
        "platelet_factor": entering / dermis(u.thickness) - p.platelet_decay * s.platelet_factor,
    }
