"""The agents: the record of all channels at once against agents of plain Mesa that step one by one."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from exosim.biology.channels import hazards
from exosim.biology.system import defaults
from exosim.delivery.population import KINDS, SEALED, Population
from exosim.delivery.seam import TissueView

CHANNELS, COLUMNS, STEP = 20_000, 400, 0.1
PARAMETERS = SimpleNamespace(**defaults())


def view(interval: int) -> TissueView:
    """What columns tell their channels in an interval: any smooth change in place and time."""
    place = np.linspace(0, 1, COLUMNS)
    return TissueView(0.8 * np.exp(-0.05 * interval) * place, 0.6 * np.exp(-0.02 * interval) * place[::-1], PARAMETERS)


def beginning(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Column and patience of every channel."""
    random = np.random.default_rng(seed)
    return random.integers(COLUMNS, size=CHANNELS), random.exponential(size=(CHANNELS, SEALED))


def population() -> Population:
    """All channels as rows."""
    column, patience = beginning()
    record, zeros = Population(), np.zeros(CHANNELS)
    since = np.full((CHANNELS, SEALED + 1), np.nan)
    since[:, 0] = 0
    record.append(
        x=zeros, y=zeros, depth=zeros, radius=zeros, column=column, group=np.zeros(CHANNELS, np.intp),
        kind=np.full(CHANNELS, KINDS.index("laser")), stage=np.zeros(CHANNELS, np.intp), patience=patience, since=since,
    )  # fmt: skip
    return record


class Channel(mesa.Agent):
    """A channel as a Mesa user would write it: senses its column, waits, changes stage."""

    def __init__(self, model: Patch, column: int, patience: list[float]) -> None:
        super().__init__(model)
        self.column, self.patience, self.stage = column, patience, 0
        self.since = [0.0]
        self.open_share = self.unsealed_share = 0.0

    def step(self) -> None:
        """Live through one interval at the hazards sensed at its start."""
        self.open_share = self.unsealed_share = 0.0
        if self.stage == SEALED:
            return
        model = self.model
        close, heal = hazards("laser", model.signal[self.column], model.inflammation[self.column], PARAMETERS)
        left = STEP
        while self.stage < SEALED:
            rate = heal if self.stage else close
            moved = self.patience[self.stage] <= rate * left
            lived = self.patience[self.stage] / rate if moved else left
            self.patience[self.stage] -= rate * lived
            self.open_share += 0 if self.stage else lived / STEP
            self.unsealed_share += lived / STEP
            left -= lived
            if not moved:
                return
            self.stage += 1
            self.since.append(model.end - left)


class Patch(mesa.Model):
    """Channels and what they sense."""

    def __init__(self) -> None:
        super().__init__(seed=0)
        self.signal: list[float] = []
        self.inflammation: list[float] = []
        self.end = 0.0
        column, patience = beginning()
        for place, of in zip(column.tolist(), patience.tolist(), strict=True):
            Channel(self, place, of)

    def live(self, interval: int) -> None:
        """Let every channel live through an interval."""
        seen = view(interval)
        self.signal, self.inflammation = seen.signal.tolist(), seen.inflammation.tolist()
        self.end = (interval + 1) * STEP
        self.agents.do("step")


def timed(act: Callable[[], Any]) -> float:
    begin = perf_counter()
    act()
    return perf_counter() - begin


def measure(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Time of Mesa over that of the record, in turns, interval after interval."""
    intervals = 60 if quick else 200
    say(f"agents: {CHANNELS} channels, {intervals} intervals")
    record, patch = population(), Patch()
    population().age(view(0), 0.0, STEP)  # compile
    population().age(view(0), 0, STEP)  # compiles
    own, other = [], []
    for i in range(intervals):
        own.append(timed(lambda i=i: record.age(view(i), i * STEP, (i + 1) * STEP)))
        other.append(timed(lambda i=i: patch.live(i)))
    stages = np.array([channel.stage for channel in patch.agents])
    assert (stages == record.stage).all(), "agents and record disagree"
    return {
        "ratio_mesa": median(b / a for a, b in zip(own, other, strict=True)),
        "ratio_mesa_total": sum(other) / sum(own),
        "own_ns_per_agent_step": 1e9 * median(own) / CHANNELS,
        "mesa_ns_per_agent_step": 1e9 * median(other) / CHANNELS,
        "stages": np.bincount(record.stage, minlength=SEALED + 1).tolist(),
    }
