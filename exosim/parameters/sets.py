"""What a parameter set is: values with units and sources, draws that go with them, and what is wrong with them."""

from __future__ import annotations

import csv
import json
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import replace as changed
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS, defaults
from exosim.files.names import identity
from exosim.files.tables import columns_csv
from exosim.files.writing import check_free, expanded, write
from exosim.problems import BadInput, Problem, brief, every, flags, shown, suggest

PERSON = {"phototype_response": "skin.phototype", "uv_dose": "skin.uv_dose_per_day"}
"""Parameters that a scenario decides, by the setting that does."""
ENTRY = ("value", "unit", "fitted", "source")
AS_IN = "as in replace(tnf_clearance=8)"


@dataclass(frozen=True)
class Override:
    """A value that a set gives to a parameter, and why."""

    value: float
    unit: str
    fitted: bool = False
    source: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class ParameterSet:
    """One set, shipped or one's own; two are equal when all their numbers are.

    Attributes
    ----------
    root : str
        The shipped set that it began as, whose figures it was fitted to as well; empty for a shipped one.
    given : mapping, optional
        ``draws`` and ``nuisance`` of one's own set; those of a shipped one are in files beside it.
    """

    name: str
    meaning: str = ""
    command: str = ""
    overrides: Mapping[str, Override] = field(default_factory=dict)
    studies: tuple[str, ...] = ()  # that it was calibrated to
    method: str = "best fit"  # or "posterior"
    root: str = ""
    given: Mapping[str, Mapping[str, Any]] | None = None

    def values(self) -> dict[str, float]:
        """Return every parameter of the model under this set."""
        return defaults() | {name: x.value for name, x in self.overrides.items()}

    @cached_property
    def draws(self) -> Mapping[str, Any]:
        """Its ensemble: one array per uncertain parameter, empty where none was made."""
        return _columns(f"{self.name}.draws.csv") if self.given is None else self.given["draws"]

    @cached_property
    def nuisance(self) -> Mapping[str, Any]:
        """What was fitted with it besides parameters, row by row as in `draws`; see `exosim.evidence.nuisance`."""
        return _columns(f"{self.name}.nuisance.csv") if self.given is None else self.given["nuisance"]

    def comes_from(self, sets: Iterable[str]) -> bool:
        """Return whether it is one of these sets, or began as one."""
        return not {self.name, self.root}.isdisjoint(sets)

    def replace(self, values: Mapping[str, float] | None = None, /, **named: float) -> ParameterSet:
        """Return the set with other values, in the units of the parameters; it has no ensemble.

        Parameters
        ----------
        values : mapping, optional
            Values by parameter; others can be named, as below.

        Examples
        --------
        >>> import exosim as ex
        >>> ex.parameter_set("article").replace(tnf_clearance=8)
        <ParameterSet: article with tnf_clearance=8, 10 of 106 values differ from the defaults, no ensemble>
        """
        if values is not None and not isinstance(values, Mapping):
            raise BadInput([Problem(f"values to replace are a mapping, not {shown(values)}", remedy=AS_IN)])
        if twice := sorted({*(values or {})} & {*named}):
            raise BadInput([Problem(f"{name} is given twice") for name in twice])
        if not (given := {**(values or {}), **named}):
            raise BadInput([Problem(f'no value of "{self}" is to be replaced', remedy=AS_IN)])
        return replaced(self, given)

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the set as NAME.toml, and its ensemble beside it, so that `parameter_set` reads all numbers back.

        Parameters
        ----------
        force : bool
            Whether files of these names are replaced.

        Raises
        ------
        BadInput
            When `path` does not end in ``.toml``, has the name of a shipped set, or a file exists.
        """
        flags(force=force)
        file = expanded(path)
        if file.suffix != ".toml" or file.stem in names():
            remedy = "as in mine.toml; article.toml and trials.toml are those of exosim"
            raise BadInput([Problem("a parameter set is saved as NAME.toml", source=str(file), remedy=remedy)])
        beside = {key: file.with_name(f"{file.stem}.{key}.csv") for key in ("draws", "nuisance")}
        remedy = "choose another name, or write over it with `force`"
        every(lambda place: check_free(place, force, remedy), (file, *beside.values()))
        for key, place in beside.items():
            if columns := getattr(self, key):
                write(place, columns_csv({name: np.asarray(x).tolist() for name, x in columns.items()}))
            else:
                place.unlink(missing_ok=True)  # draws of another set would be taken for its own
        write(file, "".join(toml_lines(changed(self, root=self.root or self.name), digits=17)).encode())
        return file

    def to_plain(self) -> str | dict[str, Any]:
        """Return what `parameter_set` makes the same set of: the name of a shipped one, all numbers of one's own."""
        if self.given is None:
            return self.name
        return as_plain(self)

    @cached_property
    def digest(self) -> str:
        """Short hash of its numbers."""
        drawn = {name: np.asarray(x).tolist() for name, x in {**self.draws, **self.nuisance}.items()}
        return identity(self.values(), drawn)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParameterSet) and (
            self is other or (self.name, self.digest) == (other.name, other.digest)
        )

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        number = sum(x.value != PARAMETERS[name].value for name, x in self.overrides.items())
        draws = f"{len(next(iter(self.draws.values())))} draws" if self.draws else "no ensemble"
        return f"<ParameterSet: {self}, {number} of {len(PARAMETERS)} values differ from the defaults, {draws}>"


