"""Bad input, explained: what is wrong, where, the nearest valid name, one remedy; all problems at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what a person wrote.

    Parameters
    ----------
    message : str
    path : tuple
        Keys down to the value, as in ``("treatments", 0, "energy_mj")``; empty for the whole file.
    remedy : str
    source : str
        File or option it stands in.
    line : int, optional
    text : str
        That line.
    """

    message: str
    path: KeyPath = ()
    remedy: str = ""
    source: str = ""
    line: int | None = None
    text: str = ""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.source, self.line) if part)
        lines = [f"error: {where}: {self.message}" if where else f"error: {self.message}"]
        if self.line and self.text:
            lines.append(f"  {self.line} | {self.text.strip()}")
        if self.remedy:
            lines.append(f"  {self.remedy}")
        return "\n".join(lines)


class BadInput(Exception):
    """What a person asked for cannot be done as written; nothing was run."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


def _common_start(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def nearest(name: str, allowed: Iterable[str]) -> str:
    """The most similar of `allowed`, or nothing; of two alike, the one that begins alike."""

    def likeness(other: str) -> float:
        return difflib.SequenceMatcher(None, name, other).ratio() + 0.3 * _common_start(name, other) / max(
            len(name), 1
        )

    best = max(allowed, key=likeness, default="")
    return best if best and likeness(best) > 0.6 else ""


def suggest(name: str, allowed: Iterable[str], show: int = 14) -> str:
    """A remedy for an unknown name: the nearest one and the choice."""
    names = list(allowed)
    wanted = name.lower().replace("-", "_").replace(" ", "_")
    near = nearest(wanted, names)
    within = [other for other in names if len(wanted) > 2 and wanted in other]
    if 1 < len(within) <= show:
        return f"names that hold it: {', '.join(within)}"
    choice = ", ".join(names[:show]) + (", ..." if len(names) > show else "")
    return (f'did you mean "{near}"?   ' if near else "") + f"allowed: {choice}"


def dotted(path: KeyPath) -> str:
    """A path as `--set` takes it: ``treatments.0.energy_mj``."""
    return ".".join(map(str, path))


def _shown(value: Any) -> str:
    text = (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
    return text if len(text) <= 60 else text[:57] + "..."


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Lowest and highest admissible value of a setting."""
    low, high = (
        next((getattr(m, x) for x in names for m in field.metadata if hasattr(m, x)), None)
        for names in (("ge", "gt"), ("le", "lt"))
    )
    return low, high


def _range(model: type[BaseModel], key: str) -> str:
    """Range, unit and source of a setting, as a remedy."""
    field = model.model_fields[key]
    low, high = bounds(field)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit = extra.get("unit", "")
    if low is None or high is None:
        return ""
    about = f"   default {field.default:g}: {extra['source']}" if "source" in extra else ""
    return f"allowed: {low:g} to {high:g}{f' {unit}' if unit not in ('', '1') else ''}{about}"


TOP_LEVEL = ("schema", "name", "note", "weeks")
KINDS = {
    "float": "a number",
    "int": "a whole number",
    "string": "a text in quotes",
    "list": "a list in [ ]",
    "dict": "a table",
    "model": "a table",
    "bool": "true or false",
}


def of_model(error: ValidationError, model: type[BaseModel], at: KeyPath, called: str) -> list[Problem]:
    """Problems of a failed validation of `model` at path `at`, in the words of the field."""
    problems = []
    names = [info.alias or name for name, info in model.model_fields.items()]
    for detail in error.errors():
        path = at + tuple(detail["loc"])
        key = str(detail["loc"][0]) if detail["loc"] else ""
        value, kind = detail["input"], detail["type"]
        name = dotted(path)
        if kind == "extra_forbidden":
            remedy = (
                f"{key} belongs above the first [table]" if at and key in TOP_LEVEL else suggest(key, names)
            )
            problems.append(Problem(f'{called} has no setting "{key}"', path, remedy))
        elif kind == "missing":
            problems.append(Problem(f'{called} needs "{key}"', at))
        elif kind in ("string_too_short", "string_too_long"):
            length = detail["ctx"].get("min_length") or detail["ctx"].get("max_length")
            wanted = "at least" if kind == "string_too_short" else "at most"
            problems.append(Problem(f"{name} must have {wanted} {length} characters", path))
        elif kind == "literal_error":
            problems.append(Problem(f"{name} must be {detail['ctx']['expected']}, not {_shown(value)}", path))
        elif kind in ("greater_than_equal", "less_than_equal", "greater_than"):
            problems.append(Problem(f"{name} = {_shown(value)} is out of range", path, _range(model, key)))
        elif kind == "finite_number":
            problems.append(Problem(f"{name} = {value} is not a finite number", path, _range(model, key)))
        elif kind.endswith("_type"):
            wanted = KINDS.get(kind.removesuffix("_type"), "something else")
            problems.append(
                Problem(f"{name} must be {wanted}, not {_shown(value)}", path, _range(model, key))
            )
        else:
            text, _, remedy = detail["msg"].removeprefix("Value error, ").partition("\n")
            problems.append(
                Problem(f"{name}: {text}" if detail["loc"] else f"{called}: {text}", path, remedy)
            )
    return problems


def located(problem: Problem, source: str, text: str) -> Problem:
    """The same problem with the line of TOML `text` in which its path stands."""
    line = line_of(text, problem.path)
    return replace(problem, source=source, line=line, text=text.splitlines()[line - 1] if line else "")


def line_of(text: str, path: KeyPath) -> int | None:
    """Line (from 1) of the deepest part of `path` found in TOML of two levels.

    >>> line_of("weeks = 12" + chr(10) + "[skin]" + chr(10) + "phototype = 3", ("skin", "phototype"))
    3
    """
    table: KeyPath = ()
    counts: dict[str, int] = {}
    here: KeyPath
    best, found = 0, None
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
        if here == path[: len(here)] and len(here) > best:
            best, found = len(here), number
    return found


def read_text(path: Path) -> str:
    """Text of a file that a person wrote, or a `BadInput` that says why it cannot be had."""
    source = str(path)
    if path.is_dir():
        raise BadInput(
            [
                Problem(
                    "this is a folder, not a scenario file", source=source, remedy="name a .toml file in it"
                )
            ]
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput([Problem(f"the file cannot be read ({error.strerror})", source=source)]) from None
    if len(data) > 1_000_000:
        raise BadInput([Problem("the file is over 1 MB, too large for a scenario", source=source)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise BadInput(
            [Problem("this is not a text file", source=source, remedy="a scenario is TOML in UTF-8")]
        )
    if not text.strip():
        raise BadInput(
            [Problem("the file is empty", source=source, remedy="`exosim new` writes a first scenario")]
        )
    return text
