"""Scenario files: TOML read, changed, checked and refused with every problem; written back; their JSON Schema.

>>> scenario = parse("name = 'two sessions'" + chr(10) + "[[treatments]]" + chr(10) + "kind = 'prp'")
>>> [x.event.day for x in scenario.timeline]
[0.0]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from exosim.biology.system import PARAMETERS
from exosim.problems import BadInput, KeyPath, Problem, dotted, located, nearest, of_model, read_text, suggest
from exosim.scenario.model import Assumption, Scenario, Skin, entry_model
from exosim.treatments import catalogue


def validate(data: dict[str, Any]) -> tuple[Scenario | None, list[Problem]]:
    """A scenario from plain data, or everything that is wrong with it."""
    problems: list[Problem] = []
    rest = {key: value for key, value in data.items() if key not in ("skin", "treatments", "assume")}
    parts: dict[str, Any] = {}
    parts["skin"] = _model(Skin, data.get("skin", {}), ("skin",), "skin", problems)
    tables = data.get("treatments", [])
    if not isinstance(tables, list):
        remedy = "write [[treatments]] with double brackets, once for each treatment"
        problems.append(Problem("treatments must be a list of tables", ("treatments",), remedy))
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
            remedy = f'write {name} = {{ value = {table}, why = "..." }}'
            problems.append(Problem(f"{dotted(at)} must say why", at, remedy))
            continue
        assumption = _model(Assumption, table, at, dotted(at), problems)
        q, value = PARAMETERS[name], table.get("value")
        if isinstance(value, int | float) and not isinstance(value, bool) and not q.low <= value <= q.high:
            remedy = f"allowed: {q.low:g} to {q.high:g} {q.unit}   default {q.value:g}: {q.source}"
            problems.append(Problem(f"{name} = {value:g} is out of range", at, remedy))
        elif assumption:
            result[name] = assumption
    return result


def _outside(scenario: Scenario) -> list[Problem]:
    """Sessions that would fall on or after the last day."""
    end, problems = scenario.days, []
    for i, entry in enumerate(scenario.treatments):
        late = [day for day in entry.days_until(end) if day >= end]
        if late:
            days = ", ".join(f"{day:g}" for day in late[:5]) + (", ..." if len(late) > 5 else "")
            where = f"treatments.{i} ({entry.kind})"
            message = f"{where} has a session on day {days}, outside the {end:g} days of the scenario"
            at = ("treatments", i, "days" if entry.days else "sessions")
            problems.append(Problem(message, at, "raise weeks, or do fewer or earlier sessions"))
    return problems


def parse(text: str, source: str = "scenario", changes: Sequence[str] = ()) -> Scenario:
    """A scenario from TOML `text`, with ``PATH=VALUE`` `changes`; raises `BadInput` with every problem."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else len(text.splitlines())
        shown = text.splitlines()[line - 1] if 0 < line <= len(text.splitlines()) else ""
        reason = _toml_reason(str(error).split(" (at ")[0])
        message = f"not valid TOML: {reason[:1].lower()}{reason[1:]}"
        raise BadInput([Problem(message, source=source, line=line, text=shown)]) from None
    changed: dict[KeyPath, str] = {}
    problems = [p for change in changes for p in _change(data, change, changed)]
    if problems:
        raise BadInput(problems)
    scenario, problems = validate(data)
    if scenario is None:
        placed = [_placed(p, source, text, changed) for p in problems]
        raise BadInput(sorted(placed, key=lambda p: p.line or 0))
    return scenario


def _toml_reason(reason: str) -> str:
    if "illegal character" in reason.lower():
        return "a text is not closed with a quote"
    twice = re.match(r"Cannot declare \('(.*?)',?\) twice", reason)
    return f"the table [{twice.group(1)}] stands twice" if twice else reason


def load(path: str | Path, changes: Sequence[str] = ()) -> Scenario:
    """A scenario from a TOML file or the name of a shipped one; raises `BadInput`."""
    file = find(path)
    return parse(read_text(file), str(file), changes)


@cache
def shipped() -> dict[str, Path]:
    """The scenarios that come with exosim, by name."""
    package = Path(__file__).parents[1]
    folder = next(f for f in (package / "shipped", package.parent / "scenarios") if f.is_dir())
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find(name: str | Path) -> Path:
    """The file called `name`, or the shipped scenario of that name; raises `BadInput` with the nearest name."""
    path = Path(name)
    if path.exists() or path.is_symlink():
        return path
    if str(name) in shipped():
        return shipped()[str(name)]
    beside = [str(p) for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
    near = nearest(str(name), [*beside, *shipped()]) or nearest(path.stem, shipped())
    remedy = f'did you mean "{near}"?' if near else "`exosim list scenarios` names the shipped ones"
    raise BadInput(
        [
            Problem(
                "there is no such file, nor a shipped scenario of that name", source=str(name), remedy=remedy
            )
        ]
    )


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
    if (
        path[0] not in known
        or (len(path) == 2) != (path[0] == "skin")
        or (len(path) == 2 and path[1] not in known["skin"])
    ):
        mine = [f"treatments.{i}.{path[-1]}" for i, t in enumerate(_tables(data)) if path[-1] in _settings(t)]
        remedy = f'did you mean "{mine[0]}"?' if mine else suggest(name, names)
        return [Problem(f'there is no "{name}" to set', source=source, remedy=remedy)]
    (data.setdefault("skin", {}) if len(path) == 2 else data)[path[-1]] = value
    changed[tuple(path)] = change
    return []


def _tables(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Tables of treatments, where they are tables."""
    found = data.get("treatments", [])
    return [table for table in found if isinstance(table, dict)] if isinstance(found, list) else []


def _settings(table: dict[str, Any]) -> set[str]:
    """What can be set of a treatment."""
    kind = table.get("kind")
    return set(entry_model(kind).model_fields) if kind in catalogue() else set()


def _change_treatment(
    data: dict[str, Any], path: list[str], value: Any, change: str, changed: dict[KeyPath, str]
) -> list[Problem]:
    tables = data.get("treatments", [])
    index = int(path[1]) if len(path) == 3 and path[1].isdecimal() else -1
    if not 0 <= index < len(tables):
        have = ", ".join(f"treatments.{i} ({t.get('kind')})" for i, t in enumerate(tables)) or "none"
        return [
            Problem(
                f'there is no "{".".join(path)}" to set',
                source=f"--set {change}",
                remedy=f"write treatments.NUMBER.SETTING=VALUE; this scenario has {have}",
            )
        ]
    tables[index][path[2]] = value
    for other in ("start_day", "every_days", "sessions") if path[2] == "days" else ():
        tables[index].pop(other, None)  # a list of days replaces any other way to say when
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
