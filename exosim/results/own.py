"""Outcomes of one's own: a line of a closed grammar, as in ``tnf_days = days_above(tnf_alpha, 50)``, or a function."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pkgutil import resolve_name
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.names import code
from exosim.problems import BadInput, Problem, brief, every, suggest
from exosim.results.course import READINGS, Readable, Subject, course_of, followed, unfollowed
from exosim.results.dataset import TRAITS
from exosim.results.outcomes import OUTCOMES, Outcome
from exosim.scenario.model import Scenario
from exosim.simulation.history import COURSES, History

WRITTEN = "as in tnf_days = days_above(tnf_alpha, 50)"
NAME = r"[a-z][a-z0-9_]{0,39}"
TAKEN = {*(x.name for x in OUTCOMES), *TRAITS, "safety_flags", "case", "subject", "arm", "point", "scenario", "unit"}
Given = str | Outcome | Iterable[Any] | Mapping[str, Any]
"""Outcomes as they are given: a line, a function under `outcome`, several of them, or what they are by name."""


@dataclass(frozen=True, repr=False)
class Own(Outcome):
    """An outcome of one's own; whatever number it gives can be."""

    low: float = -math.inf
    text: str = ""  # what is to the right of "=" in the grammar; empty for a function
    day: float = 0.0  # the last day that it reads
    states: tuple[str, ...] = ()  # entries that it reads besides observables
    function: str = ""  # where a function can be imported, as in "mine:tnf_days"; empty where it cannot
    code: str = ""  # hash of the file that it is in
    made: Callable[[Any], Any] | None = None  # the function itself

    def __repr__(self) -> str:
        return f"<outcome {self.name} [{self.unit}]: {self.definition}>"

    def __call__(self, run: Readable) -> Any:
        """Return what the function gives of a run."""
        if self.made is None:
            raise TypeError(f"the function of {self.name} is not loaded")
        return self.made(run)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, from which it is made again where its text or its function is known."""
        about = {"name": self.name, "unit": self.unit, "definition": self.definition}
        if self.text:
            return about | {"text": self.text}
        return about | {"function": self.function, "code": self.code, "states": list(self.states)}


def outcome(
    function: Callable[[Any], Any] | None = None, *, unit: str, name: str = "", states: Sequence[str] = ()
) -> Any:
    """Make an outcome of a function that takes a run and returns a number, or None where it does not apply.

    It is named after the function, and described by the first line of its docstring. In a study it gets every subject
    alone. A function of a module travels to other processes by its name; one of a notebook, or a lambda, stays in this
    process.

    Parameters
    ----------
    unit : str
        Unit of the number.
    name : str, optional
        Name instead of that of the function.
    states : sequence of str, optional
        States that it reads, as in ``macrophage_m1_upper``; all observables can be read without being named.

    Examples
    --------
    >>> import exosim as ex
    >>> @ex.outcome(unit="d")
    ... def red_days(run):
    ...     return run.days_above("erythema", 1.3)
    >>> 1 < ex.run("microneedling", resolution="column", outcomes=[red_days]).outcomes["red_days"] < 3
    True
    """
    if function is None:
        return lambda given: outcome(given, unit=unit, name=name, states=states)
    if wrong := [unfollowed(x) for x in states if x not in followed()]:
        raise BadInput(wrong)
    called = getattr(function, "__name__", "<")
    own = name or ("" if "<" in called else called)  # a lambda has no name but that which it is given
    meaning = (inspect.getdoc(function) or own or "a function of one's own").splitlines()[0]
    read = tuple(x for x in states if x not in COURSES)
    return Own(own, unit, meaning, _of_every_subject(function, read, own), states=read, made=function,
               function=_home(function), code=code(function, bool(_home(function))))  # fmt: skip


def _of_every_subject(
    function: Callable[[Any], Any], states: tuple[str, ...], name: str
) -> Callable[[History, Scenario], Array]:
    def compute(h: History, scenario: Scenario) -> Array:
        people = (Subject(h, scenario, i, states) for i in range(h.initial.shape[1]))
        return np.array([_number(_given(function, person, name), function) for person in people])

    return compute


def _given(function: Callable[[Any], Any], person: Subject, name: str) -> Any:
    """Return what a function gives of a subject; raise `BadInput` where it reads it in a way that there is not."""
    try:
        return function(person)
    except AttributeError as error:
        if error.obj is not person:
            raise
        message = f'the outcome "{name or "of a lambda"}" reads "{error.name}", which a run does not have'
        known = [*READINGS, "course", "scenario"]
        raise BadInput([Problem(message, source="`outcomes`", remedy=suggest(str(error.name), known))]) from error


def _number(value: Any, function: Callable[..., Any]) -> float:
    if value is None:
        return math.nan
    if isinstance(value, int | float | np.number | np.bool_):
        return float(value)
    name = getattr(function, "__name__", "an outcome")
    raise BadInput([Problem(f"{name} gives {brief(repr(value))}, which is no number", source="`outcomes`")])


def _home(function: Callable[..., Any]) -> str:
    """Return where another process can import a function; nothing where it cannot."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "<")
    return "" if module in ("", "__main__") or "<" in name else f"{module}:{name}"


