"""A scenario: one arm, frozen; what its tables may hold and what they mean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    create_model,
    field_validator,
    model_validator,
)

from exosim.events import Injury, Scheduled, timeline
from exosim.problems import suggest
from exosim.skin.scars import SCARS, SEVERITIES
from exosim.treatments import catalogue
from exosim.treatments.base import Treatment

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
INTERVAL = 28.0  # d, between sessions when a scenario names only their number


def _one_of(names: Iterable[str]) -> Any:
    allowed = list(names)

    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f'there is no "{value}"\n{suggest(value, allowed)}')
        return value

    return Annotated[str, AfterValidator(check), Field(json_schema_extra={"enum": list(allowed)})]


class Skin(BaseModel):
    """Who is treated, and under what sun."""

    model_config = STRICT
    scar: _one_of(SCARS) = Field("mixed", description="type of scar")  # type: ignore[valid-type]
    severity: _one_of(SEVERITIES) = Field("moderate", description="depth of the scars")  # type: ignore[valid-type]
    phototype: int = Field(4, ge=1, le=6, description="Fitzpatrick phototype, I-VI as 1-6")
    uv_dose_per_day: float = Field(
        1.0,
        ge=0,
        le=8,
        description="daily erythemal dose on the treated skin",
        json_schema_extra={"unit": "SED", "source": "an ordinary temperate day (assumed)"},
    )


class Schedule(BaseModel):
    """When a treatment is done: a list of days, or a start, an interval and a number of sessions."""

    model_config = STRICT
    days: list[float] | None = Field(None, min_length=1, description="days of all sessions")
    start_day: float | None = Field(None, ge=0, description="day of the first session; 0 when left out")
    every_days: float | None = Field(
        None, ge=0.25, le=365, description="days between sessions; 28 when left out, 1 for a daily treatment"
    )
    sessions: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="number of sessions; 1 when left out, to the end with every_days or a daily treatment",
    )

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
        """Days of all sessions; those to the end when a daily treatment names no number."""
        if self.days is not None:
            return sorted(map(float, self.days))
        start = self.start_day or 0.0
        step = self.every_days or (1.0 if every_day else INTERVAL)
        number = self.sessions
        if number is None:
            number = max(1, -int((start - end) // step)) if every_day or self.every_days else 1
        return [start + i * step for i in range(number)]


class Entry(Schedule):
    """One treatment of a scenario with its schedule; `entry_model` adds the settings of the treatment."""

    kind: str

    @property
    def treatment(self) -> Treatment:
        """The treatment with its settings."""
        cls = catalogue()[self.kind]
        return cls(**{name: getattr(self, name) for name in cls.model_fields})

    def days_until(self, end: float) -> list[float]:
        """Days of all sessions of a scenario of `end` days."""
        return self.session_days(end, catalogue()[self.kind].every_day)


@cache
def entry_model(kind: str) -> type[Entry]:
    """Model of a ``[[treatments]]`` table of one kind: the treatment's settings and the schedule."""
    fields: Any = {name: (info.annotation, info) for name, info in catalogue()[kind].model_fields.items()}
    fields["kind"] = (Literal[kind], ...)
    return create_model(kind, __base__=Entry, **fields)


class Assumption(BaseModel):
    """A parameter set by the scenario's author, with the reason."""

    model_config = STRICT
    value: float
    why: str = Field(min_length=3)


class Scenario(BaseModel):
    """One arm of a comparison, complete and unchanging."""

    model_config = STRICT
    schema_version: Literal[1] = Field(1, alias="schema")
    name: str = Field(min_length=1, max_length=200)
    note: str = Field("", max_length=5000)
    weeks: float = Field(12, gt=0, le=104, description="length of the simulation")
    skin: Skin = Field(default_factory=lambda: Skin.model_validate({}))
    treatments: list[Entry] = []
    assume: dict[str, Assumption] = {}

    @property
    def days(self) -> float:
        """Length of the simulation, d."""
        return 7 * self.weeks

    @property
    def timeline(self) -> tuple[Scheduled, ...]:
        """All events of all sessions, in order; every day with a treatment is one session of it."""
        entries = [(entry, entry.days_until(self.days)) for entry in self.treatments]
        days: dict[str, set[float]] = {}
        for entry, own in entries:
            days.setdefault(entry.kind, set()).update(own)
        number = {kind: {day: n for n, day in enumerate(sorted(of), 1)} for kind, of in days.items()}
        return timeline(
            Scheduled(entry.kind, number[entry.kind][day], event)
            for entry, own in entries
            for day in own
            for event in entry.treatment.session(day)
        )

    @property
    def first_procedure_days(self) -> tuple[float, float]:
        """Day of the first injury and of the next one (or the end); (0, end) without injuries."""
        injuries = sorted({x.event.day for x in self.timeline if isinstance(x.event, Injury)})
        return (injuries[0] if injuries else 0.0), (injuries[1] if len(injuries) > 1 else self.days)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, every default filled in."""
        entries = [entry.model_dump(exclude_none=True) for entry in self.treatments]
        data = self.model_dump(by_alias=True, exclude={"treatments"})
        if not data["assume"]:
            del data["assume"]
        data["treatments"] = [{"kind": e.pop("kind"), **e} for e in entries]
        return data

    def to_toml(self) -> str:
        """The resolved scenario as TOML."""
        import tomli_w

        return tomli_w.dumps(self.to_dict())

    @property
    def digest(self) -> str:
        """Short hash of what the scenario means."""
        return hashlib.sha256(self.to_toml().encode()).hexdigest()[:8]
