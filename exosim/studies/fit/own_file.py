"""What a person asks a fit to one's own data for: a TOML file, or the same data; read, checked, and made plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from exosim.evidence.studies_file import load_studies
from exosim.files.lines import located
from exosim.files.reading import is_folder, read_toml, there
from exosim.files.writing import expanded
from exosim.parameters import DEFAULT, ParameterSet, names, parameter_set
from exosim.problems import BadInput, KeyPath, Problem, brief, nearest, plain, shown, suggest
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.studies.fit import priors
from exosim.studies.fit.courses import Course, courses_of, read_table

KEYS = ("base", "free", "arms", "course", "study", "studies")
COURSE = ("arm", "file", "data", "sd")
Asked = Mapping[str, Any] | str | Path
"""The TOML file of a fit, or the same data."""


def read_fit(given: Asked) -> tuple[str, dict[str, Any]]:
    """Return the name of a fit, and it as plain data that depend on no file; raise `BadInput` with every problem.

    The data have `base`, `free`, `arms`, `courses` and `studies`.
    """
    if isinstance(given, Mapping):
        return "own", _Reader(plain(given), Path()).read()
    path = expanded(given)
    if not there(path):
        near = nearest(path.name, (x.name for x in path.parent.glob("*.toml")) if is_folder(path.parent) else ())
        own = f"{suggest(str(given), names())}, or a file of one's own, as in mine.toml"
        remedy = f'did you mean "{near}"?' if near else own
        raise BadInput([Problem(f'there is no parameter set, and no file, "{brief(given)}" to fit', remedy=remedy)])
    data, text = read_toml(path, "fit")
    try:
        if path.stem in names():
            message = f'a fit of one\'s own cannot be called "{path.stem}", as a set that comes with exosim'
            raise BadInput([Problem(message, remedy="give its file another name")])
        return path.stem, _Reader(data, path.parent).read()
    except BadInput as error:
        found = [p if p.source else located(p, str(path), text) for p in error.problems]
        raise BadInput(sorted(found, key=lambda p: p.line or 0)) from None


class _Reader:
    """Reads every part of a fit, and notes what is wrong with each."""

    def __init__(self, data: Mapping[str, Any], folder: Path) -> None:
        self.data, self.folder = data, folder
        self.problems: list[Problem] = []
        self.measured: dict[tuple[str, str, float], str] = {}  # where the value of an arm, a course and a day is

    def read(self) -> dict[str, Any]:
        """Return the fit as plain data."""
        for key in self.data:
            if key not in KEYS:
                self.problems.append(Problem(f'a fit has no setting "{brief(key)}"', (key,), suggest(str(key), KEYS)))
        base = self._tried(("base",), self._base)
        free = self._free(self.data.get("free"))
        arms = self._arms(self.data.get("arms", {}), free)
        courses = self._courses(self.data.get("course", []), arms)
        studies = self._tried((), self._studies)
        if not courses and not studies and not self.problems:
            remedy = 'write [[course]] with arm and file, or studies = "file.toml"'
            self.problems.append(Problem("there are no data to fit to", remedy=remedy))
        if self.problems:
            raise BadInput(self.problems)
        plain_arms = {name: arm.to_dict() for name, arm in arms.items()}
        return {"base": base, "free": free, "arms": plain_arms, "courses": courses, "studies": studies}

    def _tried(self, at: KeyPath, read: Callable[[], Any]) -> Any:
        """Return what a reader gives; note what is wrong, at a place in the file."""
        try:
            return read()
        except BadInput as error:
            self.problems += [p if p.source else replace(p, path=(*at, *p.path)) for p in error.problems]
            return None

    def _place(self, name: str) -> Path:
        return self.folder / expanded(name)

    def _base(self) -> Any:
        base = self.data.get("base", DEFAULT)
        if isinstance(base, str) and base not in names() and there(self._place(base)):
            base = self._place(base)
        elif not isinstance(base, str | Mapping | ParameterSet):
            raise BadInput([Problem(f"base must be the name or file of a set, not {shown(base)}")])
        return parameter_set(base).to_plain()

    def _free(self, free: Any) -> dict[str, Any]:
        if not isinstance(free, Mapping) or not free:
            remedy = 'as in [free] and tnf_clearance = { prior = "uniform" }'
            self.problems.append(Problem("a fit needs free parameters", ("free",), remedy))
            return {}
        for name, table in free.items():
            self.problems += [replace(p, path=("free", name, *p.path)) for p in priors.wrong(name, table)]
        return dict(free)

    def _arms(self, arms: Any, free: Mapping[str, Any]) -> dict[str, Scenario]:
        """Return the arms as scenarios; one that sets a free parameter itself is refused."""
        if not isinstance(arms, Mapping):
            self.problems.append(Problem(f"arms must be a table of scenarios, not {shown(arms)}", ("arms",)))
            return {}
        found: dict[str, Scenario] = {}
        for name, arm in arms.items():
            own = self._place(arm) if isinstance(arm, str) and there(self._place(arm)) else arm
            scenario = self._tried(("arms", name), lambda own=own: load(own))  # type: ignore[misc]
            if scenario is None:
                continue
            found[name] = scenario
            for parameter in scenario.assume.keys() & free.keys():
                message = f"the arm {brief(name)} sets {parameter} itself, so that it cannot be free"
                self.problems.append(Problem(message, ("arms", name), "leave it out of assume, or of free"))
        return found

    def _courses(self, tables: Any, arms: Mapping[str, Scenario]) -> list[dict[str, Any]]:
        if not isinstance(tables, list) or not all(isinstance(x, Mapping) for x in tables):
            self.problems.append(Problem("courses are tables [[course]]", ("course",)))
            return []
        found: list[dict[str, Any]] = []
        for i, table in enumerate(tables):
            found += self._tried(("course", i), lambda table=table: self._course(table, arms)) or []  # type: ignore[misc]
        return found

    def _course(self, table: Mapping[str, Any], arms: Mapping[str, Scenario]) -> list[dict[str, Any]]:
        problems = [
            Problem(f'a course has no setting "{brief(key)}"', (key,), suggest(str(key), COURSE))
            for key in table
            if key not in COURSE
        ]
        arm = str(table.get("arm", ""))
        if arm not in self.data.get("arms", {}):
            known = self.data.get("arms", {}) if isinstance(self.data.get("arms", {}), Mapping) else {}
            problems.append(Problem(f"there is no arm {shown(arm)}", ("arm",), suggest(arm, known)))
        if ("file" in table) == ("data" in table):
            problems.append(Problem("a course has either a file or data", remedy='as in file = "redness.csv"'))
            raise BadInput(problems)
        file = self._place(str(table["file"])) if "file" in table else None
        made: list[dict[str, Any]] = []
        try:
            columns, lines = (table.get("data"), []) if file is None else read_table(file)
            last = arms[arm].days if arm in arms else float("inf")
            for course in courses_of(arm, columns, table.get("sd"), last, lines):
                problems += self._twice(course, file)
                made.append({key: x for key, x in asdict(course).items() if key != "rows"})
        except BadInput as error:
            found = [replace(p, line=None) for p in error.problems] if file is None else error.problems
            place = "" if file is None else str(file)
            problems += [p if p.source or p.path[:1] == ("sd",) else replace(p, source=place) for p in found]
        if problems:
            raise BadInput(problems)
        return made

    def _twice(self, course: Course, file: Path | None) -> Iterator[Problem]:
        """Yield days on which the same course of the same arm has a value already."""
        for day, row in zip(course.days, course.rows, strict=True):
            own = f"row {row} of its data" if file is None else f"line {row} of {file.name}"
            first = self.measured.setdefault((course.arm, course.read, day), own)
            if first is not own:
                message = f"{course.read} of arm {brief(course.arm)} has two values on day {day:g}: {first}, and {own}"
                remedy = "write their mean once, with its standard deviation"
                yield Problem(message, source=str(file or ""), remedy=remedy, line=row if file else None)

    def _studies(self) -> dict[str, Any] | None:
        """Return the studies in a file, and those in this one, as plain data."""
        own, file = self.data.get("study"), self.data.get("studies")
        if own is not None and file is not None:
            raise BadInput([Problem("studies are in a file, or here", ("studies",), "leave studies or [[study]] out")])
        if own is None and file is None:
            return None
        if file is not None and not isinstance(file, str):
            raise BadInput([Problem(f"studies must be the name of a file, not {shown(file)}", ("studies",))])
        found = load_studies(self._place(file) if file is not None else {"study": own})
        if not any(figure.observed is not None for _, figure in found.figures):
            raise BadInput([Problem("no figure of the studies has a value to fit to", ("study",))])
        return {"study": [study.to_dict() for study in found.study]}
