"""Published studies as data: arms as a scenario would have them, figures as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
NOTE: Any = Field(default="", description="what else is to be known of it")


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

    treatments: list[dict[str, Any]] = Field(description="treatments as in a scenario; none for untreated skin")
    sessions: dict[str, Any] = Field(default_factory=dict, description="days of the sessions, as in a scenario")
    weeks: float | None = Field(
        default=None, gt=0, le=LAST_DAY / 7, description="how long it was followed; as its figures ask when left out"
    )
    stands_for: str = Field(default="", description="treatment that exosim does not have, for which it stands in")
    note: str = NOTE

    @classmethod
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error in the words of the table; the skin is that of the study."""
        problem = super().problem_of(detail)
        remedy = "skin is of the study: write [study.skin], or skin = { ... } of a figure"
        return replace(problem, remedy=remedy) if detail["loc"] == ("skin",) else problem


Day = Annotated[float, Field(ge=0.25, le=LAST_DAY, json_schema_extra={"unit": "d from the first session"})]


class Figure(Row):
    """One figure that was read, or that is to be predicted."""

    called: ClassVar[str] = "a figure"

    arm: str = Field(description="arm of the study that it is of")
    read: Annotated[str, AfterValidator(_known)] = Field(description="outcome or readout that was read")
    day: Day | None = Field(default=None, description="when it was read; at the end of the arm when left out")
    over: str | None = Field(default=None, description="arm to which it is a ratio")
    minus: str | None = Field(default=None, description="arm from which it is a difference")
    over_day: Day | None = Field(default=None, description="day of the same arm to which it is a ratio")
    skin: dict[str, Any] | None = Field(default=None, description="skin of the arm here, instead of the study's")
    over_skin: dict[str, Any] | None = Field(default=None, description="skin to which it is a ratio, same arm")
    value: float | None = Field(default=None, description="value that was read")
    se: float | None = Field(default=None, gt=0, description="standard error of the value; of a ratio that of its log")
    se_from: Literal["n"] | None = Field(default=None, description="n: the error is not read, it follows from people")
    share: int | None = Field(default=None, ge=0, description="people in whom it was so")
    of: int | None = Field(default=None, ge=1, description="people of whom `share` is counted")
    odds_ratio: float | None = Field(default=None, gt=0, description="pooled odds ratio over another arm")
    ci: list[float] | None = Field(
        default=None, min_length=2, max_length=2, description="ends of the 95 % interval of an odds ratio"
    )
    at_least: float | None = Field(default=None, description="lowest value, where only a bound was read")
    at_most: float | None = Field(default=None, description="highest value, where only a bound was read")
    instrument: str | None = Field(
        default=None, min_length=1, description="clinical scale, whose factor to the model is unknown"
    )
    note: str = NOTE

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

    id: str = Field(min_length=1, max_length=100, description="short name of the study")
    source: str = Field(default="", description="publication")
    n: int | None = Field(default=None, ge=1, description="people; pairs where `paired`")
    paired: bool = Field(default=False, description="whether every person had all arms, as with a split face")
    seen: Literal["full text", "abstract", "secondary", "recalled"] | None = Field(
        default=None, description="what of the publication was read"
    )
    note: str = NOTE
    skin: dict[str, Any] = Field(default_factory=dict, description="skin as in a scenario")
    arms: dict[str, Arm] = Field(description="what was done, by name of the arm")
    figures: list[Figure] = Field(default_factory=list, description="values that were read, or are to be predicted")

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

    id: str = Field(min_length=1, description="short name of the quantity")
    source: str = Field(description="publication")
    reads: str = Field(description="readout of the model that it bounds")
    note: str = NOTE
    value: float | None = Field(default=None, description="value that was measured")
    factor: float | None = Field(default=None, gt=1, description="factor within which the value holds, both ways")
    at_least: float | None = Field(default=None, description="lowest value, where only a bound is known")
    at_most: float | None = Field(default=None, description="highest value, where only a bound is known")


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