def names() -> list[str]:
    """Return the names of all sets that come with exosim."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__package__).iterdir() if entry.name.endswith(".toml")
    )


@cache
def shipped(name: str) -> ParameterSet:
    """Return the set called `name` that comes with exosim."""
    data = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    overrides = {key: Override(**table) for key, table in data["parameters"].items()}
    unknown = sorted(set(overrides) - set(PARAMETERS))
    if unknown:
        raise BadInput([Problem(f"{name}.toml names unknown parameters: {', '.join(unknown)}")])
    about = {key: data[key] for key in ("meaning", "command", "method") if key in data}
    return ParameterSet(name, overrides=overrides, studies=tuple(data.get("studies", ())), **about)


def _columns(file_name: str) -> dict[str, Any]:
    file = files(__package__).joinpath(file_name)
    if not file.is_file():
        return {}
    header, *rows = csv.reader(file.read_text("utf-8").splitlines())
    return dict(zip(header, np.array(rows, float).T, strict=True))


def replaced(base: ParameterSet, values: Mapping[str, float]) -> ParameterSet:
    """Return a set with other values; its draws, which go with the old values, are dropped."""
    tables = {name: {"value": value, "unit": _unit(name), "source": "replaced"} for name, value in values.items()}
    overrides = overrides_of(tables)
    told = [f"{name}={x.value:g}" for name, x in overrides.items()]
    name = f"{base} with {', '.join(told[:3])}{', ...' if len(told) > 3 else ''}"
    merged = {**base.overrides, **overrides}
    return changed(
        base, name=name, overrides=merged, root=base.root or base.name, command="", given={"draws": {}, "nuisance": {}}
    )


def as_plain(chosen: ParameterSet) -> dict[str, Any]:
    """Return all of a set of one's own as plain data."""
    columns = {
        key: {name: np.asarray(x).tolist() for name, x in getattr(chosen, key).items()} for key in ("draws", "nuisance")
    }
    about = {key: getattr(chosen, key) for key in ("name", "root", "meaning", "command", "method")}
    rows = {name: asdict(x) for name, x in chosen.overrides.items()}
    return {**about, "studies": [*chosen.studies], "parameters": rows, **columns}


