"""Changes of a scenario as plain data: values set by path."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exosim.biology.system import PARAMETERS
from exosim.files.reading import parse_value
from exosim.problems import MOST, KeyPath, Problem, brief, dotted, nearest, suggest, uncounted
from exosim.scenario.parts import Skin, entry_model
from exosim.scenario.schedule import LAST_DAY, OWN, Schedule, Sessions, spacing
from exosim.treatments import catalogue

Changes = Sequence[str] | Mapping[str, Any]
"""Texts ``PATH=VALUE``, or values by path."""


def carry_out(data: dict[str, Any], changes: Changes, top: Sequence[str]) -> tuple[dict[KeyPath, str], list[Problem]]:
    """Change plain data in place; return where each changed path comes from, and what cannot be set.

    `top` names what can be set outside of tables; the bare name of a parameter sets an assumption.
    """
    origins: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    if isinstance(changes, Mapping):
        entries = [(path, value, "changes", "set in Python") for path, value in changes.items()]
    else:
        entries = []
        for text in changes:
            source = f"`changes` {text}"
            path, equals, written = text.partition("=")
            if equals and all(path.strip().split(".")):
                entries.append((path.strip(), parse_value(written.strip()), source, "set on the command line"))
            else:
                remedy = "as in skin.phototype=3"
                problems.append(Problem("a change is written PATH=VALUE", source=source, remedy=remedy))
    for i, (path, value, source, why) in enumerate(entries):
        if len(problems) >= MOST:
            problems += uncounted(len(entries) - i)
            break
        at = resolved(data, path, top)
        if isinstance(at, str):
            message = f'there is no "{brief(path)}" to set in "{brief(data.get("name", ""))}"'
            problems.append(Problem(message, source=source, remedy=at))
            continue
        if at in origins:
            problems.append(Problem(f"{dotted(at)} is set twice", source=source, remedy="set it once"))
            continue
        if at[0] == "assume" and not isinstance(value, Mapping):
            value = {"value": value, "why": why}
        _put(data, at, value)
        origins[at] = source
    if origins and not any(at[0] == "sessions" for at in origins) and all(map(_has_own_days, _tables(data))):
        data.pop("sessions", None)  # the changes gave every treatment days of its own
    return origins, problems + _contradictions(origins)


def _has_own_days(table: Mapping[str, Any]) -> bool:
    return any(name in table for name in OWN)


def _tables(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of treatments, where they are tables."""
    entries = data.get("treatments")
    return [table for table in entries if isinstance(table, dict)] if isinstance(entries, list) else []


def resolved(data: Mapping[str, Any], path: str, top: Sequence[str]) -> KeyPath | str:
    """Return the keys down to what `path` names, or a remedy where there is nothing to set."""
    tables = _tables(data)
    labels = {table["label"]: i for i, table in enumerate(tables) if isinstance(table.get("label"), str)}
    match path.split("."):
        case ["assume", name]:
            return ("assume", name) if name in PARAMETERS else suggest(name, PARAMETERS)
        case [name] if name in PARAMETERS:
            return "assume", name
        case ["assume", *_]:
            return "write assume.PARAMETER=VALUE"
        case ["treatments", number, name] if number.isdecimal() and int(number) < len(tables):
            return "treatments", int(number), name
        case ["treatments", *_]:
            have = ", ".join(f"treatments.{i} ({table.get('kind')})" for i, table in enumerate(tables))
            return f"write treatments.NUMBER.SETTING=VALUE; this scenario has {have or 'none'}"
        case [label, name] if label in labels:
            known = _settings(tables[labels[label]]) or {name}
            return ("treatments", labels[label], name) if name in known else suggest(path, _below(label, known))
        case ["skin", name] if name in Skin.model_fields:
            return "skin", name
        case ["sessions", name] if name in Sessions.model_fields:
            return "sessions", name
        case [name] if name in SHORT:
            return SHORT[name]
        case [name] if name in top:
            return (name,)
    last = path.split(".")[-1]
    places = [str(table.get("label", f"treatments.{i}")) for i, table in enumerate(tables) if last in _settings(table)]
    if places:
        near = nearest(path.rpartition(".")[0], places) or places[0]
        return f'did you mean "{near}.{last}"?'
    names = [*top, *(f"skin.{x}" for x in Skin.model_fields), *(f"sessions.{x}" for x in Sessions.model_fields)]
    return suggest(path, [*names, *PARAMETERS])


