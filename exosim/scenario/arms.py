"""Several scenarios as the arms of one comparison: loaded together, told apart by name, and what makes them unequal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from exosim.problems import every
from exosim.scenario.change import Changes
from exosim.scenario.file import ScenarioLike, load
from exosim.scenario.model import Scenario

LONGEST = 190  # letters of a name that a number may follow


def load_arms(scenarios: Sequence[ScenarioLike], changes: Changes = ()) -> list[Scenario]:
    """Return all scenarios, changed, each with a name of its own; raise `BadInput` with every problem of all of them.

    Scenarios of one name take that of their file, and a number where that is the same too.
    """
    arms = every(lambda scenario: load(scenario, changes), scenarios)
    stems = [Path(s).stem if isinstance(s, str | Path) else "" for s in scenarios]
    names = unique([arm.name for arm in arms], stems)
    return [
        arm if arm.name == name else arm.model_copy(update={"name": name})
        for arm, name in zip(arms, names, strict=True)
    ]


def unique(names: Sequence[str], others: Sequence[str] = ()) -> list[str]:
    """Return a label for each name, no two alike; of equal names their `others` if these differ, else numbered.

    >>> unique(["gel", "laser", "gel"], ["one", "two", "three"]), unique(["gel", "gel", "gel (2)"])
    (['one', 'laser', 'three'], ['gel', 'gel (3)', 'gel (2)'])
    """
    many, found = Counter(map(_seen, names)), Counter(others)
    wanted = [
        other if many[_seen(name)] > 1 and other and found[other] == 1 else name
        for name, other in zip(names, others or names, strict=True)
    ]
    taken = set(map(_seen, wanted))
    labels: list[str] = []
    for name in wanted:
        label, number = name, 1
        while _seen(label) in map(_seen, labels) or (number > 1 and _seen(label) in taken):
            number += 1
            label = f"{name[:LONGEST]} ({number})"
        labels.append(label)
    return labels


def differences(arms: Sequence[Scenario], skins: Sequence[Any] = ()) -> list[str]:
    """Return what makes arms hard to compare; `skins` of people replace those of the scenarios."""
    reasons = []
    if _differ(skins or [arm.skin for arm in arms]):
        reasons.append("the arms differ in skin: differences are not those of the treatments alone")
    if _differ([arm.weeks for arm in arms]):
        reasons.append("the arms differ in length: outcomes at the end are of different days")
    if _differ([arm.assume for arm in arms]):
        reasons.append("the arms differ in assumed parameters")
    return reasons


def _differ(values: Sequence[Any]) -> bool:
    return any(value != values[0] for value in values)


def _seen(name: str) -> str:
    """Return a name as a reader sees it."""
    return " ".join(name.split())
