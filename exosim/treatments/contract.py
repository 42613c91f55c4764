"""What every treatment keeps, checked when one of one's own is registered: settings with units and sources, events."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterator
from typing import Any, get_args

from exosim.biology.notation import Evidence
from exosim.biology.system import PARAMETERS, STATES
from exosim.events import Apply, Bolus, Event, Injury, Modulate
from exosim.problems import BadInput, Problem, bounds, brief, suggest
from exosim.treatments.base import Treatment

NAME = "^[a-z][a-z0-9_]{0,39}$"
SCHEDULE = ("kind", "label", "after_days", "days", "start_day", "every_days", "sessions")
"""Settings that every treatment of a scenario has besides its own."""
MODES, FILMS = ("puncture", "ablation", "coagulation"), ("gel", "platelet_film")
SYMBOLS = {
    "", "1", "%", "d", "h", "wk", "s", "min", "mm", "cm", "um", "nm", "m", "mL", "uL", "L", "g", "mg", "ug", "ng", "pg",
    "mJ", "J", "W", "mW", "kJ", "particles", "Mparticle", "cell", "SED", "degC", "K", "Hz", "kHz", "MHz", "Pa", "kPa",
    "V", "IU", "U", "fold", "points", "mol", "mmol", "umol", "nmol", "pulses", "passes",
}  # fmt: skip
"""What units are made of."""
SENTENCE = 20  # characters of a docstring, at least
DAY = 3.0  # of the sessions that are tried


def problems(kind: str, cls: Any) -> list[Problem]:
    """Return everything that is wrong with a class as a treatment called `kind`."""
    if not (inspect.isclass(cls) and issubclass(cls, Treatment) and cls is not Treatment):
        remedy = "class Mine(exosim.Treatment): ..."
        return [Problem(f"{brief(repr(cls))} is no treatment", source=kind, remedy=remedy)]
    found = [*_named(kind, cls)]
    for name in cls.model_fields:
        found += _setting(kind, cls, name)
    return found or [*_sessions(kind, cls)]


def _named(kind: str, cls: type[Treatment]) -> Iterator[Problem]:
    if not re.fullmatch(NAME, kind):
        remedy = "small letters, digits and _, beginning with a letter, as in cryo_needling"
        yield Problem(f'"{brief(kind)}" is no name of a treatment', source=kind, remedy=remedy)
    if len((cls.__doc__ or "").strip()) < SENTENCE:
        remedy = f"write a docstring of a sentence, {SENTENCE} characters or more"
        yield Problem(f"{cls.__name__} does not say what it is", source=kind, remedy=remedy)
    if cls.session is Treatment.session:
        yield Problem(f"{cls.__name__} has no session", source=kind, remedy="def session(self, day): return [...]")


def _setting(kind: str, cls: type[Treatment], name: str) -> Iterator[Problem]:
    """Yield what is wrong with one setting."""
    info, where = cls.model_fields[name], f"{kind}.{name}"
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    low, high = bounds(info)
    if name in SCHEDULE:
        yield Problem("the schedule of a treatment has this name", source=where, remedy="choose another")
    if low is None or high is None or "unit" not in extra:
        remedy = 'as in x_mm: float = setting(1.0, "mm", 0.2, 2, "assumed", "source", "meaning")'
        yield Problem("it has no default, unit, range, evidence and source", source=where, remedy=remedy)
        return
    default: Any = info.default
    if not (low < high and isinstance(default, int | float) and low <= default <= high):
        yield Problem(f"default {default!r} and range {low:g} to {high:g} do not agree", source=where)
    unknown = [x for x in re.split(r"[*/()]", re.sub(r"\^-?\d+", "", str(extra["unit"]))) if x not in SYMBOLS]
    if unknown:
        remedy = f"{suggest(unknown[0], sorted(SYMBOLS - {''}))}; as in mm, 1/cm^2, uL/cm^2, or 1 for none"
        yield Problem(f'"{extra["unit"]}" is no unit', source=where, remedy=remedy)
    if extra.get("evidence") not in get_args(Evidence):
        remedy = f"one of {', '.join(get_args(Evidence))}"
        yield Problem(f'there is no evidence "{extra.get("evidence")}"', source=where, remedy=remedy)
    for what, text in {"source": extra.get("source"), "meaning": info.description}.items():
        if not str(text or "").strip():
            yield Problem(f"it has no {what}", source=where)


def _sessions(kind: str, cls: type[Treatment]) -> Iterator[Problem]:
    """Yield what is wrong with the events of sessions with defaults, and at the ends of every range."""
    ends: list[dict[str, Any]] = [{}]
    for name, info in cls.model_fields.items():
        whole = isinstance(info.default, int) and info.annotation is int
        ends += [{name: int(end) if whole else end} for end in bounds(info) if end is not None]
    for settings in ends:
        shown = ", ".join(f"{name} = {x:g}" for name, x in settings.items()) or "defaults"
        try:
            events = cls(**settings).session(DAY)
            wrong = [text for event in events for text in _wrong(event)] if events else ["no event"]
        except BadInput as error:
            wrong = [problem.message for problem in error.problems]
        except Exception as error:  # whatever the code of somebody else does
            wrong = [f"{type(error).__name__}: {brief(str(error))}"]
        if wrong:
            message = f"a session with {shown} gives {'; '.join(dict.fromkeys(wrong))}"
            yield Problem(message, source=kind)
            return  # the other ends say the same


def _wrong(event: Event | Any) -> Iterator[str]:
    """Yield what is wrong with an event of a session on `DAY`."""
    if not isinstance(event, Event):
        yield f"{brief(repr(event))}, which is no event"
        return
    name = type(event).__name__
    if not all(math.isfinite(x) for x in vars(event).values() if isinstance(x, int | float)):
        yield f"{name} with a number that is not finite"
    elif event.day != DAY:
        yield f"{name} on day {event.day:g} instead of its own, {DAY:g}"
    match event:
        case Modulate() if event.parameter not in PARAMETERS:
            yield f'Modulate of "{event.parameter}", no parameter ({suggest(event.parameter, PARAMETERS, 3)})'
        case Modulate() if event.until <= event.day or event.factor < 0:
            yield "Modulate that ends before it begins, or has a factor below 0"
        case Bolus() if event.state not in (states := {x.name for x in STATES if x.layers}):
            yield f'Bolus of "{event.state}", no state of the dermis ({suggest(event.state, sorted(states), 3)})'
        case Injury() if event.mode not in MODES:
            yield f'Injury of mode "{event.mode}" ({suggest(event.mode, MODES)})'
        case Injury() if min(event.reach, event.density_per_cm2, event.radius_mm) < 0:
            yield "Injury with a number below 0"
        case Apply() if event.film not in FILMS or event.amount < 0:
            yield "Apply of a film that is none, or of less than nothing"
