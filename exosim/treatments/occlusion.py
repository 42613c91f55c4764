"""Occlusion: a dressing keeps channels open longer and the film from drying."""

from __future__ import annotations

from exosim.events import Event, Modulate
from exosim.treatments.base import Treatment, setting

FACTORS = {
    "needle_closing_rate": 0.042,  # half-life 1 h -> 23 h (PMC8259462, C8)
    "laser_closing_rate": 0.3,  # assumed
    "film_loss": 0.3,  # assumed
}


class Occlusion(Treatment):
    """One dressing."""

    hours: float = setting(24, "h", 1, 168, "assumed", "a day's dressing", "how long it stays")

    def session(self, day: float) -> list[Event]:
        """Slow closing and drying while the dressing is on."""
        return [Modulate(day, day + self.hours / 24, name, factor) for name, factor in FACTORS.items()]
