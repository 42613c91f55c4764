"""Pigment: melanocyte activation and melanin in the epidermis and dropped into the dermis.

TNF-alpha, ultraviolet light and the microRNA cargo of exosomes set the activation that melanocytes
strive for. Epidermal melanin is made, shed with the turning epidermis, and dropped into the dermis
when the epidermis is injured; dermal melanin fades over months.

The sign of the microRNA effect is a parameter, because the sources disagree: a vendor claims that
exosomal miR-3196 lowers pigment, the primary data (keratinocyte exosomes) say that it raises melanin by
21.5 %. No published ODE model of post-inflammatory hyperpigmentation was found; this
block is new.

Sources: turnover of epidermal pigment 36 d, Maeda 2017 (C12); miR-3196, miRBase MI0014241.
"""

from __future__ import annotations

from exosim.biology import exosomes
from exosim.biology.inflammation import tnf_response
from exosim.biology.notation import PAPILLARY, SURFACE, Parameter, State, Values

# fmt: off
STATES = (
    State("melanocyte", "1", SURFACE, 1, "melanocyte activation, rest = 1"),
    State("melanin_epidermal", "1", SURFACE, 1, "melanin in the epidermis, rest = 1"),
    State("melanin_dermal", "1", SURFACE, 1, "melanin dropped into the dermis, in units of epidermal melanin"),
    State("melanin_made", "1", SURFACE, 1, "melanin made so far", ledger=True),
    State("melanin_shed", "1", SURFACE, 1, "melanin shed with the epidermis", ledger=True),
    State("melanin_faded", "1", SURFACE, 1, "dermal melanin removed", ledger=True),
    State("melanin_ablated", "1", SURFACE, 1, "melanin lost with ablated epidermis", ledger=True),
)

PARAMETERS = (
    Parameter("melanocyte_rate", 0.25, "1/d", 0.1, 0.5, "assumed", "delayed tanning takes days",
              "speed of the melanocyte response"),
    Parameter("melanocyte_tnf", 1.2, "1", 0, 3, "assumed", "size fitted (C11)", "melanocyte gain of TNF-alpha"),
    Parameter("phototype_response", 1.0, "1", 0.2, 2, "assumed", "set by the skin's phototype, IV = 1",
              "strength of the melanocyte response to inflammation"),
    Parameter("melanocyte_uv", 0.25, "1", 0, 0.5, "assumed", "no dose response matched", "melanocyte gain of ultraviolet light"),
    Parameter("uv_dose", 1.0, "SED/d", 0, 8, "assumed", "set by the skin's sunlight", "daily erythemal dose on the treated skin"),
    Parameter("uv_habitual", 1.0, "SED/d", 0.3, 3, "assumed", "an ordinary temperate day",
              "daily dose to which resting pigment is adapted"),
    Parameter("cargo_melanin", 0.0, "1", -0.3, 0.3, "estimated",
              "the sign differs between parameter sets: vendor -0.2, primary data +0.215",
              "relative effect of exosome cargo on melanocyte activation at full exosome signal"),
    Parameter("melanin_turnover", 0.0278, "1/d", 0.022, 0.036, "measured", "36.2 d, Maeda 2017 (C12)",
              "turnover of epidermal melanin"),
    Parameter("epidermal_shedding", 1.0, "1", 0.5, 2, "assumed", "rest = 1; a retinoid speeds it",
              "speed of epidermal shedding relative to rest"),
    Parameter("melanin_drop", 0.05, "1/d", 0, 0.3, "assumed", "no measurement found",
              "melanin dropped into the dermis per unit of injured epidermis"),
    Parameter("melanin_drop_rest", 1e-4, "1/d", 0, 3e-4, "assumed", "no measurement found",
              "melanin dropped into the dermis at rest"),
    Parameter("dermal_melanin_fade", 0.0058, "1/d", 0.003, 0.012, "estimated", "half-life 120 d; tans fade in 4-5 months",
              "fading of dermal melanin"),
)
# fmt: on


def rest(p: Values, u: Values) -> dict[str, Values]:
    """Return the activation `u.melanocyte_rest` (1 in ordinary skin, more in post-inflammatory pigment) and its melanin."""
    return {
        "melanocyte": u.melanocyte_rest,
        "melanin_epidermal": u.melanocyte_rest,
        "melanin_dermal": p.melanin_drop_rest * u.melanocyte_rest / p.dermal_melanin_fade,
    }


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rates of melanocyte activation, of melanin and of the melanin ledger."""
    inflamed = 1 + p.phototype_response * p.melanocyte_tnf * tnf_response(s, p)[PAPILLARY]
    sunlit = 1 + p.melanocyte_uv * (p.uv_dose / p.uv_habitual - 1)
    cargo = 1 + p.cargo_melanin * exosomes.response(s, p)[PAPILLARY]
    goal = u.melanocyte_rest * inflamed * sunlit * cargo
    made = (p.melanin_turnover + p.melanin_drop_rest) * s.melanocyte
    shed = p.melanin_turnover * p.epidermal_shedding * s.melanin_epidermal
    dropped = (p.melanin_drop_rest + p.melanin_drop * s.alarm) * s.melanin_epidermal
    faded = p.dermal_melanin_fade * s.melanin_dermal
    return {
        "melanocyte": p.melanocyte_rate * (goal - s.melanocyte),
        "melanin_epidermal": made - shed - dropped,
        "melanin_dermal": dropped - faded,
        "melanin_made": made,
        "melanin_shed": shed,
        "melanin_faded": faded,
    }
