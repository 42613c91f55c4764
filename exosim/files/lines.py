"""Where in the text of a TOML file a thing is that is wrong."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import lru_cache

from exosim.problems import KeyPath, Problem


def not_toml(error: tomllib.TOMLDecodeError, text: str, source: str) -> Problem:
    """Return the problem of a text that is no TOML, with its line."""
    lines = text.split("\n")
    named = re.search(r"at line (\d+)", str(error))
    line = int(named.group(1)) if named else len(text.splitlines())
    reason = str(error).split(" (at ")[0]
    twice = re.match(r"Cannot declare \('(.*?)',?\) twice", reason)
    if "illegal character" in reason.lower():
        reason = "a text is not closed with a quote"
    elif twice:
        reason = f"there are two tables [{twice.group(1)}]"
    message = f"not valid TOML: {reason[:1].lower()}{reason[1:]}"
    return Problem(message, source=source, line=line, text=lines[line - 1] if 0 < line <= len(lines) else "")


def located(problem: Problem, source: str, text: str) -> Problem:
    """Return the same problem with the line of TOML `text` that its path names."""
    line = line_of(text, problem.path)
    return replace(problem, source=source, line=line, text=text.split("\n")[line - 1] if line else "")


def line_of(text: str, path: KeyPath) -> int | None:
    """Return the line (from 1) of the deepest part of `path`; tables may lie in tables to any depth.

    >>> line_of(chr(10).join(["[[a]]", "[[a]]", "[[a.b]]", "day = 3"]), ("a", 1, "b", 0, "day"))
    4
    """
    lines = _lines(text)
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), None)


LIST, TABLE, KEY = re.compile(r"\[\[([^\[\]]+)\]\]"), re.compile(r"\[([^\[\]]+)\]\s*(#|$)"), re.compile(r"([^=#{\[]+)=")


@lru_cache(maxsize=1)
def _lines(text: str) -> dict[KeyPath, int]:
    """Return the line of every table, name and entry of a list; of the first, where one comes twice."""
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    last: KeyPath = ()
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if match := LIST.match(line):
            path = _inside(_parts(match[1]), counts)
            counts[path] = counts.get(path, 0) + 1
            here = table = (*path, counts[path] - 1)
        elif match := TABLE.match(line):
            path = _inside(_parts(match[1]), counts)
            here = table = (*path, counts[path] - 1) if path in counts else path
        elif match := KEY.match(line):
            here = last = table + _parts(match[1])
        elif line.startswith("{"):  # an entry of the list that was begun above
            entries = (*last, "{")
            counts[entries] = counts.get(entries, 0) + 1
            here = (*last, counts[entries] - 1)
        else:
            continue
        found.setdefault(here, number)
    return found


def _parts(name: str) -> KeyPath:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


def _inside(parts: KeyPath, counts: dict[KeyPath, int]) -> KeyPath:
    """Return the path of a table; a list on the way to it means its last entry."""
    path: KeyPath = ()
    for part in parts[:-1]:
        path = (*path, part)
        path = (*path, counts[path] - 1) if path in counts else path
    return (*path, parts[-1])
