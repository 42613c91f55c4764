"""The barrier against water: bare where needles or a laser opened the epidermis, until keratinocytes have covered it.

Conduction and barrier are two things. A channel stops conducting within hours (`channels`); water loss (TEWL) is raised for
two days and more after needles and for about a week after a laser, while wounds still fill. Exosome signal speeds
the cover as it speeds the healing of channels, TNF-alpha slows it.

Sources: TEWL still raised at 48 h after a 1.5 mm pen (Sasaki 2019, n = 10), back within 72 h after 0.15-0.25 mm (PMID
22882208); within a week after fractional CO2 (Kim JM 2013, n = 29).
"""

from __future__ import annotations

from exosim.biology import exosomes
from exosim.biology.inflammation import tnf_response
from exosim.biology.notation import PAPILLARY, SURFACE, Parameter, State, Values

# fmt: off
STATES = (
    State("needle_bare", "1", SURFACE, 0.05, "surface fraction without a barrier against water, from needles"),
    State("laser_bare", "1", SURFACE, 0.05, "surface fraction without a barrier against water, from a laser"),
)

PARAMETERS = (
    Parameter("needle_barrier_rate", 1.0, "1/d", 0.6, 1.6, "measured", "TEWL raised at 48 h (Sasaki 2019), back within 72 h (PMID 22882208)",
              "return of the barrier over needle channels"),
    Parameter("laser_barrier_rate", 0.45, "1/d", 0.3, 0.7, "measured", "TEWL back within a week (Kim JM 2013, n = 29)",
              "return of the barrier over laser zones"),
)
# fmt: on


def bared(s: Values, kind: str, share: Values) -> dict[str, Values]:
    """Return the bare surface after channels of `kind` opened a `share` of the surface."""
    name = f"{kind}_bare"
    return {name: 1 - (1 - getattr(s, name)) * (1 - share)}


def bare(s: Values) -> Values:
    """Return the share of the surface without a barrier."""
    return s.needle_bare + s.laser_bare


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rates at which the barrier comes back."""
    signal, tnf = exosomes.response(s, p)[PAPILLARY], tnf_response(s, p)[PAPILLARY]
    speed = (1 + p.closing_signal * signal) / (1 + p.healing_tnf * tnf)
    return {
        "needle_bare": -p.needle_barrier_rate * speed * s.needle_bare,
        "laser_bare": -p.laser_barrier_rate * speed * s.laser_bare,
    }
