"""What the tables of a scenario may hold: a skin, treatments, assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, create_model, field_validator, model_validator
from pydantic_core import core_schema

from exosim.biology.system import PARAMETERS
from exosim.events import moment
from exosim.problems import (
    MOST,
    BadInput,
    Checked,
    KeyPath,
    Problem,
    Text,
    brief,
    dotted,
    explained,
    shown,
    suggest,
    uncounted,
)
from exosim.scenario.schedule import OWN, Schedule, Sessions, one_way
from exosim.skin.scars import SCARS, SEVERITIES
from exosim.treatments import catalogue, left_out, warn_of
from exosim.treatments.base import Treatment

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def _one_of(names: Iterable[str]) -> Any:
    allowed = list(names)

    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f'there is no "{brief(value)}"\n{suggest(value, allowed)}')
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


LABEL = "^[a-z][a-z0-9_]{0,39}$"


class Entry(Schedule):
    """One treatment of a scenario and when it is done; a kind adds the settings of its treatment.

    >>> Entry(kind="prp", after_days=[0, 1]).days_until(84, sessions=[0, 28])
    [0.0, 1.0, 28.0, 29.0]
    """

    kind: str = Field(description="name of the treatment")
    label: str | None = Field(
        default=None,
        json_schema_extra={"pattern": LABEL},
        description="a short name of its own, for paths such as gel.after_days",
    )

    @field_validator("label")
    @classmethod
    def _plain(cls, label: str | None) -> str | None:
        if label is not None and not re.fullmatch(LABEL, label):
            remedy = "small letters, digits and _, beginning with a letter, as in gel_1"
            raise ValueError(f'"{label}" is no label\n{remedy}')
        return label

    @model_validator(mode="after")
    def _one_way(self) -> Entry:
        if self.after_days is not None and self.own:
            given = ", ".join(name for name in OWN if getattr(self, name) is not None)
            raise ValueError(f"after_days and {given} contradict each other\nkeep one way to say when")
        one_way(self, self.sessions, "sessions", daily=self.daily)
        return self

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
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error of a failed validation."""
        return explained(detail, cls, (), f"a treatment ({cls.__name__})")

    @property
    def treatment(self) -> Treatment:
        """The treatment with its settings."""
        warn_of(self.kind)
        cls = catalogue()[self.kind]
        return cls(**{name: getattr(self, name) for name in cls.model_fields})

    @property
    def daily(self) -> bool:
        """Whether it is done every day unless the scenario says otherwise."""
        return catalogue()[self.kind].every_day

    @property
    def follows(self) -> bool:
        """Whether it is done at, or after, the sessions of the scenario."""
        return not self.own and (self.after_days is not None or not self.daily)

    def days_until(self, end: float, sessions: Sequence[float]) -> list[float]:
        """Return the days on which it is done in a scenario of `end` days with `sessions` on these days."""
        if self.follows:
            return sorted(x for day in sessions for x in self.days_after(day))
        return self.own_days(end, self.daily)

    def days_after(self, session: float) -> list[float]:
        """Return the days on which it is done because of the session on a day."""
        return [moment(session + after) for after in self.after_days or [0.0]]

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
        remedy = left_out().get(kind) or suggest(kind, catalogue())
        return Problem(f'there is no treatment "{brief(kind)}"', (*at, "kind"), remedy)
    return None


def misplaced(detail: ErrorDetails) -> Problem | None:
    """Return the problem of a table that is given as one value, or of a setting outside its table."""
    (key,), kind = detail["loc"], detail["type"]
    examples = {"skin": ("scar", '"boxcar"'), "sessions": ("number", "3")}
    if kind == "model_type" and key in examples:
        name, value = examples[str(key)]
        remedy = f'write {key} = {{ {name} = {value} }}, in Python {key}={{"{name}": {value}}}'
        return Problem(f"{key} must be a table, not {shown(detail['input'])}", (key,), remedy)
    table = next((name for name, x in (("skin", Skin), ("sessions", Sessions)) if key in x.model_fields), "")
    if kind == "extra_forbidden" and table:
        return Problem(f'a scenario has no setting "{key}"', (key,), f"it is a setting of {table}: {table}.{key}")
    return None


def entry_model(kind: str) -> type[Entry]:
    """Return the model of a ``[[treatments]]`` table of one kind: the treatment's settings and the schedule."""
    return _model(kind, catalogue()[kind])


@cache
def _model(kind: str, treatment: type[Treatment]) -> type[Entry]:
    fields: Any = {name: (info.annotation, info) for name, info in treatment.model_fields.items()}
    fields["kind"] = (Literal[kind], ...)
    return create_model(kind, __base__=Entry, **fields)


@cache
def _tables(models: tuple[type[Entry], ...]) -> TypeAdapter[Any]:
    kinds: Any = Annotated[reduce(or_, models), Field(discriminator="kind")]
    return TypeAdapter(kinds)


def _kinds() -> TypeAdapter[Any]:
    """Return what reads a table of any kind that is known by now."""
    return _tables(tuple(map(entry_model, catalogue())))


class _OfAnyKind:
    """Reads a table as the entry of its kind, also of a kind that is registered later."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(lambda table: _kinds().validate_python(table))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return handler(_kinds().core_schema)


if TYPE_CHECKING:
    AnyEntry = Entry
else:
    AnyEntry = Annotated[Entry, _OfAnyKind]


def _enumerated(schema: dict[str, Any]) -> None:
    schema["enum"] = list(PARAMETERS)  # not in the annotation, which `help` shows


Parameter = Annotated[str, Field(json_schema_extra=_enumerated)]


class Assumption(Checked):
    """A parameter set by the scenario's author, with the reason."""

    value: float = Field(description="value of the parameter, in its unit")
    why: Text = Field(min_length=3, description="the reason for the value")


def unknown_assumptions(data: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with assumptions as those of a parameter; leave what cannot be one out of `data`."""
    tables, problems, kept = data.get("assume"), list[Problem](), dict[str, Any]()
    if not isinstance(tables, dict):
        return []
    for name, table in tables.items():
        at: KeyPath = ("assume", name)
        if len(problems) == MOST:
            problems += uncounted(len(tables) - len(kept) - MOST)
            break
        if name not in PARAMETERS:
            problems.append(Problem(f'there is no parameter "{brief(name)}"', at, suggest(name, PARAMETERS)))
        elif not isinstance(table, dict):
            remedy = f'write {name} = {{ value = {shown(table)}, why = "..." }}'
            problems.append(Problem(f"{dotted(at)} must say why", at, remedy))
        else:
            kept[name] = table
            q = PARAMETERS[name]
            value: Any = table.get("value")
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if number and not q.low <= value <= q.high:
                remedy = f"allowed: {q.low:g} to {q.high:g} {q.unit}   default {q.value:g}: {q.source}"
                problems.append(Problem(f"{name} = {shown(value)} is out of range", at, remedy))
    data["assume"] = kept
    return problems
