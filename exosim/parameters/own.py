"""One's own parameter sets: a TOML file, a run that was made with one, or a set with values replaced; checked whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.files.lines import located
from exosim.files.names import digest
from exosim.files.reading import as_text, is_folder, json_object, read_bytes, read_toml, there
from exosim.files.writing import expanded
from exosim.parameters.sets import PERSON, Override, ParameterSet, names, of_person, overrides_of, shipped
from exosim.problems import BadInput, Problem, brief, nearest, plain, shown, suggest

KEYS = ("base", "meaning", "command", "studies", "method", "parameters")
KEPT = ("name", "root", "draws", "nuisance")  # further keys of plain data, which no person writes
ROUNDING = 1e-4  # share of an end of a range by which a draw that was written with five digits may be beyond it
COLUMNS = "a table of draws is CSV in UTF-8: a name over each column, then a line of numbers per draw"
MOST = 50_000_000  # bytes of a table of draws, or of a manifest
ParametersLike = ParameterSet | Mapping[str, Any] | str | Path
"""A set, its plain data, its name, its TOML file, or the folder or manifest of a run that was made with it."""


def parameter_set(parameters: ParametersLike) -> ParameterSet:
    """Return a parameter set; raise `BadInput` with every problem.

    Parameters
    ----------
    parameters : ParameterSet, mapping, str or path
        A set, its plain data, the name of a shipped one (``article``, ``trials``), its TOML file (with its ensemble
        beside it, as ``NAME.draws.csv``), or the folder or ``manifest.json`` of a run that was made with it.
    """
    if isinstance(parameters, ParameterSet):
        return parameters
    if isinstance(parameters, str) and parameters in names():
        return shipped(parameters)
    return _own(parameters)


def _own(given: ParametersLike) -> ParameterSet:
    """Return the set of plain data, or in a file or run folder; raise `BadInput` with every problem."""
    if isinstance(given, Mapping):
        return _of_data(plain(given), str(given.get("name", "own")))
    if not isinstance(given, str | Path):
        message = f"a parameter set is a name, a file, or a set, not {shown(given)}"
        raise BadInput([Problem(message, source="`parameters`", remedy=f"names: {', '.join(names())}")])
    path = expanded(given)
    if not there(path):
        asked, filed = str(given), path.suffix in (".toml", ".json") or path.name != str(given)
        message = f'there is no parameter set "{brief(asked)}"'
        message = f"there is no such file of a parameter set: {brief(asked)}" if filed else message
        near = nearest(path.name, (x.name for x in path.parent.glob("*.toml")) if is_folder(path.parent) else ())
        remedy = f'did you mean "{near}"?' if near else f"{suggest(asked, names())}, or a file NAME.toml of one's own"
        raise BadInput([Problem(message, remedy=remedy)])
    if path.is_dir():
        path = _manifest(path)
    return _of_run(path) if path.suffix == ".json" else _of_file(path)


def _manifest(folder: Path) -> Path:
    """Return the manifest in a run folder; of a folder that has run folders below it, say which is the newest."""
    below = [file for depth in ("*", "*/*", "*/*/*") for file in folder.glob(f"{depth}/manifest.json")]
    if below and not there(folder / "manifest.json"):
        newest = max(below, key=lambda file: (file.stat().st_mtime_ns, file)).parent
        message = f"this is not a run folder; it has {len(below)} below it"
        raise BadInput([Problem(message, source=str(folder), remedy=f"name one of them; the newest is {newest}")])
    return folder / "manifest.json"


def _of_file(path: Path) -> ParameterSet:
    """Return the set in a TOML file, with the draws beside it."""
    data, text = read_toml(path, "parameter set")
    if "free" in data:
        remedy = f"exosim fit {path} makes a set of it: fits/{path.stem}/{path.name}"
        raise BadInput([Problem("this is the file of a fit, not of a parameter set", source=str(path), remedy=remedy)])
    problems: list[Problem] = []
    if path.stem in names():
        message = f'a set of one\'s own cannot be called "{path.stem}", as one that comes with exosim'
        problems.append(Problem(message, source=str(path), remedy="give its file another name"))
    columns: dict[str, Any] = {}
    for key in ("draws", "nuisance"):
        try:
            columns[key] = _table(path.with_name(f"{path.stem}.{key}.csv"))
        except BadInput as error:
            problems += error.problems
            columns[key] = {}
    made = None
    try:
        made = _of_data(data, path.stem, path.parent, columns)
    except BadInput as error:
        problems += [problem if problem.source else located(problem, str(path), text) for problem in error.problems]
    if problems or made is None:
        raise BadInput(sorted(problems, key=lambda p: p.line or 0))
    return made


def _of_run(path: Path) -> ParameterSet:
    """Return the set that a run was made with, as its manifest holds it."""
    content, sums = read_bytes(path, "manifest", MOST), path.with_name("SHA256SUMS")
    data = json_object(content, path)
    if there(sums) and digest(content) not in sums.read_text("utf-8", "replace"):
        raise BadInput([Problem("damaged or changed since the run was saved", source=str(path))])
    values, name = data.get("parameter_values"), data.get("parameters")
    if not isinstance(values, dict) or not isinstance(name, str):
        raise BadInput([Problem("this is not the manifest of a run", source=str(path), remedy="name a run folder")])
    found = parameter_set(data.get("parameter_set", name))
    made = data.get("versions", {}).get("exosim")
    if _version() != made and {*_other(found, values)} - PERSON.keys():
        message = f'exosim {made} made this run, whose set "{name}" had other values than that of this version'
        raise BadInput([Problem(message, source=str(path), remedy="name the set that is meant")])
    return found


def _other(found: ParameterSet, values: Mapping[str, Any]) -> Iterator[str]:
    return (name for name, x in found.values().items() if values.get(name) != x)


def _version() -> str:
    from importlib.metadata import version

    return version("exosim")


def _instead(key: str) -> str:
    """Return what to write instead of an unknown key: a parameter belongs in a table, or into the scenario."""
    if key in PARAMETERS:
        return f"parameters are in [parameters]; to change one for a run, set it in the scenario: {key}=VALUE"
    return suggest(key, KEYS)


def _of_data(
    data: Mapping[str, Any], name: str, folder: Path | None = None, columns: Mapping[str, Any] | None = None
) -> ParameterSet:
    """Return the set of checked data; `columns` are its draws, which plain data hold themselves."""
    problems = [
        Problem(f'a parameter set has no setting "{brief(key)}"', (key,), _instead(str(key)))
        for key in data
        if key not in (*KEYS, *(KEPT if columns is None else ()))
    ]
    base: ParameterSet | None = None
    if "base" in data:
        try:
            base = _base(data["base"], folder)
        except BadInput as error:
            problems += error.problems
    tables = data.get("parameters", {})
    overrides: dict[str, Override] = {}
    try:
        overrides = overrides_of(tables)
    except BadInput as error:
        problems += error.problems
    given = {key: data.get(key, {}) for key in KEPT[2:]} if columns is None else columns
    problems += _texts(data)
    problems += [*_no_columns(given)] or [*_draws(given, name)]
    if problems:
        raise BadInput(problems)
    studies = tuple(data.get("studies", base.studies if base else ()))
    root = data.get("root", (base.root or base.name) if base else "")
    about = {key: data[key] for key in ("meaning", "command", "method") if key in data}
    arrays = {key: {column: np.array(x, float) for column, x in given[key].items()} for key in given}
    merged = {**(base.overrides if base else {}), **overrides}
    return ParameterSet(name, overrides=merged, studies=studies, root=root, given=arrays, **about)


def _base(base: Any, folder: Path | None) -> ParameterSet:
    if not isinstance(base, str):
        raise BadInput([Problem(f"base must be a text in quotes, not {shown(base)}", ("base",))])
    own = folder / base if folder and Path(base).suffix else base
    try:
        return parameter_set(own)
    except BadInput as error:
        raise BadInput([replace(p, path=("base",)) if not p.source else p for p in error.problems]) from None
    except RecursionError:
        raise BadInput([Problem("sets are based on each other in a circle", ("base",))]) from None


def _texts(data: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("meaning", "command", "method", "name", "root"):
        if key in data and not isinstance(data[key], str):
            yield Problem(f"{key} must be a text in quotes, not {shown(data[key])}", (key,))
    studies = data.get("studies", [])
    if not isinstance(studies, list) or not all(isinstance(x, str) for x in studies):
        yield Problem(f"studies must be a list of texts, not {shown(studies)}", ("studies",))


def _table(file: Path) -> dict[str, Any]:
    """Return the columns of a table beside a set, as numbers; nothing where there is no such file."""
    if not there(file):
        return {}
    header, *rows = csv.reader(as_text(read_bytes(file, "table of draws", MOST), file, "table", COLUMNS).splitlines())
    try:
        return dict(zip(header, np.array(rows, float).reshape(-1, len(header)).T, strict=True))
    except ValueError:
        message = "this is not a table of numbers with a name over each column"
        raise BadInput([Problem(message, source=str(file), remedy="`exosim fit` writes one")]) from None


def _no_columns(given: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield draws that are no columns of numbers."""
    for key, columns in given.items():
        try:
            fine = isinstance(columns, Mapping) and all(np.asarray(x, float).ndim == 1 for x in columns.values())
        except (TypeError, ValueError):
            fine = False
        if not fine:
            yield Problem(f"{key} of a set are columns of numbers, not {shown(columns)}", (key,))


