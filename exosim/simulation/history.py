"""What a simulation records: observables at fixed moments, all states once a day, maps of a patch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology import barrier
from exosim.biology.collagen import total_collagen
from exosim.biology.notation import PAPILLARY, dermis
from exosim.engine.columns import Failure
from exosim.engine.layout import Layout
from exosim.engine.tissue import Array
from exosim.skin.scars import SkinFields

DERMAL_VISIBILITY = 0.6  # weight of dermal melanin in the melanin index (assumed: it lies deeper)


@dataclass(frozen=True)
class Averages:
    """How the columns of a simulation become what is observed.

    Attributes
    ----------
    over_skin, over_scar : callable
        Mean of (..., columns) over all skin, and over the scar.
    floor : float
        Mean depth of the scar relative to its floor.
    """

    over_skin: Callable[[Array], Array]
    over_scar: Callable[[Array], Array]
    floor: float


APART = Averages(lambda values: values, lambda values: values, 1.0)
"""Every column is a subject of its own."""


def together(fields: SkinFields) -> Averages:
    """Return the averages of a patch: the columns of its scar are projected on the scar's footprint."""
    w = fields.weight
    return Averages(
        lambda values: values.mean(axis=-1, keepdims=True),
        lambda values: (values @ w)[..., None] / w.sum(),
        float((w * fields.depth).sum() / w.sum()),
    )


class Moments:
    """States at some moments, (rows, times, columns), and what several observables are made of."""

    def __init__(self, states: SimpleNamespace, wound_area: Array, thickness: Array, averages: Averages):
        self.states, self.wound_area = states, wound_area
        self.averages, self.over_skin, self.over_scar = averages, averages.over_skin, averages.over_scar
        self.dermis = np.asarray(dermis(thickness)[:, None, :])
        self.depth = np.asarray(self.dermis.sum(axis=0))

    def in_dermis(self, values: Array) -> Array:
        """Return the mean over the thickness of the dermis."""
        return np.asarray((self.dermis * values).sum(axis=0) / self.depth)

    @cached_property
    def matrix(self) -> Array:
        """Collagen of all kinds in every dermal layer."""
        return np.asarray(total_collagen(self.states))

    @cached_property
    def missing(self) -> Array:
        """Thickness of collagen that is missing on the floor of the scar, mm."""
        return self.over_scar((self.dermis * (1 - self.matrix)).sum(axis=0)) / self.averages.floor

    @cached_property
    def ratio_1_3(self) -> Array:
        """Collagen I over collagen III in the scar."""
        type_3 = self.over_scar((self.dermis * self.states.collagen_3).sum(axis=0))
        return self.over_scar((self.dermis * self.matrix).sum(axis=0)) / type_3 - 1

    @cached_property
    def melanin(self) -> Array:
        """Melanin index of the scar: epidermal melanin, and dermal melanin as far as it shows."""
        s = self.states
        return self.over_scar(s.melanin_epidermal + DERMAL_VISIBILITY * s.melanin_dermal)


@dataclass(frozen=True)
class Observable:
    """One quantity that is followed through time.

    `compute` takes `Moments` (or, for those in `DERIVED`, all observables of a course) and returns (times, subjects).
    """

    name: str
    unit: str
    definition: str
    compute: Callable[[Any], Array]


OBSERVABLES = (
    Observable("erythema", "1", "redness of the skin, rest = 1", lambda m: m.over_skin(m.states.erythema)),
    Observable("tnf_alpha", "pg/mL", "TNF-alpha of the papillary dermis",
               lambda m: m.over_skin(m.states.tnf_alpha[PAPILLARY])),
    Observable("melanin_index", "1", "epidermal and weighted dermal melanin of the scar", lambda m: m.melanin),
    Observable("missing_collagen", "mm", "thickness of collagen missing on the floor of the scar", lambda m: m.missing),
    Observable("collagen_relative", "1", "dermal collagen on the floor of the scar over that of healthy skin",
               lambda m: 1 - m.missing / m.depth),
    Observable("collagen_ratio_1_3", "1", "collagen I over collagen III in the scar", lambda m: m.ratio_1_3),
    Observable("wound_area", "1", "share of the surface that is open", lambda m: m.over_skin(m.wound_area)),
    Observable("bare_area", "1", "share of the surface without a barrier against water",
               lambda m: m.over_skin(barrier.bare(m.states))),
    Observable("myofibroblast", "cell/mm^3", "activated fibroblasts of the dermis",
               lambda m: m.over_skin(m.in_dermis(m.states.myofibroblast))),
    Observable("exosome_signal", "Mparticle/mm^3", "exosomes in cells of the dermis",
               lambda m: m.over_skin(m.in_dermis(m.states.exosome_signal))),
)  # fmt: skip
"""What is followed at every step; a patch gives its mean, or that of its scar."""


def _improvement(observed: Any) -> Array:
    missing = observed.missing_collagen
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.abs(missing[0]) > 1e-9, 100 * (1 - missing / missing[0]), np.nan)


DERIVED = (
    Observable("improvement_percent", "%",
               "share of the scar's missing (or excess) collagen volume that is closed; nan without a scar",
               _improvement),
    Observable("melanin_change_percent", "%", "change of the melanin index of the scar since day 0",
               lambda observed: 100 * (observed.melanin_index / observed.melanin_index[0] - 1)),
)  # fmt: skip
"""What follows from the course of the observables."""
COURSES = {x.name: x for x in OBSERVABLES + DERIVED}

