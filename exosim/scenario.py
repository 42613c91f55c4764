"""A scenario: one arm, frozen and validated; read from TOML and written back.

>>> from exosim.scenario import parse
>>> scenario = parse('''
... name = "two sessions"
... [[treatments]]
... kind = "microneedling"
... days = [0, 28]
... ''')
>>> [x.event.day for x in scenario.timeline]
[0.0, 28.0]
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from exosim.biology.system import PARAMETERS
from exosim.events import Scheduled, timeline
from exosim.problems import BadInput, KeyPath, Problem, dotted, located, of_model, read_text, suggest
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
    uv_dose_per_day: float = Field(1.0, ge=0, le=8, description="daily erythemal dose on the treated skin",
                                   json_schema_extra={"unit": "SED", "source": "an ordinary temperate day (assumed)"})


class Schedule(BaseModel):
    """When a treatment is done: a list of days, or a start, an interval and a number of sessions."""

    model_config = STRICT
    days: list[float] | None = Field(None, min_length=1, description="days of all sessions")
    start_day: float | None = Field(None, ge=0, description="day of the first session")
    every_days: float | None = Field(None, ge=0.25, le=365, description="days between sessions")
    sessions: int | None = Field(None, ge=1, le=1000, description="number of sessions")

    @model_validator(mode="after")
    def _one_way(self) -> Schedule:
        others = [name for name in ("start_day", "every_days", "sessions") if getattr(self, name) is not None]
        if self.days is not None:
            if others:
                raise ValueError(f"days and {', '.join(others)} contradict each other\nkeep one way to say when")
            if any(day < 0 for day in self.days):
                raise ValueError("days holds a day before day 0\nday 0 is the first day")
            if len(set(self.days)) < len(self.days):
                raise ValueError("days holds the same day twice\nwrite a second treatment for a second dose on a day")
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


@lru_cache(maxsize=None)
def entry_model(kind: str) -> type[Entry]:
    """Model of a ``[[treatments]]`` table of one kind: the treatment's settings and the schedule."""
    fields: Any = {name: (info.annotation, info) for name, info in catalogue()[kind].model_fields.items()}
    return create_model(kind, __base__=Entry, kind=(Literal[kind], ...), **fields)


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
    skin: Skin = Skin()
    treatments: list[Entry] = []
    assume: dict[str, Assumption] = {}

    @property
    def days(self) -> float:
        """Length of the simulation, d."""
        return 7 * self.weeks

    @property
    def timeline(self) -> tuple[Scheduled, ...]:
        """All events of all sessions, in order."""
        return timeline(
            Scheduled(entry.kind, number, event)
            for entry in self.treatments
            for number, day in enumerate(entry.days_until(self.days), start=1)
            for event in entry.treatment.session(day)
        )

    @property
    def first_procedure_days(self) -> tuple[float, float]:
        """Day of the first injury and of the next one (or the end); (0, end) without injuries."""
        injuries = sorted({x.event.day for x in self.timeline if type(x.event).__name__ == "Injury"})
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


def validate(data: dict[str, Any]) -> tuple[Scenario | None, list[Problem]]:
    """A scenario from plain data, or everything that is wrong with it."""
    problems: list[Problem] = []
    rest = {key: value for key, value in data.items() if key not in ("skin", "treatments", "assume")}
    parts: dict[str, Any] = {}
    parts["skin"] = _model(Skin, data.get("skin", {}), ("skin",), "skin", problems)
    tables = data.get("treatments", [])
    if not isinstance(tables, list):
        problems.append(Problem("treatments must be a list of [[treatments]] tables", ("treatments",)))
        tables = []
    parts["treatments"] = [_entry(table, ("treatments", i), problems) for i, table in enumerate(tables)]
    parts["assume"] = _assumptions(data.get("assume", {}), problems)
    top = _model(Scenario, rest, (), "a scenario", problems)
    if problems or top is None:
        return None, problems
    scenario = top.model_copy(update=parts)
    problems += _outside(scenario)
    return (None if problems else scenario), problems


def _model(model: type[BaseModel], data: Any, at: KeyPath, called: str, problems: list[Problem]) -> Any:
    if not isinstance(data, dict):
        problems.append(Problem(f"{dotted(at)} must be a table", at))
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += of_model(error, model, at, called)
        return None


def _entry(table: Any, at: KeyPath, problems: list[Problem]) -> Any:
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str):
        problems.append(Problem(f'{dotted(at)} needs kind = "..."', at, suggest("", catalogue())))
        return None
    if kind not in catalogue():
        problems.append(Problem(f'there is no treatment "{kind}"', (*at, "kind"), suggest(kind, catalogue())))
        return None
    return _model(entry_model(kind), table, at, f"{dotted(at)} ({kind})", problems)


