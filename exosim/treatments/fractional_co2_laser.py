"""Ablative fractional CO2 laser: columns of vaporised tissue with a coagulated rim."""

from __future__ import annotations

from exosim.events import Event, Injury
from exosim.treatments.base import Treatment, setting


class FractionalCO2Laser(Treatment):
    """One pass over the whole treated skin."""

    energy_mj: float = setting(
        20, "mJ", 2, 100, "assumed", "within the range of published protocols (5-160 mJ)", "energy per zone"
    )
    density_per_cm2: float = setting(
        400, "1/cm^2", 20, 1000, "estimated", "5 % density at 120 um is about 440 per cm2", "zones per skin area"
    )
    spot_um: float = setting(
        120, "um", 60, 400, "measured", "a common spot of fractional CO2 devices", "diameter of a zone"
    )

    device_fold: float = setting(
        4.7, "1", 0.3, 15, "estimated", "0.59 mm at 20 mJ on a 120 um spot (energy balance); 1: measured on faces",
        "energy that ablates, relative to the device whose craters were measured"
    )  # fmt: skip

    def session(self, day: float) -> list[Event]:
        """Ablate to the depth of a crater that energy, spot and device make; the reference pulse is 100 mJ."""
        energy = self.device_fold * self.energy_mj / 100
        return [Injury(day, "ablation", energy, self.density_per_cm2, radius_mm=self.spot_um / 2000)]
