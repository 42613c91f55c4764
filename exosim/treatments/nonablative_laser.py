"""Non-ablative fractional laser (1540/1550 nm): columns of coagulated tissue under an intact barrier."""

from __future__ import annotations

from exosim.events import Event, Injury
from exosim.treatments.base import Treatment, setting


class NonablativeLaser(Treatment):
    """One treatment of several passes over the whole treated skin."""

    energy_mj: float = setting(
        15, "mJ", 4, 100, "assumed", "4.5-40 mJ studied by Bedi 2007; set with C5 in view", "energy per zone"
    )
    density_per_cm2: float = setting(
        600, "1/cm^2", 20, 3000, "assumed", "several passes of a usual protocol", "zones per skin area"
    )

    def session(self, day: float) -> list[Event]:
        """Coagulate zones 0.12 mm wide (they approach 0.2 mm at 40 mJ, Bedi 2007); the reference pulse is 40 mJ."""
        return [Injury(day, "coagulation", self.energy_mj / 40, self.density_per_cm2, radius_mm=0.06)]
