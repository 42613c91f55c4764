"""A scenario: one arm of a comparison, frozen; what it means, and other scenarios made from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from exosim.biology.system import PARAMETERS
from exosim.events import Injury, Piece, Scheduled, moment, pieces, timeline
from exosim.files.names import identity
from exosim.problems import BadInput, Checked, KeyPath, Problem, Text, dotted, explained, plain, suggest
from exosim.scenario.change import Changes, Settable, carry_out, resolved, settable
from exosim.scenario.migrate import migrated
from exosim.scenario.parts import (
    AnyEntry,
    Assumption,
    Entry,
    Parameter,
    Skin,
    entry_model,
    misplaced,
    no_kind,
    unknown_assumptions,
)
from exosim.scenario.schedule import Sessions
from exosim.treatments.base import Treatment

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MOST_TREATMENTS = 200
MOST_APPLICATIONS = 20_000  # of all treatments together


class Scenario(Checked):
    """One arm of a comparison, complete and unchanging; `print` shows it as TOML.

    Parameters
    ----------
    name, weeks : str, float
    skin : mapping, as in ``{"scar": "boxcar", "phototype": 4}``
    sessions : mapping, as in ``{"every_days": 28, "number": 3}``
    treatments : list of mappings, as in ``{"kind": "exosome_gel", "after_days": [0, 1]}``
    assume : mapping, as in ``{"tnf_clearance": {"value": 8, "why": "what if"}}``

    >>> Scenario(name="two sessions", sessions={"days": [0, 28]}, treatments=[{"kind": "prp"}])
    <Scenario: two sessions, 12 weeks, prp>
    """

    schema_version: Literal[2] = Field(default=2, alias="schema", description="version of the format of the file")
    name: Text = Field(min_length=1, max_length=200, description="what figures and tables call the arm")
    note: Text = Field(default="", max_length=5000, description="anything else about the arm")
    weeks: float = Field(
        default=12, gt=0, le=104, description="length of the simulation", json_schema_extra={"unit": "wk"}
    )
    skin: Skin = Field(default_factory=Skin, description="who is treated, and under what sun")
    sessions: Sessions = Field(default_factory=Sessions, description="the days that treatments follow")
    treatments: list[AnyEntry] = Field(
        default_factory=list, max_length=MOST_TREATMENTS, description="what is done, a table for each"
    )
    assume: dict[Parameter, Assumption] = Field(
        default_factory=dict, description="parameters with another value, each with the reason"
    )

    def __init__(self, /, **data: Any) -> None:
        data = plain(data)
        problems = unknown_assumptions(data)
        try:
            super().__init__(**data)
            problems = problems or self._late()
        except BadInput as error:
            problems += error.problems + self._of_the_rest(data, error.problems)
        if problems:
            raise BadInput(problems)

    def __repr__(self) -> str:
        """Return what it is, in one line."""
        done = " + ".join(dict.fromkeys(entry.kind for entry in self.treatments)) or "no treatment"
        return f"<Scenario: {self.name}, {self.weeks:g} weeks, {done}>"

    def __str__(self) -> str:
        """Return it as a file has it."""
        return self.to_toml()

    @classmethod
    def _of_the_rest(cls, data: dict[str, Any], known: Sequence[Problem]) -> list[Problem]:
        """Return what is wrong with the schedule of those treatments that are right by themselves."""
        tables = data.get("treatments")
        wrong = {problem.path[:2] for problem in known}
        if not isinstance(tables, list) or not all(at[:1] == ("treatments",) and len(at) > 1 for at in wrong):
            return []
        kept = [i for i in range(len(tables)) if ("treatments", i) not in wrong]
        try:
            cls(**data | {"treatments": [tables[i] for i in kept]})
        except BadInput as error:
            found = [p for p in error.problems if p.path[:1] == ("treatments",) and len(p.path) > 1]
            return [replace(p, path=("treatments", kept[int(p.path[1])], *p.path[2:])) for p in found]
        return []

    @classmethod
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error of a failed validation, in the words of the table it is in."""
        return _explained(detail)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], changes: Changes = ()) -> Scenario:
        """Return the scenario of plain data, as from `to_dict`, with changes; raise `BadInput` with every problem."""
        tables: dict[str, Any] = plain(data)
        if tables.get("schema") == 1:
            tables = migrated(tables)
        origins, problems = carry_out(tables, changes, SET_BY_NAME)
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
        return self.from_dict(self.given, values)

    @property
    def given(self) -> dict[str, Any]:
        """Plain data as the author gave it: without the defaults of the skin."""
        data = self.to_dict()
        return data | {"skin": {name: x for name, x in data["skin"].items() if name in self.skin.model_fields_set}}

    def settable(self, path: str) -> Settable:
        """Return what a path takes, as an axis needs to know it; raise `BadInput` where there is nothing to set.

        >>> Scenario(name="x", treatments=[{"kind": "prp"}]).settable("skin.phototype").kind
        'whole number'
        """
        at = resolved(self.to_dict(), path, SET_BY_NAME)
        kind = self.treatments[int(at[1])].kind if at[0] == "treatments" and not isinstance(at, str) else ""
        known = isinstance(at, tuple) and (not kind or at[-1] in entry_model(kind).model_fields)
        if isinstance(at, str) or not known:
            remedy = at if isinstance(at, str) else suggest(str(at[-1]), entry_model(kind).model_fields)
            raise BadInput([Problem(f'there is no "{path}" to set', source=path, remedy=remedy)])
        return settable(at, kind)

    def plus(self, entry: Entry | Treatment | Mapping[str, Any]) -> Scenario:
        """Return the same scenario with one more treatment."""
        data = self.given
        return self.from_dict(data | {"treatments": [*data["treatments"], entry]})

    @cached_property
    def days(self) -> float:
        """Length of the simulation, d."""
        return moment(7 * self.weeks)

    @cached_property
    def session_days(self) -> list[float]:
        """Days of the sessions that treatments without days of their own follow."""
        return self.sessions.days_until(self.days)

    def days_of(self, entry: Entry) -> list[float]:
        """Return the days on which one of the treatments is done."""
        return entry.days_until(self.days, self.session_days)

    @cached_property
    def timeline(self) -> tuple[Scheduled, ...]:
        """All events of all treatments, in order.

        The session of an event is that of the scenario which it follows; for a treatment with days of its own every day
        is one.
        """
        own: dict[str, set[float]] = {}
        for entry in self.treatments:
            own.setdefault(entry.kind, set()).update(() if entry.follows else self.days_of(entry))
        scheduled = []
        for entry in self.treatments:
            treatment = entry.treatment
            if entry.follows:
                numbered = [(n, x) for n, day in enumerate(self.session_days, 1) for x in entry.days_after(day)]
            else:
                ordinal = {day: n for n, day in enumerate(sorted(own[entry.kind]), 1)}
                numbered = [(ordinal[day], day) for day in self.days_of(entry)]
            scheduled += [Scheduled(entry.kind, n, x) for n, day in numbered for x in treatment.session(day)]
        return timeline(scheduled)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Pieces of time within which nothing happens, with what happens at the start of each."""
        return pieces(self.timeline, self.days)

    @property
    def first_procedure_days(self) -> tuple[float, float]:
        """Day of the first injury and of the next one (or the end); (0, end) without injuries."""
        injuries = sorted({x.event.day for x in self.timeline if isinstance(x.event, Injury)})
        return (injuries[0] if injuries else 0.0), (injuries[1] if len(injuries) > 1 else self.days)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, every default filled in."""
        when, assumed = self.sessions.to_dict(), {} if self.assume else {"assume"}
        data = self.model_dump(by_alias=True, exclude={"treatments", "sessions", *assumed})
        return data | ({"sessions": when} if when else {}) | {"treatments": [x.to_dict() for x in self.treatments]}

    @property
    def meaning(self) -> dict[str, Any]:
        """All that results depend on, as plain data: neither names nor the way in which a schedule is written."""
        events = [[x.treatment, x.session, type(x.event).__name__, *vars(x.event).values()] for x in self.timeline]
        kept = {key: x for key, x in self.to_dict().items() if key in ("weeks", "skin", "assume")}
        return kept | {"events": events}

    def to_toml(self) -> str:
        """Return the resolved scenario as TOML."""
        import tomlkit

        return tomlkit.dumps(self.to_dict())

    @property
    def digest(self) -> str:
        """Short hash of what the scenario means."""
        return identity(self.to_dict())[:8]

    def _late(self) -> list[Problem]:
        """Return what is wrong with the schedule as a whole."""
        return [*self._twice(), *self._unused(), *self._astray(), *self._outside()]

    def _twice(self) -> Iterator[Problem]:
        """Yield labels that name two things."""
        seen = {*TOP_LEVEL, "skin", "sessions", "treatments", "assume", "every_days", *PARAMETERS}
        for i, entry in enumerate(self.treatments):
            if entry.label in seen:
                at: KeyPath = ("treatments", i, "label")
                given = entry.label in {other.label for other in self.treatments[:i]}
                why = "is that of another treatment" if given else "has a meaning of its own in paths"
                yield Problem(f'the label "{entry.label}" {why}', at, "choose another label")
            elif entry.label:
                seen.add(entry.label)

    def _unused(self) -> Iterator[Problem]:
        """Yield sessions that nothing follows."""
        if self.sessions.to_dict() and not any(entry.follows for entry in self.treatments):
            remedy = "leave [sessions] out, or the days of a treatment"
            yield Problem("no treatment follows the sessions of this scenario", ("sessions",), remedy)

    def _astray(self) -> Iterator[Problem]:
        """Yield days after sessions that are not there, where another treatment has days of its own."""
        own = [entry for entry in self.treatments if entry.own and not entry.daily]
        if own and not self.sessions.to_dict():
            for i, entry in enumerate(self.treatments):
                if entry.after_days is not None:
                    where = f"treatments.{i} ({entry.kind})"
                    message = f"{where}: after_days counts from [sessions], which this scenario has not"
                    remedy = f"write [sessions] instead of the days of {own[0].kind}"
                    yield Problem(message, ("treatments", i, "after_days"), remedy)

    def _outside(self) -> Iterator[Problem]:
        """Yield days on or after the last day, and schedules that are too long to be carried out."""
        number = 0
        for i, entry in enumerate(self.treatments):
            number += len(self.session_days) * len(entry.after_days or [0.0]) if entry.follows else 0
            if number > MOST_APPLICATIONS:
                break  # before they are listed
            days = self.days_of(entry)
            number += 0 if entry.follows else len(days)
            where = f"treatments.{i} ({entry.kind})"
            if late := [day for day in days if day >= self.days]:
                shown = ", ".join(f"{day:g}" for day in late[:5]) + (", ..." if len(late) > 5 else "")
                message = f"{where} has a session on day {shown}, outside the {self.days:g} days of the scenario"
                remedy = f"raise weeks above {max(late) / 7:.3g}, or do fewer or earlier sessions"
                yield Problem(message, self._said(i, entry), remedy)
        if number > MOST_APPLICATIONS:
            message = f"the treatments are done over {MOST_APPLICATIONS} times in all"
            yield Problem(message, ("treatments",), "do fewer, or fewer of them")

    def _said(self, i: int, entry: Entry) -> KeyPath:
        """Return where it says when a treatment is done."""
        names = ("after_days", "days", "sessions", "every_days", "start_day")
        given = [name for name in names if getattr(entry, name) is not None]
        if entry.follows and not given and self.sessions.to_dict():
            return "sessions", next(
                name
                for name in ("days", "number", "every_days", "start_day")
                if getattr(self.sessions, name) is not None
            )
        return "treatments", i, given[0] if given else "kind"


