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
    """Return the line (from 1) of the deepest part of `path` in TOML of two levels.

    >>> line_of("weeks = 12" + chr(10) + "[skin]" + chr(10) + "phototype = 3", ("skin", "phototype"))
    3
    """
    lines = _lines(text)
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), None)


@lru_cache(maxsize=1)
def _lines(text: str) -> dict[KeyPath, int]:
    """Return the line of every table and name; of the first, where one comes twice."""
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    here: KeyPath
    counts: dict[str, int] = {}
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if line.startswith("[[") and "]]" in line:
            name = line[2:].split("]]")[0].strip()
            here = table = (name, counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
        elif line.startswith("[") and "]" in line and "=" not in line.split("]")[0]:
            here = table = tuple(part.strip() for part in line[1:].split("]")[0].split("."))
        elif "=" in line and not line.startswith("#"):
            here = table + tuple(part.strip().strip("\"'") for part in line.split("=")[0].split("."))
        else:
            continue
        found.setdefault(here, number)
    return found
