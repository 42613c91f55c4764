"""The method of a fit: that of a shipped set is in its file (`method`); a file of one's own has its own data."""

from __future__ import annotations

from typing import Any

from exosim.parameters import names, parameter_set
from exosim.problems import BadInput, Problem, suggest
from exosim.studies.fit.own_file import Asked, read_fit
from exosim.studies.fit.own_study import OwnFit
from exosim.studies.fit.posterior import Posterior
from exosim.studies.fit.study import Fit
from exosim.studies.kinds import Study, too_low

METHODS = ("best fit", "posterior")
FEWEST = 50  # draws, of either method


def fit_of(name: Asked, seed: int = 0, starts: int | None = None, members: int | None = None) -> Study:
    """Return the fit of a shipped set by its method, or of a file; raise `BadInput` for what that method has not.

    Parameters
    ----------
    starts : int, optional
        Searches for the best fit, 4 when left out.
    members : int, optional
        Draws: 4000 of an ensemble, 1536 of a posterior, 256 of a fit to one's own data when left out.
    """
    own = not isinstance(name, str) or name not in names()
    method = "own data" if own else parameter_set(str(name)).method
    given = {"seed": seed, "starts": 1 if starts is None else starts, "members": FEWEST if members is None else members}
    problems = too_low(given, {"seed": 0, "starts": 1, "members": FEWEST})
    if not own and method not in METHODS:
        problems.append(
            Problem(f'no set is fitted by "{method}"', source=f"{name}.toml", remedy=suggest(method, METHODS))
        )
    if starts is not None and method != METHODS[0]:
        message = "the fit is a posterior, which has no searches for a best fit"
        problems.append(Problem(message, source="`starts`", remedy="leave it out"))
    if own:
        called, asked = _with(problems, name)
        return OwnFit(called, asked, seed, members or OwnFit.members)
    if problems:
        raise BadInput(problems)
    name = str(name)
    if method == "posterior":
        return Posterior(name, seed, members or Posterior.members)
    return Fit(name, seed, starts or Fit.starts, members or Fit.members)


def _with(problems: list[Problem], asked: Asked) -> tuple[str, dict[str, Any]]:
    """Return what a file asks for; raise `BadInput` with its problems and those that there are."""
    try:
        found = read_fit(asked)
    except BadInput as error:
        raise BadInput([*problems, *error.problems]) from None
    if problems:
        raise BadInput(problems)
    return found
