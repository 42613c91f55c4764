"""Platelet-rich plasma (PRP), injected into the dermis."""

from __future__ import annotations

from exosim.events import Bolus, Event
from exosim.treatments.base import Treatment, setting


class PRP(Treatment):
    """One injection session."""

    platelet_fold: float = setting(
        5, "1", 1, 12, "assumed", "usual preparations are said to hold 3-7 times whole blood",
        "platelets relative to whole blood"
    )  # fmt: skip
    volume_ul_per_cm2: float = setting(20, "uL/cm^2", 1, 200, "assumed", "0.02 mL per cm2", "volume per skin area")

    def session(self, day: float) -> list[Event]:
        """Inject the platelets of the volume: 1 uL/cm2 is a sheet of 0.01 mm."""
        return [Bolus(day, "platelet_factor", self.platelet_fold * self.volume_ul_per_cm2 * 0.01)]
