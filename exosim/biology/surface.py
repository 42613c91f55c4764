"""Redness of the skin's surface.

Vessels follow TNF-alpha of the papillary dermis within hours; open and healing channels add to it.
"""

from __future__ import annotations

from exosim.biology.inflammation import tnf_response
from exosim.biology.notation import PAPILLARY, SURFACE, Parameter, State, Values

STATES = (State("erythema", "1", SURFACE, 1, "redness, rest = 1"),)

# fmt: off
PARAMETERS = (
    Parameter("redness_rate", 4.0, "1/d", 1, 10, "assumed", "vessels respond within 6 h", "speed of the vascular response"),
    Parameter("redness_tnf", 2.0, "1", 0, 5, "assumed", "size fitted (A2, C6)", "redness gain of TNF-alpha"),
    Parameter("redness_wound", 0.5, "1", 0, 3, "assumed", "no measurement found", "redness of wound area"),
)
# fmt: on


def rest(p: Values, u: Values) -> dict[str, Values]:
    """Return the resting redness, 1."""
    return {"erythema": 1.0}


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rate of redness."""
    goal = 1 + p.redness_tnf * tnf_response(s, p)[PAPILLARY] + p.redness_wound * u.wound_area
    return {"erythema": p.redness_rate * (goal - s.erythema)}
