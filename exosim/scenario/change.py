"""Changes of a scenario as plain data: values set by path, sessions moved apart, more or fewer of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from exosim.biology.system import PARAMETERS
from exosim.problems import KeyPath, Problem, suggest
from exosim.scenario.parts import SESSION_DAYS, Skin, entry_model
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
                entries.append((path.strip(), _value(written.strip()), source, "set on the command line"))
            else:
                remedy = "as in skin.phototype=3"
                problems.append(Problem("a change is written PATH=VALUE", source=source, remedy=remedy))
    for path, value, source, why in entries:
        at = _resolved(data, path, top)
        if isinstance(at, str):
            problems.append(Problem(f'there is no "{path}" to set', source=source, remedy=at))
            continue
        if at[0] == "assume" and not isinstance(value, Mapping):
            value = {"value": value, "why": why}
        _put(data, at, value)
        origins[at] = source
    return origins, problems


def _value(written: str) -> Any:
    """Return what a text means in TOML; the text itself where it means nothing."""
    try:
        return tomllib.loads(f"x = {written}")["x"]
    except tomllib.TOMLDecodeError:
        return written


def _tables(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of treatments, where they are tables."""
    entries = data.get("treatments")
    return [table for table in entries if isinstance(table, dict)] if isinstance(entries, list) else []


def _resolved(data: Mapping[str, Any], path: str, top: Sequence[str]) -> KeyPath | str:
    """Return the keys down to what `path` names, or a remedy where there is nothing to set."""
    tables = _tables(data)
    match path.split("."):
        case ["assume", name]:
            return "assume", name
        case [name] if name in PARAMETERS:
            return "assume", name
        case ["assume", *_]:
            return "write assume.PARAMETER=VALUE"
        case ["treatments", number, name] if number.isdecimal() and int(number) < len(tables):
            return "treatments", int(number), name
        case ["treatments", *_]:
            have = ", ".join(f"treatments.{i} ({table.get('kind')})" for i, table in enumerate(tables))
            return f"write treatments.NUMBER.SETTING=VALUE; this scenario has {have or 'none'}"
        case ["skin", name] if name in Skin.model_fields:
            return "skin", name
        case [name] if name in top:
            return (name,)
    last = path.split(".")[-1]
    settable = [f"treatments.{i}.{last}" for i, table in enumerate(tables) if last in _settings(table)]
    names = [*top, *(f"skin.{name}" for name in Skin.model_fields), *PARAMETERS]
    return f'did you mean "{settable[0]}"?' if settable else suggest(path, names)


def _settings(table: dict[str, Any]) -> set[str]:
    """Return the names of what can be set of a treatment."""
    kind = table.get("kind")
    return set(entry_model(kind).model_fields) if isinstance(kind, str) and kind in catalogue() else set()


def _put(data: dict[str, Any], at: KeyPath, value: Any) -> None:
    *_, key = at
    if at[0] == "treatments":
        table = _tables(data)[int(at[1])]
        for other in ("start_day", "every_days", "sessions") if key == "days" else ():
            table.pop(other, None)  # a list of days replaces any other way to say when
    else:
        table = data.setdefault(str(at[0]), {}) if len(at) > 1 else data
    if isinstance(table, dict):  # else it is refused as what it is
        table[str(key)] = value


def moved(data: Mapping[str, Any], every_days: float | None, number: int | None) -> dict[str, Any]:
    """Return plain data of a scenario with its sessions `every_days` apart, `number` of them.

    Days that are listed are read as sessions `SESSION_DAYS` apart, each like the first; what is given every day stays.

    >>> moved({"treatments": [{"days": [0, 1, 28, 29]}]}, every_days=14, number=3)["treatments"][0]["days"]
    [0.0, 1.0, 14.0, 15.0, 28.0, 29.0]
    """
    return {**data, "treatments": [_moved(entry, every_days, number) for entry in data["treatments"]]}


def _moved(entry: dict[str, Any], every_days: float | None, number: int | None) -> dict[str, Any]:
    if "days" in entry:
        return entry | {"days": _days(entry["days"], every_days, number)}
    if "every_days" in entry or "sessions" in entry:
        given = {"every_days": every_days, "sessions": number}
        return entry | {name: value for name, value in given.items() if value is not None}
    return entry


def _days(days: Sequence[float], every_days: float | None, number: int | None) -> list[float]:
    first = [float(day) for day in days if day < SESSION_DAYS]
    step = SESSION_DAYS if every_days is None else every_days
    sessions = int(max(days) // SESSION_DAYS) + 1 if number is None else number
    return [session * step + day for session in range(sessions) for day in first]
