"""The agent layer: a Mesa model whose agents are needle channels and laser zones on a patch of skin.

Each channel has a place, a depth, a radius and a stage (open, closing, stratifying, sealed). It senses its column
(exosome signal, inflammation, occlusion), conducts gel into the layers that it crosses while it is open, closes and
seals. Hazards are those of `exosim.biology.channels`, so the mean of many agents is the column's expected behaviour.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.biology.channels import STAGES
from exosim.biology.injury import CHANNELS, Wound
from exosim.biology.notation import EPIDERMIS, LAYERS
from exosim.delivery.population import KINDS, SEALED, Population, Rows
from exosim.delivery.seam import HORIZON, Delivery, TissueView
from exosim.delivery.streams import stream
from exosim.engine.lattice import Array, Lattice
from exosim.events import Injury

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of tqdm in a notebook without widgets, whose bars Mesa would draw
    import mesa

FOOTPRINT = 0.25  # mm, sd of the area over which one zone acts (assumed; the same at every spacing)
LONGEST = 0.25  # d, longest coupling interval while any channel is unsealed


class Channel(mesa.Agent):  # type: ignore[misc]
    """One needle channel or laser zone: a view of a row of the population."""

    if TYPE_CHECKING:
        model: SkinPatch

    def __init__(self, model: SkinPatch, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def position(self) -> tuple[float, float]:
        """x, y on the patch, mm."""
        return float(self.model.population.x[self.row]), float(self.model.population.y[self.row])

    @property
    def column(self) -> int:
        """Number of the column it crosses."""
        return int(self.model.population.column[self.row])

    @property
    def kind(self) -> str:
        """``needle`` or ``laser``."""
        return str(KINDS[self.model.population.kind[self.row]])

    @property
    def depth_mm(self) -> float:
        """How deep it reaches."""
        return float(self.model.population.depth[self.row])

    @property
    def radius_mm(self) -> float:
        """Radius of its core."""
        return float(self.model.population.radius[self.row])

    @property
    def state(self) -> str:
        """``open``, ``closing``, ``stratifying`` or ``sealed``."""
        return STAGES[self.model.population.stage[self.row]]


@dataclass(frozen=True)
class Place:
    """Where the zones of an injury are: position (mm) and column of each, their density per column (1/mm2).

    `closing` is the random stream of how long their channels stay in each stage.
    """

    x: Array
    y: Array
    column: Rows
    density: Array
    closing: np.random.Generator


@dataclass(frozen=True)
class Group:
    """The channels of one injury: density of all of them, and what they open when none has closed."""

    rows: slice
    density: Array
    wall: Array
    area: Array


class SkinPatch(mesa.Model):  # type: ignore[misc]
    """Channels on a lattice of columns; time is kept by the caller.

    Parameters
    ----------
    lattice : Lattice
    seed : int
        Seed of the named random streams of placement and closing.
    horizon : float
        Coupling interval as a share of the shortest mean stay in a stage.
    """

    def __init__(self, lattice: Lattice, seed: int = 0, horizon: float = HORIZON) -> None:
        super().__init__(rng=seed)
        self.lattice, self.stream_seed, self.horizon = lattice, seed, horizon
        self.population = Population()
        self.groups: list[Group] = []

    def place(self, event: Injury, occurrence: int) -> Place:
        """Place the zones of an injury.

        Zones are spread evenly: one at a random place in each cell of a square grid of equal area, the grid
        shifted at random so that it never lines up with the columns. `occurrence` tells injuries of one mode on
        the same day apart.
        """
        name = (event.mode, event.day, occurrence)
        x, y = self._places(event.density_per_cm2 / 100, stream(self.stream_seed, "placement", *name))
        columns = self.lattice.column_of(x, y)
        closing = stream(self.stream_seed, "closing", *name)
        return Place(x, y, columns, self.lattice.density(columns, FOOTPRINT), closing)

    def _places(self, per_mm2: float, random: np.random.Generator) -> tuple[Array, Array]:
        size = self.lattice.size
        number = max(1, round(per_mm2 * size**2))
        side = int(np.ceil(np.sqrt(number)))
        cells = np.sort(random.choice(side**2, number, replace=False))
        jitter, shift = random.random((2, number)), random.random(2)
        x, y = cells // side + jitter[0] + shift[0], cells % side + jitter[1] + shift[1]
        return x * size / side % size, y * size / side % size

    def open(self, event: Injury, where: Place, wound: Wound) -> None:
        """Open the channels of an injury, which wounds the columns as `wound` says."""
        number, first = len(where.x), len(self.population)
        since = np.full((number, SEALED + 1), np.nan)
        since[:, 0] = event.day
        self.population.append(
            x=where.x,
            y=where.y,
            column=where.column,
            group=np.full(number, len(self.groups)),
            depth=np.full(number, float(np.mean(wound.depth))),
            radius=np.full(number, event.radius_mm),
            kind=np.full(number, KINDS.index(CHANNELS[event.mode])),
            stage=np.zeros(number, np.intp),
            patience=where.closing.exponential(size=(number, SEALED)),
            since=since,
        )
        rows, walls = slice(first, first + number), 2 / event.radius_mm * wound.opened
        self.groups.append(Group(rows, where.density, walls, wound.opened[EPIDERMIS]))
        for row in range(first, first + number):
            Channel(self, row)

    def interval(self, view: TissueView) -> float:
        """Return the longest coupling interval that the channels allow now, d; infinite when all are sealed."""
        fastest = self.population.fastest(view)
        return min(self.horizon / fastest, LONGEST * self.horizon / HORIZON) if fastest else np.inf

    def advance(self, view: TissueView, start: float, end: float) -> Delivery:
        """Let every channel sense, conduct, close and seal from `start` to `end`."""
        opened, unsealed = self.population.age(view, start, end)
        wall, wounded = np.zeros((len(LAYERS), self.lattice.columns)), np.zeros(self.lattice.columns)
        for group in self.groups:
            if unsealed[group.rows].any():
                wall += group.wall * self._share(group, opened)
                wounded += group.area * self._share(group, unsealed)
        return Delivery(wall, wounded)

    def _share(self, group: Group, weights: Array) -> Array:
        """Return the share of a group's channels, weighted, near each column."""
        near = self.lattice.density(self.population.column[group.rows], FOOTPRINT, weights[group.rows])
        return near / np.maximum(group.density, 1e-12)

    def channels(self) -> dict[str, Any]:
        """Return all channels as columns of a table."""
        p = self.population
        table: dict[str, Any] = {"kind": np.array(KINDS)[p.kind]}
        table |= {name: getattr(p, name) for name in ("x", "y", "depth", "radius", "column")}
        table |= {f"{stage}_day": p.since[:, i] for i, stage in enumerate(STAGES)}
        return table | {"state": np.array(STAGES)[p.stage]}
