"""What is searched for: the settings of a study file, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from exosim.problems import BadInput, Checked, Problem, brief, explained, suggest
from exosim.results.own import own_outcomes
from exosim.studies.aims import STATISTICS, aims_of, limits_of
from exosim.studies.sweep import MEASURES, NAMES

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def _known(name: str, info: ValidationInfo) -> str:
    names = (*NAMES, *(x.name for x in info.data.get("outcomes") or ()))
    if name not in names and "outcomes" in info.data:  # where they are wrong, that is said
        raise ValueError(f'there is no outcome "{brief(name)}"\n{suggest(name, names)}')
    return name


def _read(given: Any) -> Any:
    try:
        return own_outcomes(given, "outcomes")
    except BadInput as error:
        raise ValueError("\n".join([_told(problem) for problem in error.problems])) from None


def _told(problem: Problem) -> str:
    return f"{problem.source.removeprefix('outcomes ')}: {problem.message} ({problem.remedy})"


Name = Annotated[str, AfterValidator(_known)]


class Limit(Checked):
    """Where an outcome must stay."""

    at_least: float | None = Field(default=None, description="lowest value that a schedule may give")
    at_most: float | None = Field(default=None, description="highest value that a schedule may give")
    draws: Literal["p05", "p50", "p95", "mean"] | None = Field(
        default=None, description="what of the draws must keep the limit; the set itself when left out"
    )

    @model_validator(mode="after")
    def _some(self) -> Limit:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a limit says at_least or at_most\nas in { at_most = 10 }")
        return self


def _aim(aim: Any) -> Any:
    given = {aim: ""} if isinstance(aim, str) else aim
    known = isinstance(given, Mapping) and len(given) == 1 and {*given} <= {"max", "min"}
    if not known or (given is aim and {*map(str, given.values())} - {*STATISTICS}):
        remedy = f'write "max" or "min", or over draws {{ max = "p05" }}, with one of {", ".join(STATISTICS)}'
        raise ValueError(f"{brief(str(aim))} is no aim\n{remedy}")
    return aim


class Asked(Checked):
    """What is searched, all but the scenario: the settings of a search, as in a study file."""

    outcomes: Annotated[Any, AfterValidator(_read)] = ()
    vary: dict[str, Any] = Field(min_length=1)
    aims: dict[Name, Annotated[Any, AfterValidator(_aim)]] = Field(min_length=1)
    limits: dict[Name, Limit] = Field(default_factory=dict)
    population: int = Field(default=40, ge=4, le=10_000)
    generations: int = Field(default=20, ge=1, le=10_000)

    @model_validator(mode="after")
    def _varies(self) -> Asked:
        limits = {name: limit.to_dict() for name, limit in self.limits.items()}
        for target in (*aims_of(self.aims), *limits_of(limits)):
            if target.draws and target.name in MEASURES:
                raise ValueError(f"{target.name} is the same in every draw\nleave {target.draws} out")
        return self

    @classmethod
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error of a failed validation."""
        match detail["loc"]:
            case ("limits", _, _, *_) if "[key]" not in detail["loc"]:
                loc = detail["loc"]
                return explained(detail | {"loc": loc[2:]}, Limit, loc[:2], "a limit")
        return explained(detail, cls, (), "a study")


class File(Asked):
    """What a study file says."""

    scenario: str = Field(min_length=1)
    set: list[str] = Field(default_factory=list)
