"""Sunscreen: less ultraviolet light reaches the skin."""

from __future__ import annotations

from typing import ClassVar

from exosim.events import Event, Modulate
from exosim.treatments.base import Treatment, setting


class Sunscreen(Treatment):
    """One day of use as thick as in the test; by default every day to the end."""

    every_day: ClassVar[bool] = True
    spf: float = setting(50, "1", 1, 100, "assumed", "the article advises SPF 50+ (A14)", "sun protection factor")

    def session(self, day: float) -> list[Event]:
        """Divide the erythemal dose by the factor."""
        return [Modulate(day, day + 1, "uv_dose", 1 / self.spf)]
