"""A scenario: one arm of a comparison, frozen; what it means, and other scenarios made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from exosim.biology.system import PARAMETERS
from exosim.events import Injury, Scheduled, timeline
from exosim.files.names import identity
from exosim.problems import BadInput, Checked, KeyPath, Problem, dotted, explained, plain, suggest
from exosim.scenario.change import Changes, carry_out, moved
from exosim.scenario.parts import AnyEntry, Assumption, Entry, Skin, entry_model, no_kind
from exosim.treatments.base import Treatment

Parameter = Annotated[str, Field(json_schema_extra={"enum": list(PARAMETERS)})]


class Scenario(Checked):
    """One arm of a comparison, complete and unchanging.

    >>> Scenario(name="two sessions", treatments=[{"kind": "prp", "sessions": 2}]).treatments[0].platelet_fold
    5.0
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=5000)
    weeks: float = Field(default=12, gt=0, le=104, description="length of the simulation")
    skin: Skin = Field(default_factory=Skin)
    treatments: list[AnyEntry] = Field(default_factory=list)
    assume: dict[Parameter, Assumption] = Field(default_factory=dict)

    def __init__(self, /, **data: Any) -> None:
        data = plain(data)
        problems = _assumptions(data)
        try:
            super().__init__(**data)
            problems = problems or self._late()
        except BadInput as error:
            problems += error.problems
        if problems:
            raise BadInput(problems)

    @classmethod
    def problems_of(cls, error: ValidationError) -> list[Problem]:
        """Return every problem of a failed validation, in the words of the table it is in."""
        return [_explained(detail) for detail in error.errors()]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], changes: Changes = ()) -> Scenario:
        """Return the scenario of plain data, as from `to_dict`, with changes; raise `BadInput` with every problem."""
        tables: dict[str, Any] = plain(data)
        origins, problems = carry_out(tables, changes, [name for name in TOP_LEVEL if name != "schema"])
        try:
            scenario = cls(**tables)
            if not problems:
                return scenario
        except BadInput as error:
            problems += [_sourced(problem, origins) for problem in error.problems]
        raise BadInput(problems)

    def with_values(self, values: Mapping[str, Any]) -> Scenario:
        """Return the same scenario with other values, by the paths that ``--set`` takes.

        >>> before = Scenario(name="x", treatments=[{"kind": "prp"}])
        >>> after = before.with_values({"skin.scar": "icepick", "treatments.0.platelet_fold": 3, "tnf_clearance": 14})
        >>> after.skin.scar, after.treatments[0].platelet_fold, after.assume["tnf_clearance"].value
        ('icepick', 3.0, 14.0)
        """
        return self.from_dict(self.to_dict(), values)

    def with_sessions(self, every_days: float | None = None, number: int | None = None) -> Scenario:
        """Return the same scenario with its sessions `every_days` apart, `number` of them.

        Days that are listed are read as sessions 28 days apart, each like the first; what is given every day stays.
        """
        if number is not None and (number < 1 or number % 1):
            raise BadInput([Problem(f"sessions must be a whole number from 1, not {number:g}")])
        return self.from_dict(moved(self.to_dict(), every_days, None if number is None else int(number)))

    def plus(self, entry: Entry | Treatment | Mapping[str, Any]) -> Scenario:
        """Return the same scenario with one more treatment."""
        data = self.to_dict()
        return self.from_dict(data | {"treatments": [*data["treatments"], entry]})

    @property
    def days(self) -> float:
        """Length of the simulation, d."""
        return 7 * self.weeks

    @property
    def timeline(self) -> tuple[Scheduled, ...]:
        """All events of all sessions, in order; every day with a treatment is one session of it."""
        entries = [(entry, entry.treatment, entry.days_until(self.days)) for entry in self.treatments]
        days: dict[str, set[float]] = {}
        for entry, _, own in entries:
            days.setdefault(entry.kind, set()).update(own)
        number = {kind: {day: n for n, day in enumerate(sorted(all_days), 1)} for kind, all_days in days.items()}
        return timeline(
            Scheduled(entry.kind, number[entry.kind][day], event)
            for entry, treatment, own in entries
            for day in own
            for event in treatment.session(day)
        )

    @property
    def first_procedure_days(self) -> tuple[float, float]:
        """Day of the first injury and of the next one (or the end); (0, end) without injuries."""
        injuries = sorted({x.event.day for x in self.timeline if isinstance(x.event, Injury)})
        return (injuries[0] if injuries else 0.0), (injuries[1] if len(injuries) > 1 else self.days)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, every default filled in."""
        data = self.model_dump(by_alias=True, exclude={"treatments"} | (set() if self.assume else {"assume"}))
        return data | {"treatments": [entry.to_dict() for entry in self.treatments]}

    @property
    def meaning(self) -> dict[str, Any]:
        """Plain data without name and note: all that results depend on."""
        return {key: x for key, x in self.to_dict().items() if key not in ("name", "note")}

    def to_toml(self) -> str:
        """Return the resolved scenario as TOML."""
        import tomli_w

        return tomli_w.dumps(self.to_dict())

    @property
    def digest(self) -> str:
        """Short hash of what the scenario means."""
        return identity(self.to_dict())[:8]

    def _late(self) -> list[Problem]:
        """Return the sessions that would be on or after the last day."""
        problems = []
        for i, entry in enumerate(self.treatments):
            late = [day for day in entry.days_until(self.days) if day >= self.days]
            if late:
                days = ", ".join(f"{day:g}" for day in late[:5]) + (", ..." if len(late) > 5 else "")
                where = f"treatments.{i} ({entry.kind})"
                message = f"{where} has a session on day {days}, outside the {self.days:g} days of the scenario"
                at = ("treatments", i, "days" if entry.days else "sessions")
                problems.append(Problem(message, at, "raise weeks, or do fewer or earlier sessions"))
        return problems


TOP_LEVEL = tuple(
    info.alias or name for name, info in Scenario.model_fields.items() if name not in ("skin", "treatments", "assume")
)  # what is above the first table of a file


def _sourced(problem: Problem, origins: Mapping[KeyPath, str]) -> Problem:
    """Return the same problem with the change that it comes from."""
    sources = [source for path, source in origins.items() if path == problem.path[: len(path)]]
    return replace(problem, source=sources[0]) if sources else problem


def _explained(detail: Any) -> Problem:
    model: type[BaseModel] = Scenario
    at: KeyPath = ()
    called, loc = "a scenario", detail["loc"]
    match loc:
        case ("treatments",):
            remedy = "write [[treatments]] with double brackets, once for each treatment"
            return Problem("treatments must be a list of tables", loc, remedy)
        case ("treatments", _) if problem := no_kind(detail["input"], loc):
            return problem
        case ("treatments", i, str(kind), *_):
            model, at, called, loc = entry_model(kind), loc[:2], f"treatments.{i} ({kind})", loc[3:]
        case ("skin", _, *_):
            model, at, called, loc = Skin, loc[:1], "skin", loc[1:]
        case ("assume", _, _, *_):
            model, at, called, loc = Assumption, loc[:2], dotted(loc[:2]), loc[2:]
    return explained(detail | {"loc": loc}, model, at, called, TOP_LEVEL)


def _assumptions(data: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with assumptions as those of a parameter; leave what cannot be one out of `data`."""
    tables, problems = data.get("assume"), []
    for name, table in list(tables.items()) if isinstance(tables, dict) else ():
        at: KeyPath = ("assume", name)
        if name not in PARAMETERS:
            problems.append(Problem(f'there is no parameter "{name}"', at, suggest(name, PARAMETERS)))
        elif not isinstance(table, dict):
            remedy = f'write {name} = {{ value = {table}, why = "..." }}'
            problems.append(Problem(f"{dotted(at)} must say why", at, remedy))
        else:
            q = PARAMETERS[name]
            value: Any = table.get("value")
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if number and not q.low <= value <= q.high:
                remedy = f"allowed: {q.low:g} to {q.high:g} {q.unit}   default {q.value:g}: {q.source}"
                problems.append(Problem(f"{name} = {value:g} is out of range", at, remedy))
            continue
        data["assume"] = {key: kept for key, kept in data["assume"].items() if key != name}
    return problems
