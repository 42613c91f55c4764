"""Scenarios of schema 1, in which every treatment had days of its own, as those of schema 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exosim.events import Injury, moment
from exosim.scenario.schedule import LAST_DAY, OWN, every, spacing
from exosim.treatments import catalogue

APART = 28.0  # d, between sessions of schema 1 that did not say


def migrated(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data of schema 1 as schema 2: the same days, those of the first procedure as sessions.

    What cannot be read stays as it is, to be refused.

    >>> laser, gel = {"kind": "fractional_co2_laser", "days": [0, 21]}, {"kind": "exosome_gel", "days": [1, 22]}
    >>> new = migrated({"schema": 1, "treatments": [laser, gel]})
    >>> new["sessions"], new["treatments"][1]
    ({'every_days': 21, 'number': 2}, {'kind': 'exosome_gel', 'after_days': [1]})
    """
    new = {"schema": 2, **{key: value for key, value in data.items() if key != "schema"}}
    tables = data.get("treatments")
    if "sessions" in data or not isinstance(tables, list):
        return new
    new["treatments"] = [_spaced(table) for table in tables]
    first = next((table for table in [*filter(_procedure, tables), *tables] if _days(table)), None)
    if first is None:
        return new
    sessions = _days(first)
    new["treatments"] = [_following(table, first, sessions) for table in new["treatments"]]
    found = _table(first, sessions)
    if not found and any("after_days" in table for table in new["treatments"] if isinstance(table, dict)):
        found = {"days": [0]}
    if found:
        return {key: value for key, value in new.items() if key != "treatments"} | {
            "sessions": found, "treatments": new["treatments"],
        }  # fmt: skip
    return new


def _spaced(table: Any) -> Any:
    """Return a table of a treatment that says how far its sessions are apart."""
    number = table.get("sessions") if isinstance(table, dict) and not _daily(table) else None
    spaced = isinstance(number, int) and number > 1 and "every_days" not in table
    return table | {"every_days": APART} if spaced else table


def _kind(table: Any) -> Any:
    name = table.get("kind") if isinstance(table, dict) else None
    return catalogue().get(name) if isinstance(name, str) else None


def _daily(table: Any) -> bool:
    kind = _kind(table)
    return bool(kind and kind.every_day)


def _procedure(table: Any) -> bool:
    kind = _kind(table)
    return bool(kind) and any(isinstance(event, Injury) for event in kind().session(0.0))


def _days(table: Any) -> list[float]:
    """Return the days of a treatment that is not daily; none where they cannot be read.

    Those of an interval "to the end" are none: they are compared as they are written.
    """
    if not _kind(table) or _daily(table) or not all(map(_number, (table.get(name, 0) for name in OWN[1:]))):
        return []
    if "days" in table:
        days = table["days"]
        plain = isinstance(days, list) and days and all(map(_number, days)) and not any(x in table for x in OWN[1:])
        return sorted(days) if plain and len(set(map(moment, days))) == len(days) else []
    start, step, number = table.get("start_day", 0), table.get("every_days"), table.get("sessions")
    if number is None and step is None:
        return [start]
    if number is None:
        return every(start, step, None, LAST_DAY) if step >= 0.25 else []
    whole = isinstance(number, int) and 1 <= number <= 1000
    return [_plain(start + i * (APART if step is None else step)) for i in range(number)] if whole else []


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LAST_DAY


def _following(table: Any, first: Any, sessions: list[float]) -> Any:
    """Return a table that is done after the sessions, where its days are those of a pattern that repeats."""
    days = _days(table)
    if not days:
        return table
    ends = (*sessions[1:2], sessions[0] + APART)
    after = [day - sessions[0] for day in days if sessions[0] <= day < ends[0]]
    repeated = sorted(moment(day + more) for day in sessions for more in after)
    if repeated != sorted(map(moment, days)) or _to_the_end(table) != _to_the_end(first):
        return table if any(name in table for name in OWN) else table | {"days": [0]}
    if _to_the_end(table) and after != [0]:
        return table  # a day after the last session could be outside the scenario
    kept = {key: value for key, value in table.items() if key not in OWN}
    return kept if after == [0] else kept | {"after_days": [_plain(x) for x in after]}


def _to_the_end(table: Any) -> bool:
    return "every_days" in table and "sessions" not in table


def _table(first: Any, days: list[float]) -> dict[str, Any]:
    """Return the table of sessions on these days; none for a single one on day 0."""
    step = spacing(days)
    start = {"start_day": _plain(days[0])} if days[0] else {}
    if step is None:
        return {"days": [_plain(day) for day in days]} if len(days) > 1 else start
    return start | {"every_days": _plain(step)} | ({} if _to_the_end(first) else {"number": len(days)})


def _plain(value: float) -> float:
    value = moment(value)
    return int(value) if value == int(value) else value


def rewritten(text: str) -> str:
    """Return the TOML of a scenario of schema 1 as that of schema 2, with its comments."""
    import tomlkit

    document = tomlkit.parse(text)
    old = document.unwrap()
    new = migrated(old)
    if "schema" in old:
        document["schema"] = 2
    for table, wanted in zip(document.get("treatments", ()), new.get("treatments", ()), strict=True):
        _rewrite(table.value.body, wanted)
    block = tomlkit.dumps({"sessions": new["sessions"]}) + "\n" if new.get("sessions") != old.get("sessions") else ""
    lines = tomlkit.dumps(document).splitlines(keepends=True)
    at = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[[treatments]]")), len(lines))
    while at and lines[at - 1].startswith("#"):
        at -= 1  # what is said of the first treatment stays with it
    return "".join([*lines[:at], "\n" * (at == len(lines)), block, *lines[at:]])


def _rewrite(lines: list[Any], wanted: Mapping[str, Any]) -> None:
    """Change the lines of a table, (key, item), to the data that are wanted; the comment of a line that goes stays."""
    import tomlkit

    missing = [name for name in wanted if name not in {key.key for key, _ in lines if key}]
    for i, (key, item) in enumerate(lines):
        if key and key.key not in wanted:
            comment = item.trivia.comment.lstrip("# ")
            name = missing.pop(0) if missing else None
            kept: Any = tomlkit.item(wanted[name]) if name else tomlkit.comment(comment)
            if name and comment:
                kept.comment(comment)
            kept.trivia.trail = "\n"
            lines[i] = (tomlkit.key(name) if name else None, kept if name or comment else tomlkit.ws(""))
    last = max(i for i, (key, _) in enumerate(lines) if key)
    for name in missing:
        added = tomlkit.item(wanted[name])
        added.trivia.trail = "\n"
        lines.insert(last + 1, (tomlkit.key(name), added))
