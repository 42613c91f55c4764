"""Topical retinoid: speeds the turning of the epidermis and irritates inflamed skin.

Pigment is shed faster (tretinoin lightens post-inflammatory pigment within 40 weeks); TNF-alpha production is raised
while skin is inflamed. Its way to the dermis (fibroblasts activated, MMPs lowered) is off unless the
parameter set turns it on: `activation_retinoid` and `mmp_retinoid` are 0 by default.
"""

from __future__ import annotations

from exosim.events import Event, Modulate
from exosim.treatments.base import Treatment, setting


class Retinoid(Treatment):
    """A course of daily use."""

    weeks: float = setting(12, "wk", 0.1, 104, "assumed", "a usual course", "length of the course")

    def session(self, day: float) -> list[Event]:
        """Raise shedding and TNF-alpha production 1.3-fold (assumed), and mark the course for the dermis."""
        until = day + 7 * self.weeks
        raised = ("epidermal_shedding", "tnf_m1", "tnf_alarm")
        course = [Modulate(day, until, parameter, 1.3) for parameter in raised]
        return [*course, Modulate(day, until, "without_retinoid", 0.0)]