def _assumptions(data: Any, problems: list[Problem]) -> dict[str, Assumption]:
    if not isinstance(data, dict):
        problems.append(Problem("assume must be a table", ("assume",)))
        return {}
    result = {}
    for name, table in data.items():
        at: KeyPath = ("assume", name)
        if name not in PARAMETERS:
            problems.append(Problem(f'there is no parameter "{name}"', at, suggest(name, PARAMETERS)))
            continue
        if not isinstance(table, dict):
            problems.append(Problem(f"{dotted(at)} must say why", at, f'write {name} = {{ value = {table}, why = "..." }}'))
            continue
        assumption = _model(Assumption, table, at, dotted(at), problems)
        q = PARAMETERS[name]
        if assumption and not q.low <= assumption.value <= q.high:
            problems.append(Problem(f"{name} = {assumption.value:g} is out of range", at,
                                    f"allowed: {q.low:g} to {q.high:g} {q.unit}   default {q.value:g}: {q.source}"))
        elif assumption:
            result[name] = assumption
    return result


def _outside(scenario: Scenario) -> list[Problem]:
    problems = []
    for i, entry in enumerate(scenario.treatments):
        late = [day for day in entry.days_until(scenario.days) if day >= scenario.days]
        if late:
            key = "days" if entry.days else "sessions"
            problems.append(Problem(
                f"treatments.{i} ({entry.kind}) has a session on day {late[0]:g}, outside the {scenario.days:g} days "
                "of the scenario", ("treatments", i, key), "raise weeks, or do fewer or earlier sessions"))
    return problems


def parse(text: str, source: str = "scenario", changes: Sequence[str] = ()) -> Scenario:
    """A scenario from TOML `text`, with ``PATH=VALUE`` `changes`; raises `BadInput` with every problem."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else len(text.splitlines())
        shown = text.splitlines()[line - 1] if 0 < line <= len(text.splitlines()) else ""
        reason = str(error).split(" (at ")[0]
        raise BadInput([Problem(f"not valid TOML: {reason[:1].lower()}{reason[1:]}", source=source, line=line,
                                text=shown)]) from None
    changed: dict[KeyPath, str] = {}
    problems = [p for change in changes for p in _change(data, change, changed)]
    if problems:
        raise BadInput(problems)
    scenario, problems = validate(data)
    if scenario is None:
        placed = [_placed(p, source, text, changed) for p in problems]
        raise BadInput(sorted(placed, key=lambda p: p.line or 0))
    return scenario


def load(path: str | Path, changes: Sequence[str] = ()) -> Scenario:
    """A scenario from a TOML file; raises `BadInput`."""
    return parse(read_text(Path(path)), str(path), changes)


def _placed(problem: Problem, source: str, text: str, changed: dict[KeyPath, str]) -> Problem:
    for path, change in changed.items():
        if path == problem.path[: len(path)]:
            return Problem(problem.message, problem.path, problem.remedy, f"--set {change}")
    return located(problem, source, text)


def _change(data: dict[str, Any], change: str, changed: dict[KeyPath, str]) -> list[Problem]:
    """Carry out ``PATH=VALUE`` on plain data; a bare parameter name is an assumption."""
    source = f"--set {change}"
    name, equals, written = change.partition("=")
    path = name.strip().split(".")
    if not equals or not all(path):
        return [Problem("a change is written PATH=VALUE", source=source, remedy="as in skin.phototype=3")]
    try:
        value = tomllib.loads(f"x = {written.strip()}")["x"]
    except tomllib.TOMLDecodeError:
        value = written.strip()
    if path[0] == "assume" or (len(path) == 1 and path[0] in PARAMETERS):
        if len(path) > 2:
            return [Problem(f'there is no "{name}"', source=source, remedy="write assume.PARAMETER=VALUE")]
        data.setdefault("assume", {})[path[-1]] = {"value": value, "why": "set on the command line"}
        changed["assume", path[-1]] = change
        return []
    if path[0] == "treatments":
        return _change_treatment(data, path, value, change, changed)
    known = {"skin": set(Skin.model_fields)} | {k: set() for k in ("name", "note", "weeks")}
    names = [*(k for k in known if k != "skin"), *(f"skin.{k}" for k in Skin.model_fields), *PARAMETERS]
    if path[0] not in known or (len(path) == 2) != (path[0] == "skin") or (len(path) == 2 and path[1] not in known["skin"]):
        return [Problem(f'there is no "{name}" to set', source=source, remedy=suggest(name, names))]
    (data.setdefault("skin", {}) if len(path) == 2 else data)[path[-1]] = value
    changed[tuple(path)] = change
    return []


def _change_treatment(data: dict[str, Any], path: list[str], value: Any, change: str, changed: dict[KeyPath, str]
                      ) -> list[Problem]:
    tables = data.get("treatments", [])
    index = int(path[1]) if len(path) == 3 and path[1].isdecimal() else -1
    if not 0 <= index < len(tables):
        have = ", ".join(f"treatments.{i} ({t.get('kind')})" for i, t in enumerate(tables)) or "none"
        return [Problem(f'there is no "{".".join(path)}" to set', source=f"--set {change}",
                        remedy=f"write treatments.NUMBER.SETTING=VALUE; this scenario has {have}")]
    tables[index][path[2]] = value
    changed["treatments", index, path[2]] = change
    return []


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    schema = Scenario.model_json_schema(by_alias=True)
    entries = {kind: entry_model(kind).model_json_schema() for kind in catalogue()}
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"]["treatments"] = {"type": "array", "items": {"oneOf": list(entries.values())}}
    schema["properties"]["assume"]["propertyNames"] = {"enum": list(PARAMETERS)}
    schema.get("$defs", {}).pop("Entry", None)
    return schema
