"""Outcomes of one's own and days of courses in studies: checked before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from exosim.files.names import code
from exosim.parameters import ParametersLike, parameter_set
from exosim.problems import BadInput, Problem, brief
from exosim.results.own import Given, Own, homeless, own_outcomes, states_of, too_late
from exosim.results.times import days_of
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.treatments import GROUP, catalogue, home_of
from exosim.treatments import own as own_treatments


def checked(
    outcomes: Given | None, times: Any, arms: Sequence[Scenario], parameters: ParametersLike, *, stays: bool,
    taken: Collection[str] = (),
) -> tuple[tuple[Own, ...], tuple[float, ...]]:  # fmt: skip
    """Return outcomes and days for these arms; raise `BadInput` with every problem of them.

    `stays` says that the study neither leaves this process nor is kept; `taken` are names of its other columns, and
    what varies. Functions are tried on one column of the first arm.
    """
    own = own_outcomes(outcomes)
    end = None if "weeks" in taken else min(arm.days for arm in arms)
    days = days_of(times, end)
    problems = [Problem(f'the name "{x.name}" is taken', source="`outcomes`") for x in own if x.name in taken]
    problems += [] if end is None else too_late(own, end)
    problems += [] if stays else homeless(own)
    if problems := problems or _failing(own, arms[0], parameters):
        raise BadInput(problems)
    return own, days


def check_treatments(study: Any) -> None:
    """Raise `BadInput` where a study has treatments that no other process can import."""
    used, homes = study.to_dict().get("treatments", {}), own_treatments()
    if stuck := [kind for kind in used if not homes[kind]]:
        remedy = "write its class into a file and import it from there, or use one worker"
        messages = [f'no other process can import the treatment "{kind}"' for kind in stuck]
        raise BadInput([Problem(message, remedy=remedy) for message in messages])


def treatments_of(design: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the treatments of one's own that a design has, with their code, which decides its results."""
    used = {*_kinds(design)}
    return {kind: _origin(kind, bool(home)) for kind, home in sorted(own_treatments().items()) if kind in used}


def _origin(kind: str, importable: bool) -> dict[str, str]:
    """Return where the class of a treatment is, the hash of its code, and the installed package that offers it."""
    cls = catalogue()[kind]
    offered = {f"{x.dist.name} {x.dist.version}" for x in entry_points(group=GROUP, name=kind) if x.dist}
    return {"class": home_of(cls), "code": code(cls, importable), "package": ", ".join(sorted(offered))}


def unknown_treatments(used: Mapping[str, Mapping[str, str]]) -> list[Problem]:
    """Return which treatments of a design, as from `treatments_of`, are not known here."""
    remedy = "import the module that registers it, or install it as a package"
    return [
        Problem(f'the treatment "{brief(kind)}" of {brief(str(about["class"]))} is not known here', remedy=remedy)
        for kind, about in used.items()
        if kind not in catalogue()
    ]


def _kinds(data: Any) -> Iterator[str]:
    """Yield whatever plain data say of a kind."""
    inside = data.values() if isinstance(data, Mapping) else data if isinstance(data, list | tuple) else ()
    if isinstance(data, Mapping) and isinstance(data.get("kind"), str):
        yield data["kind"]
    for item in inside:
        yield from _kinds(item)


def _failing(own: Sequence[Own], arm: Scenario, parameters: ParametersLike) -> list[Problem]:
    """Return which functions give no number of a first run."""
    functions = [x for x in own if not x.text]
    if not functions:
        return []
    follow = states_of(functions)
    history = simulate(arm, parameter_set(parameters).values(), "column", states=False, follow=follow)
    problems = []
    for x in functions:
        try:
            np.asarray(x.compute(history, arm))
        except BadInput as error:
            problems += error.problems
        except Exception as error:  # whatever a function of somebody else does
            message = f'the function of "{x.name}" fails on a first run: {type(error).__name__}: {brief(str(error))}'
            problems.append(Problem(message, source="`outcomes`"))
    return problems
