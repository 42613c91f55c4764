"""Microneedling: needles of a pen or roller part the skin and leave channels that close within hours."""

from __future__ import annotations

from exosim.events import Event, Injury
from exosim.treatments.base import Treatment, setting


class Microneedling(Treatment):
    """One pass over the whole treated skin."""

    depth_mm: float = setting(
        1.5, "mm", 0.2, 3, "measured", "median needle length of trials (Harris 2015)",
        "needle length; the channel reaches a share of it"
    )  # fmt: skip
    density_per_cm2: float = setting(
        250, "1/cm^2", 20, 1000, "measured", "about 230 per cm2 in 15 roller passes (Schwarz 2011)",
        "punctures per skin area"
    )  # fmt: skip

    def session(self, day: float) -> list[Event]:
        """Puncture with a radius of 35 um (70.7 um wide in rat skin, PMC3160154)."""
        return [Injury(day, "puncture", self.depth_mm, self.density_per_cm2, radius_mm=0.035)]
