"""Files that a person wrote: read with care, refused in words, with the line of what is wrong."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from exosim.problems import BadInput, KeyPath, Problem


def read_toml(path: Path, what: str) -> tuple[dict[str, Any], str]:
    """Return the data of a TOML file and its text; `what` it is, as in "scenario"; raise `BadInput`."""
    text = read_text(path, what)
    return parse_toml(text, str(path)), text


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Return the data of TOML `text`; raise `BadInput` with the line where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput([not_toml(error, text, source)]) from None


def not_toml(error: tomllib.TOMLDecodeError, text: str, source: str) -> Problem:
    """Return the problem of a text that is no TOML, with its line."""
    lines = text.splitlines()
    named = re.search(r"at line (\d+)", str(error))
    line = int(named.group(1)) if named else len(lines)
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
    return replace(problem, source=source, line=line, text=text.splitlines()[line - 1] if line else "")


def line_of(text: str, path: KeyPath) -> int | None:
    """Return the line (from 1) of the deepest part of `path` in TOML of two levels.

    >>> line_of("weeks = 12" + chr(10) + "[skin]" + chr(10) + "phototype = 3", ("skin", "phototype"))
    3
    """
    table: KeyPath = ()
    counts: dict[str, int] = {}
    here: KeyPath
    depth, deepest = 0, None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("[[") and "]]" in line:
            name = line[2:].split("]]")[0].strip()
            here = table = (name, counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
        elif line.startswith("[") and "]" in line and "=" not in line.split("]")[0]:
            here = table = tuple(part.strip() for part in line[1:].split("]")[0].split("."))
        elif "=" in line and not line.startswith("#"):
            key = tuple(part.strip().strip("\"'") for part in line.split("=")[0].split("."))
            here = table + key
        else:
            continue
        if here == path[: len(here)] and len(here) > depth:
            depth, deepest = len(here), number
    return deepest


def read_text(path: Path, what: str = "scenario") -> str:
    """Return the text of a file that a person wrote; raise `BadInput` where it cannot be read."""

    def refused(message: str, remedy: str = "") -> BadInput:
        return BadInput([Problem(message, source=str(path), remedy=remedy)])

    if path.is_dir():
        raise refused(f"this is a folder, not a {what} file", "name a .toml file in it")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refused(f"the file cannot be read ({error.strerror})") from None
    if len(data) > 1_000_000:
        raise refused(f"the file is over 1 MB, too large for a {what}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise refused("this is not a text file", f"a {what} is TOML in UTF-8")
    if not text.strip():
        raise refused("the file is empty", "`exosim new` writes a first scenario")
    return text
