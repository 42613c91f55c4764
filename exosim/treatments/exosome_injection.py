"""Exosomes injected into the dermis, as in a registered trial after an ablative laser."""

from __future__ import annotations

from exosim.events import Bolus, Event
from exosim.treatments.base import Treatment, setting


class ExosomeInjection(Treatment):
    """One injection session. Exosome products are not FDA-approved."""

    particles_per_ml: float = setting(
        1e10, "1/mL", 0, 1e13, "assumed", "no published dose of an injection found", "concentration"
    )
    volume_ul_per_cm2: float = setting(20, "uL/cm^2", 1, 200, "assumed", "as PRP", "volume per skin area")

    def session(self, day: float) -> list[Event]:
        """Inject concentration times volume: 1 uL/cm2 of 1e9 particles/mL is 1e4 particles per mm2."""
        return [Bolus(day, "exosome", self.particles_per_ml * self.volume_ul_per_cm2 * 1e-11)]
