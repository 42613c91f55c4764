"""What a cohort has given, read outcome by outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.results.dataset import TRAITS, described
from exosim.studies.population import KNOWN
from exosim.studies.store import Store


@dataclass(frozen=True)
class Results:
    """What a cohort has given so far, read outcome by outcome so that memory does not grow with the people."""

    store: Store
    names: list[str]  # labels of the arms, no two alike
    score_error: float  # of a clinical score of improvement, points
    in_arm: Callable[[int, Mapping[str, Array]], dict[str, Array]]  # traits of people in an arm, from those drawn

    def column(self, name: str) -> Array:
        """Return one array over all people who are done."""
        parts = []
        for line in self.store.in_order():
            with self.store.read(line["unit"]) as block:
                parts.append(block[name])
        return np.concatenate(parts) if parts else np.empty(0)

    def traits(self, arm: int) -> dict[str, Array]:
        """Return the traits that people have in an arm, those of `KNOWN` as numbers of its names."""
        drawn = {name: self.column(f"subject.{name}") for name in (*KNOWN, "draw", "pigment")}
        return self.in_arm(arm, {name: x if name == "pigment" else x.astype(int) for name, x in drawn.items()})

    def outcome(self, arm: int, name: str) -> Array:
        """Return an outcome of every person in one arm."""
        return self.column(f"{arm}.{name}")

    def scored(self, arm: int) -> Array:
        """Return improvement as a clinician would score it, with the error of the score."""
        noise = self.column(f"subject.noise_{arm}")
        return self.outcome(arm, "improvement_percent") + self.score_error * noise

    def labelled(self) -> dict[str, Any]:
        """Return the traits by their names, as variables of a dataset; by arm where arms differ."""
        arms = [self.traits(i) for i in range(len(self.names))]
        found: dict[str, Any] = {}
        for trait in TRAITS:
            names = np.array(KNOWN[trait]) if trait in KNOWN else None
            values = [arm[trait] if names is None else names[arm[trait]] for arm in arms]
            if all(np.array_equal(x, values[0]) for x in values):
                found[trait] = ("subject", values[0], described(trait))
            else:
                found[trait] = (("subject", "arm"), np.stack(values, axis=1), described(trait))
        return found