def _below(label: str, names: Collection[str]) -> list[str]:
    """Return paths of what can be set of a treatment, its own settings before its schedule."""
    return [f"{label}.{name}" for name in sorted(names, key=lambda name: (name in Schedule.model_fields, name))]


SHORT: dict[str, KeyPath] = {"sessions": ("sessions", "number"), "every_days": ("sessions", "every_days")}
"""Short names of what is changed most."""


def _settings(table: dict[str, Any]) -> set[str]:
    """Return the names of what can be set of a treatment."""
    kind = table.get("kind")
    return set(entry_model(kind).model_fields) if isinstance(kind, str) and kind in catalogue() else set()


def _put(data: dict[str, Any], at: KeyPath, value: Any) -> None:
    """Set a value; another way to say when makes room for it."""
    key = str(at[-1])
    if at[0] == "treatments":
        table: Any = _tables(data)[int(at[1])]
    else:
        table = data.setdefault(str(at[0]), {}) if len(at) > 1 else data
    if not isinstance(table, dict):
        return  # it is refused as what it is
    if at[0] in ("treatments", "sessions") and key in WHEN:
        number = "number" if at[0] == "sessions" else "sessions"
        if key not in ("days", "after_days"):
            _as_interval(table, number, key)
        replaced = ("after_days",) if key in (*OWN[1:], number) else (*OWN, number, "after_days")
        for other in replaced:
            table.pop(other, None)
    table[key] = value


WHEN = (*OWN, "number", "after_days")
"""Fields that say when something is done."""


def _as_interval(table: dict[str, Any], number: str, key: str) -> None:
    """Say by start, interval and number what a table lists, so that one can be set; else leave it, to be refused.

    Days that are not evenly spaced lose their spacing only to a new one.
    """
    days = table.get("days")
    if not isinstance(days, list) or not days or not all(isinstance(x, int | float) for x in days):
        return
    step = spacing(days)
    if step is None and len(days) > 1 and key != "every_days":
        return
    del table["days"]
    interval = {"start_day": min(days), "every_days": step, number: len(days)}
    table.update({name: value for name, value in interval.items() if value is not None})


def _contradictions(origins: Mapping[KeyPath, str]) -> list[Problem]:
    """Return changes of one table of which one would undo the other."""
    problems = []
    for at, source in origins.items():
        if at[-1] in ("days", "after_days") and at[0] in ("treatments", "sessions"):
            others = [str(x[-1]) for x in origins if x[:-1] == at[:-1] and x != at and x[-1] in WHEN]
            if others:
                message = f"{at[-1]} and {', '.join(others)} are set together, and contradict each other"
                problems.append(Problem(message, source=source, remedy="keep one way to say when"))
    return problems


@dataclass(frozen=True)
class Settable:
    """What a path takes.

    Attributes
    ----------
    kind : {"whole number", "number", "text", "list"}
    low, high : float or None
        Ends of the range that is allowed.
    choices : tuple of str
        The texts that are allowed; empty for any.
    unit : str
    """

    kind: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""


TYPES = {"integer": "whole number", "number": "number", "string": "text", "array": "list"}


def settable(at: KeyPath, kind: str = "") -> Settable:
    """Return what the keys of `resolved` take; `kind` is that of the treatment."""
    if at[0] == "assume":
        q = PARAMETERS[str(at[1])]
        return Settable("number", q.low, q.high, (), q.unit)
    tables = {"skin": Skin, "sessions": Sessions, "treatments": entry_model(kind) if kind else None}
    model = tables.get(str(at[0]))
    name = str(at[-1])
    if model is None:
        return Settable("number", 0, LAST_DAY / 7, (), "wk") if name == "weeks" else Settable("text")
    about = model.model_json_schema()["properties"][name]
    about |= next((x for x in about.get("anyOf", ()) if x.get("type") != "null"), {})
    return Settable(
        TYPES[about["type"]], about.get("minimum"), about.get("maximum"), tuple(about.get("enum", ())),
        about.get("unit", "d" if name in WHEN and name not in ("number", "sessions") else ""),
    )  # fmt: skip
