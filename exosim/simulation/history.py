"""What a simulation records: observables at fixed moments, all states once a day, frames of a patch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology.collagen import total_collagen
from exosim.biology.notation import PAPILLARY, dermis
from exosim.engine.columns import Failure
from exosim.engine.layout import Layout
from exosim.engine.tissue import Array
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


OBSERVED = (
    "erythema", "tnf_alpha", "melanin_epidermal", "melanin_dermal", "collagen_3", "collagen_1_new",
    "collagen_1_mature", "needle_open", "needle_closing", "needle_stratifying", "laser_open", "laser_closing",
    "laser_stratifying", "myofibroblast", "exosome_signal",
)  # fmt: skip
"""States that observables are made of: all that is kept of many subjects but for their last moment."""


@lru_cache(maxsize=1024)
def observation_times(start: float, stop: float) -> Array:
    """When observables are taken between two moments of a schedule: densely at first, then every whole day.

    The same for every solver, tolerance and output, so that no outcome depends on them.

    >>> observation_times(0, 20)[[0, -2, -1]]
    array([ 0.02, 19.  , 20.  ])
    """
    after = np.concatenate([_SOON, np.arange(4, 28) / 4, np.arange(14, 28) / 2])
    whole = np.arange(np.floor(start) + 1, np.ceil(stop))
    later = start + after[after < stop - start - 1e-9]
    return np.unique(np.concatenate([later, whole, [stop]]))


_SOON = np.array([0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.37, 0.45, 0.55, 0.67, 0.83])


@dataclass
class Recorder:
    """Collects the course of one simulation; states come as ``(rows, times, columns)``.

    `is_patch` tells the columns of a patch, which are averaged, from separate subjects, which are kept apart;
    `layout` is that of the rows which arrive.
    """

    layout: Layout
    skin: SkinFields
    thickness: Array
    is_patch: bool
    times: list[Array] = field(default_factory=list)
    observed: list[Array] = field(default_factory=list)
    days: list[Array] = field(default_factory=list)
    means: list[Array] = field(default_factory=list)
    frames: list[Array] = field(default_factory=list)

    def _over_patch(self, values: Array) -> Array:
        return values.mean(axis=-1, keepdims=True) if self.is_patch else values

    def _over_scar(self, values: Array) -> Array:
        w = self.skin.weight
        return (values @ w)[..., None] / w.sum() if self.is_patch else values

    @cached_property
    def _dermis(self) -> Array:
        return np.asarray(dermis(self.thickness)[:, None, :])

    @cached_property
    def _depth(self) -> Array:
        return np.asarray(self._dermis.sum(axis=0))

    def _in_dermis(self, values: Array) -> Array:
        """Mean over the thickness of the dermis."""
        return np.asarray((self._dermis * values).sum(axis=0) / self._depth)

    @cached_property
    def _floor(self) -> float:
        w = self.skin.weight
        return float((w * self.skin.depth).sum() / w.sum()) if self.is_patch else 1.0

    def observe(self, times: Array, y: Array, wound_area: Array) -> None:
        """Record observables."""
        s = self.layout.view(y)
        h = self._dermis
        matrix = total_collagen(s)
        missing = self._over_scar((h * (1 - matrix)).sum(axis=0)) / self._floor
        type_3 = self._over_scar((h * s.collagen_3).sum(axis=0))
        seen = {
            "erythema": self._over_patch(s.erythema),
            "tnf_alpha": self._over_patch(s.tnf_alpha[PAPILLARY]),
            "melanin_index": self._over_scar(s.melanin_epidermal + DERMAL_VISIBILITY * s.melanin_dermal),
            "missing_collagen": missing,
            "collagen_relative": 1 - missing / self._depth,
            "collagen_ratio_1_3": self._over_scar((h * matrix).sum(axis=0)) / type_3 - 1,
            "wound_area": self._over_patch(wound_area),
            "myofibroblast": self._over_patch(self._in_dermis(s.myofibroblast)),
            "exosome_signal": self._over_patch(self._in_dermis(s.exosome_signal)),
        }
        self.times.append(np.asarray(times))
        self.observed.append(np.stack([seen[name] for name in OBSERVABLES]))

    def keep(self, days: Array, y: Array) -> None:
        """Record all states, and frames of a patch, at whole days."""
        self.days.append(np.asarray(days))
        self.means.append(self._over_patch(y))
        if self.is_patch:
            s = self.layout.view(y)
            maps = {
                "tnf_alpha": self._in_dermis(s.tnf_alpha),
                "exosome": self._in_dermis(dermis(s.exosome)),
                "collagen": self._in_dermis(total_collagen(s)),
                "melanin": s.melanin_epidermal,
            }
            self.frames.append(np.stack([maps[name][0] for name in FRAMES]).astype(np.float32))

    def history(
        self, layout: Layout, initial: Array, final: Array, failures: Sequence[Failure] = ()
    ) -> History:
        """Everything recorded, as arrays."""
        observed = np.concatenate(self.observed, axis=1)
        return History(
            layout=layout,
            times=np.concatenate(self.times),
            observed=SimpleNamespace(**dict(zip(OBSERVABLES, observed, strict=True))),
            days=np.concatenate(self.days) if self.days else np.empty(0),
            means=np.concatenate(self.means, axis=1).swapaxes(0, 1) if self.means else np.empty((0, 0, 0)),
            frames=np.array(self.frames) if self.is_patch else None,
            initial=self._over_patch(initial),
            final=self._over_patch(final),
            thickness=self.thickness,
            failures=tuple(failures),
        )


@dataclass(frozen=True)
class History:
    """The course of one simulation; the last axis of every array is the subject (one for a patch).

    Attributes
    ----------
    times, observed
        Days of observation (a jump shows as two records on one day) and the `OBSERVABLES` on them.
    days, means
        Whole days, and the (patch mean of) all rows of the layout on them: on day 0 before anything is done, on
        every other day after what happens on it. Empty where only observables were kept.
    frames : array, shape (days, FRAMES, columns) or None
    initial, final : array, shape (rows, subjects)
    failures : tuple of Failure
        Subjects that could not be integrated to the end; nan from then on.
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
    failures: tuple[Failure, ...] = ()

    def state(self, name: str) -> Array:
        """Course of one state: (days, layers, subjects) or (days, subjects)."""
        values: Array = self.means[:, self.layout.rows[name]]
        return values