TOP_LEVEL = tuple(
    info.alias or name
    for name, info in Scenario.model_fields.items()
    if name not in ("skin", "sessions", "treatments", "assume")
)  # what is above the first table of a file


SET_BY_NAME = tuple(name for name in TOP_LEVEL if name != "schema")


def _sourced(problem: Problem, origins: Mapping[KeyPath, str]) -> Problem:
    """Return the same problem with the change that it comes from."""
    sources = [source for path, source in origins.items() if path == problem.path[: len(path)]]
    return replace(problem, source=sources[0]) if sources else problem


def _explained(detail: Any) -> Problem:
    model: type[BaseModel] = Scenario
    at: KeyPath = ()
    called, loc = "a scenario", detail["loc"]
    match loc:
        case (str(),) if problem := misplaced(detail):
            return problem
        case ("treatments",) if detail["type"] == "list_type":
            remedy = "write [[treatments]] with double brackets, once for each treatment"
            return Problem("treatments must be a list of tables", loc, remedy)
        case ("treatments", _) if problem := no_kind(detail["input"], loc):
            return problem
        case ("treatments", i, str(kind), *_):
            model, at, called, loc = entry_model(kind), loc[:2], f"treatments.{i} ({kind})", loc[3:]
        case ("skin" | "sessions", _, *_):
            called = loc[0]
            model, at, loc = Skin if called == "skin" else Sessions, loc[:1], loc[1:]
        case ("assume", _, _, *_):
            model, at, called, loc = Assumption, loc[:2], dotted(loc[:2]), loc[2:]
    return explained(detail | {"loc": loc}, model, at, called, TOP_LEVEL)
