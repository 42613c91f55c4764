"""Designs: which values of its axes a study takes, and what is wrong with axes before anything is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.parameters import ParametersLike, parameter_set
from exosim.problems import BadInput, Problem, every, without_numbers
from exosim.scenario.change import Changes
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.simulation.setup import parameter_values
from exosim.studies.axes import Axis, axis_of, read_axis

DESIGNS = ("grid", "lhs", "sobol")


def load_axes(vary: Sequence[str] | Mapping[str, Any], scenario: Scenario, changes: Changes = ()) -> tuple[Axis, ...]:
    """Return the axes of a scenario to which `changes` were made; raise `BadInput` with every problem.

    `vary` is texts, as `WRITTEN` says, or by path a list of values or a `Range`.
    """
    if isinstance(vary, Mapping):
        axes = tuple(every(lambda item: axis_of(*item, scenario), vary.items()))
    else:
        axes = tuple(every(lambda text: read_axis(text, scenario), vary))
    if problems := [*undone(axes, scenario, changes)]:
        raise BadInput(problems)
    return axes


def shares(axes: int, design: str, number: int, seed: int) -> Array:
    """Return where on every axis the points of a sampled design are, 0..1, (points, axes)."""
    from scipy.stats import qmc

    sampler = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[design](d=axes, rng=np.random.default_rng(seed))
    return np.asarray(sampler.random(number))


def wrong(axes: Sequence[Axis], scenario: Scenario, parameters: ParametersLike) -> list[Problem]:
    """Return values that no case could have; where there are none, axes that set the same, or change no case."""
    invalid = [problem for axis in axes for problem in _invalid(axis, axes, scenario)]
    return invalid or [*_crossed(axes, scenario)] or [*_idle(axes, scenario, parameters)]


def _bases(axis: Axis, axes: Sequence[Axis], scenario: Scenario) -> Iterator[Scenario]:
    """Yield scenarios in which an axis is tried: as it is, and with the others at their first and last values."""
    yield scenario
    others = [other for other in axes if other is not axis]
    for end in (0, -1) if others else ():
        try:
            yield scenario.with_values({other.path: other.tried[end] for other in others})
        except BadInput:
            continue


def _invalid(axis: Axis, axes: Sequence[Axis], scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with values that no base takes, each kind of problem once."""
    told = set()
    for value in axis.tried:
        bases = _bases(axis, axes, scenario)
        problems = _problems(next(bases), {axis.path: value})
        for problem in problems if problems and all(_problems(base, {axis.path: value}) for base in bases) else ():
            if (alike := without_numbers(problem.message)) not in told:
                told.add(alike)
                yield replace(problem, source=f"`vary` {axis.path}")


def _crossed(axes: Sequence[Axis], scenario: Scenario) -> Iterator[Problem]:
    """Yield axes of which one sets what another sets."""
    fields = Counter(_field(axis) for axis in axes)
    for name in (name for name, times in fields.items() if times > 1):
        yield Problem(f"{name} is an axis twice", source="`vary`", remedy="keep one of them")
    for one, other in combinations([axis for axis in axes if _field(axis) not in PARAMETERS], 2):
        pairs = [{one.path: one.tried[i], other.path: other.tried[j]} for i, j in ((0, -1), (-1, 0))]
        if one.path != other.path and any(_undoes(scenario, pair) for pair in pairs):
            yield Problem(f"{one.path} and {other.path} set the same", source="`vary`", remedy="keep one of them")


def _field(axis: Axis) -> str:
    """Return the path of an axis; of a parameter its name, however it is written."""
    return axis.path.removeprefix("assume.")


def undone(axes: Sequence[Axis], scenario: Scenario, changes: Changes) -> Iterator[Problem]:
    """Yield axes that would undo a change which was made to the scenario."""
    made = changes if isinstance(changes, Mapping) else [*changes]
    for change in made:
        again: Changes = {change: made[change]} if isinstance(made, Mapping) else [change]
        for axis in axes:
            arms = [arm for value in (axis.tried[0], axis.tried[-1]) if (arm := _arm(scenario, {axis.path: value}))]
            if any(_arm(arm, again) != arm for arm in arms):
                remedy = "leave one of them out: what varies cannot be set"
                yield Problem(f"this axis meets `changes` {change}", source=f"`vary` {axis.path}", remedy=remedy)


def _undoes(scenario: Scenario, pair: Mapping[str, Any]) -> bool:
    """Return whether the order in which two values are set makes a difference."""
    first, second = ([{path: value} for path, value in items] for items in (pair.items(), reversed([*pair.items()])))
    arms = [_arm(step, steps[1]) for steps in (first, second) if (step := _arm(scenario, steps[0]))]
    return len(arms) == 2 and None not in arms and arms[0] != arms[1]


def _idle(axes: Sequence[Axis], scenario: Scenario, parameters: ParametersLike) -> Iterator[Problem]:
    """Yield axes whose values give one and the same simulation, whatever the others are."""
    base = parameter_set(parameters).values()
    for axis in axes:
        for start in _bases(axis, axes, scenario):
            arms = (_arm(start, {axis.path: value}) for value in axis.tried)
            known = (arm and _simulated(arm, base) for arm in arms)
            first = next(known)
            if first is None or any(x != first for x in known):
                break
        else:
            message = f"{axis.path} changes no case: all its values give the same"
            remedy = "leave it out, or give two values"
            yield Problem(message, source=f"`vary` {axis.path}", remedy=remedy)


def _simulated(arm: Scenario, base: Mapping[str, float]) -> tuple[Any, ...]:
    """Return all that a simulation of an arm depends on."""
    return arm.days, arm.timeline, parameter_values(arm, base), arm.skin.scar, arm.skin.severity


def _arm(scenario: Scenario, changes: Changes) -> Scenario | None:
    """Return the scenario with changes; None where there is none."""
    try:
        return load(scenario, changes)
    except BadInput:
        return None


def _problems(scenario: Scenario, changes: Changes) -> list[Problem]:
    try:
        load(scenario, changes)
    except BadInput as error:
        return error.problems
    return []