def toml_lines(chosen: ParameterSet, digits: int = 4) -> Iterator[str]:
    """Yield a set as TOML, a line per parameter, with so many digits."""
    for key in ("meaning", "command", "method"):
        yield f"{key} = {json.dumps(getattr(chosen, key))}\n"
    if chosen.root in names():
        yield f"base = {json.dumps(chosen.root)}\n"
    yield f"studies = {json.dumps(chosen.studies)}\n\n[parameters]\n"
    width = max(map(len, chosen.overrides), default=0)
    for name, x in chosen.overrides.items():
        line = f"{name:{width}s} = {{ value = {float(f'{x.value:.{digits}g}')!r}, unit = {json.dumps(x.unit)}, "
        yield line + f"fitted = {str(x.fitted).lower()}, source = {json.dumps(x.source)} }}\n"


def _unit(name: str) -> str:
    return PARAMETERS[name].unit if name in PARAMETERS else ""


def overrides_of(tables: Any) -> dict[str, Override]:
    """Return checked overrides; raise `BadInput` with every problem."""
    if not isinstance(tables, Mapping):
        raise BadInput([Problem(f"parameters must be a table, not {shown(tables)}", ("parameters",))])
    problems = [
        changed(p, path=("parameters", name, *p.path)) for name, table in tables.items() for p in wrong(name, table)
    ]
    if problems:
        raise BadInput(problems)
    return {name: Override(**{**table, "value": float(table["value"])}) for name, table in tables.items()}


def wrong(name: str, table: Any) -> Iterator[Problem]:
    """Yield what is wrong with the value that a person gives to a parameter."""
    if name not in PARAMETERS:
        yield Problem(f'there is no parameter "{brief(name)}"', remedy=suggest(str(name), PARAMETERS))
        return
    yield from of_person(name)
    about = PARAMETERS[name]
    if not isinstance(table, Mapping):
        remedy = f'write {name} = {{ value = {about.value:g}, unit = "{about.unit}" }}'
        yield Problem(f"{name} needs a value with its unit, not {shown(table)}", remedy=remedy)
        return
    for key in table:
        if key not in ENTRY:
            yield Problem(f'{name} has no setting "{brief(key)}"', (key,), suggest(str(key), ENTRY))
    if "value" not in table:
        yield Problem(f'{name} needs "value"')
    else:
        yield from out_of_range(name, "value", table["value"])
    yield from wrong_unit(name, table.get("unit"))
    if not isinstance(table.get("fitted", False), bool):
        yield Problem(f"fitted must be true or false, not {shown(table['fitted'])}", ("fitted",))
    if not isinstance(table.get("source", ""), str):
        yield Problem(f"source must be a text in quotes, not {shown(table['source'])}", ("source",))


def of_person(name: str) -> Iterator[Problem]:
    """Yield that a set cannot give a value to a parameter that every scenario decides."""
    if name in PERSON:
        message = f"{name} cannot be set in a parameter set: skin and sunlight of a scenario decide it"
        yield Problem(message, remedy=f"set {PERSON[name]}, or {name} itself, in the scenario")


def out_of_range(name: str, key: str, value: Any) -> Iterator[Problem]:
    """Yield what is wrong with a number that a parameter should have."""
    about = PARAMETERS[name]
    remedy = f"allowed: {about.low:g} to {about.high:g} {about.unit}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        yield Problem(f"{key} of {name} must be a number, not {shown(value)}", (key,), remedy)
    elif not about.low <= value <= about.high:
        yield Problem(f"{name} = {value:g} is out of range", (key,), remedy)


def wrong_unit(name: str, unit: Any) -> Iterator[Problem]:
    """Yield that a parameter has no unit, or another than its own."""
    own = PARAMETERS[name].unit
    if unit is None:
        yield Problem(f"{name} needs its unit", remedy=f'write unit = "{own}"')
    elif unit != own:
        yield Problem(
            f"{name} is in {own}, not in {shown(unit)}", ("unit",), f'convert the value, and write unit = "{own}"'
        )