def line(text: str, source: str = "`outcomes`") -> Own:
    """Return the outcome of a line of the grammar; raise `BadInput` with every problem of it.

    >>> found = line("tnf_days = days_above(tnf_alpha, 50)")
    >>> found.name, found.unit, found.definition
    ('tnf_days', 'd', 'days of the run with tnf_alpha above 50')
    """
    source = f'{source} "{brief(text)}"'
    found = re.fullmatch(r"\s*([^=()]*?)\s*=\s*(\w*)\s*\(([^()]*)\)\s*", text)
    if not found:
        raise BadInput([Problem("this is no outcome", source=source, remedy=WRITTEN)])
    name, function, inside = found.groups()
    course, *given = [x.strip() for x in inside.split(",")]
    problems = [*_wrong(name, function, course, given, source)]
    if problems:
        raise BadInput(problems)
    reading, numbers = READINGS[function], [*map(float, given)]

    def compute(h: History, scenario: Scenario) -> Array:
        return np.asarray(reading.compute(h.times, course_of(h, course), *numbers))

    return Own(
        name, reading.unit_of(course), reading.meaning(course, numbers), compute,
        text=f"{function}({', '.join([course, *given])})", day=numbers[0] if function == "at" else 0.0,
        states=() if course in COURSES else (course,), made=lambda run: getattr(run, function)(course, *numbers),
    )  # fmt: skip


def _wrong(name: str, function: str, course: str, given: Sequence[str], source: str) -> Iterator[Problem]:
    """Yield what is wrong with the parts of a line."""
    yield from _misnamed(name, source)
    reading = READINGS.get(function)
    if not reading:
        yield Problem(f'there is no function "{function}"', source=source, remedy=suggest(function, READINGS))
    if course not in followed():
        yield unfollowed(course, source)
    if reading and len(given) != bool(reading.number):
        takes = f"a course and a {reading.number}" if reading.number else "a course"
        yield Problem(
            f"{function} takes {takes}",
            source=source,
            remedy=WRITTEN if reading.number else f"as in {function}(tnf_alpha)",
        )
    for number in given:
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", number):
            yield Problem(f'"{brief(number)}" is no number', source=source, remedy=WRITTEN)
        elif function == "at" and float(number) < 0:
            yield Problem("days count from 0", source=source)


def _misnamed(name: str, source: str) -> Iterator[Problem]:
    if not re.fullmatch(NAME, name):
        remedy = "small letters, digits and _, beginning with a letter, as in tnf_days"
        yield Problem(f'"{brief(name)}" is no name of an outcome', source=source, remedy=remedy)
    elif name in TAKEN:
        yield Problem(f'the name "{name}" is taken', source=source, remedy="choose another")


def own_outcomes(given: Given | None, source: str = "`outcomes`") -> tuple[Own, ...]:
    """Return outcomes as they are given; raise `BadInput` with every problem of them.

    >>> [x.name for x in own_outcomes({"peak": "max(tnf_alpha)", "red": "days_above(erythema, 1.2)"})]
    ['peak', 'red']
    """
    found = every(lambda item: _one(item, source), _items(given, source))
    names = [x.name for x in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput([Problem(f'the outcome "{name}" is given twice', source=source) for name in twice])
    return tuple(found)


def _items(given: Any, source: str) -> list[Any]:
    if isinstance(given, Mapping):
        return [f"{name} = {x}" if isinstance(x, str) else (name, x) for name, x in given.items()]
    if given is None or isinstance(given, str | Outcome):
        return [] if given is None else [given]
    if isinstance(given, Iterable):
        return [*given]
    raise BadInput([Problem(f"{brief(repr(given))} is no list of outcomes", source=source, remedy=WRITTEN)])


def _one(item: Any, source: str) -> Own:
    name, item = item if isinstance(item, tuple) and len(item) == 2 else ("", item)
    if isinstance(item, str):
        return line(item, source)
    if not isinstance(item, Own):
        known = callable(item) and not isinstance(item, Outcome)
        remedy = 'write @ex.outcome(unit="d") before it' if known else WRITTEN
        raise BadInput([Problem(f"{brief(repr(item))} is no outcome", source=source, remedy=remedy)])
    found = replace(item, name=name) if name else item
    if problems := [*_misnamed(found.name, source)]:
        raise BadInput(problems)
    return found


def kept(data: Mapping[str, Any]) -> Own:
    """Return the outcome of plain data, as from `Own.to_dict`; a function is imported when it is first computed."""
    if "text" in data:
        return line(f"{data['name']} = {data['text']}")
    states = tuple(data["states"])

    def compute(h: History, scenario: Scenario) -> Array:
        found = resolve_name(data["function"])
        return _of_every_subject(getattr(found, "made", found), states, data["name"])(h, scenario)

    about = {key: data[key] for key in ("function", "code")}
    return Own(data["name"], data["unit"], data["definition"], compute, states=states, **about)


def states_of(chosen: Iterable[Own]) -> tuple[str, ...]:
    """Return the states that outcomes read besides observables."""
    return tuple(dict.fromkeys(name for x in chosen for name in x.states))


def too_late(chosen: Iterable[Own], end: float, source: str = "`outcomes`") -> list[Problem]:
    """Return which outcomes read a day after the end of a run."""
    late = [x for x in chosen if x.day > end]
    return [Problem(f"{x.name} reads day {x.day:g} of a run of {end:g} days", source=source) for x in late]


def homeless(chosen: Iterable[Own], source: str = "`outcomes`") -> list[Problem]:
    """Return which outcomes cannot leave this process: functions that no other one can import."""
    remedy = "write it into a file and import it from there, or keep the study in memory, with one worker"
    return [
        Problem(f'no other process can import the function of "{x.name}"', source=source, remedy=remedy)
        for x in chosen
        if not (x.text or x.function)
    ]
