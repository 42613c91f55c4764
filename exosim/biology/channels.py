"""Channels: needle punctures and laser zones, open -> closing -> stratifying -> sealed.

An open channel conducts gel. Its barrier closes within hours (needle) to a day (laser); the closed
channel then heals in two steps, migration and stratification of keratinocytes, so that healing starts
slowly and ends fast. Exosome signal speeds both, TNF-alpha slows healing, occlusion slows closing.

These states are the *expected behaviour* of channels and belong to the column. On a patch each channel
is an agent that lives through the same stages at the same hazards (`hazards`), and these states are absent.

Sources: needle channel, barrier back within 2 h un-occluded, Gupta 2011 (C8), half-life 23 h occluded
(PMC8259462); laser channel open 27 % at 12 h (5 mJ) to 53 % (25 mJ), trade page; microscopic wound area
75/25/0 % at day 7/14/28 (C9).
"""

from __future__ import annotations

from exosim.biology import exosomes
from exosim.biology.inflammation import tnf_response
from exosim.biology.notation import LAYERS, PAPILLARY, SURFACE, Parameter, State, Values

STAGES = ("open", "closing", "stratifying", "sealed")


# fmt: off
STATES = (
    State("needle_wall", "1/mm", LAYERS, 2, "wall area of open needle punctures per tissue volume", channel=True),
    State("needle_open", "1", SURFACE, 0.05, "surface fraction of open needle punctures", channel=True),
    State("needle_closing", "1", SURFACE, 0.05, "surface fraction of needle punctures with the barrier back", channel=True),
    State("needle_stratifying", "1", SURFACE, 0.05, "surface fraction of needle punctures covered, not yet mature", channel=True),
    State("laser_wall", "1/mm", LAYERS, 2, "wall area of open laser zones per tissue volume", channel=True),
    State("laser_open", "1", SURFACE, 0.05, "surface fraction of open laser zones", channel=True),
    State("laser_closing", "1", SURFACE, 0.05, "surface fraction of laser zones with the barrier back", channel=True),
    State("laser_stratifying", "1", SURFACE, 0.05, "surface fraction of laser zones covered, not yet mature", channel=True),
)

PARAMETERS = (
    Parameter("needle_closing_rate", 17, "1/d", 8, 24, "measured", "half-life 1 h, barrier back within 2 h (C8)",
              "closing of needle channels"),
    Parameter("laser_closing_rate", 2.0, "1/d", 1, 2.6, "estimated", "half-life of conduction 6.5-12 h (trade page)",
              "closing of laser channels"),
    Parameter("needle_healing_rate", 0.8, "1/d", 0.4, 1.6, "estimated", "epidermis closed by day 5 in a skin model (PMC6147558)",
              "each of two healing steps of needle channels"),
    Parameter("laser_healing_rate", 0.18, "1/d", 0.12, 0.30, "measured", "wound area 75/25/0 % at day 7/14/28 (C9)",
              "each of two healing steps of laser zones"),
    Parameter("closing_signal", 0.8, "1", 0, 2, "assumed", "faster healing in mice, size assumed",
              "exosome signal speeds closing and healing"),
    Parameter("healing_tnf", 0.5, "1", 0, 2, "assumed", "inflammation delays re-epithelialisation; size assumed",
              "TNF-alpha slows healing"),
)
# fmt: on


def hazards(kind: str, signal: Values, tnf: Values, p: Values) -> tuple[Values, Values]:
    """Return the hazards, 1/d, of closing and of each healing step for a channel of `kind`.

    `signal` and `tnf` are the responses (0..1) of the papillary dermis beneath it.
    """
    speed = 1 + p.closing_signal * signal
    closing, healing = getattr(p, f"{kind}_closing_rate"), getattr(p, f"{kind}_healing_rate")
    return closing * speed, healing * speed / (1 + p.healing_tnf * tnf)


def wall(s: Values) -> Values:
    """Return the wall area of all open channels per tissue volume and layer, 1/mm."""
    return s.needle_wall + s.laser_wall


def wound_area(s: Values) -> Values:
    """Return the surface fraction of channels that are not sealed yet."""
    needles = s.needle_open + s.needle_closing + s.needle_stratifying
    return needles + s.laser_open + s.laser_closing + s.laser_stratifying


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the expected rates of channel walls and of the surface fraction in each stage."""
    signal, tnf = exosomes.response(s, p)[PAPILLARY], tnf_response(s, p)[PAPILLARY]
    needle_close, needle_heal = hazards("needle", signal, tnf, p)
    laser_close, laser_heal = hazards("laser", signal, tnf, p)
    return {
        "needle_wall": -needle_close * s.needle_wall,
        "needle_open": -needle_close * s.needle_open,
        "needle_closing": needle_close * s.needle_open - needle_heal * s.needle_closing,
        "needle_stratifying": needle_heal * (s.needle_closing - s.needle_stratifying),
        "laser_wall": -laser_close * s.laser_wall,
        "laser_open": -laser_close * s.laser_open,
        "laser_closing": laser_close * s.laser_open - laser_heal * s.laser_closing,
        "laser_stratifying": laser_heal * (s.laser_closing - s.laser_stratifying),
    }
