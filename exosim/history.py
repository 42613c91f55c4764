"""What a simulation records: observables at every accepted step, all states once a day, frames of a patch."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology.collagen import total_collagen
from exosim.biology.notation import PAPILLARY, dermis
from exosim.engine.layout import Layout
from exosim.engine.rkc import Array
from exosim.skin.scars import SkinFields

DERMAL_VISIBILITY = 0.6  # weight of dermal melanin in the melanin index (assumed: it lies deeper)

OBSERVABLES = {
    "erythema": "1",
    "tnf_alpha": "pg/mL",
    "melanin_index": "1",
    "missing_collagen": "mm",
    "collagen_relative": "1",
    "collagen_ratio_1_3": "1",
    "wound_area": "1",
    "myofibroblast": "cell/mm^3",
    "exosome_signal": "Mparticle/mm^3",
}
"""Name and unit of what is followed at every step, averaged over the patch or (collagen, melanin) over the scar.

Missing collagen is that on the floor of the scar: the columns of a patch are projected on its footprint.
"""

FRAMES = {"tnf_alpha": "pg/mL", "exosome": "Mparticle/mm^3", "collagen": "1", "melanin": "1"}
"""Name and unit of the daily maps of a patch (dermal averages; melanin of the epidermis)."""


@dataclass
class Recorder:
    """Collects the course of one simulation.

    `is_patch` tells the columns of a patch, which are averaged, from separate subjects, which are kept apart.
    """

    layout: Layout
    skin: SkinFields
    thickness: Array
    is_patch: bool
    initial: Array
    times: list[float] = field(default_factory=list)
    observed: list[Array] = field(default_factory=list)
    days: list[float] = field(default_factory=list)
    means: list[Array] = field(default_factory=list)
    frames: list[Array] = field(default_factory=list)

    def _over_patch(self, values: Array) -> Array:
        return values.mean(axis=-1, keepdims=True) if self.is_patch else values

    def _over_scar(self, values: Array) -> Array:
        w = self.skin.weight
        return (values @ w)[..., None] / w.sum() if self.is_patch else values

    def _in_dermis(self, values: Array) -> Array:
        """Mean over the thickness of the dermis."""
        h = dermis(self.thickness)
        return np.asarray((h * values).sum(axis=0) / h.sum(axis=0))

    @property
    def _floor(self) -> float:
        w = self.skin.weight
        return float((w * self.skin.depth).sum() / w.sum()) if self.is_patch else 1.0

    def step(self, time: float, y: Array, wound_area: Array) -> None:
        """Record observables."""
        s = self.layout.view(y)
        h = dermis(self.thickness)
        matrix = total_collagen(s)
        missing = self._over_scar((h * (1 - matrix)).sum(axis=0)) / self._floor
        type_3 = self._over_scar((h * s.collagen_3).sum(axis=0))
        seen = {
            "erythema": self._over_patch(s.erythema),
            "tnf_alpha": self._over_patch(s.tnf_alpha[PAPILLARY]),
            "melanin_index": self._over_scar(s.melanin_epidermal + DERMAL_VISIBILITY * s.melanin_dermal),
            "missing_collagen": missing,
            "collagen_relative": 1 - missing / h.sum(axis=0),
            "collagen_ratio_1_3": self._over_scar((h * matrix).sum(axis=0)) / type_3 - 1,
            "wound_area": self._over_patch(np.broadcast_to(wound_area, y.shape[1:])),
            "myofibroblast": self._over_patch(self._in_dermis(s.myofibroblast)),
            "exosome_signal": self._over_patch(self._in_dermis(s.exosome_signal)),
        }
        self.times.append(time)
        self.observed.append(np.stack([seen[name] for name in OBSERVABLES]))

    def day(self, time: float, y: Array) -> None:
        """Record all states, and frames of a patch."""
        self.days.append(time)
        self.means.append(self._over_patch(y).copy())
        if self.is_patch:
            s = self.layout.view(y)
            maps = {
                "tnf_alpha": self._in_dermis(s.tnf_alpha),
                "exosome": self._in_dermis(dermis(s.exosome)),
                "collagen": self._in_dermis(total_collagen(s)),
                "melanin": s.melanin_epidermal,
            }
            self.frames.append(np.stack([maps[name] for name in FRAMES]).astype(np.float32))

    def history(self, final: Array) -> History:
        """Everything recorded, as arrays."""
        observed = np.array(self.observed)
        return History(
            layout=self.layout,
            times=np.array(self.times),
            observed=SimpleNamespace(**{name: observed[:, i] for i, name in enumerate(OBSERVABLES)}),
            days=np.array(self.days),
            means=np.array(self.means),
            frames=np.array(self.frames) if self.is_patch else None,
            initial=self._over_patch(self.initial),
            final=self._over_patch(final),
            thickness=self.thickness,
        )


@dataclass(frozen=True)
class History:
    """The course of one simulation; the last axis of every array is the subject (one for a patch).

    Attributes
    ----------
    times, observed
        Days of all accepted steps (a jump shows as two records on one day) and the `OBSERVABLES` at them.
    days, means
        Whole days, and the (patch mean of) all rows of the layout at them: on day 0 before anything is done, on
        every other day after what happens on it.
    frames : array, shape (days, FRAMES, columns) or None
    initial, final : array, shape (rows, subjects)
    """

    layout: Layout
    times: Array
    observed: Any
    days: Array
    means: Array
    frames: Array | None
    initial: Array
    final: Array
    thickness: Array

    def state(self, name: str) -> Array:
        """Course of one state: (days, layers, subjects) or (days, subjects)."""
        values: Array = self.means[:, self.layout.rows[name]]
        return values