def _draws(given: Mapping[str, Mapping[str, Any]], name: str) -> Iterator[Problem]:
    """Yield what is wrong with draws: unknown parameters, values out of range, lengths that differ."""
    for column, values in given["draws"].items():
        if column not in PARAMETERS:
            remedy = suggest(column, PARAMETERS)
            yield Problem(f'there is no parameter "{brief(column)}"', source=f"{name}.draws.csv", remedy=remedy)
            continue
        yield from (replace(problem, source=f"{name}.draws.csv") for problem in of_person(column))
        about, array = PARAMETERS[column], np.asarray(values, float)
        fine = (array >= about.low - ROUNDING * abs(about.low)) & (array <= about.high + ROUNDING * abs(about.high))
        if not fine.all():
            message = f"{column} = {array[~fine][0]:g} of draw {int((~fine).argmax()) + 1} is out of range"
            remedy = f"allowed: {about.low:g} to {about.high:g} {about.unit}"
            yield Problem(message, source=f"{name}.draws.csv", remedy=remedy)
    numbers = {len(x) for columns in given.values() for x in columns.values()}
    if len(numbers) > 1 or numbers & {0, 1}:
        message = f"draws and nuisance of a set are as many, and at least 2, not {sorted(numbers)}"
        yield Problem(message, source=f"{name}.draws.csv")
    if given["nuisance"] and not given["draws"]:
        message = "what was fitted besides parameters goes with draws, of which there are none"
        yield Problem(message, source=f"{name}.nuisance.csv")
    for column, values in given["nuisance"].items():
        if not (np.isfinite(values).all() and (np.asarray(values) > 0).all()):
            yield Problem(f"{column} has values that are not above 0", source=f"{name}.nuisance.csv")
