"""Exosome serum: a thin, weaker film applied at home every day."""

from __future__ import annotations

from typing import ClassVar

from exosim.events import Apply, Event
from exosim.treatments.base import Treatment, setting


class ExosomeSerum(Treatment):
    """One application; by default every day to the end. Exosome products are not FDA-approved."""

    every_day: ClassVar[bool] = True
    particles_per_ml: float = setting(
        2e10, "1/mL", 0, 1e13, "assumed", "no published dose of a home product found", "concentration"
    )
    volume_ul_per_cm2: float = setting(5, "uL/cm^2", 0.1, 50, "assumed", "a film of 0.05 mm", "volume per skin area")

    def session(self, day: float) -> list[Event]:
        """Apply concentration times volume, as for the gel."""
        return [Apply(day, self.particles_per_ml * self.volume_ul_per_cm2 * 1e-11)]
