"""The method by which a parameter set is fitted, which is data of the set (`method` in `exosim/parameters/*.toml`)."""

from __future__ import annotations

from exosim.parameters import parameter_set
from exosim.problems import BadInput, Problem, suggest
from exosim.studies.fit.posterior import Posterior
from exosim.studies.fit.study import Fit
from exosim.studies.kinds import Study, too_low

METHODS = ("best fit", "posterior")
FEWEST = 50  # draws, of either method


def fit_of(name: str, seed: int = 0, starts: int | None = None, members: int | None = None) -> Study:
    """Return the fit of a parameter set by its method; raise `BadInput` for what that method has not.

    Parameters
    ----------
    starts : int, optional
        Searches for the best fit, 4 when left out.
    members : int, optional
        Draws: 4000 of an ensemble, 1536 of a posterior when left out.
    """
    method = parameter_set(name).method
    given = {"seed": seed, "starts": 1 if starts is None else starts, "members": FEWEST if members is None else members}
    problems = too_low(given, {"seed": 0, "starts": 1, "members": FEWEST})
    if method not in METHODS:
        problems.append(
            Problem(f'no set is fitted by "{method}"', source=f"{name}.toml", remedy=suggest(method, METHODS))
        )
    if starts is not None and method == "posterior":
        message = f'the set "{name}" is a posterior, which has no searches for a best fit'
        problems.append(Problem(message, source="`starts`", remedy="leave it out"))
    if problems:
        raise BadInput(problems)
    if method == "posterior":
        return Posterior(name, seed, members or Posterior.members)
    return Fit(name, seed, starts or Fit.starts, members or Fit.members)