FRAMES = (
    Observable("tnf_alpha", "pg/mL", "TNF-alpha of the dermis", lambda m: m.in_dermis(m.states.tnf_alpha)),
    Observable("exosome", "Mparticle/mm^3", "exosomes in the dermis", lambda m: m.in_dermis(dermis(m.states.exosome))),
    Observable("collagen", "1", "collagen of the dermis", lambda m: m.in_dermis(m.matrix)),
    Observable("melanin", "1", "melanin of the epidermis", lambda m: m.states.melanin_epidermal),
)
"""Daily maps of a patch, one value per column."""

OBSERVED_STATES = (
    "erythema", "tnf_alpha", "melanin_epidermal", "melanin_dermal", "collagen_3", "collagen_1_new",
    "collagen_1_mature", "needle_open", "needle_closing", "needle_stratifying", "laser_open", "laser_closing",
    "laser_stratifying", "needle_bare", "laser_bare", "myofibroblast", "exosome_signal",
)  # fmt: skip
"""States that observables are made of: all that is kept of many subjects but for their last moment."""


@lru_cache(maxsize=1024)
def observation_times(start: float, stop: float) -> Array:
    """Return when observables are taken between two moments of a schedule: densely at first, then every whole day.

    These times are the same for every solver, tolerance and output, so that no outcome depends on them.

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
    """Collects the course of one simulation; states come as (rows, times, columns), rows as in `layout`.

    Entries of states that are named in `follow` are recorded as often as the observables.
    """

    layout: Layout
    thickness: Array
    averages: Averages
    follow: Sequence[str] = ()
    times: list[Array] = field(default_factory=list)
    observed: list[Array] = field(default_factory=list)
    days: list[Array] = field(default_factory=list)
    means: list[Array] = field(default_factory=list)
    frames: list[Array] = field(default_factory=list)
    followed: list[Array] = field(default_factory=list)

    @cached_property
    def rows(self) -> list[int] | slice:
        """Where the entries that are followed are in the layout."""
        entries = self.layout.entries
        return slice(None) if self.follow == entries else [entries.index(name) for name in self.follow]

    def observe(self, times: Array, y: Array, wound_area: Array) -> None:
        """Record the observables."""
        moments = Moments(self.layout.view(y), wound_area, self.thickness, self.averages)
        self.times.append(np.asarray(times))
        self.observed.append(np.stack([x.compute(moments) for x in OBSERVABLES]))
        if self.follow:
            self.followed.append(self.averages.over_skin(y[self.rows]))

    def keep(self, days: Array, y: Array, maps: bool = False) -> None:
        """Record all states at whole days, and `maps` of a patch."""
        self.days.append(np.asarray(days))
        self.means.append(self.averages.over_skin(y))
        if maps:
            moments = Moments(self.layout.view(y), np.empty(0), self.thickness, self.averages)
            self.frames.append(np.stack([x.compute(moments)[0] for x in FRAMES]).astype(np.float32))

    def history(
        self,
        layout: Layout,
        initial: Array,
        final: Array,
        failures: Sequence[Failure] = (),
        channels: Mapping[str, Any] | None = None,
    ) -> History:
        """Return everything recorded, as arrays."""
        values = np.concatenate(self.observed, axis=1)
        observed = SimpleNamespace(**{x.name: v for x, v in zip(OBSERVABLES, values, strict=True)})
        vars(observed).update({x.name: x.compute(observed) for x in DERIVED})
        followed = np.concatenate(self.followed, axis=1) if self.followed else ()
        return History(
            layout=layout,
            times=np.concatenate(self.times),
            observed=observed,
            days=np.concatenate(self.days) if self.days else np.empty(0),
            means=np.concatenate(self.means, axis=1).swapaxes(0, 1) if self.means else np.empty((0, 0, 0)),
            frames=np.array(self.frames) if self.frames else None,
            initial=self.averages.over_skin(initial),
            final=self.averages.over_skin(final),
            thickness=self.thickness,
            failures=tuple(failures),
            channels=channels,
            followed=dict(zip(self.follow, followed, strict=True)),
        )


@dataclass(frozen=True)
class History:
    """The course of one simulation; the last axis of every array is the subject (one for a patch).

    Attributes
    ----------
    times, observed
        Days of observation (a jump shows as two records on one day) and all `COURSES` on them.
    days, means
        Whole days, and the (patch mean of) all rows of the layout on them: on day 0 before anything is done, on
        every other day after what happens on it. Empty where only observables were kept.
    frames : array, shape (days, FRAMES, columns) or None
    initial, final : array, shape (rows, subjects)
    failures : tuple of Failure
        Subjects that could not be integrated to the end; nan from then on.
    channels : mapping or None
        All channels of a patch as columns of a table.
    followed : mapping
        Entries of states (the mean of a patch) on `times`: name -> (times, subjects).
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
    channels: Mapping[str, Any] | None = None
    followed: Mapping[str, Array] = field(default_factory=dict)

    def state(self, name: str) -> Array:
        """Return the course of one state: (days, layers, subjects) or (days, subjects)."""
        values: Array = self.means[:, self.layout.rows[name]]
        return values
