"""Exosome gel: a film of suspended exosomes left on the skin, usually right after a procedure."""

from __future__ import annotations

from exosim.events import Apply, Event
from exosim.treatments.base import Treatment, setting


class ExosomeGel(Treatment):
    """One application. Exosome products are not FDA-approved."""

    particles_per_ml: float = setting(
        9.78e10, "1/mL", 0, 1e13, "estimated", "Kwon 2020, right after the laser (recalled, to be confirmed)",
        "concentration"
    )  # fmt: skip
    volume_ul_per_cm2: float = setting(5, "uL/cm^2", 0.1, 50, "assumed", "a film of 0.05 mm", "volume per skin area")

    def session(self, day: float) -> list[Event]:
        """Apply concentration times volume: 1 uL/cm2 of 1e9 particles/mL is 1e4 particles per mm2."""
        return [Apply(day, self.particles_per_ml * self.volume_ul_per_cm2 * 1e-11)]
