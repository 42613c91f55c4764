"""Vehicle gel: the same film without exosomes, the control of a trial."""

from __future__ import annotations

from exosim.events import Apply, Event
from exosim.treatments.base import Treatment, setting


class VehicleGel(Treatment):
    """One application; the model knows no effect of the vehicle."""

    volume_ul_per_cm2: float = setting(5, "uL/cm^2", 0.1, 50, "assumed", "as the exosome gel", "volume per skin area")

    def session(self, day: float) -> list[Event]:
        """Apply no particles, so that the gel shows in the schedule."""
        return [Apply(day, 0.0)]
