"""Published studies as data: arms as a scenario would have them, figures as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from exosim.events import moment
from exosim.evidence.readouts import READOUTS
from exosim.problems import Checked, Problem, explained, suggest
from exosim.results.outcomes import OUTCOMES
from exosim.scenario.migrate import APART
from exosim.scenario.model import Scenario
from exosim.scenario.parts import Entry
from exosim.scenario.schedule import LAST_DAY
from exosim.treatments import catalogue

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SHARES = ("responder_50", "pih")
"""What is read as a share of people."""
READS = (*(x.name for x in OUTCOMES if x.kind is float), *(x.name for x in READOUTS if not x.last), *SHARES)
SHORTEST, AFTER = 84.0, 28.0  # d, of an arm, and from its last session to its end, where no figure asks for more
SHIPPED = "studies.toml"


def _known(name: str) -> str:
    if name not in READS:
        raise ValueError(f'there is no outcome "{name}"\n{suggest(name, READS)}')
    return name


class Row(Checked):
    """A table of a file of studies."""

    called: ClassVar[str] = "a study"

    @classmethod
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error of a failed validation in the words of the table."""
        return explained(detail, cls, (), cls.called)


class Arm(Row):
    """What was done: treatments as in a scenario, and how long the arm was followed."""

    called: ClassVar[str] = "an arm"

    treatments: list[dict[str, Any]]
    sessions: dict[str, Any] = Field(default_factory=dict)
    weeks: float | None = Field(default=None, gt=0, le=LAST_DAY / 7)
    stands_for: str = ""
    note: str = ""


Day = Annotated[float, Field(ge=0.25, le=LAST_DAY, json_schema_extra={"unit": "d from the first session"})]


class Figure(Row):
    """One figure that was read, or that is to be predicted."""

    called: ClassVar[str] = "a figure"

    arm: str
    read: Annotated[str, AfterValidator(_known)]
    day: Day | None = None
    over: str | None = None
    minus: str | None = None
    over_day: Day | None = None
    skin: dict[str, Any] | None = None
    over_skin: dict[str, Any] | None = None
    value: float | None = None
    se: float | None = Field(default=None, gt=0)
    se_from: Literal["n"] | None = None
    share: int | None = Field(default=None, ge=0)
    of: int | None = Field(default=None, ge=1)
    odds_ratio: float | None = Field(default=None, gt=0)
    ci: list[float] | None = Field(default=None, min_length=2, max_length=2)
    at_least: float | None = None
    at_most: float | None = None
    instrument: str | None = None
    note: str = ""

    @property
    def form(self) -> Literal["level", "share", "ratio", "difference", "odds"]:
        """What kind of quantity it is."""
        if self.odds_ratio is not None:
            return "odds"
        if self.over or self.over_day or self.over_skin is not None:
            return "ratio"
        return "difference" if self.minus else "share" if self.read in SHARES else "level"

    @property
    def bound(self) -> float | None:
        """The bound, where only a bound was read."""
        return self.at_least if self.at_least is not None else self.at_most

    @property
    def observed(self) -> float | None:
        """The value, share, odds ratio or bound that was read; None for a prediction."""
        if self.share is not None and self.of:
            return self.share / self.of
        return next((x for x in (self.value, self.odds_ratio, self.bound) if x is not None), None)

    @property
    def name(self) -> str:
        """What is compared, as text: arm, the other arm, day or skin."""
        skin, other = (", ".join(map(str, (x or {}).values())) for x in (self.skin, self.over_skin))
        own = f"{self.arm} on {skin}" if skin else self.arm
        if self.over_day:
            return f"{own}, {f'day {self.day:g}' if self.day else 'end'} over day {self.over_day:g}"
        against = f" over {self.over}" if self.over else f" minus {self.minus}" if self.minus else ""
        return own + against + (f" over {other}" if other else "")


class Study(Row):
    """One study: who was treated, the arms, the figures."""

    id: str = Field(min_length=1, max_length=100)
    source: str = ""
    n: int | None = Field(default=None, ge=1)
    paired: bool = False
    seen: Literal["full text", "abstract", "secondary", "recalled"] | None = None
    note: str = ""
    skin: dict[str, Any] = Field(default_factory=dict)
    arms: dict[str, Arm]
    figures: list[Figure] = Field(default_factory=list)

    def scenario(self, arm: str, skin: Mapping[str, Any] | None = None) -> Scenario:
        """Return an arm as a scenario, on another `skin` where that is given; raise `BadInput` where it is none."""
        about = self.arms[arm]
        tables: dict[str, Any] = {
            "name": f"{self.id}: {arm}"[:200],
            "skin": {**self.skin, **(skin or {})},
            "treatments": [_spaced(table) for table in about.treatments],
        }
        if about.sessions:
            tables["sessions"] = about.sessions
        draft = Scenario.from_dict({**tables, "weeks": about.weeks or LAST_DAY / 7})
        if about.weeks:
            return draft
        asked = [start_of(draft) + day for day in self._days(arm)]
        closed = [entry for entry in draft.treatments if not _open(entry, draft)]
        last = max((day for entry in closed for day in draft.days_of(entry)), default=0.0)
        end = max([*asked, last + AFTER] if asked else [SHORTEST, last + AFTER])
        return Scenario.from_dict({**tables, "weeks": min(moment(end), LAST_DAY) / 7})

    def _days(self, arm: str) -> list[float]:
        """Return the days for which figures ask of an arm."""
        own = [x for x in self.figures if arm in (x.arm, x.over, x.minus)]
        return [day for x in own for day in (x.day, x.over_day) if day]


class Quantity(Row):
    """A quantity that bounds parameters rather than a course."""

    called: ClassVar[str] = "a quantity"

    id: str = Field(min_length=1)
    source: str
    reads: str
    note: str = ""
    value: float | None = None
    factor: float | None = Field(default=None, gt=1)
    at_least: float | None = None
    at_most: float | None = None


class Studies(Row):
    """The content of a file of studies."""

    called: ClassVar[str] = "a file of studies"

    schema_version: Literal[1] = Field(default=1, alias="schema")
    study: list[Study] = Field(default_factory=list)
    quantity: list[Quantity] = Field(default_factory=list)

    @cached_property
    def figures(self) -> list[tuple[Study, Figure]]:
        """Every figure with its study, in the order of the file."""
        return [(study, figure) for study in self.study for figure in study.figures]


def start_of(scenario: Scenario) -> float:
    """Return the day of the first session, from which days of figures are counted."""
    first = min((x.event.day for x in scenario.timeline), default=0.0)
    day = scenario.first_procedure_days[0]
    return max(day, first)


def shipped_text() -> str:
    """Return the file of studies that comes with exosim."""
    return files(__package__).joinpath(SHIPPED).read_text("utf-8")


def _spaced(table: dict[str, Any]) -> dict[str, Any]:
    """Return a treatment whose spacing was not reported as one with the usual spacing."""
    kind, number = catalogue().get(str(table.get("kind"))), table.get("sessions")
    several = isinstance(number, int) and number > 1 and kind is not None and not kind.every_day
    return {**table, "every_days": APART} if several and "every_days" not in table else table


def _open(entry: Entry, scenario: Scenario) -> bool:
    """Return whether a treatment goes on to the end of the scenario, however long."""
    if entry.follows:
        when = scenario.sessions
        return when.days is None and when.number is None and when.every_days is not None
    return entry.days is None and entry.sessions is None and (entry.daily or entry.every_days is not None)
