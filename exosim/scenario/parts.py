"""What the tables of a scenario may hold: a skin, treatments with their schedules, assumptions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, create_model, field_validator, model_validator

from exosim.problems import BadInput, Checked, KeyPath, Problem, dotted, explained, suggest
from exosim.skin.scars import SCARS, SEVERITIES
from exosim.treatments import catalogue
from exosim.treatments.base import Treatment

SESSION_DAYS = 28.0  # between sessions that are listed by days, or of which only the number is named


def _one_of(names: Iterable[str]) -> Any:
    allowed = list(names)

    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f'there is no "{value}"\n{suggest(value, allowed)}')
        return value

    return Annotated[str, AfterValidator(check), Field(json_schema_extra={"enum": list(allowed)})]


class Skin(Checked):
    """Who is treated, and under what sun."""

    scar: _one_of(SCARS) = Field(default="mixed", description="type of scar")  # type: ignore[valid-type]
    severity: _one_of(SEVERITIES) = Field(default="moderate", description="depth of the scars")  # type: ignore[valid-type]
    phototype: int = Field(default=4, ge=1, le=6, description="Fitzpatrick phototype, I-VI as 1-6")
    uv_dose_per_day: float = Field(
        default=1.0, ge=0, le=8, description="daily erythemal dose on the treated skin",
        json_schema_extra={"unit": "SED", "source": "an ordinary temperate day (assumed)"},
    )  # fmt: skip


class Schedule(Checked):
    """When a treatment is done: a list of days, or a start, an interval and a number of sessions."""

    days: list[float] | None = Field(default=None, min_length=1, description="days of all sessions")
    start_day: float | None = Field(default=None, ge=0, description="day of the first session; 0 when left out")
    every_days: float | None = Field(
        default=None, ge=0.25, le=365, description="days between sessions; 28 when left out, 1 for a daily treatment"
    )
    sessions: int | None = Field(
        default=None, ge=1, le=1000,
        description="number of sessions; 1 when left out, to the end with every_days or a daily treatment",
    )  # fmt: skip

    @field_validator("days")
    @classmethod
    def _days(cls, days: list[float] | None) -> list[float] | None:
        if days and min(days) < 0:
            raise ValueError("a day before day 0\nday 0 is the first day")
        if days and len(set(days)) < len(days):
            raise ValueError("the same day twice\nwrite a second treatment for a second dose on a day")
        return days

    @model_validator(mode="after")
    def _one_way(self) -> Schedule:
        others = [name for name in ("start_day", "every_days", "sessions") if getattr(self, name) is not None]
        if self.days is not None and others:
            raise ValueError(f"days and {', '.join(others)} contradict each other\nkeep one way to say when")
        return self

    def session_days(self, end: float, every_day: bool) -> list[float]:
        """Return the days of all sessions; those to the end when a daily treatment names no number."""
        if self.days is not None:
            return sorted(map(float, self.days))
        start = self.start_day or 0.0
        step = self.every_days or (1.0 if every_day else SESSION_DAYS)
        number = self.sessions
        if number is None:
            number = max(1, -int((start - end) // step)) if every_day or self.every_days else 1
        return [start + i * step for i in range(number)]


class Entry(Schedule):
    """One treatment of a scenario with its schedule; a kind adds the settings of its treatment.

    >>> Entry(kind="prp", sessions=2).days_until(84)
    [0.0, 28.0]
    """

    kind: str

    def __new__(cls, /, **data: Any) -> Entry:
        """Make an entry of the kind that is named."""
        if cls is not Entry:
            return super().__new__(cls)
        if problem := no_kind(data, ()):
            raise BadInput([problem])
        return super().__new__(entry_model(data["kind"]))

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Entry, **self.to_dict()), ()  # its class is made in every process anew

    @classmethod
    def problems_of(cls, error: ValidationError) -> list[Problem]:
        """Return every problem of a failed validation."""
        return [explained(detail, cls, (), f"a treatment ({cls.__name__})") for detail in error.errors()]

    @property
    def treatment(self) -> Treatment:
        """The treatment with its settings."""
        cls = catalogue()[self.kind]
        return cls(**{name: getattr(self, name) for name in cls.model_fields})

    def days_until(self, end: float) -> list[float]:
        """Return the days of all sessions of a scenario of `end` days."""
        return self.session_days(end, catalogue()[self.kind].every_day)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, every default filled in."""
        return {"kind": self.kind, **super().to_dict()}


def no_kind(table: Any, at: KeyPath) -> Problem | None:
    """Return the problem of a table at `at` that names no kind of treatment."""
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str):
        name = dotted(at) or "a treatment"
        return Problem(f'{name} needs kind = "..."', at, suggest("", catalogue()))
    if kind not in catalogue():
        return Problem(f'there is no treatment "{kind}"', (*at, "kind"), suggest(kind, catalogue()))
    return None


@cache
def entry_model(kind: str) -> type[Entry]:
    """Return the model of a ``[[treatments]]`` table of one kind: the treatment's settings and the schedule."""
    fields: Any = {name: (info.annotation, info) for name, info in catalogue()[kind].model_fields.items()}
    fields["kind"] = (Literal[kind], ...)
    return create_model(kind, __base__=Entry, **fields)


if TYPE_CHECKING:
    AnyEntry = Entry
else:
    AnyEntry = Annotated[reduce(or_, map(entry_model, catalogue())), Field(discriminator="kind")]


class Assumption(Checked):
    """A parameter set by the scenario's author, with the reason."""

    value: float
    why: str = Field(min_length=3)
