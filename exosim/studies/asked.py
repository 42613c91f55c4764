"""What is searched for: the settings of a study file, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from exosim.problems import Checked, Problem, brief, explained, suggest
from exosim.studies.sweep import NAMES

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def _known(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f'there is no outcome "{brief(name)}"\n{suggest(name, NAMES)}')
    return name


Name = Annotated[str, AfterValidator(_known)]


class Limit(Checked):
    """Where an outcome must stay."""

    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _some(self) -> Limit:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a limit says at_least or at_most\nas in { at_most = 10 }")
        return self


class Asked(Checked):
    """What is searched, all but the scenario: the settings of a search, as in a study file."""

    vary: dict[str, Any] = Field(min_length=1)
    aims: dict[Name, Literal["max", "min"]] = Field(min_length=1)
    limits: dict[Name, Limit] = Field(default_factory=dict)
    population: int = Field(default=40, ge=4, le=10_000)
    generations: int = Field(default=20, ge=1, le=10_000)

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
