"""Platelet-rich plasma (PRP) put on the skin, usually right after a procedure: it enters through open channels only."""

from __future__ import annotations

from exosim.events import Apply, Event
from exosim.treatments.base import Treatment, setting


class TopicalPRP(Treatment):
    """One application."""

    platelet_fold: float = setting(
        5, "1", 1, 12, "assumed", "usual preparations are said to hold 3-7 times whole blood",
        "platelets relative to whole blood"
    )  # fmt: skip
    volume_ul_per_cm2: float = setting(20, "uL/cm^2", 1, 200, "assumed", "as injected", "volume per skin area")

    def session(self, day: float) -> list[Event]:
        """Spread the platelets of the volume: 1 uL/cm2 is a sheet of 0.01 mm."""
        return [Apply(day, self.platelet_fold * self.volume_ul_per_cm2 * 0.01, "platelet_film")]
