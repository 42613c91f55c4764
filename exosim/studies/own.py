"""Outcomes of one's own and days of courses in studies: checked before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from exosim.parameters import ParametersLike, parameter_set
from exosim.problems import BadInput, Problem, brief
from exosim.results.own import Given, Own, homeless, own_outcomes, states_of, too_late
from exosim.results.times import days_of
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
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
    arms = getattr(study, "arms", None) or [getattr(study, "scenario", None)]
    used = {entry.kind for arm in arms if arm for entry in arm.treatments}
    if stuck := sorted(kind for kind, home in own_treatments().items() if kind in used and not home):
        remedy = "write its class into a file and import it from there, or use one worker"
        messages = [f'no other process can import the treatment "{kind}"' for kind in stuck]
        raise BadInput([Problem(message, remedy=remedy) for message in messages])


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
