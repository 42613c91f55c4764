"""Arms that are one scenario with other values: what differs between them is what they are called."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from exosim.parameters import DEFAULT, ParametersLike
from exosim.problems import BadInput, Problem, every
from exosim.scenario.arms import load_arms, unique
from exosim.scenario.change import Changes
from exosim.scenario.file import ScenarioLike, load
from exosim.scenario.model import Scenario
from exosim.studies.axes import Axis
from exosim.studies.designs import load_axes

Vary = Mapping[str, Any] | Sequence[str]
"""Path -> values, or texts as ``--vary``."""
LONGEST = 190  # letters of a name


def arms_of(
    scenarios: ScenarioLike | Sequence[ScenarioLike], vary: Vary = (), changes: Changes = (),
    parameters: ParametersLike = DEFAULT, most: int = 8,
) -> list[Scenario]:  # fmt: skip
    """Return the arms of a comparison: the `scenarios`, or one of them with every combination of what varies.

    >>> [arm.name for arm in arms_of("fractional_co2", {"laser.energy_mj": [10, 20]})]
    ['laser.energy_mj=10', 'laser.energy_mj=20']
    """
    given = scenarios if isinstance(scenarios, Sequence) and not isinstance(scenarios, str) else [scenarios]
    if not vary:
        return load_arms(given, changes)
    from exosim.studies.sweep import Sweep

    if len(given) != 1:
        remedy = "give one scenario, or leave it out"
        raise BadInput([Problem(f"{len(given)} scenarios cannot be varied at once", source="`vary`", remedy=remedy)])
    scenario = load(given[0], changes)
    design = Sweep(scenario, load_axes(vary, scenario, changes), parameters=parameters)
    design.check()
    if design.cases > most:
        remedy = f"figures tell {most} apart; `sweep` takes more"
        raise BadInput([Problem(f"there would be {design.cases} arms", source="`vary`", remedy=remedy)])
    points = design.points(0, design.cases)
    arms = every(design.case, points)
    names = unique([_named(design.paths, point) for point in points])
    return [arm.model_copy(update={"name": name}) for arm, name in zip(arms, names, strict=True)]


def swept(
    scenario: ScenarioLike, vary: Vary, changes: Changes, reference: Any, ensemble: bool
) -> tuple[Scenario, tuple[Axis, ...], Scenario]:
    """Return the scenario of a sweep, its axes, and the scenario from which its cases differ."""
    arm = load(scenario, changes)
    if reference and not ensemble:
        message, remedy = "a reference is compared draw by draw", "add `ensemble`"
        raise BadInput([Problem(message, source="`reference`", remedy=remedy)])
    return arm, load_axes(vary, arm, changes), reference_of(reference, arm, changes)


def reference_of(given: Any, scenario: Scenario, changes: Changes = ()) -> Scenario:
    """Return what all cases of a sweep are compared with.

    `given` is another scenario, by name or file or as it is; values by path or texts ``PATH=VALUE``, which are set in
    the scenario that is swept; or None, which is that scenario.
    """
    if given is None or given == []:
        return scenario
    texts = [given] if isinstance(given, str) else given
    own = isinstance(given, Mapping) or (isinstance(texts, list) and all("=" in text for text in texts))
    try:
        if own:
            items = given.items() if isinstance(given, Mapping) else None
            named = _named([x for x, _ in items], [x for _, x in items]) if items else ", ".join(texts)[:LONGEST]
            return load(scenario, given if items else texts).model_copy(update={"name": named})
        if isinstance(texts, list) and len(texts) > 1:
            raise BadInput([Problem("there is one reference", remedy="give one scenario, or settings PATH=VALUE")])
        return load(texts[0] if isinstance(texts, list) else given, changes)
    except BadInput as error:
        raise BadInput([replace(p, source=f"`reference` {p.source}".rstrip()) for p in error.problems]) from None


def _named(paths: Sequence[str], point: Sequence[Any]) -> str:
    """Return what is set in an arm, as ``--set`` takes it."""
    return ", ".join(f"{path}={written(x)}" for path, x in zip(paths, point, strict=True))[:LONGEST]


def written(value: Any) -> str:
    """Return a value as a person writes it.

    >>> written(1e11), written(0.5), written([0, 1.0]), written("boxcar")
    ('1e11', '0.5', '[0, 1.0]', 'boxcar')
    """
    if isinstance(value, float):
        return f"{value:.6g}".replace("e+", "e")
    return json.dumps(value) if isinstance(value, list) else str(value)
